"""One phone on the page: header, messages, input. It follows a screen of the simulator and redraws changed messages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from itertools import takewhile
from typing import Any, NamedTuple

from nicegui import ui

from bot.channels.simulator import Simulator
from bot.channels.simulator_screen import Bubble

from .bubble import ICONS, Words, draw_bubble, element, text

PAUSE = 0.45  # seconds that typing dots are seen before an answer: less looks like a machine, more is a wait
MISTAKES = ("photo", "voice", "sticker", "document", "location", "edited")


class Hiring(NamedTuple):
    """How a phone becomes an officer's: ``invite`` gives a new one-time code for it to send; ``hired`` tells whether
    the phone with this address is an officer's already, however it became one."""

    invite: Callable[[], Awaitable[str]]
    hired: Callable[[str], Awaitable[bool]]


class SimulatedPhone:
    """One phone drawn on the page. ``kind`` is "owner" or "officer". ``arrived`` is called when a message of the bot
    has come in.

    With ``hiring`` the phone offers to become an officer's for as long as it is none.
    """

    def __init__(
        self,
        simulator: Simulator,
        address: str,
        kind: str,
        words: Words,
        arrived: Callable[[], None],
        hiring: Hiring | None = None,
    ) -> None:
        self._simulator, self._address, self._kind, self._words = simulator, address, kind, words
        self._arrived, self._hiring = arrived, hiring
        self._drawn: dict[str, tuple[Bubble, ui.element]] = {}
        self._pausing = False
        self.frame = element("section", f"phone {kind}", role="region", aria_label=words[kind]["name"])
        with self.frame:
            self._header()
            self._strip = self._invitation()
            self._strip.set_visibility(False)
            messages = {
                "role": "log",
                "aria_label": words["messages"],
                "tabindex": "0",
            }  # scrolled by the keyboard, too
            with element("div", "scroller", **messages), element("div", "pile"):
                self._renewed = text("div", words[kind]["renewed"], "pill")
                self._empty = self._greeting()
                self._log = element("div", "log")
                self._dots = element("div", "dots", aria_hidden="true")
                with self._dots:
                    for _ in range(3):
                        element("i")
            self._toast = element("div", "toasts", role="status")
            self._composer()
            ui.timer(0, self._offer, once=True)
        self._draw(pause=False)

    def wake(self, toast: str = "") -> None:
        """Redraw after a change of the screen, and show the toast if there is one."""
        with self.frame:
            if toast:
                self._toast.clear()
                with self._toast:
                    text("div", toast, "toast")
            self._draw()

    # ------------------------------------------------------------------------------------------ the parts

    def _header(self) -> None:
        words = self._words
        with element("header", "chat-header"):
            with element("div", "avatar", aria_hidden="true"):
                ui.icon("handshake")
            with element("div", "who"):
                text("div", words["bot"], "chat-name")
                with element("div", "status"):
                    text("span", words["online"], "online")
                    text("span", words["typing"], "typing")
            with element("div", "whose"):
                text("h2", words[self._kind]["name"])
                text("small", self._address)

    def _invitation(self) -> ui.element:
        strip = element("div", "strip")
        with strip:
            text("span", self._words["officer"]["strip"])
            text("button", self._words["officer"]["invite"], "accent").on("click", self._become_officer, args=[])
        return strip

    def _greeting(self) -> ui.element:
        words = self._words[self._kind]
        card = element("div", "greeting")
        with card:
            text("strong", words["greeting"])
            text("p", words["hint"])
            if steps := words["steps"]:
                with element("ol"):
                    for step in steps:
                        text("li", step)
            if words["start"]:
                text("button", words["start"], "accent").on("click", self._start, args=[])
        return card

    def _composer(self) -> None:
        words = self._words
        with element("div", "composer"):
            menu = f"more-{self._kind}"
            with element("button", "round more", type="button", aria_label=words["more"], popovertarget=menu) as more:
                more.props["aria-haspopup"] = "menu"
                ui.icon("add")
            with element("div", "mistakes", id=menu, role="menu", aria_label=words["more"], popover="auto"):
                self._menu()
            area = element("textarea", rows="1", maxlength="4096", placeholder=words["message"], enterkeyhint="send")
            area.props.update({"aria-label": words["message"], "data-phone": self._address})
            area.on("keydown", self._say, js_handler="(event) => rangkul.key(event, emit)")
            area.on("input", js_handler="(event) => rangkul.grow(event.target)")
            with element("button", "round send", aria_label=words["send"], type="button") as button:
                ui.icon("send")
            button.on("click", self._say, js_handler="(event) => rangkul.send(event.target, emit)")

    def _menu(self) -> None:
        names, simulator, address = self._words["others"], self._simulator, self._address
        for kind in MISTAKES:
            _item(names[kind], ICONS[kind], partial(simulator.send_other, address, kind))
        _item(names["own_contact"], ICONS["contact"], partial(simulator.share_number, address))
        _item(names["stranger"], "person_outline", partial(simulator.share_stranger, address))

    # ------------------------------------------------------------------------------------------ what people do

    async def _say(self, event: Any) -> None:
        await self._simulator.say(self._address, str(event.args))

    async def _start(self) -> None:
        await self._simulator.open_chat(self._address)

    async def _become_officer(self) -> None:
        if self._hiring and self._strip.visible:
            self._strip.set_visibility(False)
            await self._simulator.say(self._address, await self._hiring.invite())

    async def _offer(self) -> None:
        """Show the offer to become an officer, unless the database knows this phone's person as one."""
        if self._hiring:
            self._strip.set_visibility(not await self._hiring.hired(self._address))

    # ------------------------------------------------------------------------------------------ drawing

    def _draw(self, *, pause: bool = True) -> None:
        screen = self._simulator.screen(self._address)
        bubbles = tuple(screen.bubbles.values())
        fresh = tuple(takewhile(lambda b: not b.own and b.id not in self._drawn, reversed(bubbles)))
        held = fresh if pause else ()
        self._show(bubbles[: len(bubbles) - len(held)])
        if held and not self._pausing:
            self._pausing = True
            ui.timer(PAUSE, self._reveal, once=True)
        typing = screen.typing or bool(held)
        self._dots.set_visibility(typing)
        self.frame.classes(add="is-typing" if typing else "", remove="" if typing else "is-typing")
        self._renewed.set_visibility(screen.renewed)
        self._empty.set_visibility(not bubbles and not screen.renewed)

    async def _reveal(self) -> None:
        self._pausing = False
        before = len(self._drawn)
        with self.frame:
            self._draw(pause=False)
        if len(self._drawn) > before:
            self._arrived()
        await self._offer()  # the answer may have made the person an officer, or told that they are none any more

    def _show(self, bubbles: tuple[Bubble, ...]) -> None:
        """Bring the drawn messages up to date: a bubble equal to the drawn one is left alone."""
        shown = {bubble.id for bubble in bubbles}
        for gone in [key for key in self._drawn if key not in shown]:
            self._drawn.pop(gone)[1].delete()
        for bubble in bubbles:
            drawn, row = self._drawn.get(bubble.id, (None, None))
            if drawn == bubble:
                continue
            if row is None:
                with self._log:
                    row = element("div", "row own" if bubble.own else "row")
            row.clear()
            with row:
                draw_bubble(bubble, self._words, self._simulator, self._address)
            self._drawn[bubble.id] = (bubble, row)


def _item(label: str, icon: str, act: Callable[[], Awaitable[None]]) -> None:
    with element("button", "mistake", role="menuitem", type="button", tabindex="-1") as item:
        ui.icon(icon)
        text("span", label)
    item.on("click", act, args=[])
