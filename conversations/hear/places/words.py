"""The small words around a place: those that say where and whose, and those that say nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conversations.hear.places.spelling import distance, words


@dataclass(frozen=True, slots=True)
class PlaceWords:
    """The small words, by their part in a sentence. ``rank_word`` maps "kab" to "kabupaten", and so on; ``common``: words
    that are no place's misspelling, nor a place when they are all that is said."""

    rank_word: Mapping[str, str]
    part: Mapping[str, frozenset[str]]
    longer: Mapping[str, str]
    filler: frozenset[str]
    sides: frozenset[str]
    known: frozenset[str]
    everyday: frozenset[str]
    common: frozenset[str]

    def is_(self, part: str, word: str) -> bool:
        return word in self.part[part]

    def expand(self, text: str) -> list[str]:
        """The words of a message (as ``letters`` gives it) with short forms written out ("psr" is pasar)."""
        return [self.longer.get(word) or self._rank(word) for word in words(text)]

    def _rank(self, word: str) -> str:
        """A misspelled word of rank ("kabupatn", "kecmatann") as that word; any other word unchanged."""
        if word[0] == "k" and 6 < len(word) < 12 and word not in self.rank_word:
            return next((full for full in _LONG_RANKS if distance(word, full) <= 2), word)
        return word


_LONG_RANKS = ("kabupaten", "kecamatan", "kelurahan")
RANKS = ("kota", "kabupaten", "kecamatan", "desa", "hamlet", "province")
_WHERE = ("at", "inside", "near", "between", "road", "business", "home")
_HOW = ("before", "now", "later", "moved", "out_of", "correct", "not", "and", "asking", "person", "goods")
PARTS = _WHERE + _HOW


def read_words(table: Mapping[str, Any], common: frozenset[str] = frozenset()) -> PlaceWords:
    """The small words from the parsed table (``places.toml``)."""
    listed: Mapping[str, list[str]] = table["words"]
    rank_word = {word: rank for rank in RANKS for word in listed[rank]}
    part = {name: frozenset(listed[name]) for name in PARTS}
    shorts: Mapping[str, list[str]] = table["short"]
    longer = {short: full for full, each in shorts.items() for short in each}
    directions: Mapping[str, list[str]] = table["direction"]
    sides = frozenset(directions).union(*directions.values()) - frozenset(rank_word)
    filler = sides.union(table["around_a_place"]["words"])
    other = frozenset(table["around_a_place"]["other"])
    known = filler | other | frozenset(rank_word).union(*part.values())
    return PlaceWords(rank_word, part, longer, filler, sides, known, frozenset(table["everyday"]["words"]), common)
