"""The words by language: sentences that the bot says (``LC_MESSAGES/*.po``) and words that it hears (``hear/*.toml``).

The source language is ``id``. A language is its folder; for a key that the folder lacks, the source language speaks.

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
# Characters with no place in a person's words: our own bold marks, controls except the new line, direction marks, zero
# width characters but the joiners that emoji are made of, and halves of surrogate pairs, which no channel can send.
_UNWANTED = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ue000\ue001]"
)


class MissingWords(LookupError):  # noqa: N818 - named for what is so
    """Raised when the catalogue has no words for a key, or a field that its words name was not given."""


class Said(str):
    """A text from the catalogue: its bold marks stay when it is put into a field of another text."""

    __slots__ = ()


def given(words: str) -> str:
    """A text for a field: a person's text loses bold marks and invisible characters, a text from the catalogue stays as
    it is.

    >>> given("Sri" + BOLD_ON + "\\x00 {name} *x*")
    'Sri {name} *x*'
    """
    return words if type(words) is Said else _UNWANTED.sub("", words)


@dataclass(frozen=True, slots=True)
class Sentence:
    """The text of one key, parsed once. ``parts``: words and field names in turn, words first and last."""

    parts: tuple[str, ...]

    @classmethod
    def of(cls, words: str) -> Sentence:
        """The sentence of a text. Raises ValueError for a field that is no plain name: no numbers, attributes,
        conversions, formats."""
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
        """The names of the sentence's fields."""
        return frozenset(self.parts[1::2])

    def say(self, fields: Mapping[str, str]) -> Said:
        """The text with its fields filled in. A line of nothing but empty fields is left out. Raises KeyError for a
        missing field."""
        if len(self.parts) == 1:  # no field, as in most labels
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
    """The sentences of one language, by key. Immutable; loaded once for a process.

    ``own`` are the keys for which the language has a sentence of its own; the others have the source's.
    """

    language: str
    sentences: Mapping[str, Sentence]
    own: frozenset[str] = frozenset()

    @classmethod
    def load(cls, language: str = SOURCE) -> Catalog:
        """The catalogue of a language; a key without a fitting sentence of its own has the source's.

        A sentence with other fields than the source's would fail when it is said, so it is left out: ``rangkul check``
        names it. Raises ValueError when two files of a language have a sentence for the same key, or a field is no
        plain name.
        """
        return _load(tables.ROOT, language)

    def text(self, key: str, /, **fields: str) -> Said:
        """The text for a key, with its fields. In a field's value braces and asterisks mean nothing.

        Raises MissingWords for an unknown key or a missing field.
        """
        try:
            return self.sentences[key].say(fields)
        except KeyError as missing:
            raise MissingWords(f"{key}: no words for {missing}") from None

    def rupiah(self, amount: int) -> str:
        """An amount of whole rupiah, as text.

        >>> Catalog.load().rupiah(16800)
        'Rp16.800'
        """
        return f"Rp{_number(amount, self.language)}"

    def number(self, number: int) -> str:
        """A whole number, as text.

        >>> Catalog.load().number(4700000)
        '4.700.000'
        """
        return _number(number, self.language)

    def day(self, day: date) -> str:
        """A day with its weekday, as text.

        >>> Catalog.load().day(date(2026, 11, 23))
        'Senin, 23 November 2026'
        """
        return _day(day, self.language)

    def moment(self, moment: datetime) -> str:
        """A day and the time, as text, in the time zone of the moment itself.

        >>> Catalog.load().moment(datetime(2026, 11, 23, 9, 15))
        '23 Nov, 09.15'
        """
        return format_datetime(moment, "d MMM, HH.mm", locale=_locale(self.language))


class Catalogs:
    """The catalogues of all languages. Immutable; ``load`` reads them, once for a process."""

    __slots__ = ("_by_language",)

    def __init__(self, by_language: Mapping[str, Catalog]) -> None:
        self._by_language = by_language

    @classmethod
    def load(cls) -> Catalogs:
        """The catalogues of all languages. Raises ValueError as :meth:`Catalog.load` does."""
        return cls({language: Catalog.load(language) for language in languages()})

    def of(self, language: str) -> Catalog:
        """The catalogue of a person's language; the source's where ``language`` is "" or no longer there."""
        return self._by_language.get(language) or self.source

    def and_source(self, language: str) -> tuple[Catalog, ...]:
        """The catalogue of a person's language, and behind it the source's where that is another."""
        found = self.of(language)
        return (found,) if found is self.source else (found, self.source)

    @property
    def source(self) -> Catalog:
        """The catalogue of the source language, which has a sentence for every key; the office reads this language."""
        return self._by_language[SOURCE]

    def __iter__(self) -> Iterator[Catalog]:
        return iter(self._by_language.values())


def own_sentences(language: str) -> Mapping[str, Sentence]:
    """The sentences in a language's own files by key, fitting or not; none of the source's."""
    return _sentences(tables.ROOT, language)


@cache
def _load(root: Path, language: str) -> Catalog:
    own, source = _sentences(root, language), _sentences(root, SOURCE)
    fit = {key: words for key, words in own.items() if key in source and words.fields == source[key].fields}
    # Where a language has a label of its own, the source's short form of that label is left out.
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
    """Babel's locale, for numbers and days in a language; the source's where Babel does not know the language."""
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
