"""A message as tokens, and known phrases found among them: the longest phrase wins."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from .words import plain

TOO_LONG = 80  # tokens; a longer message is a story, and picking one number out of a story is guessing

_LONG_TEXT = 1_000  # characters

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+|\S")
_REPEATED = re.compile(r"([^\W\d_])\1+")
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])['’‘`ʼ](?=[^\W\d_])")
_SPACED_GROUPS = re.compile(r"(?<![\d.,])\d{1,3}(?:(?: ?\. ?\d{3}){2,}|(?: \d{3}){2,}|(?: 000)+)(?!\d|[.,]\d)")
_SUFFIX = re.compile(r"(?<=[^\W_])-(?=an\b)")  # "2jt-an" is "2jtan"
_DOUBLED = re.compile(r"([^\W\d_]{3,12})-(?=\1)")  # "kira-kira" is written "kira kira" and "kira2" as well
_KEYCAP = "\u20e3"
# Compatibility form would turn "2½" into "21⁄2" and "5²" into "52", ten times too large; so fractions are replaced first.
_FRACTIONS = {"½": "5", "¼": "25", "¾": "75"}
_FRACTION = re.compile(r"(\d?) ?([½¼¾])")
_RAISED = re.compile("[\u00b2\u00b3\u00b9\u2070-\u209c]")


@dataclass(frozen=True, slots=True)
class Word:
    """A word or mark that is no number or phrase yet, letters not doubled; ``glued``: no space before it."""

    text: str
    glued: bool = False


@dataclass(frozen=True, slots=True)
class PhraseTag:
    """A known phrase; ``name`` is that of its list in the table."""

    name: str
    text: str
    glued: bool = False


def squeeze(word: str) -> str:
    """A word with doubled letters taken once, as chat raises its voice by doubling them.

    >>> squeeze("iyaaaa"), squeeze("1.500.000")
    ('iya', '1.500.000')
    """
    return _REPEATED.sub(r"\1", word) if _REPEATED.search(word) else word


def tokens(text: str, spelled: Callable[[str], str] = str) -> tuple[Word, ...]:
    """Words, numbers and marks of a message, in order, in the form of :func:`~conversations.hear.text.words.plain`.

    ``spelled`` gives the word, or the words, that a spelling stands for.

    >>> [token.text for token in tokens("Rp 1. 500. 000,- ya kaaak")]
    ['rp', '1.500.000', ',', '-', 'ya', 'kak']
    """
    if (
        text.isascii() and (letters := text.replace(" ", "")) and letters.isalpha()
    ):  # nothing but words, as in every table
        return tuple(Word(squeeze(word)) for found in plain(text).split() for word in spelled(found).split())
    text = _FRACTION.sub(lambda found: f"{found[1] or '0'},{_FRACTIONS[found[2]]}", text)
    text = plain(_RAISED.sub(" ^ ", text)).replace(_KEYCAP, "")
    text = _SPACED_GROUPS.sub(lambda found: found[0].replace(" ", "." if "." not in found[0] else ""), text)
    text = _DOUBLED.sub(r"\1 ", _SUFFIX.sub("", _APOSTROPHE.sub("", text)))
    return tuple(
        Word(squeeze(word), not number and found.start() > 0 and not text[found.start() - 1].isspace())
        for found in _TOKEN.finditer(text)
        for number, word in enumerate(spelled(found[0]).split())
    )


def too_long(text: str) -> bool:
    """Whether a message is longer than any answer, so that it is not even taken apart."""
    return len(text) > _LONG_TEXT


Piece = TypeVar("Piece")


def _form(phrase: str) -> tuple[str, ...]:
    """The texts of the tokens of a phrase."""
    if phrase.isascii() and phrase.replace(" ", "").isalpha():  # nothing but words, without a Word for each
        return tuple(map(squeeze, plain(phrase).split()))
    return tuple(word.text for word in tokens(phrase))


class Phrases:
    """The known phrases. ``table``: name of the tag -> its phrases. Raises ValueError for a phrase in two lists."""

    def __init__(self, table: Mapping[str, Iterable[str]]) -> None:
        self._names: dict[tuple[str, ...], str] = {}
        for name, phrases in table.items():
            for phrase in phrases:
                key = _form(phrase)
                if self._names.setdefault(key, name) != name:
                    raise ValueError(f"{phrase!r} is both {self._names[key]!r} and {name!r}")
        self._longest: dict[str, int] = {}
        for key in self._names:
            self._longest[key[0]] = max(len(key), self._longest.get(key[0], 0))

    def tagged(self, pieces: Sequence[Piece | Word]) -> tuple[Piece | Word | PhraseTag, ...]:
        """The pieces with known phrases as tags. A piece that is no Word is left alone, and no phrase reaches over it.

        >>> Phrases({"none": ["tidak ada"]}).tagged(tokens("tidak ada kak"))
        (PhraseTag(name='none', text='tidak ada', glued=False), Word(text='kak', glued=False))
        """
        out: list[Piece | Word | PhraseTag] = []
        at = 0
        while at < len(pieces):
            piece = pieces[at]
            tag = self._match(pieces, at, piece) if isinstance(piece, Word) else None
            out.append(tag or piece)
            at += tag.text.count(" ") + 1 if tag else 1
        return tuple(out)

    def _match(self, pieces: Sequence[Piece | Word], at: int, first: Word) -> PhraseTag | None:
        run: list[str] = []
        for piece in pieces[at : at + self._longest.get(first.text, 0)]:
            if not isinstance(piece, Word):
                break
            run.append(piece.text)
        while run:
            name = self._names.get(tuple(run))
            if name is not None:
                return PhraseTag(name, " ".join(run), first.glued)
            run.pop()
        return None
