"""What the Cloud API refuses: a posted message against the limits that Meta names. The error's code and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .units import units

Problem = tuple[int, str]  # Meta's code, and what is wrong
Body = Mapping[str, Any]

MISSING, INVALID = 131008, 131009
_TOP = {"messaging_product", "recipient_type", "to", "recipient", "type", "context", "biz_opaque_callback_data"}


def problem(message: Body) -> Problem | None:
    """The first thing that Meta would refuse this message for; templates are looked at elsewhere."""
    return next(_problems(message), None)


def _problems(message: Body) -> Iterator[Problem]:
    kind = message.get("type", "")
    if message.get("messaging_product") != "whatsapp":
        yield MISSING, "messaging_product"
    if bool(message.get("to")) == bool(message.get("recipient")):
        yield MISSING, "to or recipient"
    if not str(message.get("to", "0")).isdecimal():
        yield INVALID, "to is no phone number"
    if unknown := set(message) - _TOP - {kind}:
        yield 100, f"unexpected {sorted(unknown)}"
    if not 1 <= len(message.get("biz_opaque_callback_data", "x")) <= 512:
        yield INVALID, "biz_opaque_callback_data"
    check = _KINDS.get(kind)
    if check is None or not isinstance(message.get(kind), dict):
        yield 100, f"type {kind}"
        return
    yield from check(message[kind])


def _text(text: Body) -> Iterator[Problem]:
    yield from _words("text.body", text.get("body"), 4096)


def _media(media: Body) -> Iterator[Problem]:
    if not media.get("id"):
        yield MISSING, "id"
    if "caption" in media:
        yield from _words("caption", media["caption"], 1024)


def _interactive(form: Body) -> Iterator[Problem]:
    kind, action = form.get("type"), form.get("action", {})
    yield from _words("interactive.body", form.get("body", {}).get("text"), 4096 if kind == "list" else 1024)
    if kind == "button":
        yield from _buttons(action.get("buttons", []))
        if header := form.get("header"):
            yield from _media(header.get(header.get("type"), {}))
    elif kind == "list":
        yield from _words("action.button", action.get("button"), 20)
        yield from _rows(action.get("sections", []))
    elif kind == "cta_url":
        yield from _words("display_text", action.get("parameters", {}).get("display_text"), 20)
        if not str(action.get("parameters", {}).get("url")).startswith("https://"):
            yield INVALID, "url"
    elif kind == "request_contact_info":
        if action != {"name": "request_contact_info"}:
            yield INVALID, "action"
    else:
        yield 100, f"interactive {kind}"


def _buttons(buttons: list[Body]) -> Iterator[Problem]:
    if not 1 <= len(buttons) <= 3:
        yield INVALID, f"{len(buttons)} buttons"
    yield from _distinct("button", [button["reply"] for button in buttons], 20, 256)
    if len({button["reply"]["title"] for button in buttons}) < len(buttons):
        yield INVALID, "two buttons of one title"


def _rows(sections: list[Body]) -> Iterator[Problem]:
    rows = [row for section in sections for row in section.get("rows", ())]
    if not 1 <= len(rows) <= 10 or len(sections) > 10:
        yield INVALID, f"{len(rows)} rows in {len(sections)} sections"
    for section in sections if len(sections) > 1 else ():
        yield from _words("section.title", section.get("title"), 24)
    yield from _distinct("row", rows, 24, 200)
    for row in rows:
        if "description" in row:
            yield from _words("row.description", row["description"], 72)


def _distinct(what: str, options: list[Body], title: int, identity: int) -> Iterator[Problem]:
    for option in options:
        yield from _words(f"{what}.title", option.get("title"), title)
        yield from _words(f"{what}.id", option.get("id"), identity)
    if len({option.get("id") for option in options}) < len(options):
        yield INVALID, f"two of one id: {what}"


def _template(template: Body) -> Iterator[Problem]:
    if not template.get("name") or not template.get("language", {}).get("code"):
        yield MISSING, "template name and language"


def _words(what: str, words: Any, longest: int) -> Iterator[Problem]:
    if not isinstance(words, str) or not words.strip():
        yield MISSING, what
    elif units(words) > longest:
        yield INVALID, f"{what} has {units(words)} units of {longest}"


_KINDS: Mapping[str, Callable[[Body], Iterator[Problem]]] = {
    "text": _text,
    "interactive": _interactive,
    "image": _media,
    "document": _media,
    "template": _template,
}
