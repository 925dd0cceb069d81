"""The choices of a message for a channel: as buttons, as a list of rows, a page at a time, or as numbered text. Pure.

WhatsApp takes three buttons of 20 characters under 1,024, or ten rows of 24 under 4,096; each row may have a second line
of 72 (https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/interactive-list-messages).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bot.channels.base import Key, Limits
from conversations.rules.size import shortened, size

ROOM = 28  # characters that fit side by side on the screen of a small phone
NOTE = 72  # characters of a row's second line


class Choice(NamedTuple):
    """One choice: ``data`` that its button gives back, its label, and a ``short`` label for where there is less room."""

    data: str
    label: str
    short: str = ""
    alone: bool = False  # in a row of its own, however short

    def within(self, room: int) -> str:
        """The label where it fits, else the short one."""
        return self.label if size(self.label) <= room or not self.short else self.short


def page(choices: Sequence[Choice], number: int, more: Choice, limits: Limits) -> tuple[Choice, ...]:
    """The choices of one page (numbered from 1): all of them where the channel has room, else the page's own and ``more``.

    A page number past the last page gives the last.
    """
    if not limits.rows or len(choices) <= limits.rows:
        return tuple(choices)
    size = limits.rows - 1
    last = (len(choices) - 1) // size
    first = min(max(number, 1) - 1, last) * size
    return (*choices[first : first + size], *([more] if choices[first + size :] else ()))


def shown(choices: Sequence[Choice], limits: Limits) -> bool:
    """Whether the channel can show so many choices; where not, they are written below the text."""
    return len(choices) <= max(limits.buttons, limits.rows)


def most_words(limits: Limits) -> int:
    """Characters of text that may stand above choices, whether these are buttons or rows."""
    above_rows = (limits.with_rows or limits.text) if limits.rows else 0
    return max(above_rows, limits.with_buttons or limits.text)


def keys(choices: Sequence[Choice], above: int, limits: Limits) -> tuple[tuple[Key, ...], ...]:
    """The keys of these choices, row by row: buttons where they fit under ``above`` characters of text, short ones side
    by side; else list rows with the full label below."""
    if _as_rows(choices, above, limits):
        titles = _titles([choice.within(limits.row_label) for choice in choices], limits.row_label)
        return tuple(
            (Key(title, choice.data, note="" if title == choice.label else shortened(choice.label, NOTE)),)
            for choice, title in zip(choices, titles, strict=True)
        )
    titles = _titles([choice.within(limits.label) for choice in choices], limits.label)
    return _side_by_side(
        [Key(title, choice.data) for choice, title in zip(choices, titles, strict=True)],
        [choice.alone for choice in choices],
        limits.per_row,
    )


def _as_rows(choices: Sequence[Choice], above: int, limits: Limits) -> bool:
    """Whether to show a list of rows: it costs one more tap, but takes more text and longer labels."""
    if not limits.rows:
        return False
    labels = [choice.within(limits.label) for choice in choices]
    fits = len(set(labels)) == len(labels) and all(size(label) <= limits.label for label in labels)
    return len(choices) > limits.buttons or not fits or above > (limits.with_buttons or limits.text)


def _titles(labels: Sequence[str], room: int) -> list[str]:
    """Labels cut to ``room`` characters; numbered where two would look the same, so that each can be told apart."""
    titles = [shortened(label, room) for label in labels]
    if len(set(titles)) == len(titles):
        return titles
    return [shortened(f"{number}. {label}", room) for number, label in enumerate(labels, 1)]


def _side_by_side(buttons: Sequence[Key], alone: Sequence[bool], per_row: int) -> tuple[tuple[Key, ...], ...]:
    """Rows of keys: short labels side by side, as many as the channel allows; a long one alone, and any
    that is to stand ``alone``."""
    short = ROOM // per_row
    rows: list[list[Key]] = []
    open_row = False
    for key, apart in zip(buttons, alone, strict=True):
        fits = size(key.label) <= short and not apart
        if fits and open_row and len(rows[-1]) < per_row:
            rows[-1].append(key)
        else:
            rows.append([key])
        open_row = fits
    return tuple(map(tuple, rows))


def numbered(choices: Sequence[Choice]) -> str:
    """The choices as a text to be answered by number, for channels or lists that have no room for buttons.

    Choices that begin with a number themselves stand in a row: "2. 1 orang" would leave nobody sure of what a 2 means.
    """
    labels = [choice.label for choice in choices]
    if any(label[:1].isdecimal() for label in labels):
        return " · ".join(labels)
    return "\n".join(f"{number}. {label}" for number, label in enumerate(labels, 1))
