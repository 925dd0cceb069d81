"""One message drawn on the page: words, file, buttons, time and ticks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from bot.channels.base import Key
from bot.channels.simulator import Simulator
from bot.channels.simulator_screen import ANSWERED, GOING, SENT, UNSENT, Bubble
from bot.now import WIB

from .rich import pieces

ICONS = {
    "photo": "photo_camera",
    "voice": "mic",
    "sticker": "emoji_emotions",
    "document": "description",
    "location": "location_on",
    "edited": "edit",
    "contact": "contact_phone",
}
TICKS = {GOING: "schedule", UNSENT: "done", SENT: "done", ANSWERED: "done_all"}

Words = dict[str, Any]
"""``locales/id/simulator.toml`` as parsed."""


def element(tag: str, classes: str = "", **attributes: str) -> ui.element:
    """A plain element on the page; ``aria_label`` becomes the attribute ``aria-label``."""
    made = ui.element(tag).classes(classes)
    for name, value in attributes.items():
        made.props[name.replace("_", "-")] = value
    return made


def text(tag: str, words: str, classes: str = "") -> TextElement:
    """An element with a text in it, which is never read as markup."""
    return TextElement(tag=tag, text=words).classes(classes)


def draw_bubble(bubble: Bubble, words: Words, simulator: Simulator, address: str) -> None:
    """Draw a message into the element that is open."""
    with element("div", f"bubble {bubble.state}"):
        if bubble.what:
            with element("div", "what"):
                ui.icon(ICONS[bubble.what])
                text("span", words["others"][bubble.what])
        if bubble.text:
            _words(bubble)
        if bubble.file:
            _file(bubble.file, words)
        if bubble.chosen:
            with element("div", "chosen", role="img", aria_label=f"{words['chosen']}: {bubble.chosen}"):
                ui.icon("check")
                text("span", bubble.chosen)
        _foot(bubble, words)
    if bubble.state == UNSENT:
        text("button", words["unsent"], "again").on("click", lambda: simulator.retry(address, bubble.id), args=[])
    if bubble.keys or bubble.contact_label:
        _keyboard(bubble, simulator, address)


def _words(bubble: Bubble) -> None:
    with element("div", "words"):
        for piece in pieces(bubble.text):
            if piece.link and not bubble.own:
                link = text("a", piece.text)
                link.props.update({"href": piece.text, "target": "_blank", "rel": "noopener noreferrer"})
            else:
                text("b" if piece.bold else "span", piece.text)


def _file(file: tuple[str, str], words: Words) -> None:
    name, content = file
    size = max(0.1, len(content.encode()) / 1000)
    with element("div", "file"):
        ui.icon("description")
        with element("div", "file-name"):
            text("span", name)
            text("small", f"{size:.1f} kB".replace(".", ","))
        button = text("button", words["download"], "quiet")
        button.on("click", lambda: ui.download.content(content, name), args=[])


def _foot(bubble: Bubble, words: Words) -> None:
    with element("div", "foot"):
        text("time", bubble.at.astimezone(WIB).strftime("%H.%M"))
        if bubble.own:
            with element("span", f"ticks {bubble.state}", role="img", aria_label=words["states"][bubble.state]):
                ui.icon(TICKS[bubble.state])


def _keyboard(bubble: Bubble, simulator: Simulator, address: str) -> None:
    with element("div", "keyboard"):
        for row in bubble.keys:
            with element("div", "keys"):
                for key in row:
                    _key(key, partial(simulator.press, address, key.data, bubble.id))
        if bubble.contact_label:
            with element("div", "keys"):
                button = text("button", bubble.contact_label, "key contact")
                button.on("click", lambda: simulator.share_number(address), args=[])


def _key(key: Key, press: Callable[[], Any]) -> None:
    if key.url:
        link = text("a", key.label, "key link")
        link.props.update({"href": key.url, "target": "_blank", "rel": "noopener noreferrer"})
    else:
        text("button", key.label, "key").on("click", press, args=[])
