"""Working time: nights, weekends and holidays do not count."""

from __future__ import annotations

import math
import subprocess
import sys
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.rules.workdays import (
    WORK_END,
    WORK_HOURS,
    WORK_START,
    after_work_hours,
    is_workday,
    next_workday,
)
from storage import reference

WIB = ZoneInfo("Asia/Jakarta")
CHRISTMAS = date(2026, 12, 25)  # a Friday
HOLIDAYS = frozenset({CHRISTMAS, date(2027, 1, 1)})

days = st.dates(date(2026, 1, 1), date(2027, 12, 31))
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(WIB))  # noqa: DTZ001 - hypothesis adds the zone itself
hours = st.floats(0, 100)
days_off = st.frozensets(days, max_size=20)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of December 2026, on the clock of Semarang. The 21st is a Monday."""
    return datetime(2026, 12, day, hour, minute, tzinfo=WIB)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        (at(21, 9), 1, at(21, 10)),
        (at(21, 9), 7, at(21, 16)),  # up to closing time it is still today
        (at(21, 9), 8, at(22, 9)),
        (at(21, 15, 30), 1, at(22, 8, 30)),
        (at(21, 5), 1, at(21, 9)),  # written before the office opens
        (at(21, 20), 1, at(22, 9)),  # and after it has closed
        (at(21, 16), 0, at(22, 8)),
        (at(21, 8), 0, at(21, 8)),
        (at(21, 8), 8, at(21, 16)),
        (at(19, 12), 2, at(21, 10)),  # a Saturday
        (at(24, 15), 8, at(28, 15)),  # Christmas and a weekend between
        (at(25, 10), 0.5, at(28, 8, 30)),
        (at(21, 8), 5 * WORK_HOURS, at(28, 16)),
    ],
)
def test_working_hours_are_counted_on_the_offices_clock(start: datetime, hours: float, end: datetime) -> None:
    assert after_work_hours(start, hours, HOLIDAYS) == end


@pytest.mark.parametrize("wrong", [-1, -0.001, math.nan])
def test_time_does_not_run_backwards(wrong: float) -> None:
    with pytest.raises(ValueError, match="go forward"):
        after_work_hours(at(21, 9), wrong, HOLIDAYS)


def test_saturdays_sundays_and_holidays_are_off() -> None:
    assert [is_workday(date(2026, 12, day), HOLIDAYS) for day in range(21, 29)] == [True] * 4 + [False] * 3 + [True]


@given(days, days_off)
def test_the_next_workday_is_the_first_that_comes_and_never_today(day: date, off: frozenset[date]) -> None:
    found = next_workday(day, off)
    assert found > day
    assert is_workday(found, off)
    between = (day + timedelta(days=n) for n in range(1, (found - day).days))
    assert not any(is_workday(other, off) for other in between)


@settings(max_examples=60)
@given(moments, hours, days_off)
def test_the_end_falls_in_working_time_of_the_same_zone_and_not_before_the_hours_have_passed(
    start: datetime, hours: float, off: frozenset[date]
) -> None:
    end = after_work_hours(start, hours, off)
    assert end.tzinfo is start.tzinfo
    assert is_workday(end.date(), off)
    assert WORK_START <= end.time() <= WORK_END
    assert end >= start + timedelta(hours=hours)


@settings(max_examples=60)
@given(moments, hours, hours, days_off)
def test_more_hours_or_a_later_start_never_end_earlier(
    start: datetime, some: float, more: float, off: frozenset[date]
) -> None:
    end = after_work_hours(start, some, off)
    assert end <= after_work_hours(start, some + more, off)
    assert end <= after_work_hours(start + timedelta(hours=more), some, off)


@settings(max_examples=60)
@given(moments, st.integers(0, 300), st.integers(1, 300), days_off)
def test_waiting_twice_is_waiting_the_sum(start: datetime, first: int, second: int, off: frozenset[date]) -> None:
    once = after_work_hours(start, (first + second) / 4, off)
    assert after_work_hours(after_work_hours(start, first / 4, off), second / 4, off) == once


def test_national_holidays_of_indonesia_are_known() -> None:
    known = reference.holidays()
    assert all(day in known for day in (date(2026, 8, 17), CHRISTMAS, date(2027, 1, 1), date(2026, 3, 21)))
    assert date(2026, 12, 24) not in known


def test_the_holidays_of_a_year_are_known_in_a_process_that_began_in_any_year_before() -> None:
    known = reference.holidays()
    assert all(date(year, 1, 1) in known and date(year, 1, 2) not in known for year in range(2026, 2046))


def test_the_library_of_holidays_is_only_imported_by_who_asks_for_them() -> None:
    program = "import sys, storage.reference as r; r.rates(), r.offices(); sys.exit('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
