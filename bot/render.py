"""Rendering: says of a turn become messages, with sentences of the catalogue and keys within the channel's limits. Pure.

All says of one turn are one message (on WhatsApp every message costs money), under the last buttons among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from bot import choices
from bot.channels.base import Limits, Outgoing, encode
from bot.choices import Choice
from conversations.engine.core import Document, Field, Lines, Press, Rupiah, Say, Text
from conversations.rules.size import beginning, size
from locales import BOLD_OFF, BOLD_ON, SOURCE, Catalog, Said, given


def text(field: Field, catalog: Catalog) -> str:
    """A field of a sentence as text for people. Raises MissingWords."""
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
    """The messages of one turn: mostly one, several where the text is longer than the channel takes.

    Keys, and the button that shares a phone number, stand under the last. Files follow, one message each. Raises
    MissingWords, and ValueError for a button whose data is longer than a channel can carry.
    """
    spoken = [say for say in says if isinstance(say, Say)]
    files = tuple(Outgoing("", file=(say.name, text(say.text, catalog))) for say in says if isinstance(say, Document))
    if not spoken:
        return files
    words = "\n\n".join(said for say in spoken if (said := text(say.text, catalog)))
    contact = catalog.text("contact.share") if any(say.wants_contact for say in spoken) else ""
    offered = _offered(spoken, catalog, limits)
    if offered and contact and limits.contact_alone:
        words, offered = f"{words}\n\n{catalog.text('choices.typed', choices=' / '.join(o.label for o in offered))}", ()
    if offered and not choices.shown(offered, limits):
        words, offered = f"{words}\n\n{choices.numbered(offered)}", ()
    room = choices.most_words(limits) if offered else (contact and limits.with_buttons) or limits.text
    *before, last = (part for piece in split(words, limits.text) for part in split(piece, room))
    keys, language = choices.keys(offered, size(last), limits), "" if catalog.language == SOURCE else catalog.language
    with_keys = Outgoing(last, keys, contact_label=contact, language=language)
    return (*map(Outgoing, before), with_keys, *files)


def _offered(spoken: Sequence[Say], catalog: Catalog, limits: Limits) -> tuple[Choice, ...]:
    """The choices of the last say that has buttons, as far as one page shows them."""
    put = next((say for say in reversed(spoken) if say.buttons), None)
    if put is None:
        return ()
    buttons = {button.press: button for button in put.buttons}  # equal presses are one button
    offered = [Choice(encode(b.press), *on_button(b.label, catalog), b.alone) for b in buttons.values()]
    more = Press("command", put.pages, str(put.page + 1))
    return choices.page(offered, put.page, Choice(encode(more), catalog.text("choices.more")), limits)


def on_button(label: Text | str, catalog: Catalog) -> tuple[str, str]:
    """The label on a button, and the short label for where there is less room ("" where there is none)."""
    short = f"{label.key}.short" if isinstance(label, Text) else ""
    plain = " ".join(text(label, catalog).replace(BOLD_ON, "").replace(BOLD_OFF, "").split())
    return plain or "…", catalog.text(short) if short in catalog.sentences else ""


def split(words: str, limit: int) -> tuple[str, ...]:
    """A text in pieces of at most ``limit`` units (4 or more), parted between lines where that is possible.

    >>> split("satu\\ndua\\ntiga", 9)
    ('satu\\ndua', 'tiga')
    """
    pieces = []
    while size(words) > limit:
        piece, words = _cut(words, limit)
        if piece:
            pieces.append(piece)
    return (*pieces, words) if words or not pieces else tuple(pieces)


def _cut(words: str, limit: int) -> tuple[str, str]:
    """A first piece of a text and the rest: before the heading of a group, else at the end of a line, else between
    words, else anywhere; bold goes on in the rest."""
    limit = len(beginning(words, limit))
    breaks = (
        words.rfind(f"\n{BOLD_ON}", limit // 2, limit + 2),
        words.rfind("\n", 1, limit + 1),
        words.rfind(" ", 1, limit + 1),
    )
    end = next((at for at in breaks if at > 0), limit)
    piece, rest = words[:end].rstrip("\n"), words[end:]
    if _is_open(piece) and len(piece) == limit:  # no room for the mark that ends the bold part
        piece, rest = words[: limit - 1], words[limit - 1 :]
    rest = rest.lstrip("\n ")
    return (piece + BOLD_OFF, BOLD_ON + rest) if _is_open(piece) else (piece, rest)


def _is_open(piece: str) -> bool:
    """Whether bold begins in the piece and does not end in it."""
    return piece.rfind(BOLD_ON) > piece.rfind(BOLD_OFF)
