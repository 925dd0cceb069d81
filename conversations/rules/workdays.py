"""Working time of an office, so that nobody is reminded of a lead on a Sunday.

Where an admin has set no others, the hours are our own assumption: Monday to Friday from 08:00 to 16:00 on the office's
own clock, the lunch hour counted. ``holidays`` are days off, or the :class:`WorkingDays` of an office; a day off given
to offices only (cuti bersama) counts as a holiday if it is among these days. Indonesia has no summer time, so hours of
the wall clock are hours.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from .opening import USUAL, Week

WORK_START = time(8)
WORK_END = time(16)
WORK_HOURS = WORK_END.hour - WORK_START.hour
"""The working hours of one day where an office has no hours of its own."""


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The days off of an office that has hours of its own: holidays, and the weekdays on which it does not open."""

    week: Week
    holidays: Container[date]

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and (self.week[day.weekday()] is None or day in self.holidays)


def is_workday(day: date, holidays: Container[date]) -> bool:
    """Whether the office opens on this day: where it has no hours of its own, Monday to Friday, and no holiday.

    >>> is_workday(date(2026, 12, 25), {date(2026, 12, 25)}), is_workday(date(2026, 12, 28), set())
    (False, True)
    """
    return _week(holidays)[day.weekday()] is not None and day not in holidays


def is_first_workday(day: date, holidays: Container[date]) -> bool:
    """Whether the office opens on this day for the first time in its week.

    >>> is_first_workday(date(2026, 11, 30), set()), is_first_workday(date(2026, 12, 1), set())
    (True, False)
    """
    before = (day - timedelta(days=back) for back in range(1, day.weekday() + 1))
    return is_workday(day, holidays) and not any(is_workday(each, holidays) for each in before)


def opens(day: date, holidays: Container[date]) -> time:
    """When the office opens on this day; on a day when it stays closed, when it would."""
    return _hours(day, holidays)[0]


def closes(day: date, holidays: Container[date]) -> time:
    """When the office closes on this day; on a day when it stays closed, when it would."""
    return _hours(day, holidays)[1]


def _hours(day: date, holidays: Container[date]) -> tuple[time, time]:
    week = _week(holidays)
    return week[day.weekday()] or next(filter(None, week))


def _week(holidays: Container[date]) -> Week:
    return holidays.week if isinstance(holidays, WorkingDays) else USUAL


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
    while left > (today := _closing(at, holidays) - at):
        left -= today
        at = _opening(_on(next_workday(at.date(), holidays), time(), at), holidays)
    return at + left


def in_work_hours(moment: datetime, holidays: Container[date]) -> bool:
    """Whether an office is open at this moment, on its own clock.

    >>> in_work_hours(datetime(2026, 12, 24, 9), ()), in_work_hours(datetime(2026, 12, 24, 16), ())
    (True, False)
    """
    day = moment.date()
    return is_workday(day, holidays) and opens(day, holidays) <= moment.time() < closes(day, holidays)


def next_step_at(now: datetime, holidays: Container[date]) -> datetime:
    """The moment one working day from now: as many hours as the day has on which they begin; ``now`` is on the office's
    own clock."""
    begins = _opening(now, holidays)
    whole = _closing(begins, holidays) - _on(begins.date(), opens(begins.date(), holidays), begins)
    return after_work_hours(begins, whole / timedelta(hours=1), holidays)


def _opening(moment: datetime, holidays: Container[date]) -> datetime:
    """The moment itself during working hours, else the next opening of the office."""
    day = moment.date()
    if not is_workday(day, holidays) or moment >= _closing(moment, holidays):
        day = next_workday(day, holidays)
    return max(moment, _on(day, opens(day, holidays), moment))


def _closing(moment: datetime, holidays: Container[date]) -> datetime:
    return _on(moment.date(), closes(moment.date(), holidays), moment)


def _on(day: date, clock: time, like: datetime) -> datetime:
    return datetime.combine(day, clock, like.tzinfo)
