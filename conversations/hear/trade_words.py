"""The words of trades: one spelling for many, and the longest known phrase at each place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rapidfuzz.distance import OSA

from conversations.hear.text.words import split

from .everyday import Everyday, without_prefix

MAX_TEXT = 600  # characters looked at
MAX_WORDS = 60
_REMEMBERED = 4096  # words; those of all phrases are fewer, and most of a message are among them
_SHORTEST_SLIP = 5  # letters in which one may be wrong

_REPEATED = re.compile(r"(.)\1+")
# Spellings that differ by ear or by school only: old Indonesian (oe, dj, tj), Javanese dh/th, and f, v, p said alike.
_ALIKE = (("oe", "u"), ("dj", "j"), ("tj", "c"), ("dh", "d"), ("th", "t"), ("kh", "k"), ("ph", "p"), ("ck", "k"))
_LETTERS = str.maketrans({"f": "p", "v": "p", "z": "s", "q": "k", "'": "", "’": "", "`": ""})
_OF_VERBS = ("me", "di", "nge", "ng", "ny")
_THE = ("nya", "ne", "e")  # "klambine": a certain one, which is spoken of and not dealt in
_ENDINGS = re.compile(r"(?:nya|ku|mu|ne|an|e)$")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A known phrase. An activity and a kind of object may share one word ("konter"); ``mark`` is any other role."""

    activity: str = ""
    kind: str = ""
    mark: str = ""


@lru_cache(maxsize=_REMEMBERED)
def spelling(word: str) -> str:
    """A word in the one form that all its spellings share.

    >>> spelling("bengkell"), spelling("Gethuk"), spelling("konfeksih")
    ('bengkel', 'getuk', 'konpeksi')
    """
    word = word.casefold()
    for said, meant in _ALIKE:
        word = word.replace(said, meant)
    word = _REPEATED.sub(r"\1", word.translate(_LETTERS))
    return word.removesuffix("h") if len(word) > 3 else word


def spelled(text: str) -> list[str]:
    """Words and marks of a message in the form of :func:`spelling`, numbers left out, a doubled word once.

    >>> spelled("Jual gado-gado, 2 porsi oleh2")
    ['jual', 'gado', ',', 'porsi', 'ole']
    """
    words: list[str] = []
    for word in split(text.replace("-", " ").replace("_", " ")):
        known = spelling(word)
        if not word[0].isdigit() and known and (not words or words[-1] != known):
            words.append(known)
    return words


class TradeWords:
    """The known phrases of trades, by their words as people write them; ``aside``: words after which an unknown word is
    a name or place; ``everyday``: words that tell something else, but for those that are ``marked`` otherwise."""

    def __init__(
        self, phrases: Mapping[str, Phrase], aside: Iterable[str], everyday: Everyday, marked: Mapping[str, str]
    ) -> None:
        self._phrases: dict[tuple[str, ...], Phrase] = {}
        for said, phrase in phrases.items():
            key = tuple(spelled(said))
            if self._phrases.setdefault(key, phrase) != phrase:
                raise ValueError(f"{said!r} is both {self._phrases[key]} and {phrase}")
        self._aside = frozenset(spelling(word) for word in aside)
        self._marked = {spelling(word): mark for word, mark in marked.items()}
        self._everyday = everyday
        self._known = frozenset(word for key in self._phrases for word in key)
        self._longest: dict[str, int] = {}
        for key in self._phrases:
            self._longest[key[0]] = max(len(key), self._longest.get(key[0], 0))
        self._by_initial: dict[str, tuple[str, ...]] = {}
        for word in sorted(self._known):
            if len(word) > 4:
                self._by_initial[word[0]] = (*self._by_initial.get(word[0], ()), word)

    def knows(self, word: str) -> bool:
        """Whether a word stands in a phrase, in whatever spelling."""
        return spelling(word) in self._known

    def phrases(self, text: str, guess: bool = False) -> list[Phrase]:
        """The known phrases of a message in order, the longest at each place, and a mark for each other word between
        them, but for a name behind a form of address. ``guess``: words a slip of the finger away are known too."""
        said = spelled(text[:MAX_TEXT])[:MAX_WORDS]
        words = [self._meant(word, said[at - 1] if at else "", guess) for at, word in enumerate(said)]
        found: list[Phrase] = []
        at = 0
        while at < len(words):
            length = self._length_at(words, at)
            if length:
                phrase = self._phrases[tuple(words[at : at + length])]
                certain = words[at + length - 1] != said[at + length - 1] and said[at + length - 1].endswith(_THE)
                found.append(replace(phrase, mark="weak") if certain and not phrase.mark else phrase)
            elif not (at and words[at - 1] in self._aside):
                found.append(Phrase(mark=self._mark(words[at])))
            at += length or 1
        return found

    def _mark(self, word: str) -> str:
        """The mark of a word of no trade: as it was ``marked``, "everyday", "name" for one that nobody knows."""
        known = self._marked.get(word)
        return known or (
            "everyday" if len(word) > 1 and word in self._everyday else "name" if word.isalpha() else "filler"
        )

    def _length_at(self, words: Sequence[str], at: int) -> int:
        for length in range(min(self._longest.get(words[at], 0), len(words) - at), 0, -1):
            if tuple(words[at : at + length]) in self._phrases:
                return length
        return 0

    def _meant(self, word: str, before: str, guess: bool) -> str:
        if word in self._known:
            return word
        stem = spelling(_ENDINGS.sub("", word))
        if len(stem) > 3 and (stem,) in self._phrases:
            return stem
        if done := self._done(word):
            return done
        if not guess or before in self._aside or len(word) < _SHORTEST_SLIP or self._mark(word) != "name":
            return word
        return self._near(word)

    def _done(self, word: str) -> str:
        """The activity or trade that a verb is a form of: "dijahit", "memotong rambut"; "" for none."""
        if not word.startswith(_OF_VERBS):
            return ""
        for root in without_prefix(word):
            phrase = self._phrases.get((root,))
            if phrase and len(root) > 3 and (phrase.activity or phrase.kind) and phrase.mark != "weak":
                return root
        return ""

    def _near(self, word: str) -> str:
        """The one known word that is a slip of the finger away; the word itself for none, or for two as near as each
        other."""
        allowed = 1 if len(word) < 10 else 2
        near: list[str] = []
        for known in self._by_initial.get(word[0], ()):
            if abs(len(known) - len(word)) > allowed:
                continue
            distance = OSA.distance(known, word, score_cutoff=allowed)
            if distance < allowed:
                allowed, near = distance, [known]
            elif distance == allowed:
                near.append(known)
        return near[0] if len(near) == 1 else word
