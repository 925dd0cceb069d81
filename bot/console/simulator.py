"""The page "/" of the simulator: two phones beside each other, or one at a time on the screen of a real phone."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path

from fastapi import FastAPI, Request
from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement
from nicegui.translations import translations

from bot.channels.simulator import Simulator
from bot.channels.simulator_screen import PastEvent, PastMessage
from locales.tables import read_table

from .bubble import Words, element, text
from .own_pages import OwnPages
from .phone import Hiring, SimulatedPhone

ASSETS = Path(__file__).with_name("assets")
COOKIE = "rangkul_phones"  # "<owner>.<officer>": which phones this browser had last
VIEWPORT = "width=device-width, initial-scale=1, interactive-widget=resizes-content"
KINDS = ("owner", "officer")

_ADDRESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")


Past = Callable[[str], Awaitable[Sequence[PastEvent | PastMessage] | None]]
"""What was said at an address before this process began, oldest first; None where nobody has been."""


def mount(
    app: FastAPI,
    simulator: Simulator,
    hiring: Hiring | None = None,
    past: Past | None = None,
    *,
    anywhere: bool = False,
    office: bool = False,
) -> None:
    """Serve the simulator at "/" of the app, to its own page only.

    Call it after all other routes of the app are made: it takes every path that is still free. Without ``hiring`` the
    officer's phone has no button to become an officer. ``past`` is asked once for each phone. ``anywhere``: on an
    address that others reach too. ``office``: the office's pages are on, and one press leads there.
    """
    app.add_middleware(OwnPages, elsewhere=("/webhook/", "/health/", "/metrics", "/kantor"), anywhere=anywhere)
    words: Words = dict(read_table("simulator"))

    translations["id"] = words["connection"]  # NiceGUI has no Bahasa for its own notes

    @ui.page("/", viewport=VIEWPORT)
    async def page(request: Request, owner: str = "", officer: str = "") -> None:
        addresses = _phones(request.cookies.get(COOKIE, ""), owner, officer)
        for address in addresses:
            if past and not simulator.screen(address).recalled:
                simulator.screen(address).recall(await past(address))
        TwoPhones(simulator, words, hiring, addresses, office=office)

    ui.run_with(
        app,
        title=words["title"],  # also of the page for an unknown path
        language="id",
        favicon=ASSETS / "icon.svg",
        reconnect_timeout=20,  # a phone that sleeps for a moment finds its page again
        show_welcome_message=False,
    )


class TwoPhones:
    """The page of one browser: a bar, two tabs (on a phone), and the phones."""

    def __init__(
        self, simulator: Simulator, words: Words, hiring: Hiring | None, addresses: tuple[str, str], *, office: bool
    ) -> None:
        self._simulator, self._words, self._addresses, self._office = simulator, words, addresses, office
        self._shown, self._missed = "owner", dict.fromkeys(KINDS, 0)
        self._tabs: dict[str, ui.element] = {}
        self._badges: dict[str, TextElement] = {}
        self._elsewhere: dict[str, ui.element] = {}
        ui.add_css(ASSETS / "simulator.css")
        ui.add_head_html(f"<script>{(ASSETS / 'simulator.js').read_text(encoding='utf-8')}</script>")
        ui.run_javascript(f"rangkul.begin('{COOKIE}={'.'.join(addresses)}')")
        self._root = element("div", "desk shows-owner")
        with self._root:
            self._bar()
            element("div", "lost", role="status", data_words=words["lost"])
            self._tablist()
            with element("div", "phones"):
                for kind, address in zip(KINDS, addresses, strict=True):
                    self._phone(kind, address, hiring if kind == "officer" else None)

    def _bar(self) -> None:
        with element("div", "bar"):
            with element("div"):
                text("h1", self._words["title"])
                text("span", self._words["notice"])
            if self._office:
                with element("form", "office", method="post", action="/kantor/masuk/simulator"):
                    text("button", self._words["office"], "quiet")
            new = text("button", self._words["new_owner"], "quiet")
            new.props["title"] = self._words["new_owner_hint"]
            new.on("click", self._new_owner, args=[])

    def _tablist(self) -> None:
        with element("div", "tabs", role="tablist", aria_label=self._words["phones"]):
            for kind in KINDS:
                with element("button", "tab", role="tab", type="button") as tab:
                    text("span", self._words[kind]["name"])
                    self._badges[kind] = text("span", "", "badge")
                    self._badges[kind].props["role"] = "img"
                tab.on("click", partial(self._show, kind), args=[])
                self._tabs[kind] = tab
        with element("div", "elsewhere", role="status"):
            for kind in KINDS:
                with element("div") as self._elsewhere[kind]:
                    text("span", self._words[kind]["arrived"])
                    text("button", self._words["look"], "quiet").on("click", partial(self._show, kind), args=[])
        for kind in reversed(KINDS):
            self._show(kind)

    def _phone(self, kind: str, address: str, hiring: Hiring | None) -> None:
        phone = SimulatedPhone(self._simulator, address, kind, self._words, partial(self._arrived, kind), hiring)
        forget = self._simulator.listen(address, phone.wake)
        ui.context.client.on_delete(forget)

    def _show(self, kind: str) -> None:
        self._shown, self._missed[kind] = kind, 0
        self._root.classes(add=f"shows-{kind}", remove=" ".join(f"shows-{other}" for other in KINDS if other != kind))
        for each, tab in self._tabs.items():
            tab.props["aria-selected"] = "true" if each == kind else "false"
            tab.update()
        self._count(kind)

    def _arrived(self, kind: str) -> None:
        if kind != self._shown:
            self._missed[kind] += 1
            self._count(kind)

    def _count(self, kind: str) -> None:
        missed, badge = self._missed[kind], self._badges[kind]
        badge.set_text(str(missed) if missed else "")
        badge.set_visibility(missed > 0)
        badge.props["aria-label"] = f"{missed} {self._words['arrived']}"
        self._elsewhere[kind].set_visibility(missed > 0)

    def _new_owner(self) -> None:
        owner, officer = self._addresses
        ui.navigate.to(f"/?owner={self._simulator.unused(owner)}&officer={officer}")


def _phones(cookie: str, owner: str, officer: str) -> tuple[str, str]:
    """The addresses of the two phones: as the page's address names them, else those that this browser had last."""
    before = tuple(part for part in cookie.split(".") if _ADDRESS.fullmatch(part))
    first, second = before if len(before) == 2 else ("pemilik-1", "petugas-1")
    return (
        owner if _ADDRESS.fullmatch(owner) else first,
        officer if _ADDRESS.fullmatch(officer) else second,
    )
