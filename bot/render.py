"""What a turn says, as the messages that leave: words of the catalogue, buttons within the limits of the channel. Pure.

All that one turn says is one message (on WhatsApp every message costs money), under the last buttons among it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from conversations.core import Button, Document, Field, Lines, Rupiah, Say, Text
from locales import BOLD_OFF, BOLD_ON, Catalog, Said, given

from .channels.base import Key, Limits, Outgoing, encode

ROOM = 28  # characters that fit side by side on the screen of a small phone


def text(field: Field, catalog: Catalog) -> str:
    """A field as people read it. Raises MissingWords."""
    if isinstance(field, Text):
        return catalog.text(field.key, **{name: text(value, catalog) for name, value in field.fields.items()})
    if isinstance(field, str):
        return given(field)
    if isinstance(field, Lines):
        return Said("\n".join(line for part in field if (line := given(text(part, catalog)))))
    if isinstance(field, Rupiah):
        return catalog.rupiah(field.amount)
    if isinstance(field, datetime):
        return catalog.moment(field)
    return catalog.day(field) if isinstance(field, date) else catalog.number(field)


def outgoing(says: Sequence[Say | Document], catalog: Catalog, limits: Limits) -> tuple[Outgoing, ...]:
    """The messages of one turn: mostly one, several where the words are longer than the channel takes.

    Buttons, and the wish for a phone number, stand under the last. Files follow it, one message each. Raises
    MissingWords, and ValueError for a button whose data is longer than a channel can carry.
    """
    spoken = [say for say in says if isinstance(say, Say)]
    files = tuple(Outgoing("", file=(say.name, text(say.text, catalog))) for say in says if isinstance(say, Document))
    if not spoken:
        return files
    words = "\n\n".join(said for say in spoken if (said := text(say.text, catalog)))
    offered = next((say.buttons for say in reversed(spoken) if say.buttons), ())
    buttons = tuple({button.press: button for button in offered}.values())  # the same one twice is one
    room = _room(len(buttons), limits)
    if buttons and not room:
        words, buttons = f"{words}\n\n{_numbered(buttons, catalog)}", ()
    *before, last = split(words, limits.text)
    contact = catalog.text("contact.share") if any(say.wants_contact for say in spoken) else ""
    with_keys = Outgoing(last, _rows(buttons, room, limits.per_row, catalog), contact_label=contact)
    return (*map(Outgoing, before), with_keys, *files)


def split(words: str, limit: int) -> tuple[str, ...]:
    """The words in pieces of at most ``limit`` characters (3 or more), parted between lines where that is possible.

    >>> split("satu\\ndua\\ntiga", 9)
    ('satu\\ndua', 'tiga')
    """
    pieces = []
    while len(words) > limit:
        piece, words = _cut(words, limit)
        if piece:
            pieces.append(piece)
    return (*pieces, words) if words or not pieces else tuple(pieces)


def _cut(words: str, limit: int) -> tuple[str, str]:
    """A first piece and the rest: at the end of a line, else between words, else anywhere; bold goes on in the rest."""
    end = max(words.rfind("\n", 1, limit + 1), 0) or max(words.rfind(" ", 1, limit + 1), 0) or limit
    piece, rest = words[:end].rstrip("\n"), words[end:]
    if _is_open(piece) and len(piece) == limit:  # no room for the mark that ends the bold part
        piece, rest = words[: limit - 1], words[limit - 1 :]
    rest = rest.lstrip("\n ")
    return (piece + BOLD_OFF, BOLD_ON + rest) if _is_open(piece) else (piece, rest)


def _is_open(piece: str) -> bool:
    """Bold begins in the piece and does not end in it."""
    return piece.rfind(BOLD_ON) > piece.rfind(BOLD_OFF)


def _room(count: int, limits: Limits) -> int:
    """Characters of a label when so many buttons are shown; 0 when the channel cannot show them as buttons."""
    if count <= limits.buttons:
        return limits.label
    return limits.row_label if count <= limits.rows else 0


def _rows(buttons: tuple[Button, ...], room: int, per_row: int, catalog: Catalog) -> tuple[tuple[Key, ...], ...]:
    """Short labels side by side, as many as the channel has room for; a long one alone."""
    short = ROOM // per_row
    rows: list[list[Key]] = []
    open_row = False
    for button in buttons:
        key = Key(_label(button, room, catalog), encode(button.press))
        fits = len(key.label) <= short
        if fits and open_row and len(rows[-1]) < per_row:
            rows[-1].append(key)
        else:
            rows.append([key])
        open_row = fits
    return tuple(map(tuple, rows))


def _label(button: Button, room: int, catalog: Catalog) -> str:
    label = text(button.label, catalog)
    return label if len(label) <= room else f"{label[: room - 1]}…"


def _numbered(buttons: tuple[Button, ...], catalog: Catalog) -> str:
    """The choices as a list to answer by number, for channels or lists that have no room for buttons.

    Where choices are numbers themselves they stand in a row: "2. 1" would leave nobody sure of what a 2 means.
    """
    labels = [text(button.label, catalog) for button in buttons]
    if any(map(str.isdecimal, labels)):
        return " · ".join(labels)
    return "\n".join(f"{number}. {label}" for number, label in enumerate(labels, 1))
