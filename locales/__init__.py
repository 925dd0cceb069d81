"""The words: what we say (``LC_MESSAGES/*.po``) and what we hear (``hear/*.toml``), by language; ``id`` is the source.

A language is its folder; what it lacks, the source says.

The .po files are read as they are, without a compiled copy that could be forgotten. Their msgids are symbolic
("registration.name.ask"), their fields are named ("{name}"), and ``*words*`` in them are bold.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from . import tables
from .tables import SOURCE, languages, read_tables

__all__ = [
    "BOLD_OFF",
    "BOLD_ON",
    "SOURCE",
    "Catalog",
    "Catalogs",
    "MissingWords",
    "Said",
    "Sentence",
    "given",
    "languages",
    "own_sentences",
    "read_tables",
]

BOLD_ON, BOLD_OFF = "\ue000", "\ue001"  # private-use marks around bold words; each channel writes them its own way

# Bold stays within its line, so that a text that is split on lines never cuts it in two.
_BOLD = re.compile(r"\*(\S(?:[^*\n]*\S)?)\*")
# What has no place in words that somebody gave us: our own marks, controls except the new line, direction marks, zero
# width characters but the joiners that emoji are made of, and halves of surrogate pairs, which no channel can send.
_UNWANTED = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ue000\ue001]"
)


class MissingWords(LookupError):  # noqa: N818 - named for what is so
    """Raised when the catalogue has no words for a key, or a field that its words name was not given."""


class Said(str):
    """Words that come out of the catalogue: their bold marks stay when they are put into other words."""

    __slots__ = ()


def given(words: str) -> str:
    """Words that go into a field: those of a person lose our marks and all that is not seen, ours stay as they are.

    >>> given("Sri" + BOLD_ON + "\\x00 {name} *x*")
    'Sri {name} *x*'
    """
    return words if type(words) is Said else _UNWANTED.sub("", words)


@dataclass(frozen=True, slots=True)
class Sentence:
    """The words of one key, taken apart once. ``parts``: words and field names in turn, words first and last."""

    parts: tuple[str, ...]

    @classmethod
    def of(cls, words: str) -> Sentence:
        """Raises ValueError when a field is not plainly named: no numbers, attributes, conversions or formats."""
        marked = _BOLD.sub(rf"{BOLD_ON}\1{BOLD_OFF}", words)
        parts = [""]
        for before, name, how, conversion in string.Formatter().parse(marked):
            parts[-1] += before
            if name is None:
                continue
            if how or conversion or not name.isidentifier():
                raise ValueError(f"a field is a plain name: {words!r}")
            parts += [name, ""]
        return cls(tuple(parts))

    @property
    def fields(self) -> frozenset[str]:
        """The names that must be given."""
        return frozenset(self.parts[1::2])

    def say(self, fields: Mapping[str, str]) -> Said:
        """The words with these fields. A line that holds nothing but empty fields is left out. Raises KeyError."""
        if len(self.parts) == 1:  # as most labels are
            return Said(self.parts[0])
        filled = list(self.parts)
        for at in range(1, len(filled), 2):
            filled[at] = given(fields[filled[at]])
        if "" in filled[1::2]:
            return Said(self._without_empty_lines(fields))
        return Said("".join(filled))

    def _without_empty_lines(self, fields: Mapping[str, str]) -> str:
        kept: list[str] = []
        for line in self._lines():
            words = "".join(given(fields[part]) if at % 2 else part for at, part in enumerate(line))
            if words.strip() or (len(line) == 1 and kept and kept[-1]):
                kept.append(words.rstrip())
        return "\n".join(kept).strip()

    def _lines(self) -> Iterator[list[str]]:
        line: list[str] = []
        for at, part in enumerate(self.parts):
            if at % 2:
                line.append(part)
                continue
            first, *others = part.split("\n")
            line.append(first)
            for other in others:
                yield line
                line = [other]
        yield line


@dataclass(frozen=True, slots=True)
class Catalog:
    """What we say in one language. Immutable; loaded once for a process.

    ``own`` are the keys that the language has words of its own for; for the others the source speaks.
    """

    language: str
    sentences: Mapping[str, Sentence]
    own: frozenset[str] = frozenset()

    @classmethod
    def load(cls, language: str = SOURCE) -> Catalog:
        """The words of a language; where it has none that fit for a key, those of the source language.

        Words that name other fields than the source does would fail when they are said, so they are left out:
        ``rangkul check`` names them. Raises ValueError when two files of a language have words for the same key, or a
        field is not plainly named.
        """
        return _load(tables.ROOT, language)

    def text(self, key: str, /, **fields: str) -> Said:
        """The words for a key. What people said goes in as it is: braces and asterisks in it mean nothing.

        Raises MissingWords.
        """
        try:
            return self.sentences[key].say(fields)
        except KeyError as missing:
            raise MissingWords(f"{key}: no words for {missing}") from None

    def rupiah(self, amount: int) -> str:
        """Whole rupiah.

        >>> Catalog.load().rupiah(16800)
        'Rp16.800'
        """
        return f"Rp{_number(amount, self.language)}"

    def number(self, number: int) -> str:
        """A whole number.

        >>> Catalog.load().number(4700000)
        '4.700.000'
        """
        return _number(number, self.language)

    def day(self, day: date) -> str:
        """A day with its weekday.

        >>> Catalog.load().day(date(2026, 11, 23))
        'Senin, 23 November 2026'
        """
        return _day(day, self.language)

    def moment(self, moment: datetime) -> str:
        """A day and the time, on the clock that the moment itself is in.

        >>> Catalog.load().moment(datetime(2026, 11, 23, 9, 15))
        '23 Nov, 09.15'
        """
        return format_datetime(moment, "d MMM, HH.mm", locale=_locale(self.language))


class Catalogs:
    """What we say in every language there is. Immutable; ``load`` reads them all, once for a process."""

    __slots__ = ("_by_language",)

    def __init__(self, by_language: Mapping[str, Catalog]) -> None:
        self._by_language = by_language

    @classmethod
    def load(cls) -> Catalogs:
        """Raises ValueError as :meth:`Catalog.load` does."""
        return cls({language: Catalog.load(language) for language in languages()})

    def of(self, language: str) -> Catalog:
        """The catalogue of a person's language; that of the source where they have none ("") or it is no more."""
        return self._by_language.get(language) or self.source

    def and_source(self, language: str) -> tuple[Catalog, ...]:
        """The catalogue of a person's language, and behind it that of the source where it is another."""
        found = self.of(language)
        return (found,) if found is self.source else (found, self.source)

    @property
    def source(self) -> Catalog:
        """The catalogue of the source language, which has words for everything: also what the office reads."""
        return self._by_language[SOURCE]

    def __iter__(self) -> Iterator[Catalog]:
        return iter(self._by_language.values())


def own_sentences(language: str) -> Mapping[str, Sentence]:
    """The words that stand in the files of this language, fit or not; nothing of the source."""
    return _sentences(tables.ROOT, language)


@cache
def _load(root: Path, language: str) -> Catalog:
    own, source = _sentences(root, language), _sentences(root, SOURCE)
    fit = {key: words for key, words in own.items() if key in source and words.fields == source[key].fields}
    # A label of the language goes with no short form of another.
    rest = {key: words for key, words in source.items() if key.removesuffix(".short") not in fit}
    return Catalog(language, rest | fit, frozenset(fit))


@cache
def _sentences(root: Path, language: str) -> dict[str, Sentence]:
    found: dict[str, Sentence] = {}
    for file in sorted((root / language / "LC_MESSAGES").glob("*.po")):
        for message in read_po(BytesIO(file.read_bytes()), abort_invalid=True):
            key, words = message.id, message.string
            if not key or not words or message.fuzzy:
                continue
            if key in found:
                raise ValueError(f"two files have words for {key}")
            found[str(key)] = Sentence.of(str(words))
    return found


@cache
def _locale(language: str) -> Locale:
    """How a language writes numbers and days; as the source does where Babel does not know it."""
    try:
        return Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return Locale.parse(SOURCE)


@lru_cache(maxsize=4096)
def _number(number: int, language: str) -> str:
    return str(format_decimal(number, format="#,##0", locale=_locale(language)))


@lru_cache(maxsize=1024)
def _day(day: date, language: str) -> str:
    return format_date(day, "EEEE, d MMMM y", locale=_locale(language))
