"""Numbers that may be somebody's key: a one-time code, a PIN, a piece of an identity number. Nobody passes one on."""

from __future__ import annotations

import re

_ALONE = re.compile(r"(?!0|62)\d[\d .-]{2,14}")  # a telephone number begins otherwise
_NAMED = re.compile(r"\b(?:otp|pin|cvv)\b.*\d{3}|\d{3}.*\b(?:otp|pin|cvv)\b", re.IGNORECASE | re.DOTALL)
_ZERO_ALONE = re.compile(r"0\d{3,7}")  # too short for a telephone number
_FEWEST, _MOST = 4, 15  # digits


def may_be_key(text: str) -> bool:
    """Whether a message is a number that may be a key, or names one.

    >>> [may_be_key(text) for text in ("482913", "48 29 13", "kode otp 4829", "0412")]
    [True, True, True, True]
    >>> [may_be_key(text) for text in ("jam 9", "0812 0000 7001", "500", "harganya 50000", "jangan kirim PIN ya")]
    [False, False, False, False, False]
    """
    said = text.strip(" .")
    digits = sum(character.isdecimal() for character in said)
    alone = _ALONE.fullmatch(said) and _FEWEST <= digits <= _MOST
    return bool(alone or _ZERO_ALONE.fullmatch(said) or _NAMED.search(said))
