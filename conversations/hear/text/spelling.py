"""Spellings: the short forms and sound-alikes of chat, each read as the word that it stands for, before any reader.

"ntdk", "tydack" and "tdaq" are *tidak*; "smpe" is *sampai*. A spelling is compared by its sound: consonants in order,
vowels perhaps left out. What is a word of its own, in any table or as a place, is left as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from rapidfuzz.distance import OSA

from .phrases import too_long
from .words import plain

_WORD = re.compile(r"[^\W_]+")
_MIXED = re.compile(r"[A-Za-z]+[013456][A-Za-z013456]*")
_LETTERS = re.compile(r"[a-z]+")
_IN_DIGITS = re.compile(r"[a-z]+(?:[013456]{1,2}[a-z]+)+|[a-z]{2,}[04]")  # "s4ya", "b1sa", "iy4"
_AS_LETTER = str.maketrans("013456", "oieasg")
# Sounds that are written in more than one way, in the order in which they are made even.
_LITERAL = re.compile("[a-z]+")  # such letters are replaced without a pattern, which is quicker
_SOUNDS = tuple(
    (None if _LITERAL.fullmatch(written) else re.compile(written), written, sound)
    for written, sound in (
        ("oe", "u"), ("dj", "j"), ("tj", "c"), ("ck", "k"), ("kh", "k"), ("ph", "p"), ("sy|sj|z", "s"), ("[fv]", "p"),
        ("[qx]|c$", "k"), ("h", ""), ("ngg?", "g"), ("ny", "n"), ("(?<=a)[iy]|ey|ei", "e"), ("au|aw|ao|ou|ow", "o"),
        ("ie", "i"), ("nk$", "g"), ("[ey]", "i"), ("o", "u"), (r"(.)\1+", r"\1"),
    )
)  # fmt: skip
_VOWELS = re.compile("[aiu]*")
_PARTS = re.compile("[aiu]+|[^aiu]")
_LAST_A = re.compile(r"a([^aiueo]+)$")
_NASAL = re.compile(r"(?:ng|n|m)(?=[a-z]{3})")
_SHORTEST = 3  # letters of a spelling; two are read only where the table names them
_SHORTEST_JUMBLE = 5  # letters of which two may have changed places
_SHORTEST_SLIP = 7  # letters in which one may be wrong


class Spelling:
    """The reader of spellings. ``table`` is ``spelling.toml``: ``words`` to be known by their sound, ``means`` with
    other ways to write a word, ``families`` with a pattern for them, ``own`` words that only look like one. ``known``:
    all words that any reader knows; ``alike``: lists of words that mean the same to some reader.

    >>> Spelling({"words": "tidak sampai", "own": "tadah"}, ()).even("Ntdk smpe, tadah")
    'tidak sampai, tadah'
    """

    def __init__(self, table: Mapping[str, Any], known: Iterable[str], alike: Iterable[Iterable[str]] = ()) -> None:
        cores = str(table.get("words", "")).split()
        self._means: dict[str, str] = {
            said: word for word, all_said in table.get("means", {}).items() for said in all_said.split()
        }
        self._by_sound: dict[tuple[str, str], list[_Sound]] = {}
        self._near: dict[tuple[str, int], list[_Sound]] = {}
        self._jumbled: dict[str, str] = {}
        for sound in (each for word in cores for each in _sounds(word)):
            word = sound.word
            if len(word) >= _SHORTEST_JUMBLE:
                self._jumbled[_jumble(word)] = word
            self._by_sound.setdefault(sound.key, []).append(sound)
            for length in range(len(sound.said) - 1, len(sound.said) + 2) if len(word) >= _SHORTEST_SLIP else ():
                self._near.setdefault((sound.said[0], length), []).append(sound)
        self._tails = tuple(sorted(str(table.get("tails", "")).split(), key=len, reverse=True))
        self._families = tuple((re.compile(pattern), str(word)) for word, pattern in table.get("families", {}).items())
        self._own = frozenset({*str(table.get("own", "")).split(), *cores})
        self._known = frozenset(known)
        self._lists: dict[str, set[int]] = {}
        for number, words in enumerate(alike):
            for word in words:
                self._lists.setdefault(word, set()).add(number)
        self._stems = frozenset({*cores, *str(table.get("stems", "")).split()})
        #: the words that a spelling may stand for
        self.words = frozenset(cores)
        # Every reader asks for the same few messages of a turn, and most words of a message are known ones.
        self.even: Callable[[str], str] = lru_cache(maxsize=64)(self._even)
        self._of_known: Callable[[str], str] = lru_cache(maxsize=4096)(self._listed_with)

    def _listed_with(self, said: str) -> str:
        """A word that some reader knows: the word that it is a spelling of, if it stands in a list together with it."""
        heard = self._heard(said)
        return heard if self._lists.get(said, set()) & self._lists.get(heard, set()) else said

    def _even(self, text: str) -> str:
        """The message in plain form, each word as :meth:`word` reads it; a long story as it stands."""
        return text if too_long(text) else _WORD.sub(lambda found: self.word(found[0]), plain(text))

    def narrow(self, text: str, telling: frozenset[str]) -> str:
        """As ``even``, but only ``telling`` words are known by their sound alone: one more filler may be a "tidak"."""
        if too_long(text):
            return text

        def read(found: re.Match[str]) -> str:
            said = found[0]
            word = self.word(said)
            certain = self._is_listed(said) or all(w in telling or w in self._tails for w in word.split())
            return word if certain else said

        return _WORD.sub(read, plain(text))

    def _is_listed(self, said: str) -> bool:
        """Whether a table, and not the sound alone, tells what these letters say."""
        letters = said if said.isalpha() else said.translate(_AS_LETTER)
        listed = letters in self._means or letters in self._known or letters in self._own
        return listed or any(pattern.fullmatch(letters) for pattern, _ in self._families)

    def lettered(self, text: str) -> str:
        """The text with figures that stand for letters as letters ("s4mp4i"), otherwise as it was written."""
        return text if too_long(text) else _MIXED.sub(lambda found: self._letters(found[0]), text)

    def _letters(self, mixed: str) -> str:
        said = mixed.casefold()
        word = self.word(said) if _IN_DIGITS.fullmatch(said) else said
        return word if word != said else mixed

    def word(self, said: str) -> str:
        """The word that a spelling stands for; the spelling itself where it is a word, or may stand for several."""
        if said in self._means:
            return self._means[said]
        if said in self._own:
            return said
        if said in self._known:
            return self._of_known(said) if said in self._lists else said
        if not said.isalpha():
            if not _IN_DIGITS.fullmatch(said):
                return said
            letters = said.translate(_AS_LETTER)
            word = self.word(letters)
            return word if word != letters or letters in self.words else said
        return self._heard(said)

    def _heard(self, said: str) -> str:
        if len(said) < _SHORTEST or len(said) > 24 or not _LETTERS.fullmatch(said):
            return said
        for pattern, word in self._families:
            if pattern.fullmatch(said):
                return word
        if said.endswith("x") and len(said) > 4:
            stem = said[:-1]
            word = self.word(stem)
            if word in self.words:
                return f"{word}nya"
        without = _NASAL.sub("", said, count=1) if _NASAL.match(said) else ""
        return (
            self._by_its_sound(said)
            or (without and self._by_its_sound(without))
            or (said[-1] == "z" and self._by_its_sound(said[:-1]))
            or self._jumbled.get(_jumble(said))
            or self._one_slip(said)
            or self._with_a_tail(said)
        )

    def _with_a_tail(self, said: str) -> str:
        """The word and the particle that is written onto it: "kirimlah" as "kirim lah"."""
        for tail in self._tails:
            stem = said.removesuffix(tail)
            if stem != said and len(stem) > 1 and (word := self.word(stem)) in self._stems:
                return f"{word} {tail}"
        return said

    def _by_its_sound(self, said: str) -> str:
        sound = _Sound(said)
        found = [core for core in self._by_sound.get(sound.key, ()) if core.written(sound)]
        if said[-1] in "gq":  # "tidag", "bapag": a stop in the throat
            stopped = _Sound(f"{said[:-1]}k")
            found += [core for core in self._by_sound.get(stopped.key, ()) if core.written(stopped)]
        whole = [core for core in found if core.said == sound.said] or found
        # Of words that sound the same ("gak", "nggak") the first; between others a spelling does not decide.
        alike = 1 in (len({core.word for core in whole}), len({core.said for core in whole}))
        return whole[0].word if alike else ""

    def _one_slip(self, said: str) -> str:
        if len(said) < _SHORTEST_SLIP:
            return ""
        sound = _Sound(said).said
        close = {
            core.word
            for core in self._near.get((sound[:1], len(sound)), ())
            if OSA.distance(sound, core.said, score_cutoff=1) <= 1
        }
        return close.pop() if len(close) == 1 else ""


def _sounds(word: str) -> Iterator[_Sound]:
    """How a word sounds, and how it is said in Java: "kapen", "batel"."""
    yield _Sound(word)
    if len(word) >= _SHORTEST_JUMBLE and (javanese := _LAST_A.sub(r"e\1", word)) != word:
        yield _Sound(word, javanese)


def _jumble(word: str) -> str:
    """A key that is equal for words that differ only by the order of inner letters: "tiadk", "tidak"."""
    return f"{word[0]}{''.join(sorted(word[1:-1]))}{word[-1]}"


def every_word(*tables: Any) -> set[str]:
    """The words of parsed tables, keys and values alike."""
    return set(_LETTERS.findall("\n".join(_strings(tables)).casefold()))


def _strings(table: Any) -> Iterator[str]:
    if isinstance(table, str):
        yield table
    elif isinstance(table, Mapping):
        yield from table
        for value in table.values():
            yield from _strings(value)
    elif isinstance(table, Iterable):
        for value in table:
            yield from _strings(value)


class _Sound:
    """How a word sounds: ``said`` in even letters; ``key`` with its first vowel and its consonants."""

    __slots__ = ("key", "said", "stopped", "vowels", "word")

    def __init__(self, word: str, said: str = "") -> None:
        self.word = word
        said = said or word
        for pattern, written, sound in _SOUNDS:
            said = pattern.sub(sound, said) if pattern else said.replace(written, sound)
        self.said = said
        # A k at the end is a stop that is written in many ways, or not at all.
        self.stopped = said.endswith("k") and len(said) > 1
        vowels, consonants = [""], ""
        for part in _PARTS.findall(said[:-1] if self.stopped else said):
            if part[0] in "aiu":
                vowels[-1] = part
            else:
                consonants += part
                vowels.append("")
        self.vowels = tuple(vowels)
        self.key = (vowels[0], consonants)

    def written(self, other: _Sound) -> bool:
        """Whether this word may be written like the other: with fewer vowels, where enough consonants are left."""
        if other.stopped and not self.stopped:
            return False
        if len(self.key[1]) < 2 and other.vowels != self.vowels:
            return other.stopped and self.stopped and len(self.key[1]) == 1 and not any(other.vowels[1:])
        return all(_within(left, whole) for left, whole in zip(other.vowels, self.vowels, strict=True))


def _within(left: str, whole: str) -> bool:
    rest = iter(whole)
    return all(vowel in rest for vowel in left)


AS_WRITTEN = Spelling({}, ())  # knows no word, so every spelling stays
