"""Opening hours of an office, weekday by weekday: as an admin types them, and as they are stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time

Week = tuple[tuple[time, time] | None, ...]
"""From Monday to Sunday: when the office opens and closes; None where it does not open."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
USUAL: Week = (*((time(8), time(16)),) * 5, None, None)


class OddHours(ValueError):  # noqa: N818 - its message is all that is shown
    """Raised for hours that cannot be read; the message says which part, and how they are written."""


def read(said: str) -> Week:
    """The hours that these words say: "mon-thu 08:00-16:00, fri 08:00-15:30". A day that is not named is closed.

    Raises OddHours.

    >>> written(read("mon-fri 08:00-16:00, sat 8:00-12:00"))
    'mon-fri 08:00-16:00, sat 08:00-12:00'
    """
    week: list[tuple[time, time] | None] = [None] * len(DAYS)
    for part in filter(None, (each.strip() for each in said.casefold().split(","))):
        days, _, hours = part.partition(" ")
        for day in _days(days, part):
            if week[day] is not None:
                raise OddHours(f"{DAYS[day]} is named twice")
            week[day] = _hours(hours, part)
    if not any(week):
        raise OddHours("an office opens on some day, e.g. mon-fri 08:00-16:00")
    return tuple(week)


def _days(said: str, part: str) -> range:
    first, _, last = said.partition("-")
    if first not in DAYS or (last or first) not in DAYS or DAYS.index(first) > DAYS.index(last or first):
        raise OddHours(f"{part!r}: days are written {' '.join(DAYS)}, or mon-fri")
    return range(DAYS.index(first), DAYS.index(last or first) + 1)


def _hours(said: str, part: str) -> tuple[time, time]:
    begins, _, ends = said.strip().partition("-")
    try:
        hours = _clock(begins), _clock(ends)
    except ValueError:
        raise OddHours(f"{part!r}: hours are written 08:00-16:00") from None
    if hours[0] >= hours[1]:
        raise OddHours(f"{part!r}: it closes before it opens")
    return hours


def _clock(said: str) -> time:
    hour, _, minute = said.strip().partition(":")
    return time(int(hour), int(minute))


def written(week: Week) -> str:
    """The hours as :func:`read` understands them, days of the same hours together."""
    parts: list[tuple[int, int, tuple[time, time]]] = []
    for day, hours in enumerate(week):
        if hours is None:
            continue
        if parts and parts[-1][1] == day - 1 and parts[-1][2] == hours:
            parts[-1] = (parts[-1][0], day, hours)
        else:
            parts.append((day, day, hours))
    return ", ".join(
        f"{DAYS[first]}{f'-{DAYS[last]}' if last > first else ''} {hours[0]:%H:%M}-{hours[1]:%H:%M}"
        for first, last, hours in parts
    )


def stored(week: Week) -> list[list[str] | None]:
    """The hours as a column of JSON holds them."""
    return [[f"{each:%H:%M}" for each in hours] if hours else None for hours in week]


def opened(kept: Sequence[Sequence[str] | None] | None) -> Week:
    """The hours that :func:`stored` made; ``USUAL`` where none are."""
    if not kept:
        return USUAL
    return tuple((time.fromisoformat(day[0]), time.fromisoformat(day[1])) if day else None for day in kept)
