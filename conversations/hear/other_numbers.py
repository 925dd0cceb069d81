"""Sixteen digits that are no identity number: telephone numbers, prices, dates, times and years side by side.

They are told apart by where they begin and end, and by what stands between them. Sixteen digits that are made of such
numbers only or for the most part, or that begin or end in the middle of one, are no identity number.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from .digit_runs import Group, Run

# Kinds of other numbers: what a NIK may hold by chance, what it hardly does, and what it does where it is grouped alike.
_LOOSE, _PLAIN, _TELEPHONE = "loose", "plain", "telephone"
_SHAPES = tuple(
    (re.compile(rf"(?<!\d)(?:{shape})(?!\d)"), kind)
    for shape, kind in (
        (r"(?:0?[1-9]|[12]\d|3[01])([-/. ])(?:0?[1-9]|1[0-2])\1(?:19|20)\d\d", _PLAIN),  # 25/12/1990
        (r"(?:19|20)\d\d([-/.])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])", _PLAIN),  # 1990-12-25
        (r"(?:[01]?\d|2[0-4])[.:][0-5]\d(?::[0-5]\d)?", _LOOSE),  # 08.30
        (r"(?<!\d\.)[1-9]\d{0,2}(?:\.\d{3}){1,3}(?:,\d\d)?(?!\.\d)", _LOOSE),  # 1.500.000,00
        (r"(?<!\d,)[1-9]\d{0,2}(?:,\d{3}){1,3}(?:\.\d\d)?(?!,\d)", _LOOSE),  # 1,500,000.00
        (r"-?\d{1,2}\.\d{4,8}, ?1[0-4]\d\.\d{4,8}", _PLAIN),  # -7.566612, 110.824312
        (r"(?:19|20)\d\d", _LOOSE),
        (r"[1-9]\d{0,5}(?:000|500)|[1-9]\d?00", _LOOSE),  # 5000
        (r"[1-9]\d{0,2}(?:\.\d{3}){0,2}\.\d00", _PLAIN),  # 1.500.000, but not 1.234
        (r"[1-9]\d{0,3}(?:000|500)", _PLAIN),
    )
)
_PROVINCES = frozenset(
    (*range(11, 20), 21, *range(31, 37), *range(51, 54), *range(61, 66), *range(71, 77), 81, 82, *range(91, 98))
)
_MOBILE = re.compile(r"0?8[1-9]\d{7,10}")
_FIXED = re.compile(r"0?[2-79]\d{7,9}")
_BLANK = " "
_LISTING = frozenset((_BLANK, ",", ";", "/", "|", "-", "–"))  # signs that stand between the numbers of a list
_UNIT_DIGITS = 4
_FEW, _MOST = (
    4,
    10,
)  # of sixteen digits: so many of plain numbers, and so many in all, leave no room for an identity number
_LONGEST = 15  # digits of a telephone number, the country's included


class OtherNumbers:
    """The other numbers that the groups of one run may be; found once for a run, however many sixteens it holds."""

    def __init__(self, run: Run) -> None:
        self._groups = run.groups
        self._telephones = [tuple(_telephones(run.groups, first)) for first in range(len(run.groups))]
        self._shaped = {i for i, group in enumerate(run.groups) if group.unit and len(group.digits) <= _UNIT_DIGITS}
        self._joints: set[int] = set()  # groups before which nothing can begin, in the middle of a price or date
        self._gaps = [
            run.text[at + len(group.digits) : behind].strip() or _BLANK
            for at, group, behind in zip(run.at, run.groups, run.at[1:], strict=False)
        ]
        self._apart: dict[
            int, tuple[int, str]
        ] = {}  # numbers with other signs around than within: where they end, and how sure
        for shape, kind in _SHAPES:
            for found in shape.finditer(run.text):
                inside = range(bisect_left(run.at, found.start()), bisect_left(run.at, found.end()))
                self._shaped.update(inside)
                self._joints.update(inside[1:])
                self._set_apart(inside[0], inside[-1], kind)
        for first, ends in enumerate(self._telephones):
            for last in ends:
                if last > first + 1 and all(2 < len(group.digits) < 6 for group in run.groups[first + 1 : last + 1]):
                    self._set_apart(first, last, _TELEPHONE)

    def _set_apart(self, first: int, last: int, kind: str) -> None:
        around = [self._gaps[at] for at in (first - 1, last) if 0 <= at < len(self._gaps)]
        within = set(self._gaps[first:last])
        if len(within) < 2 and all(gap in _LISTING and gap not in within for gap in around):
            self._apart[first] = (last, kind)

    def explain(self, first: int, last: int) -> bool:
        """Whether the groups from ``first`` to ``last``, sixteen digits together, are plainly no identity number."""
        return (
            first in self._joints
            or last + 1 in self._joints
            or self._shaped.issuperset(range(first, last + 1))
            or self._are_mostly_others(first, last)
            or self._a_telephone_from_before(first)
            or self._a_telephone_within(first, last)
        )

    def _are_mostly_others(self, first: int, last: int) -> bool:
        counts, at, joined, small = {_LOOSE: 0, _PLAIN: 0, _TELEPHONE: 0}, first, False, True
        while at <= last:
            ends, kind = self._apart.get(at, (at, ""))
            if kind and ends <= last:
                counts[kind] += sum(len(group.digits) for group in self._groups[at : ends + 1])
                joined = joined or ends > at
                at = ends
            elif at not in self._shaped and len(self._groups[at].digits) > _FEW - 1:
                small = False
            at += 1
        if joined and not counts[_TELEPHONE] and not self._begins_with_a_province(first):
            return True
        if counts[_TELEPHONE] and small:
            return True
        return counts[_PLAIN] >= _FEW and counts[_PLAIN] + counts[_LOOSE] >= _MOST

    @property
    def are_all(self) -> bool:
        """Whether the whole run is made of other numbers."""
        last = len(self._groups) - 1
        return self._shaped.issuperset(range(last + 1)) or last in self._telephones[0]

    def _a_telephone_from_before(self, first: int) -> bool:
        earlier = self._telephones[max(0, first - _LONGEST) : first]
        return any(ends and ends[0] >= first for ends in earlier)

    def _a_telephone_within(self, first: int, last: int) -> bool:
        """Whether a telephone number begins among these groups and goes on behind them, or is all of them but a few
        digits."""
        if (ends := self._telephones[first]) and (self._groups[first].plus or first in ends):
            return True
        for begins in range(first + 1, last + 1):
            if not (ends := self._telephones[begins]):
                continue
            if ends[0] > last:
                if not any(self._telephones[last + 1 : last + 2]):
                    return True
            elif (
                (self._groups[begins].plus and self._groups[begins].digits.startswith("62"))
                or self._shaped.issuperset(range(first, begins))
                or not self._begins_with_a_province(first)
            ):
                return True
        return False

    def _begins_with_a_province(self, first: int) -> bool:
        """Whether the groups begin with a province's code, as a NIK does."""
        return int("".join(group.digits for group in self._groups[first : first + 2])[:2]) in _PROVINCES


def _telephones(groups: tuple[Group, ...], first: int) -> Iterator[int]:
    """The groups with which a telephone number that begins with group ``first`` may end, in order."""
    digits = ""
    begins = groups[first]
    if not (begins.digits.startswith("0") and len(begins.digits) > 2) and not begins.digits.startswith("62"):
        return
    for last in range(first, len(groups)):
        digits += groups[last].digits
        if len(digits) > _LONGEST:
            return
        national = digits.removeprefix("62")
        abroad = national != digits
        if abroad and not begins.plus and not national.startswith(("8", "08")):
            continue
        if _MOBILE.fullmatch(national) or ((abroad or digits[0] == "0") and _FIXED.fullmatch(national)):
            yield last
