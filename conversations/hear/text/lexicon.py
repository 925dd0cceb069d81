"""The lexicon of number words: the atoms that each word of a message can be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from rapidfuzz.distance import OSA

from .phrases import Word, squeeze

_LONGEST_JOINED = 48  # letters of several number words written as one
_SHORTEST_NEAR = 5  # letters; a shorter word is too easily another word
_APPROX = "an"
_MULTIPLIERS = frozenset({"teen", "ten", "hundred", "scale", "dozen"})


@dataclass(frozen=True, slots=True)
class Atom:
    """One building block of a number. ``kind``: digits, unit, one, teen, ten, hundred, scale, dozen, half, comma,
    approx, or word.

    ``text`` is the whole token for the first atom of it; the further atoms of a joined word are ``inside``.
    """

    kind: str
    text: str
    value: Fraction = Fraction(0)
    glued: bool = False
    approx: bool = False
    unsure: bool = False
    inside: bool = False


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: str
    value: Fraction = Fraction(0)
    approx: bool = False


class Lexicon:
    """The number words of a language. ``table`` is ``numbers.toml``; every list may be missing."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._words = dict(_entries(table))
        self._said_as = {
            word: tuple(self._words[part] for part in said.split()) for word, said in table.get("said_as", {}).items()
        }
        self._lists = {
            name: frozenset(squeeze(word) for word in table.get(name, ()))
            for name in ("shy", "shy_before", "shy_after", "bound", "before_digits", "behind", "not_numbers")
        }
        self._glued = {
            **{word: (Fraction(1000), False) for word in table.get("glued_thousand", ())},
            **{word: (Fraction(10**9), True) for word in table.get("glued_unsure", ())},
        }
        self._longest = max((len(word) for word in (*self._words, *self._said_as)), default=0)
        self._starts = frozenset(word[:2] for word in (*self._words, *self._said_as))
        self._near: dict[tuple[str, int], list[str]] = {}
        for word in table.get("near", ()):
            for length in range(len(word) - 1, len(word) + 2):
                self._near.setdefault((word[0], length), []).append(word)

    def atoms(self, words: Sequence[Word]) -> tuple[Atom, ...]:
        """The atoms of a message: every word as one, joined number words as several."""
        out: list[Atom] = []
        for at, word in enumerate(words):
            out.extend(self._atoms(word, words, at))
        return tuple(out)

    def _atoms(self, word: Word, words: Sequence[Word], at: int) -> Iterator[Atom]:
        before = words[at - 1].text if at else ""
        if word.text[0].isdecimal():
            yield from self._figures(word, before)
            return
        if before[-1:].isdecimal() and word.text in self._glued:
            value, unsure = self._glued[word.text]
            yield Atom("scale", word.text, value, word.glued, unsure=unsure)
            return
        if word.glued and before and word.text == "an":
            yield Atom("approx", word.text, glued=True)
            return
        if not word.text.isalpha() or not self._may_be_number(words, at):
            yield Atom("word", word.text, glued=word.glued)
            return
        entries, rest = self._split(word.text)
        for index, entry in enumerate(entries):
            text = word.text[: len(word.text) - len(rest)] if not index else ""
            glued = word.glued if not index else True
            yield Atom(entry.kind, text, entry.value, glued, entry.approx, inside=index > 0)
        if rest:
            yield Atom("word", rest, glued=word.glued or bool(entries))

    def _figures(self, word: Word, before: str) -> Iterator[Atom]:
        doubled = word.text == "2" and word.glued and before.isalpha()
        if doubled and not self._is_number_word(before) and before not in self._lists["before_digits"]:
            yield Atom("word", before, glued=True)
            return
        yield Atom("digits", word.text, glued=word.glued)

    def _is_number_word(self, word: str) -> bool:
        return word in self._glued or bool(self._split(word)[0])

    def _may_be_number(self, words: Sequence[Word], at: int) -> bool:
        text = words[at].text
        following = words[at + 1].text if at + 1 < len(words) else ""
        if text in self._lists["shy"]:
            friendly = not following[:1].isalpha() or following in self._lists["shy_before"]
            lonely = at == 0 or words[at - 1].text not in self._lists["shy_after"]
            return self._multiplies(following) or (friendly and lonely)
        if text in self._lists["bound"]:
            return self._multiplies(following)
        return text not in self._lists["not_numbers"]

    def _multiplies(self, word: str) -> bool:
        entries, _ = self._split(word)
        return bool(entries) and entries[0].kind in _MULTIPLIERS

    def _split(self, word: str) -> tuple[tuple[_Entry, ...], str]:
        """The number words that a word is made of, and the rest behind them; () and the word itself when it is none."""
        found = self._exact(word)
        if found:
            return found, ""
        if len(word) <= _LONGEST_JOINED and word[:2] in self._starts:
            joined = self._joined(word)
            if joined:
                return joined, ""
            for tail, stem in self._tails(word):
                joined = self._exact(stem) or self._joined(stem)
                if joined and tail == _APPROX:
                    return (*joined[:-1], replace(joined[-1], approx=True)), ""
                if joined and joined[-1].kind != "one":  # "seorang" is no "se" and "orang"
                    return joined, tail
        near = self._nearest(word)
        return (near, "") if near else ((), word)

    def _tails(self, word: str) -> Iterator[tuple[str, str]]:
        if word.endswith("an"):
            yield _APPROX, word[:-2]
            yield _APPROX, word[:-1]  # "tigaan", its letters no longer doubled
        for tail in self._lists["behind"]:
            if word.endswith(tail):
                yield tail, word.removesuffix(tail)

    def _exact(self, word: str) -> tuple[_Entry, ...]:
        if word in self._words:
            return (self._words[word],)
        return self._said_as.get(word, ())

    def _joined(self, word: str) -> tuple[_Entry, ...] | None:
        """Number words without spaces ("duajuta"), the longest first from the left; at most one way is looked for."""
        ends: dict[int, tuple[_Entry, ...]] = {len(word): ()}
        for start in range(len(word) - 2, -1, -1):
            for length in range(min(self._longest, len(word) - start), 1, -1):
                end = start + length
                here = self._exact(word[start:end])
                rest = ends.get(end) if here else None
                if here and rest is None and word[end : end + 1] and (end - 1) in ends:
                    rest = ends[end - 1]  # "ratus|sembilan": the doubled letter was squeezed into one
                if here and rest is not None and _fits(here[-1], rest):
                    ends[start] = here + rest
                    break
        return ends.get(0) or None

    def _nearest(self, word: str) -> tuple[_Entry, ...]:
        if not _SHORTEST_NEAR <= len(word) <= 12 or word in self._lists["not_numbers"]:
            return ()
        close = {
            self._exact(known)
            for known in self._near.get((word[0], len(word)), ())
            if OSA.distance(word, known, score_cutoff=1) <= 1
        }
        return close.pop() if len(close) == 1 else ()


def _fits(here: _Entry, rest: tuple[_Entry, ...]) -> bool:
    return here.kind != "one" or bool(rest and rest[0].kind in _MULTIPLIERS)


def _entries(table: Mapping[str, Any]) -> Iterator[tuple[str, _Entry]]:
    for kind in ("teen", "ten", "hundred", "half", "comma", "one"):
        for word in table.get(kind, ()):
            yield squeeze(word), _Entry(kind, approx=word.endswith("an"))
    for kind, section in (("unit", "units"), ("scale", "scales"), ("dozen", "dozens")):
        for value, words in table.get(section, {}).items():
            for word in words:
                yield squeeze(word), _Entry(kind, Fraction(value), approx=kind == "scale" and word.endswith("an"))
