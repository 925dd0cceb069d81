"""Sixteen digits in a row are taken out before anything is stored or logged: they are a NIK, and nobody here needs it.

A NIK (16 digits, never beginning with 0) may be written with spaces, dots or dashes between its groups. Two phone
numbers side by side are left alone: a phone number begins with 0 or +62 8 and has at most thirteen digits.
"""

from __future__ import annotations

import re

MASK = "████"

_LONG = re.compile(r"\d{16,}")
_GROUPED = re.compile(r"\d+(?:[\s.,:/_·\-]{1,3}\d+)+")
_GROUP = re.compile(r"\d+")
_PHONE_LIKE = re.compile(r"0|62\D*8")
_PHONE_DIGITS = range(9, 14)


def redact(text: str) -> tuple[str, bool]:
    """The text without identity numbers, and whether one was taken out.

    >>> redact("NIK saya 3374 0112 3456 0001 ya")
    ('NIK saya ████ ya', True)
    >>> redact("0812 3456 7890 / 0857 1111 2222")
    ('0812 3456 7890 / 0857 1111 2222', False)
    """
    if len(text) < 16:  # most of what people write
        return text, False
    masked = _LONG.sub(MASK, text)
    masked = _GROUPED.sub(lambda run: _mask_run(run[0]), masked)
    return masked, masked != text


def _mask_run(run: str) -> str:
    """Masks groups that together make sixteen digits, the first such from the left, then what follows likewise."""
    groups = list(_GROUP.finditer(run))
    first = 0
    while first < len(groups):
        if _PHONE_LIKE.match(run[groups[first].start() :]):
            first = _after_phone(groups, first)
            continue
        last = _sixteen(groups, first)
        if last is not None:
            rest = run[groups[last].end() :]
            return run[: groups[first].start()] + MASK + _GROUPED.sub(lambda r: _mask_run(r[0]), rest)
        first += 1
    return run


def _sixteen(groups: list[re.Match[str]], first: int) -> int | None:
    """The group with which sixteen digits are full, counted from ``first``; None where they never are exactly."""
    count = 0
    for index in range(first, len(groups)):
        count += len(groups[index][0])
        if count >= 16:
            return index if count == 16 else None
    return None


def _after_phone(groups: list[re.Match[str]], first: int) -> int:
    """The group after a phone number that begins at ``first``."""
    count = 0
    for index in range(first, len(groups)):
        if count in _PHONE_DIGITS and count + len(groups[index][0]) not in _PHONE_DIGITS:
            return index
        count += len(groups[index][0])
        if count > _PHONE_DIGITS[-1]:
            return first + 1
    return len(groups)
