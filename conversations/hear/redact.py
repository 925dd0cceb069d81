"""Redaction: sixteen digits in a row are taken out before anything is stored or logged. They are a NIK, which nobody
here needs.

A NIK (16 digits, never beginning with 0) may be written in groups, with letters for digits, in any script
(``digit_runs.py``). Telephone numbers, prices and dates side by side have sixteen digits too, and are left alone
(``other_numbers.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .digit_runs import Group, Run, runs
from .other_numbers import OtherNumbers

MASK = "████"

LENGTH = 16
_SURE = 4  # real digits that a number with letters among its digits must have


def redact(text: str) -> tuple[str, bool]:
    """The text without identity numbers, and whether one was taken out.

    >>> redact("NIK saya 3374 0112 3456 0001 ya")
    ('NIK saya ████ ya', True)
    >>> redact("33740ll2–3456–OOOl")
    ('████', True)
    >>> redact("0812 3456 7890 / 0857 1111 2222")
    ('0812 3456 7890 / 0857 1111 2222', False)
    """
    if len(text) < LENGTH and text.isascii():  # most of what people write
        return text, False
    kept, at = [], 0
    for run in runs(text):
        for start, end in _identity_numbers(run):
            kept += [text[at:start], MASK]
            at = end
    return ("".join([*kept, text[at:]]), True) if at else (text, False)


def _identity_numbers(run: Run) -> Iterator[tuple[int, int]]:
    """Start and end of each identity number in the text, from the left."""
    groups = run.groups
    if sum(len(group.digits) for group in groups) < LENGTH:
        return
    others = OtherNumbers(run)
    first = 0
    while first < len(groups):
        last = first if _is_long(groups[first]) else _sixteen(groups, first, others)
        if last is not None:
            yield groups[first].start, groups[last].end
        first = first + 1 if last is None else last + 1


def _is_long(group: Group) -> bool:
    """Whether one group holds a NIK by itself, whatever else it holds."""
    return len(group.digits) - group.lead - group.trail >= LENGTH or (
        len(group.digits) == LENGTH and group.lead + _SURE <= LENGTH
    )


def _sixteen(groups: Sequence[Group], first: int, others: OtherNumbers) -> int | None:
    """The last group of sixteen digits that begin with group ``first``; None where no groups make exactly sixteen."""
    begins, count = groups[first], 0
    leads = {lead for lead in (0, begins.lead) if begins.digits[lead:] and begins.digits[lead] != "0"}
    if begins.lead == len(begins.digits) or not leads:
        return None
    for last in range(first, len(groups)):
        count += len(groups[last].digits)
        if count - begins.lead - groups[last].trail > LENGTH:
            return None
        full = any(LENGTH in (count - lead, count - lead - groups[last].trail) for lead in leads)
        if full and not others.explain(first, last):
            return last
    return None
