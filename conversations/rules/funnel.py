"""The funnel of a month's leads: came, taken, contacted within a working day, registered, active; by whatever they share.

Nothing here names a person: what a lead has beside its answers is enough, also once the answers are erased.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median
from typing import NamedTuple

from .quiet_hours import zone
from .workdays import next_step_at

Span = tuple[datetime, datetime]
"""From a moment until before another (aware)."""

STEPS = ("came", "taken", "in_time", "registered", "active")
FEW = 3  # fewer leads than these of one trade or regency could be told by who knows the place: they stand together


class Course(NamedTuple):
    """How far one lead of the month has come, and when (aware); None for a step that it has not reached."""

    regency: str
    category: str
    campaign: str
    officer_id: int | None
    came: datetime
    taken: datetime | None = None
    contacted: datetime | None = None
    registered: datetime | None = None
    active: datetime | None = None
    ended: datetime | None = None  # whichever way

    def in_time(self, holidays: Container[date]) -> bool:
        """Whether the owner was reached within one working day of the office."""
        here = self.came.astimezone(zone(self.regency))
        return self.contacted is not None and self.contacted <= next_step_at(here, holidays)


@dataclass(slots=True)
class Funnel:
    """How many leads reached each step, and the hours from coming to the first contact."""

    came: int = 0
    taken: int = 0
    in_time: int = 0
    registered: int = 0
    active: int = 0
    hours: list[float] = field(default_factory=list)

    def add(self, course: Course, holidays: Container[date]) -> None:
        self.came += 1
        self.taken += course.taken is not None
        self.in_time += course.in_time(holidays)
        self.registered += course.registered is not None
        self.active += course.active is not None
        if course.contacted is not None:
            self.hours.append((course.contacted - course.came).total_seconds() / 3600)

    def join(self, other: Funnel) -> None:
        """Count the leads of another funnel here, too."""
        for step in STEPS:
            setattr(self, step, getattr(self, step) + getattr(other, step))
        self.hours += other.hours

    @property
    def median_hours(self) -> float | None:
        """The median of the hours until the first contact; None where nobody was reached."""
        return median(self.hours) if self.hours else None


def funnels(
    courses: Iterable[Course], days: Callable[[str], Container[date]], by: Callable[[Course], str] = lambda course: ""
) -> dict[str, Funnel]:
    """The funnel of each group, by its name, those with most leads first; without ``by`` one of all, named "". ``days``:
    the working days of a regency's office."""
    found: dict[str, Funnel] = {}
    for course in courses:
        found.setdefault(by(course), Funnel()).add(course, days(course.regency))
    return dict(sorted(found.items(), key=lambda item: (-item[1].came, item[0])))


def small_together(found: dict[str, Funnel], others: str) -> dict[str, Funnel]:
    """The groups, with those of fewer than ``FEW`` leads as one of this name, which stands last."""
    small = [funnel for funnel in found.values() if funnel.came < FEW]
    if not small:
        return found
    together = Funnel()
    for funnel in small:
        together.join(funnel)
    return {**{name: funnel for name, funnel in found.items() if funnel.came >= FEW}, others: together}


def by_week(courses: Iterable[Course], days: Callable[[str], Container[date]], span: Span) -> dict[date, Funnel]:
    """The funnel of each week of a span, by its Monday (WIB), also of a week in which nobody came."""
    since, until = (moment.astimezone(zone("")).date() for moment in span)
    week = since - timedelta(days=since.weekday())
    found: dict[date, Funnel] = {}
    while week < until:
        found[week] = Funnel()
        week += timedelta(days=7)
    for course in courses:
        came = course.came.astimezone(zone("")).date()
        found[came - timedelta(days=came.weekday())].add(course, days(course.regency))
    return found


def month_of(day: date) -> Span:
    """The first moment of this day's month and of the next month, in WIB: the months of every report."""
    first = datetime(day.year, day.month, 1, tzinfo=zone(""))
    return first, first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
