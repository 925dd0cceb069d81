"""Spelling of place names by ear: one key for a name, its folded sound, and its consonants."""

from __future__ import annotations

import re
import unicodedata

from rapidfuzz.distance import OSA

from conversations.hear.text.words import plain

_WORD = re.compile(r"[a-z0-9]+")
_TWICE = re.compile(r"(.)\1+")
_VOWELS = re.compile(r"[aeiou]")
_MARKS_INSIDE = re.compile(r"(?<=\w)['’`](?=\w)")
_DIGITS = str.maketrans("01345", "oieas")
# Old and Javanese spellings of one sound. An "h" is hardly heard; "a" and "o" change places (Kartasura, Kartosuro).
_SOUNDS = (("oe", "u"), ("dj", "j"), ("tj", "c"), ("h", ""), ("o", "a"), ("y", "i"), ("v", "f"), ("q", "k"), ("x", "k"))


def letters(text: str) -> str:
    """The message without capitals and accents."""
    text = plain(text)
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return text


def words(text: str) -> list[str]:
    """The words of a message without capitals: digits among letters become the letters they look like, single letters
    join.

    >>> words("kab. gunung-kidul, s0lo"), words("s o l o")
    (['kab', 'gunung', 'kidul', 'solo'], ['solo'])
    """
    found = _WORD.findall(_MARKS_INSIDE.sub("", text))
    found = [w if w.isdigit() or w.isalpha() else unmasked(w) for w in found]
    if len(found) > 2 and all(len(w) == 1 and w.isalpha() for w in found):
        return ["".join(found)]
    return found


def unmasked(word: str) -> str:
    """A word with digits in place of letters turned into letters, unless it ends in them ("simpang5" stays).

    >>> unmasked("s0lo"), unmasked("km5")
    ('solo', 'km5')
    """
    return word.translate(_DIGITS) if word[-1].isalpha() and word[0].isalpha() else word


def key(name: str) -> str:
    """A name in the form for comparing: no spaces, no marks.

    >>> key("Karimun Jawa")
    'karimunjawa'
    """
    said = letters(name)
    joined = said.replace(" ", "")
    return joined if joined.isascii() and joined.isalpha() else "".join(_WORD.findall(_MARKS_INSIDE.sub("", said)))


def fold(word: str) -> str:
    """A word in one form for spellings that sound alike.

    >>> fold("kartosuro") == fold("kartasura"), fold("temangung") == fold("temanggung")
    (True, True)
    """
    for written, sound in _SOUNDS:
        word = word.replace(written, sound)
    return _TWICE.sub(r"\1", word)


def skeleton(folded: str) -> str:
    """The consonants of a folded word, which stay when vowels are dropped in a hurry.

    >>> skeleton("wanagiri")
    'wngr'
    """
    return _TWICE.sub(r"\1", _VOWELS.sub("", folded))


def shortens(word: str, name: str) -> bool:
    """Whether the word is the name with letters left out.

    >>> shortens("klten", "klaten"), shortens("kalten", "klaten")
    (True, False)
    """
    rest = iter(name)
    return all(letter in rest for letter in word)


def distance(word: str, name: str, limit: int | None = None) -> int:
    """Edits (insert, drop, replace, swap neighbours) between two spellings; beyond the limit, ``limit + 1``."""
    return OSA.distance(word, name, score_cutoff=limit)
