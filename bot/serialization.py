"""An outgoing message to and from the JSON that the outbox stores."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Any

from bot.channels.base import Key, Media, Outgoing, Template


def pack(message: Outgoing) -> dict[str, Any]:
    """A message as JSON, with one-letter names and no empty values, as one is stored for every reply."""
    packed: dict[str, Any] = {"t": message.text}
    if message.keys:
        packed["k"] = [[list(key) for key in row] for row in message.keys]
    if message.contact_label:
        packed["c"] = message.contact_label
    if message.file:
        packed["f"] = list(message.file)
    if message.menu:
        packed["m"] = message.menu
    if message.language:
        packed["l"] = message.language
    if message.media:
        packed["p"] = pack_media(message.media)
    if message.asks:
        packed["q"] = message.asks
    if message.template:
        packed["w"] = list(message.template)
    return packed


def unpack(packed: dict[str, Any], *, edits: str = "", ref: int = 0) -> Outgoing:
    """The message that :func:`pack` stored. Two fields are known only at sending: ``edits``, the platform's id of the
    message that this one replaces, and ``ref``, the outbox row."""
    file, template = packed.get("f"), packed.get("w")
    return Outgoing(
        text=packed["t"],
        keys=tuple(tuple(Key(*key) for key in row) for row in packed.get("k", ())),
        edits=edits,
        contact_label=packed.get("c", ""),
        file=(file[0], file[1]) if file else None,
        menu=packed.get("m", ""),
        language=packed.get("l", ""),
        media=unpack_media(packed.get("p")),
        template=Template(template[0], template[1], template[2], tuple(template[3]), tuple(template[4]))
        if template
        else None,
        asks=packed.get("q", ""),
        ref=ref,
    )


def pack_media(media: Media | None) -> list[str] | None:
    """A picture or document as JSON that is stored once with its broadcast; None for none."""
    return [*media[:3], b64encode(media.content).decode()] if media else None


def unpack_media(stored: Sequence[str] | None) -> Media | None:
    """The picture or document that :func:`pack_media` stored; None for none."""
    return Media(stored[0], stored[1], stored[2], b64decode(stored[3])) if stored else None
