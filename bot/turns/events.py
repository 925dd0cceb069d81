"""An event before its turn: without what may not be stored, and as a row of the inbox."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.channels.base import Inbound
from conversations.engine.core import Contact, Heard, Press
from conversations.hear.redact import redact
from storage.people.people import Where

LONGEST_TEXT = 4096  # characters, Telegram's limit; WhatsApp allows more, of which nothing that we ask needs any


def cleaned(inbound: Inbound, dictated: Callable[[str], str] = str) -> Inbound:
    """The event without identity numbers, which are never stored or logged, and without characters that no database can
    hold."""
    heard = inbound.heard
    found: list[bool] = [heard.masked]

    def clean(text: str) -> str:
        kept, masked = redact(_storable(text))
        found.append(masked)
        return kept[:LONGEST_TEXT]

    text, start = clean(heard.text), clean(heard.start)
    if not any(found) and redact(told := dictated(text))[1]:  # "tiga tiga tujuh empat nol satu …"
        text = clean(told).strip()
    pressed = heard.pressed and Press(*map(_storable, _parts(heard.pressed)))  # our data, with ids as long as a NIK
    contact = heard.contact and replace(heard.contact, phone=clean(heard.contact.phone))
    other = clean(heard.other)
    return replace(inbound, heard=Heard(text, pressed, contact, other, start, any(found)))


def _parts(press: Press) -> tuple[str, str, str, str]:
    return press.dialogue, press.question, press.value, press.nonce


def _storable(text: str) -> str:
    """A text without NUL (PostgreSQL takes none) and halves of surrogate pairs, and no longer than is worth reading.

    >>> _storable("warung\\x00 makan\\ud83d")
    'warung makan'
    """
    text = text[: 2 * LONGEST_TEXT]  # a number at the cut is whole when it is looked for
    return text.replace("\0", "") if text.isascii() else text.replace("\0", "").encode("utf-8", "ignore").decode()


def where_from(inbound: Inbound) -> Where:
    """The address at which an event happened, and to which its answer goes."""
    return Where(inbound.channel, inbound.account, inbound.address)


def kind_of(inbound: Inbound) -> str:
    """The kind of an event; it stays when the event's body is erased."""
    heard = inbound.heard
    if inbound.reach or heard.other:
        return inbound.reach or heard.other
    return "press" if heard.pressed else "contact" if heard.contact else "start" if heard.start else "text"


def body_of(inbound: Inbound) -> dict[str, Any]:
    """What a person did, as JSON for the inbox: enough to play the conversation again."""
    heard = inbound.heard
    body: dict[str, Any] = {}
    if heard.text:
        body["text"] = heard.text
    if heard.pressed:
        body["pressed"] = list(_parts(heard.pressed))
    if heard.contact:
        body["contact"] = [heard.contact.phone, heard.contact.own]
    for name in ("other", "start"):
        if value := getattr(heard, name):
            body[name] = value
    if heard.masked:
        body["masked"] = True
    return body


def heard_in(body: dict[str, Any]) -> Heard:
    """What a person did, from the JSON of :func:`body_of`."""
    return Heard(
        text=body.get("text", ""),
        pressed=Press(*body["pressed"]) if "pressed" in body else None,
        contact=Contact(*body["contact"]) if "contact" in body else None,
        other=body.get("other", ""),
        start=body.get("start", ""),
        masked=body.get("masked", False),
    )
