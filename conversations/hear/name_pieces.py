"""The pieces of a message that may hold a name, and the phrases that stand around names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from conversations.hear.text.words import LETTER

_PIECE = re.compile(rf"{LETTER}+(?:['’‘`ʼ-]{LETTER}+)*\.?|\d+|[^\s]")


def pieces(text: str) -> list[str]:
    """Words with the dot that may follow them, numbers, and single marks."""
    return _PIECE.findall(text)


def comparable(piece: str) -> str:
    """A piece without capitals and without the dot behind it."""
    return piece.casefold().removesuffix(".") or piece


class NamePieces:
    """The pieces of a message as written (``said``) and as compared (``plain``: no capitals, no dot)."""

    __slots__ = ("plain", "said")

    def __init__(self, said: Sequence[str]) -> None:
        self.said = list(said)
        self.plain = [comparable(piece) for piece in self.said]

    def __getitem__(self, part: slice) -> NamePieces:
        return NamePieces(self.said[part])

    def __len__(self) -> int:
        return len(self.said)


class NamePhrases:
    """NamePhrases of one kind, found as whole words."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._keys = frozenset(tuple(map(comparable, pieces(phrase))) for phrase in phrases)
        self._lengths = tuple(sorted({len(key) for key in self._keys}, reverse=True))

    def length_at(self, words: Sequence[str], at: int) -> int:
        """How many words from ``at`` on are a phrase, the longest; 0 for none."""
        most = len(words) - at
        return next((n for n in self._lengths if n <= most and tuple(words[at : at + n]) in self._keys), 0)

    def first(self, words: Sequence[str], start: int = 0) -> tuple[int, int] | None:
        """Where the first phrase begins and ends; None without any."""
        return next(((at, at + n) for at in range(start, len(words)) if (n := self.length_at(words, at))), None)

    def all(self, words: Sequence[str]) -> bool:
        at = 0
        while at < len(words):
            length = self.length_at(words, at)
            if not length:
                return False
            at += length
        return bool(words)
