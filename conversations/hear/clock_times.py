"""Times of day as people say them: "setengah 8", "jam 9-11", "jam 3 kurang 10 menit"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .time_words import TimeTag

NOON = 12 * 60
DAY = 24 * 60
_INSIDE = ("inside",)


@dataclass(frozen=True, slots=True)
class ClockTime:
    """A time as said: ``minutes`` after midnight or noon, and the ``part`` of the day named beside it, or ""."""

    minutes: int
    part: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """A time or a span, from ``start`` to ``end`` (either may be open), and the place of its tags, the end exclusive."""

    start: ClockTime | None
    end: ClockTime | None
    first: int
    last: int


def windows(tags: Sequence[TimeTag]) -> list[Window]:
    """All times in the tags, in order. A bare number is a time after "jam", in a range, beside a part of the day, or
    alone."""
    found: list[Window] = []
    at = 0
    while at < len(tags):
        window = _window(tags, at)
        if window:
            found.append(window)
        at = window.last if window else at + 1
    return found


def _window(tags: Sequence[TimeTag], at: int) -> Window | None:
    first = _clock(tags, at)
    if not first:
        return None
    clock, after, sure = first
    until = _skip(tags, after)
    if until < len(tags) and tags[until].role == "until" and (second := _clock(tags, _skip(tags, until + 1))):
        return Window(clock, second[0], at, second[1])
    if not sure and not clock.part and not _alone(tags, at):
        return None
    if at and tags[at - 1].role in ("before", "until"):
        return Window(None, clock, at - 1, after)
    return Window(clock, None, at, after)


def _clock(tags: Sequence[TimeTag], at: int) -> tuple[ClockTime, int, bool] | None:
    """The time at this place, the place after it, and whether its own words make it a time; None where there is no time."""
    sure = False
    while at < len(tags) and tags[at].role in ("hour", "inside"):
        sure = sure or tags[at].role == "hour"
        at += 1
    half = at < len(tags) and tags[at].role == "half"
    at += half
    if at >= len(tags) or tags[at].role not in ("number", "clock", "early"):
        return None
    number, early = tags[at].role == "number", tags[at].role == "early"
    minutes = tags[at].number * 60 if number else tags[at].number
    minutes -= 30 if half else 0
    at += 1
    if number and not half:
        minutes, at = _with_minutes(tags, minutes, at, sure)
    part = tags[_skip(tags, at)].value if _skip(tags, at) < len(tags) and tags[_skip(tags, at)].role == "part" else ""
    return (
        ClockTime(minutes, part or ("pagi" if early else "")),
        (_skip(tags, at) + 1 if part else at),
        sure or half or not number,
    )


def _with_minutes(tags: Sequence[TimeTag], minutes: int, at: int, sure: bool) -> tuple[int, int]:
    role = tags[at].role if at < len(tags) else ""
    following = tags[at + 1] if at + 1 < len(tags) else TimeTag("")
    if role in ("past_hour", "to_hour") and following.role == "number" and following.number < 60:
        return minutes + (following.number if role == "past_hour" else -following.number), at + 2
    if sure and role == "number" and tags[at].number in (15, 30, 45):
        return minutes + tags[at].number, at + 1
    return minutes, at


def _skip(tags: Sequence[TimeTag], at: int) -> int:
    while at < len(tags) and tags[at].role in _INSIDE:
        at += 1
    return at


def _alone(tags: Sequence[TimeTag], at: int) -> bool:
    """Whether nothing but a day or a part of the day stands with a number, which makes the number a time."""
    others = [tag.role for place, tag in enumerate(tags) if place != at and tag.role not in ("inside", "")]
    return len([tag for tag in tags if not tag.role]) <= 1 and all(
        role in ("part", "day", "ahead", "after", "before", "stop") for role in others
    )


def of_day(clock: ClockTime, part: str) -> int | None:
    """Minutes after midnight, or None when the time may be morning or evening, or cannot be.

    Without a part of the day 9-12 is before and at noon, 1-5 after it, and 6-8 may be either.

    >>> [of_day(ClockTime(hour * 60), part) for hour, part in ((9, ""), (3, ""), (7, ""), (7, "malam"))]
    [540, 900, None, 1140]
    """
    minutes = clock.minutes
    if not 60 <= minutes < DAY:
        return None
    if minutes >= 13 * 60:
        return minutes if not part or part in _near(minutes) else None
    said = minutes % NOON
    choices = {
        "pagi": (3, 12, 0),
        "siang": (0, 5, NOON),
        "sore": (1, 7, NOON),
        "malam": (5.5, 12, NOON),
        "": (0, 5.51, NOON),
    }
    low, high, shift = choices[part]
    if part == "siang" and 10 * 60 <= minutes < NOON:
        return minutes
    if low * 60 <= said < high * 60:
        return said + shift
    return minutes if not part and 8.5 * 60 < minutes <= NOON else None


def part_at(minutes: int) -> str:
    """The part of the day at these minutes after midnight: pagi to 10:59, siang to 14:59, sore to 17:59, malam."""
    return next(part for part, end in (("pagi", 11), ("siang", 15), ("sore", 18), ("malam", 25)) if minutes < end * 60)


def _near(minutes: int) -> tuple[str, ...]:
    """The parts of the day by which one may call a time after noon."""
    return tuple({part_at(minutes - 120), part_at(minutes), part_at(min(minutes + 60, DAY - 1))})


def written(minutes: int) -> str:
    """Minutes after midnight as a time.

    >>> written(870)
    '14:30'
    """
    return f"{minutes // 60:02}:{minutes % 60:02}"
