"""Plain forms of a message, and its words: the first step of every reader."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Characters that are not seen but break comparison: zero-width, direction marks, variation selectors, byte order mark.
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")  # all of Unicode's category Cc
_SPACE = re.compile(r"\s+")
# After another letter and before no digit, for "081OOOO1234" is a number.
_HELD_DOWN = re.compile(r"(?<=([^\W\d_]))(?!\1)([^\W\d_])\2{2,}(?!\d)")
_THRICE = re.compile(r"([^\W\d_])\1\1")  # nearly no word holds it, and looking is cheaper than replacing
_DASH = re.compile("[\u2010-\u2015\u2212]")
_EDGES = " .,!?;:()[]\"'*_-~"
# Vowels and accents that stand on or beside a letter (Javanese, Arabic, Devanagari, …) and have no letter of their own:
# ``\w`` takes them for marks. Only blocks that have any are looked through.
_MARKS = "".join(
    chr(code)
    for first, last in ((0x300, 0x2100), (0xA660, 0xAC00), (0xFB1E, 0xFE30), (0x11000, 0x12000))
    for code in range(first, last)
    if unicodedata.category(chr(code)) in ("Mn", "Mc")
)
LETTER = rf"(?:[^\W\d_][{re.escape(_MARKS)}]*)"  # one letter, with all that stands on it
_WORD = re.compile(rf"\d+(?:[.,]\d+)*|{LETTER}+(?:['’`-]{LETTER}+)*|\S", re.UNICODE)


@lru_cache(maxsize=64)  # every reader asks for the same few messages of a turn
def clean(text: str) -> str:
    """The message in compatibility form (full-width digits become digits), unseen characters and controls removed.

    >>> clean(" Ｗarung\u200b  Bu\\x00 Sri ")
    'Warung Bu Sri'
    """
    if text.isascii() and text.isprintable():  # as most messages, and the words of every table
        return " ".join(text.split())
    text = _UNSEEN.sub("", unicodedata.normalize("NFKC", text))
    text = _CONTROL.sub(" ", text)
    return _SPACE.sub(" ", text).strip()


@lru_cache(maxsize=64)
def once(text: str) -> str:
    """The text with letters that were held down taken once.

    >>> once("Lestariii"), once("Bapak"), once("081OOOO1")
    ('Lestari', 'Bapak', '081OOOO1')
    """
    return _HELD_DOWN.sub(r"\2", text) if _THRICE.search(text) else text


def plain(text: str) -> str:
    """The cleaned message without capitals, letters held down taken once: the form that every reader compares.

    >>> plain("  OKE  Kakkk!")
    'oke kak!'
    """
    if text.isascii() and text.isprintable():  # as in clean, without asking twice what was asked before
        text = " ".join(text.lower().split())
        return _HELD_DOWN.sub(r"\2", text) if _THRICE.search(text) else text
    return once(clean(text).casefold())


def edgeless(text: str) -> str:
    """The message without capitals, with no marks around its words and every dash the same: the form to compare with a
    label.

    >>> edgeless("Dasar (JKK+JKM)."), edgeless("ya boleh"), edgeless("Ya, boleh")
    ('dasar jkk+jkm', 'ya boleh', 'ya boleh')
    """
    words = (word.strip(_EDGES) for word in plain(_DASH.sub("-", text)).split())
    return " ".join(word for word in words if word)


def split(text: str) -> list[str]:
    """The words, numbers and marks of a message, in order, without capitals.

    >>> split("Warung, 1.500.000 ya?")
    ['warung', ',', '1.500.000', 'ya', '?']
    """
    said = plain(text)
    if said.isascii() and said.replace(" ", "").isalpha():  # as nearly all words of the tables, and most messages
        return said.split()
    return _WORD.findall(said)
