"""A message about time as a row of tags: days, parts of the day, hours, and the words that bind them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import OSA

from conversations.hear.text.spelling import AS_WRITTEN, Spelling

MAX_TEXT = 240  # characters looked at
_LONG = 7  # letters of a word in which one slip does not make another word

_PIECE = re.compile(r"\d{1,2}[.:]\d{2}(?![\d.:])|\d+|s\.?/?d\.?(?![^\W\d_])|[^\W\d_]+(?:['’`][^\W\d_]+)*|\S")
_HALF = re.compile(r"(?:\b1/2|½)")
_DASHES = re.compile("[‐-―−–—]")
_TWICE = re.compile(r"\b([^\W\d_]{3,})2\b")
_DOUBLED = re.compile(r"\b([^\W\d_]{3,})[ -]+\1\b")
_DRAWN = re.compile(r"([^\W\d_])\1+")
_DATE = re.compile(r"(?<![\d/])(\d{1,2})(?:/(\d{2})(?:/\d{2,4})?|-(\d{1,2})-\d{4})(?![\d/])")
_CLOCK = re.compile(r"(\d{1,2})[.:](\d{2})")


@dataclass(frozen=True, slots=True)
class TimeTag:
    """One word of time. ``role`` names a list of the table, "number" or "clock" (``value``: minutes after midnight as
    written), or is "": unknown, with the word as its value. "early" is a clock with a leading zero: before ten in the morning."""

    role: str
    value: str = ""

    @property
    def number(self) -> int:
        return int(self.value)


class TimeWords:
    """The tagger of time words. Built from ``times.toml``. Raises ValueError when a phrase has two roles."""

    def __init__(self, table: Mapping[str, Any], spelling: Spelling = AS_WRITTEN) -> None:
        self._spelling = spelling
        self._tags: dict[tuple[str, ...], TimeTag] = {}
        for section, role in (
            ("numbers", "number"),
            ("ahead", "ahead"),
            ("days", "day"),
            ("parts", "part"),
            ("months", "month"),
        ):
            for value, phrases in table[section].items():
                self._learn(TimeTag(role, value), phrases)
        for role, phrases in table["words"].items():
            if role != "night":
                self._learn(TimeTag(role), phrases)
        self._night = frozenset(table["words"]["night"])
        self._longest = max(map(len, self._tags))
        self._month = {int(month): phrases[0] for month, phrases in table["months"].items()}
        self._date_word = table["words"]["date"][0]
        self._long_words = [key[0] for key in self._tags if len(key) == 1 and len(key[0]) >= _LONG]

    def tags(self, text: str) -> list[TimeTag]:
        """The tags of a message, in order; a night named before its day ("malam minggu") is the evening of the day before."""
        said = _HALF.sub(" setengah ", _DASHES.sub("-", text[:MAX_TEXT]))
        said = _DATE.sub(self._date, self._spelling.even(said))
        said = _DOUBLED.sub(self._once, _TWICE.sub(r"\1 \1", _DRAWN.sub(r"\1", said)))
        pieces = [piece.replace("’", "'").replace("`", "'") for piece in _PIECE.findall(said)]
        return list(self._nights(list(self._found(pieces))))

    def _learn(self, tag: TimeTag, phrases: Sequence[str]) -> None:
        for phrase in phrases:
            key = tuple(_PIECE.findall(_DRAWN.sub(r"\1", phrase)))
            if self._tags.setdefault(key, tag) != tag:
                raise ValueError(f"{phrase!r} is both {self._tags[key]} and {tag}")

    def _date(self, found: re.Match[str]) -> str:
        month = self._month.get(int(found[2] or found[3]), "")
        return f"{self._date_word} {found[1]} {month}" if month else found[0]

    def _near(self, piece: str) -> TimeTag | None:
        """The tag of the one long word that is a slip of the finger away; None for none or several."""
        if len(piece) < _LONG or not piece.isalpha():
            return None
        near = {self._tags[(word,)] for word in self._long_words if OSA.distance(word, piece, score_cutoff=1) <= 1}
        return near.pop() if len(near) == 1 else None

    def _once(self, found: re.Match[str]) -> str:
        """A doubled word as one: "pagi pagi" is pagi, but "kapan kapan" says something else than "kapan"."""
        return found[0].replace("-", " ") if (found[1], found[1]) in self._tags else found[1]

    def _found(self, pieces: Sequence[str]) -> Iterator[tuple[TimeTag, str]]:
        at = 0
        while at < len(pieces):
            length = next((n for n in range(self._longest, 0, -1) if tuple(pieces[at : at + n]) in self._tags), 0)
            said = " ".join(pieces[at : at + (length or 1)])
            yield (self._tags[tuple(pieces[at : at + length])] if length else self._near(said) or _written(said)), said
            at += length or 1

    def _nights(self, found: Sequence[tuple[TimeTag, str]]) -> Iterator[TimeTag]:
        for at, (tag, said) in enumerate(found):
            following = found[at + 1][0] if at + 1 < len(found) else TimeTag("")
            if said in self._night and following.role == "day" and len(following.value) == 3:
                yield TimeTag("eve", following.value)
            elif not (tag.role == "day" and at and found[at - 1][1] in self._night and len(tag.value) == 3):
                yield tag


def _written(piece: str) -> TimeTag:
    if clock := _CLOCK.fullmatch(piece):
        hour, minute = int(clock[1]), int(clock[2])
        role = "early" if clock[1].startswith("0") else "clock"
        return TimeTag(role, str(hour * 60 + minute)) if minute < 60 else TimeTag("clock", "-1")
    if piece.isdecimal() and len(piece) <= 4:
        early = len(piece) == 2 and piece.startswith("0")
        return TimeTag("early", str(int(piece) * 60)) if early else TimeTag("number", str(int(piece)))
    return TimeTag("question") if piece == "?" else TimeTag("", piece)
