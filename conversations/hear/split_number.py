"""An identity number told in pieces: half of it in one message, the rest in the next.

A piece is no identity number and is kept like any words; so the digits that a message leaves open are remembered for a
minute.
"""

from __future__ import annotations

from .digit_runs import runs
from .other_numbers import OtherNumbers
from .redact import LENGTH, redact

WITHIN_SECONDS = 60
SMALLEST_PIECE, _LARGE = 4, 8  # digits: pieces that are all at least small, or one of which is large, may be one number
_APART = "\n"


def left_open(before: str, text: str) -> str:
    """The digits of a message that a next one may complete to an identity number, behind those that were left open
    ``before``.

    "" where it has none, and where they are a telephone number, a price or a date.

    >>> left_open("", "nik saya 3374 0112"), left_open("3374 0112", "3456"), left_open("", "0812 3456 7890")
    ('3374 0112', '3374 0112\\n3456', '')
    """
    found = list(runs(text))
    if not found or OtherNumbers(found[-1]).are_all or _count(found[-1].text) >= LENGTH:
        return ""
    both = _APART.join(filter(None, (before, found[-1].text)))
    return both if len(found) == 1 and _count(both) < LENGTH else found[-1].text


def goes_on(before: str, text: str) -> bool:
    """Whether this message completes an identity number whose beginning, ``before``, was left open.

    >>> goes_on("3374 0112", "sisanya 3456 0001"), goes_on("3374 0112", "0812 3456 7890")
    (True, False)
    """
    first = next(runs(text), None) if before else None
    if first is None or OtherNumbers(first).are_all:
        return False
    pieces = [*before.split(_APART), first.text]
    sizes = [_count(piece) for piece in pieces]
    return (min(sizes) >= SMALLEST_PIECE or max(sizes) >= _LARGE) and redact(_APART.join(pieces))[1]


def _count(text: str) -> int:
    return sum(c.isdecimal() for c in text)
