"""The words: what we say (``LC_MESSAGES/*.po``) and what we hear (``hear/*.toml``), by language; ``id`` is the source.

The .po files are read as they are, without a compiled copy that could be forgotten. Their msgids are symbolic
("registration.name.ask"), their fields are named ("{name}"), and ``*words*`` in them are bold.
"""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO
from typing import Any

from babel.dates import format_date, format_datetime
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

SOURCE = "id"
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
    """What we say in one language. Immutable; loaded once for a process."""

    language: str
    sentences: Mapping[str, Sentence]

    @classmethod
    def load(cls, language: str = SOURCE) -> Catalog:
        """The words of a language; where it has none for a key, those of the source language.

        Raises ValueError when two files of a language have words for the same key, or a field is not plainly named.
        """
        return _load(language)

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
        return format_datetime(moment, "d MMM, HH.mm", locale=self.language)


def read_tables(language: str = SOURCE) -> dict[str, dict[str, Any]]:
    """The parsed files of ``<language>/hear/`` by name without ending: what people of this language say."""
    folder = files(__name__) / language / "hear"
    return {
        file.name.removesuffix(".toml"): tomllib.loads(file.read_text("utf-8"))
        for file in _files(folder)
        if file.name.endswith(".toml")
    }


@cache
def _load(language: str) -> Catalog:
    sentences = {} if language == SOURCE else dict(_load(SOURCE).sentences)
    return Catalog(language, sentences | _sentences(files(__name__) / language / "LC_MESSAGES"))


def _sentences(folder: Traversable) -> dict[str, Sentence]:
    found: dict[str, Sentence] = {}
    for file in _files(folder):
        if not file.name.endswith(".po"):
            continue
        for message in read_po(BytesIO(file.read_bytes()), abort_invalid=True):
            key, words = message.id, message.string
            if not key or not words or message.fuzzy:
                continue
            if key in found:
                raise ValueError(f"two files have words for {key}")
            found[str(key)] = Sentence.of(str(words))
    return found


def _files(folder: Traversable) -> list[Traversable]:
    return sorted(folder.iterdir(), key=lambda file: file.name) if folder.is_dir() else []


@lru_cache(maxsize=4096)
def _number(number: int, language: str) -> str:
    return str(format_decimal(number, format="#,##0", locale=language))


@lru_cache(maxsize=1024)
def _day(day: date, language: str) -> str:
    return format_date(day, "EEEE, d MMMM y", locale=language)
