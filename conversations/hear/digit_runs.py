"""Runs of digits: groups of digits side by side in a text, whatever they are written with.

Digits of any script, in circles, in keycaps or raised are digits; so are letters that look like one where they stand
beside digits ("3374O112"). Invisible signs (zero width, soft hyphens, accents) are passed over. Short signs that are no
letters separate two groups: blanks, dashes of every length, brackets, emoji.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_LETTERS = dict(zip("OoQDIiLlZzEASsGbTBgqОоΟοІіΙЅѕВΒЗз", "000011112234556678990000111558833", strict=True))
_ALIKE = "".join(_LETTERS)
_PIECE = re.compile(rf"[0-9{_ALIKE}]+")
_UNIT = re.compile(r"[1-9]\d{0,3}[gG]|[1-9]\d?[lL]")  # "250g", "2l": grams and litres
_ROUND = re.compile(r"[OoIil]+")
_LONGEST_GAP = 12  # signs that may separate two groups of one number
_HELD_DOWN = re.compile(r"([\W_])\1+")
_WORD = re.compile(r"[^\W\d_]{2,9}")
_NAMED = re.compile(r"\b(?:nik|e?ktp|kk)\b", re.IGNORECASE)  # where the card is named, a word may separate as well
# Signs that are spoken or dictated, "3374 titik 0112", and words with which one number goes on in the next group.
_SPOKEN_SIGN = re.compile(
    r"\b(?:titik|spasi|strip|setrip|garis|koma|dash|min|lalu|terus|trus|kemudian)\b", re.IGNORECASE
)
_UNSEEN = frozenset(("Cf", "Mn", "Me", "Cc"))
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")  # letters that nobody sees
_BLANK = " "


@dataclass(frozen=True, slots=True)
class Group:
    """Digits without anything between them, and their place in the text.

    ``lead`` and ``trail``: how many of them, at either edge, are letters that may be no digits. ``plus``: right behind
    "+". ``unit``: a unit that they count may stand right behind ("50rb", "2orang", "250g").
    """

    digits: str
    start: int
    end: int
    lead: int = 0
    trail: int = 0
    plus: bool = False
    unit: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """Groups that may be one number. ``text``: the run in plain digits; ``at``: where each group begins in ``text``."""

    groups: tuple[Group, ...]
    text: str
    at: tuple[int, ...]


def runs(text: str) -> Iterator[Run]:
    """The runs of a text, in order.

    >>> [[group.digits for group in run.groups] for run in runs("no 3374–O112 (345б) lalu ８१")]
    [['3374', '0112', '345'], ['81']]
    """
    flat, where = _flattened(text)
    named = bool(_NAMED.search(flat))
    pieces: list[tuple[re.Match[str], int, int]] = []
    for piece in _PIECE.finditer(flat):
        start, end = _trimmed(flat, piece)
        if start == end:
            continue
        if pieces and not _separates(flat[pieces[-1][2] : start], named=named):
            yield _run(flat, where, pieces)
            pieces = []
        pieces.append((piece, start, end))
    if pieces:
        yield _run(flat, where, pieces)


def _flattened(text: str) -> tuple[str, list[int]]:
    """The text in plain characters, and for each the index in the original text; one more index for the end."""
    if text.isascii():
        return text, list(range(len(text) + 1))
    plain: list[str] = []
    where: list[int] = []
    for index, character in enumerate(text):
        for one in _plain(character):
            plain.append(one)
            where.append(index)
    return "".join(plain), [*where, len(text)]


@lru_cache(4096)
def _plain(character: str) -> str:
    if character.isascii():
        return character
    value = unicodedata.numeric(character, None)
    if value is not None and value in range(10):  # ٣, ③ and 三, some of which normalization leaves as they are
        return str(int(value))
    parts = unicodedata.normalize("NFKD", character)
    if parts != character:
        return "".join(map(_plain, parts))
    return "" if unicodedata.category(character) in _UNSEEN or character in _FILLERS else character


def _trimmed(flat: str, piece: re.Match[str]) -> tuple[int, int]:
    """Start and end of a piece's digits: letters of a word beside it are no digits, nor is a word by itself."""
    start, end = piece.span()
    if not any(c.isdecimal() for c in piece[0]):
        alone = not _letter(flat, start - 1) and not _letter(flat, end)
        return (start, end) if alone and _strange(piece[0]) else (end, end)
    if _letter(flat, start - 1):
        while not flat[start].isdecimal():
            start += 1
    if _letter(flat, end):
        while not flat[end - 1].isdecimal():
            end -= 1
    return start, end


def _letter(flat: str, index: int) -> bool:
    return 0 <= index < len(flat) and flat[index].isalpha()


def _strange(piece: str) -> bool:
    """Whether letters alone hardly are a word, and so may be digits: "OOOl", "lZ", "SB", "z"."""
    return len(piece) == 1 or (len(piece) <= 4 and bool(_ROUND.fullmatch(piece) or piece.replace("l", "I").isupper()))


def _separates(gap: str, *, named: bool) -> bool:
    if named:
        gap = _WORD.sub(_BLANK, gap, count=1)
    gap = _SPOKEN_SIGN.sub(_BLANK, gap, count=1)
    signs = _HELD_DOWN.sub(r"\1", gap).strip()  # "………" is one sign, and longer in plain text than it looks
    return len(signs) <= _LONGEST_GAP and not any(c.isalpha() for c in signs)


def _run(flat: str, where: list[int], pieces: list[tuple[re.Match[str], int, int]]) -> Run:
    groups, at = [], []
    first = pieces[0][1]
    for _, start, end in pieces:
        written = flat[start:end]
        lead = len(written) - len(written.lstrip(_ALIKE))
        trail = len(written) - len(written.rstrip(_ALIKE)) if lead < len(written) else 0
        digits = "".join(_LETTERS.get(c, c) for c in written)
        stop = where[end - 1] + 1 if where[end] == where[end - 1] else where[end]
        plus, unit = (
            flat[start - 1 : start] == "+" and not flat[start - 2 : start - 1].isdecimal(),
            _letter(flat, end) or bool(_UNIT.fullmatch(written)),
        )
        groups.append(Group(digits, where[start], stop, lead, trail, plus, unit))
        at.append(start - first)
    plainly = "".join(_LETTERS.get(c, c) for c in flat[first : pieces[-1][2]])
    return Run(tuple(groups), plainly, tuple(at))
