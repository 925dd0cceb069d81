"""Working time of an office, so that nobody is reminded of a lead on a Sunday.

The hours are our own assumption: Monday to Friday from 08:00 to 16:00 on the office's own clock, the lunch hour
counted. Holidays come in as days; a day off given to offices only (cuti bersama) counts as a holiday if it is among
these days. Indonesia has no summer time, so hours of the wall clock are hours.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import date, datetime, time, timedelta

WORK_START = time(8)
WORK_END = time(16)
WORK_HOURS = WORK_END.hour - WORK_START.hour
"""The working hours of one day: what "one working day" means for :func:`after_work_hours`."""

_SATURDAY = 5


def is_workday(day: date, holidays: Container[date]) -> bool:
    """Whether a day is Monday to Friday, and no holiday.

    >>> is_workday(date(2026, 12, 25), {date(2026, 12, 25)}), is_workday(date(2026, 12, 28), set())
    (False, True)
    """
    return day.weekday() < _SATURDAY and day not in holidays


def next_workday(day: date, holidays: Container[date]) -> date:
    """The first working day after this day, never the day itself.

    >>> next_workday(date(2026, 12, 24), {date(2026, 12, 25)})
    datetime.date(2026, 12, 28)
    """
    day += timedelta(days=1)
    while not is_workday(day, holidays):
        day += timedelta(days=1)
    return day


def after_work_hours(start: datetime, hours: float, holidays: Container[date]) -> datetime:
    """The moment at which ``hours`` working hours have passed since ``start``, in the zone of ``start``.

    ``start`` is on the office's own clock. Outside working hours the count begins at the next opening. Raises
    ValueError for negative hours.

    >>> after_work_hours(datetime(2026, 12, 24, 15), 8, {date(2026, 12, 25)})
    datetime.datetime(2026, 12, 28, 15, 0)
    """
    if not hours >= 0:
        raise ValueError(f"working hours only go forward: {hours}")
    at, left = _opening(start, holidays), timedelta(hours=hours)
    while left > (today := _on(at.date(), WORK_END, at) - at):
        left -= today
        at = _on(next_workday(at.date(), holidays), WORK_START, at)
    return at + left


def in_work_hours(moment: datetime, holidays: Container[date]) -> bool:
    """Whether an office is open at this moment, on its own clock.

    >>> in_work_hours(datetime(2026, 12, 24, 9), ()), in_work_hours(datetime(2026, 12, 24, 16), ())
    (True, False)
    """
    return is_workday(moment.date(), holidays) and WORK_START <= moment.time() < WORK_END


def next_step_at(now: datetime, holidays: Container[date]) -> datetime:
    """The moment one working day from now; ``now`` is on the office's own clock."""
    return after_work_hours(now, WORK_HOURS, holidays)


def _opening(moment: datetime, holidays: Container[date]) -> datetime:
    """The moment itself during working hours, else the next opening of the office."""
    day = moment.date()
    if is_workday(day, holidays) and moment < _on(day, WORK_END, moment):
        return max(moment, _on(day, WORK_START, moment))
    return _on(next_workday(day, holidays), WORK_START, moment)


def _on(day: date, clock: time, like: datetime) -> datetime:
    return datetime.combine(day, clock, like.tzinfo)
