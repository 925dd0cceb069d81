"""Reader of days that lie farther ahead, as people of an office name them: "minggu depan", "senin depan", "akhir bulan",
"2 minggu lagi", "tgl 5 bulan depan".

An owner who is asked when to call is not understood by these (``times.py`` asks again): they mean no one day. Of whoever
plans their own work they do.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from conversations.hear.text.words import plain

AFTER, BEFORE = "after", "before"
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONGEST = 12  # weeks or months


class Far(NamedTuple):
    """A day, and the words that are left. ``near``: where the words mean no day of its own, whether the working day at or
    ``AFTER`` it will do, or that at or ``BEFORE`` it; "" for a day that was named."""

    day: date
    rest: str
    near: str = ""


class FarDays:
    """The reader of such days. Built from ``times.toml``: ``[far]``, days, months, numbers and the words for a date."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        words, date_words = table["far"], table["words"]["date"]
        self._days = {word: day for day in _WEEK for word in table["days"][day]}
        self._numbers = {word: int(value) for value, said in table["numbers"].items() for word in said}
        self._months = {word: int(number) for number, said in table["months"].items() for word in said}
        week, month, ahead = (_either(words[name]) for name in ("week", "month", "next"))
        day, number = _either(self._days), rf"\d{{1,2}}|{_either(self._numbers)}"
        later, start, end = (_either(words[name]) for name in ("later", "start", "end"))
        hari, this, named = _either(words["day"]), _either(words["this"]), _either(self._months)
        dated = rf"(?:{_either(date_words)})\s*(?P<number>\d{{1,2}})"
        # The longest first: "senin minggu depan" is no "minggu depan", and "hari minggu depan" names a Sunday.
        self._said = [
            (re.compile(rf"(?<!\w)(?:{pattern})(?!\w)"), name)
            for name, pattern in (
                ("dated", rf"{dated}\s+(?:{month})\s+(?:{ahead})"),
                ("dated", rf"(?:{month})\s+(?:{ahead})\s+{dated}"),
                ("year_end", rf"(?:{end})\s+(?:{_either(words['year'])})"),
                ("named", rf"(?:(?P<start>{start})|{end})\s+(?:(?:{month})\s+)?(?P<month>{named})"),
                ("month_end", rf"(?:{end})\s+(?:{month})(?P<next>\s+(?:{ahead}))?(?:\s+(?:{this}))?"),
                ("month_start", rf"(?:{start})\s+(?:{month})(?:\s+(?:{ahead}))?|(?:{month})\s+(?:{ahead})"),
                ("week_end", rf"(?:{end})\s+(?:{week})(?P<next>\s+(?:{ahead}))?(?:\s+(?:{this}))?"),
                ("of_week", rf"(?:(?:{hari})\s+)?(?P<day>{day})\s+(?:{week})\s+(?:{ahead})"),
                ("of_week", rf"(?<!hari )(?:{week})\s+(?:{ahead})\s+(?:(?:{hari})\s+)?(?P<day>{day})"),
                ("later", rf"(?:(?P<one>se|sak\s+)|(?P<number>{number})\s*)(?P<unit>{week}|{month})\s+(?:{later})"),
                ("week", rf"(?<!hari )(?:(?:{start})\s+)?(?:{week})\s+(?:{ahead})"),
                ("of_week", rf"(?:(?:{hari})\s+)?(?P<day>{day})\s+(?:{ahead})"),
            )
        ]
        self._month = re.compile(month)

    def read(self, text: str, today: date) -> Far | None:
        """The day that a text names in such words; None where it names none."""
        said = plain(text[:200])
        for pattern, name in self._said:
            if found := pattern.search(said):
                rest = f"{said[: found.start()]} {said[found.end() :]}".strip()
                return self._far(name, found.groupdict(), rest, today)
        return None

    def _far(self, name: str, said: Mapping[str, str | None], rest: str, today: date) -> Far | None:
        monday, near = today + timedelta(days=7 - today.weekday()), AFTER
        day: date | None = monday
        match name:
            case "dated":
                day, near = _day_of(_months(today, 1), int(said["number"] or 0)), ""
            case "month_end":
                day, near = _last_of(_months(today, 1 if said["next"] else 0)), BEFORE
            case "month_start":
                day = _months(today, 1)
            case "of_week":
                day, near = monday + timedelta(days=_WEEK.index(self._days[said["day"] or ""])), ""
            case "week_end":
                day, near = monday + timedelta(days=4 if said["next"] else -3), BEFORE
            case "year_end":
                day, near = today.replace(month=12, day=31), BEFORE
            case "named":
                month = _months(today, (self._months[said["month"] or ""] - today.month) % 12)
                day, near = (month, AFTER) if said["start"] else (_last_of(month), BEFORE)
                day = day if day >= today else None
            case "later":
                day = self._later(said, today)
        return Far(day, rest, near) if day else None

    def _later(self, said: Mapping[str, str | None], today: date) -> date | None:
        """The day so many weeks or months from now; None for more than ``_LONGEST``."""
        number = 1 if said["one"] else self._number(said["number"] or "")
        if not 0 < number <= _LONGEST:
            return None
        if not self._month.fullmatch(said["unit"] or ""):
            return today + timedelta(weeks=number)
        month = _months(today, number)
        return _day_of(month, today.day) or _last_of(month)

    def _number(self, said: str) -> int:
        return int(said) if said.isdecimal() else self._numbers[said]


def _months(day: date, number: int) -> date:
    """The first of the month so many months after that of ``day``."""
    year, month = divmod(day.year * 12 + day.month - 1 + number, 12)
    return date(year, month + 1, 1)


def _last_of(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])


def _day_of(month: date, number: int) -> date | None:
    """The day of this number in a month; None where it has none."""
    return month.replace(day=number) if 0 < number <= _last_of(month).day else None


def _either(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
