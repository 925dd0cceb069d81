"""The next step of an open lead: when it is to be taken, and why. No open lead is without one.

It follows from what was last noted, on the working days of the office, or is what the officer asked for in words. The
lead's reminders, list, digest and ladder all follow from it (``bot/timers/escalation.py``).
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from .outcomes import NOTED, TAKEN, TRIED, UNTAKEN
from .promises import reminder_at, stalled_at
from .quiet_hours import zone
from .workdays import next_step_at

CALL, RETRY, APPOINTMENT, PAPERS, PAYMENT, REMINDER = "call", "retry", "appointment", "papers", "payment", "reminder"
REASONS = (CALL, RETRY, APPOINTMENT, PAPERS, PAYMENT, REMINDER)
MANY_TRIES, LATER = 3, 3  # from the third try on, an owner who does not answer is tried again after three working days


class NextStep(NamedTuple):
    """When (aware) a lead comes back, and why: one of ``REASONS``."""

    at: datetime
    reason: str


def first(answers: Mapping[str, Any], now: datetime, holidays: Container[date]) -> NextStep:
    """The next step of a lead that nobody has called yet: within one working day, or on the day that the owner named."""
    return NextStep(reminder_at(answers, now, holidays), CALL)


def when_taken(
    status: str, stands: NextStep | None, answers: Mapping[str, Any], now: datetime, holidays: Container[date]
) -> NextStep:
    """The next step of a lead that an officer takes in this status. Of one whose owner has been reached already, what
    stands goes on: it still waits for papers, payment or a meeting; what is overdue comes after one working day."""
    if stands is None or status in (UNTAKEN, TAKEN, TRIED):
        return first(answers, now, holidays)
    return stands if stands.at > now else NextStep(next_step_at(now, holidays), stands.reason)


def after(
    outcome: str, tries: int, answers: Mapping[str, Any], now: datetime, holidays: Container[date]
) -> NextStep | None:
    """The next step after an outcome; None where the outcome ends the lead, or leaves the next step as it is.

    ``tries``: how often the owner was not reached so far, this time counted.
    """
    noted = NOTED[outcome]
    if not noted.reason:
        return None
    days = LATER if noted.reason == RETRY and tries >= MANY_TRIES else noted.days
    here = now.astimezone(zone(answers.get("regency") or ""))
    return NextStep(stalled_at(here, holidays, days), noted.reason)
