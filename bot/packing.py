"""An outgoing message as the JSON that the outbox stores, and back."""

from __future__ import annotations

from typing import Any

from bot.channels.base import Key, Outgoing


def pack(message: Outgoing) -> dict[str, Any]:
    """Short names, nothing that is empty: this is written once for every reply."""
    packed: dict[str, Any] = {"t": message.text}
    if message.keys:
        packed["k"] = [[[key.label, key.data, key.url] for key in row] for row in message.keys]
    if message.contact_label:
        packed["c"] = message.contact_label
    if message.file:
        packed["f"] = list(message.file)
    if message.menu:
        packed["m"] = message.menu
    return packed


def unpack(packed: dict[str, Any], *, edits: str = "") -> Outgoing:
    """``edits`` is known only at sending: the platform's id of the message that this one replaces."""
    file = packed.get("f")
    return Outgoing(
        text=packed["t"],
        keys=tuple(tuple(Key(*key) for key in row) for row in packed.get("k", ())),
        edits=edits,
        contact_label=packed.get("c", ""),
        file=(file[0], file[1]) if file else None,
        menu=packed.get("m", ""),
    )
