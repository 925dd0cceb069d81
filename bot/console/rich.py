"""Message text in pieces that a page can show: plain, bold, links. Text is never turned into markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from bot.channels.base import BOLD_OFF, BOLD_ON

_MARK = re.compile(f"([{BOLD_ON}{BOLD_OFF}])")
_LINK = re.compile(r"(https?://[^\s<>\"]*[\w/])")


class Piece(NamedTuple):
    text: str
    bold: bool = False
    link: bool = False


def pieces(text: str) -> Iterator[Piece]:
    """The pieces of a message, in order; joined they are the text without its bold marks.

    >>> [tuple(p) for p in pieces(f"Halo {BOLD_ON}Bu Siti{BOLD_OFF}, lihat https://example.org.")]
    [('Halo ', False, False), ('Bu Siti', True, False), (', lihat ', False, False), \
('https://example.org', False, True), ('.', False, False)]
    """
    bold = False
    for part in _MARK.split(text):
        if part in (BOLD_ON, BOLD_OFF):
            bold = part == BOLD_ON
            continue
        for place, words in enumerate(_LINK.split(part)):
            if words:
                yield Piece(words, bold, link=place % 2 == 1)
