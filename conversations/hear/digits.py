"""Numbers in digits, with Indonesian or English separators."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

LONGEST = 15  # digits; a longer number is an identity or account number
_SEPARATOR = re.compile(r"[.,]")


@dataclass(frozen=True, slots=True)
class Digits:
    """A number in digits. ``small`` is the other reading of a lone separator, as a decimal mark ("1.750" jt); None
    without."""

    value: Fraction
    small: Fraction | None = None
    sure: bool = True


_NO_NUMBER = Digits(Fraction(0), sure=False)


def digits(raw: str) -> Digits:
    """The number in a run of digits with dots or commas between; not ``sure`` when it is malformed.

    >>> digits("1.500.000").value, digits("2,5").value, digits("1,500,000.00").value
    (Fraction(1500000, 1), Fraction(5, 2), Fraction(1500000, 1))
    >>> digits("1.750").small, digits("1.500.00").sure
    (Fraction(7, 4), False)
    """
    if len(raw) > LONGEST + LONGEST // 2:
        return _NO_NUMBER
    groups = _SEPARATOR.split(raw)
    if len(groups) == 1:
        return _unseparated(raw)
    marks = _SEPARATOR.findall(raw)
    if len(marks) == 1:
        return _one_mark(groups[0], groups[1])
    if len(set(marks)) == 1:
        return Digits(Fraction(int("".join(groups)))) if _grouped(groups) else _NO_NUMBER
    if len(set(marks[:-1])) == 1 and _grouped(groups[:-1]) and len(groups[-1]) <= 2:
        return Digits(_decimal("".join(groups[:-1]), groups[-1]))
    return _NO_NUMBER


def _unseparated(raw: str) -> Digits:
    # With a leading nought it is a telephone number, a code, or a slip.
    return Digits(Fraction(int(raw)), sure=len(raw) <= LONGEST and (raw[0] != "0" or int(raw) == 0 or len(raw) == 2))


def _one_mark(before: str, after: str) -> Digits:
    if len(after) == 3:
        small = _decimal(before, after)
        if int(before) == 0:
            return Digits(small)
        return Digits(Fraction(int(before + after)), small if len(before) <= 3 else None, sure=before[0] != "0")
    return Digits(_decimal(before, after), sure=len(after) <= 2)


def _grouped(groups: list[str]) -> bool:
    return 1 <= len(groups[0]) <= 3 and groups[0][0] != "0" and all(len(group) == 3 for group in groups[1:])


def _decimal(before: str, after: str) -> Fraction:
    return Fraction(int(before + after), 10 ** len(after))
