"""What a lead is found by: the owner's number, and the words of their name, their business and their trade."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, NamedTuple

MOST_LETTERS = 40  # of a word
MOST_WORDS = 30  # of a lead

_WORD = re.compile(r"[^\W_]{2,}")


def words(text: str) -> tuple[str, ...]:
    """The words of a text in the one form in which they are compared, each once; without marks, accents and capitals.

    >>> words("Warung Bu SITI, 'Barokah' é-Kafé; Siti")
    ('warung', 'bu', 'siti', 'barokah', 'kafe')
    """
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return tuple(dict.fromkeys(word[:MOST_LETTERS] for word in _WORD.findall(bare)))


def number(answers: Mapping[str, Any]) -> str:
    """The owner's number in E.164; "" where none was given."""
    return str((answers.get("phone") or {}).get("e164") or "")


def regency(answers: Mapping[str, Any]) -> str:
    """The code of a lead's regency; "" where none is known."""
    return str(answers.get("regency") or "")


def words_of(answers: Mapping[str, Any]) -> tuple[str, ...]:
    """The words by which a lead with these answers is found, ``MOST_WORDS`` at most."""
    name, trade = answers.get("name") or {}, answers.get("sector") or {}
    told = (name.get("name"), answers.get("business_name"), trade.get("said"))
    return words(" ".join(part for part in told if isinstance(part, str)))[:MOST_WORDS]


class Term(NamedTuple):
    """A part of what an officer looks for: ``words``, all of which are a lead's; or, where the words name ``places``, a
    lead of one of these (Kemendagri codes of regencies and districts)."""

    words: tuple[str, ...]
    places: tuple[str, ...] = ()


class Sought(NamedTuple):
    """What an officer looks for: a lead's code, a number in E.164, or the leads that all these terms fit."""

    code: str = ""
    phone: str = ""
    terms: tuple[Term, ...] = ()
