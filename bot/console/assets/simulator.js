/* What has to happen in the browser itself: sending without waiting for the server, so that no typed letter is lost, and
   where the focus goes. */
window.rangkul = {
  /* Called when the page is there: it tells of a lost connection, and brings back words typed before a reload. */
  begin(cookie) {
    document.cookie = `${cookie}; path=/; max-age=31536000; SameSite=Lax`;
    const note = document.querySelector(".lost");
    let soon; // a page that is being left, or a phone that slept for a moment, need not be told
    window.socket.on("disconnect", () => {
      soon = setTimeout(() => (note.textContent = note.dataset.words), 1000);
    });
    window.socket.on("connect", () => {
      clearTimeout(soon);
      note.textContent = "";
    });
    window.socket.io.reconnectionDelayMax(2000); // the server is near
    for (const area of document.querySelectorAll(".composer textarea")) this.bring_back(area);
    this.phones = cookie; // the tab that was open is that of these two phones: a new owner begins on their own
    const shown = document.querySelectorAll(".tab")[sessionStorage.getItem(`rangkul ${cookie}`)];
    if (shown?.checkVisibility()) shown.click();
  },
  send(inside, emit) {
    const composer = inside.closest(".composer");
    const area = composer.querySelector("textarea");
    const text = area.value;
    area.focus();
    if (!text.trim()) return;
    if (window.did_handshake && !window.socket.connected) return; // the server is away: the words stay where they are
    area.value = "";
    this.grow(area);
    composer.closest(".phone").querySelector(".scroller").scrollTop = 0; // the newest is at 0: the column is reversed
    emit(text);
  },
  key(event, emit) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.send(event.target, emit);
  },
  grow(area) {
    area.style.height = "auto";
    area.style.height = Math.min(area.scrollHeight, 132) + "px";
  },

  /* Typed words, kept in this tab until they stand in the chat. */
  keep(area) {
    sessionStorage.setItem(`rangkul ${area.dataset.phone}`, area.value);
  },
  bring_back(area) {
    const words = sessionStorage.getItem(`rangkul ${area.dataset.phone}`);
    const said = [...area.closest(".phone").querySelectorAll(".row.own .words")].pop();
    if (!words || area.value || said?.textContent === words.trim()) return;
    area.value = words;
    this.grow(area);
    this.home(area.closest(".phone"));
  },

  /* Put the focus into a phone's input, from where the next Tab or letter goes on. Under a thumb the screen's keyboard
     stays away until the input itself is tapped. */
  home(phone) {
    const area = phone.querySelector("textarea");
    if (document.activeElement === area || !area.checkVisibility()) return;
    if (matchMedia("(pointer: coarse)").matches) {
      area.inputMode = "none";
      area.addEventListener("click", () => {
        area.inputMode = "text";
        area.blur();
        area.focus();
      }, { once: true });
    }
    area.focus({ preventScroll: true });
  },
};

/* A pressed button is taken away with its message's keyboard; the focus must not go with it. */
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.(".pile button, .strip button, .mistake");
  if (!button || button.closest(".file")) return;
  button.closest("[popover]")?.hidePopover();
  rangkul.home(button.closest(".phone"));
});
document.addEventListener("click", ({ target }) => {
  const tab = target.closest?.(".tab, .elsewhere button");
  const all = document.querySelectorAll(tab?.matches(".tab") ? ".tab" : ".elsewhere button");
  if (tab) sessionStorage.setItem(`rangkul ${rangkul.phones}`, [...all].indexOf(tab));
});
let focused, phone; // the element that had the focus last, and its phone
document.addEventListener("focusin", ({ target }) => {
  focused = target;
  phone = target.closest(".phone");
});
new MutationObserver((changes) => {
  for (const { addedNodes } of changes)
    for (const node of addedNodes)
      if (node.matches?.(".row.own")) rangkul.keep(node.closest(".phone").querySelector("textarea"));
  if (focused && !focused.isConnected && document.activeElement === document.body && phone?.isConnected) rangkul.home(phone);
}).observe(document, { childList: true, subtree: true });
document.addEventListener("input", ({ target }) => {
  if (target.matches(".composer textarea")) rangkul.keep(target);
});

/* The menu of other things to send: it opens above its button, and is walked through with the arrows. */
document.addEventListener("toggle", ({ target: menu, newState }) => {
  if (!menu.matches?.(".mistakes") || newState !== "open") return;
  const button = document.querySelector(`[popovertarget="${menu.id}"]`).getBoundingClientRect();
  menu.style.left = `${button.left}px`;
  menu.style.bottom = `${window.innerHeight - button.top + 8}px`;
  menu.querySelector("button").focus();
}, true);
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.(".mistakes");
  if (!menu) return;
  const items = [...menu.querySelectorAll("button")];
  const here = items.indexOf(event.target);
  const next = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: -1 }[event.key];
  if (event.key === "Tab") menu.hidePopover();
  if (next === undefined) return;
  event.preventDefault();
  items.at(next % items.length).focus();
});
