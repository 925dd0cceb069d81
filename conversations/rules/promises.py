"""Promises: the day by which somebody contacts an owner, as told to the owner, and as the office is reminded of it.

A promise follows from the owner's wish and the office's working days, nothing else, so that it is computed again
wherever it matters.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from .quiet_hours import zone
from .workdays import closes, is_workday, next_step_at, next_workday, opens

STALLED_DAYS = 3  # working days
UNCALLED_DAYS = 10  # working days, until coordinators are told once more of a lead that nobody has called
EVENING = time(20)  # on the owner's clock: officer and owner write to each other through the bot until then
SHORTEST = timedelta(hours=2)  # until that evening, else until the next one
APOLOGY_AT = time(9)  # of the working day after a promise that nobody kept


def wants_no_contact(answers: Mapping[str, Any]) -> bool:
    """Whether the owner asked to be neither called nor written to."""
    return (answers.get("contact_time") or {}).get("kind") == "none"


MONDAY = date(2026, 11, 30)  # any: its hours stand for those of a day that was not named


def named_day(answers: Mapping[str, Any]) -> date | None:
    """The day that the owner named for the contact; None where they named none."""
    named = (answers.get("contact_time") or {}).get("date")
    return date.fromisoformat(named) if named else None


def in_office_hours(wish: Mapping[str, Any], holidays: Container[date]) -> bool:
    """Whether officers work on the day and at the hour that the owner asked for. ``wish``: the answer about contact."""
    named = date.fromisoformat(wish["date"]) if wish.get("date") else None
    if wish.get("part") == "malam" or wish.get("day") == "weekend" or (named and not is_workday(named, holidays)):
        return False
    day = named or MONDAY
    return not wish.get("time") or opens(day, holidays) <= time.fromisoformat(wish["time"]) < closes(day, holidays)


def promised_day(answers: Mapping[str, Any], sent: datetime, holidays: Container[date]) -> date:
    """The day by which somebody contacts the owner of a lead ``sent`` then (aware): the working day that they named,
    else the next one."""
    today, named = sent.astimezone(zone(answers.get("regency") or "")).date(), named_day(answers)
    if named is None or named <= today:
        return next_workday(today, holidays)
    return named if is_workday(named, holidays) else next_workday(named, holidays)


def reminder_at(answers: Mapping[str, Any], now: datetime, holidays: Container[date]) -> datetime:
    """When the holder of a lead is reminded next, if the owner was not contacted: not before the day that the owner named."""
    day, named, here = promised_day(answers, now, holidays), named_day(answers), zone(answers.get("regency") or "")
    step = next_step_at(now, holidays)
    return (
        max(step, datetime.combine(day, closes(day, holidays), here))
        if named and named > now.astimezone(here).date()
        else step
    )


def evening_after(now: datetime, regency: str) -> datetime:
    """Until when an officer and an owner there write to each other through the bot, who begin now.

    >>> [f"{evening_after(datetime.fromisoformat(f'2026-11-25T{at}+07:00'), '33.72'):%d %H:%M}" for at in ("09:00", "19:00")]
    ['25 20:00', '26 20:00']
    """
    here = now.astimezone(zone(regency))
    at = datetime.combine(here.date(), EVENING, here.tzinfo)
    return at if at - here >= SHORTEST else at + timedelta(days=1)


def stalled_at(last: datetime, holidays: Container[date], days: int = STALLED_DAYS) -> datetime:
    """When a lead whose owner was contacted is asked after, of which nothing was noted since ``last`` (aware, on the
    office's own clock)."""
    day = last.date()
    for _ in range(days):
        day = next_workday(day, holidays)
    return datetime.combine(day, opens(day, holidays), last.tzinfo)


def apology_at(answers: Mapping[str, Any], sent: datetime, holidays: Container[date]) -> datetime:
    """When the owner is told that nobody has kept the promise: in the morning of the working day after, on
    which somebody can keep it."""
    after = next_workday(promised_day(answers, sent, holidays), holidays)
    return datetime.combine(after, APOLOGY_AT, zone(answers.get("regency") or ""))
