"""An outgoing message as the JSON that the outbox stores, and back."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

from bot.channels.base import Key, Media, Outgoing, Template


def pack(message: Outgoing) -> dict[str, Any]:
    """Short names, nothing that is empty: this is written once for every reply."""
    packed: dict[str, Any] = {"t": message.text}
    if message.keys:
        packed["k"] = [[list(key) for key in row] for row in message.keys]
    if message.contact_label:
        packed["c"] = message.contact_label
    if message.file:
        packed["f"] = list(message.file)
    if message.menu:
        packed["m"] = message.menu
    if message.media:
        packed["p"] = [*message.media[:3], b64encode(message.media.content).decode()]
    if message.template:
        packed["w"] = list(message.template)
    return packed


def unpack(packed: dict[str, Any], *, edits: str = "", ref: int = 0) -> Outgoing:
    """``edits`` is known only at sending: the platform's id of the message that this one replaces; ``ref`` is the row."""
    file, media, template = packed.get("f"), packed.get("p"), packed.get("w")
    return Outgoing(
        text=packed["t"],
        keys=tuple(tuple(Key(*key) for key in row) for row in packed.get("k", ())),
        edits=edits,
        contact_label=packed.get("c", ""),
        file=(file[0], file[1]) if file else None,
        menu=packed.get("m", ""),
        media=Media(media[0], media[1], media[2], b64decode(media[3])) if media else None,
        template=Template(template[0], template[1], template[2], tuple(template[3]), tuple(template[4]))
        if template
        else None,
        ref=ref,
    )
