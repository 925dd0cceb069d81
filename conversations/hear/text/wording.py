"""Normalized words: slang, Javanese and everyday synonyms become one word each, endings are taken off.

Paraphrases of one question share few words as typed ("piro mbayare sewulan", "iurannya brp per bln"); normalized they
share most.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from .words import split

# Affixes of Indonesian and Javanese, longest first: structure of the languages. "" means no affix.
_ENDINGS = (
    "",
    "nipun",
    "ipun",
    "nya",
    "lah",
    "kah",
    "pun",
    "kan",
    "ane",
    "an",
    "ku",
    "mu",
    "ne",
    "ke",
    "in",
    "no",
    "e",
    "i",
)
_BEGINNINGS = (
    "",
    "dipun",
    "meng",
    "peng",
    "meny",
    "mem",
    "men",
    "nge",
    "ber",
    "ter",
    "per",
    "di",
    "me",
    "ng",
    "ke",
    "ku",
    "se",
    "m",
    "n",
)
_LETTERS_HELD_DOWN = re.compile(r"([^\W\d])\1{2,}")
_LONG = 7  # letters; shorter words are too easily confused
# A message is judged by its first words and its last ones; words between cost time and say little.
MOST_WORDS = 80
_REMEMBERED = 4096  # words; those of all phrasings are fewer, and most come again and again


def _jumble(word: str) -> str:
    """A key that is equal for words that differ only by the order of inner letters: "dihubugni", "dihubungi"."""
    return f"{word[0]}{''.join(sorted(word[1:-1]))}{word[-1]}"


def lines(table: Mapping[str, Any], key: str) -> list[str]:
    """The lines of one entry of a table of words; [] when the entry is missing."""
    return [line.strip() for line in str(table.get(key, "")).splitlines() if line.strip()]


class Wording:
    """The normalizer of words. Built once from the tables ``particles``, ``same`` and ``joined`` of ``topics.toml``;
    never changed after."""

    __slots__ = ("_joined", "_jumbled", "_meaning_first", "_particles", "_same", "word")

    def __init__(self, table: Mapping[str, Any]) -> None:
        same = {word: word for word in table.get("same", {})}
        for word, spellings in table.get("same", {}).items():
            same.update(dict.fromkeys(spellings.split(), word))
        self._same: Mapping[str, str] = MappingProxyType(same)
        self._jumbled = {_jumble(spelling): word for spelling, word in same.items() if len(spelling) >= _LONG}
        self._particles = frozenset(table.get("particles", {}).get("words", "").split())
        self._meaning_first = frozenset(table.get("particles", {}).get("meaning_first", "").split())
        self.word = lru_cache(maxsize=_REMEMBERED)(self._normalized)
        """A single word normalized, "a+b" where it stands for two words; an unknown word unchanged."""
        self._joined: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]] = MappingProxyType({})
        joined: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for word, groups in table.get("joined", {}).items():
            for group in groups.split("|"):
                several = tuple(form for w in group.split() for form in self.word(w).split("+"))
                joined.setdefault(several[0], []).append((several[1:], word))
        self._joined = MappingProxyType(
            {first: tuple(sorted(rest, key=lambda r: -len(r[0]))) for first, rest in joined.items()}
        )

    def _normalized(self, word: str) -> str:
        known = self._same.get(word)
        if known is not None:
            return known
        word = _LETTERS_HELD_DOWN.sub(r"\1", word)
        first, dash, second = word.partition("-")
        if dash and (first == second or second.startswith(first)):
            word = first
        known = self._without_affixes(word)
        return self._jumbled.get(_jumble(word), known) if known == word and len(word) >= _LONG else known

    def is_particle(self, word: str) -> bool:
        """Whether a word as typed carries tone only."""
        return word in self._particles

    def words(self, text: str) -> tuple[str, ...]:
        """The words of a message normalized, particles and marks dropped, several words for one thing joined."""
        return self.even(split(text))

    def even(self, raw: Sequence[str]) -> tuple[str, ...]:
        """The normalized words as :meth:`words` gives them, for a message that is already split."""
        plain = [w for w in raw if w[0].isalnum() and w not in self._particles]
        if len(raw) > 1 and raw[0] in self._meaning_first:
            plain.insert(0, raw[0])
        if len(plain) > MOST_WORDS:
            plain = plain[: MOST_WORDS // 2] + plain[-MOST_WORDS // 2 :]
        return self._join([form for w in plain for form in self.word(w).split("+")])

    def _without_affixes(self, word: str) -> str:
        for beginning in _BEGINNINGS:
            if not word.startswith(beginning):
                continue
            for ending in _ENDINGS:
                if word.endswith(ending):
                    root = word[len(beginning) : len(word) - len(ending)]
                    if len(root) > 2 and root in self._same:
                        return self._same[root]
        return word

    def _join(self, words: list[str]) -> tuple[str, ...]:
        out: list[str] = []
        at = 0
        while at < len(words):
            for rest, joined in self._joined.get(words[at], ()):
                if tuple(words[at + 1 : at + 1 + len(rest)]) == rest:
                    out.append(joined)
                    at += 1 + len(rest)
                    break
            else:
                out.append(words[at])
                at += 1
        return tuple(out)
