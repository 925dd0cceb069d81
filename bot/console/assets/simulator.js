/* What has to happen in the browser itself: sending without waiting for the server, so that no typed letter is lost. */
window.rangkul = {
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
  remember(name, value) {
    document.cookie = `${name}=${value}; path=/; max-age=31536000; SameSite=Lax`;
  },
};
