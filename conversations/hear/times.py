"""Reader of contact times: a day, a part of the day and perhaps an hour; or that the person does not want to be contacted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from conversations.hear.text.readings import Unsure
from conversations.hear.text.spelling import AS_WRITTEN, Spelling

from .circumstances import Circumstances
from .clock_times import NOON, ClockTime, Window, of_day, part_at, windows, written
from .relative_time import FromNow
from .time_words import TimeTag, TimeWords

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ENDS = {"pagi": 11, "siang": 15, "sore": 18, "malam": 24, "any": 24}  # the hour a part of the day is over
_TELLS = {"day", "eve", "ahead", "hour", "clock", "early", "every", "date", "month", "jumatan", "after", "none"}
_INFO = ("day", "eve", "ahead", "part", "jumatan", "number", "clock", "early", "any", "every", "date")


@dataclass(frozen=True, slots=True)
class Slot:
    """A contact time. ``day``: "any", "+0" (days from the day it was said), "mon" to "sun", "weekday" or "weekend";
    ``part``: "pagi", "siang", "sore", "malam" or "any"; ``time`` and ``to`` ("HH:MM"): start and end of the window,
    where said. ``plain`` False: the hour may be one of the evening as well, and the morning is only likelier."""

    day: str
    part: str
    time: str | None = None
    to: str | None = None
    plain: bool = True

    def date(self, now: datetime) -> date | None:
        """The calendar day of the slot when said at ``now`` (local time of the person); None when any of several days
        will do.

        A weekday that is today means today while the time is still ahead, else next week.
        """
        if self.day.startswith("+"):
            return now.date() + timedelta(int(self.day[1:]))
        if self.day not in WEEK:
            return None
        ahead = (WEEK.index(self.day) - now.weekday()) % 7
        return now.date() + timedelta(ahead or (0 if _is_ahead(self, now) else 7))


@dataclass(frozen=True, slots=True)
class NoContact:
    """The answer of a person who does not want to be called or written to."""


@dataclass(frozen=True, slots=True)
class InWords:
    """A time that only people understand, such as "pas warung tutup"; ``said``: the words as typed."""

    said: str


class Times:
    """The reader of contact times. Built from ``times.toml``."""

    def __init__(self, table: Mapping[str, Any], spelling: Spelling = AS_WRITTEN) -> None:
        self._words = TimeWords(table, spelling)
        self._from_now = FromNow(table)
        self._beside = frozenset(table.get("beside", {}).get("words", ()))
        self._greeting = frozenset(table.get("beside", {}).get("greeting", ()))
        self._only = frozenset(table.get("beside", {}).get("only", ()))
        self._circumstances = Circumstances(table.get("circumstances", {}))

    def from_now(self, text: str) -> timedelta | None:
        """The time from now that a text names, in hours and minutes ("2 jam lagi"); None where it names none."""
        return self._from_now.read(text)

    def only_writing(self, text: str) -> bool:
        """Whether a message says to write and not to call: "chat aja, jangan telp", not "wa aja" or "jangan telp"."""
        return {"none", "write"} <= {tag.role for tag in self._words.tags(text)}

    def names_a_way(self, text: str) -> bool:
        """Whether a message only names writing as a way, as people do beside a number: "wa saya", not "wa saja"."""
        return {tag.role for tag in self._words.tags(text)} - {""} == {"write"}

    def more_than_greets(self, text: str) -> bool:
        """Whether a message tells more than a part of the day, which alone may greet: "sore aja", "besok", not "sore pak"."""
        tags = self._words.tags(text)
        roles = {tag.role for tag in tags}
        part = "part" in roles and ("stop" in roles or any(tag.value in self._only for tag in tags))
        return part or bool(roles & _TELLS) or self._circumstances.tell(text)

    def read(self, text: str, now: datetime) -> Slot | NoContact | InWords | Unsure:
        """The contact time in a text; ``now`` is the person's local time. Past, impossible and open-ended answers are
        Unsure."""
        tags = self._without_greeting(self._words.tags(text))
        found = self._told(tags, now)
        if isinstance(found, Unsure):
            kept = found.why in ("unclear", "only_not") and self._circumstances.tell(text)
            return InWords(text.strip()) if kept else found
        return found if self._unread(tags) <= _bears(tags) else Unsure(why="unclear")

    def silent(self, text: str) -> bool:
        """Whether a text says nothing of a time, and nothing else that is not understood but a word or two."""
        tags = self._words.tags(text)
        return (
            not any(tag.role not in ("", "stop", "inside", "call", "channel", "write") for tag in tags)
            and self._unread(tags) <= 1
        )

    def unread(self, text: str) -> int:
        """How many words of a text neither name a time nor may stand beside one."""
        return self._unread(self._words.tags(text))

    def _told(self, tags: Sequence[TimeTag], now: datetime) -> Slot | NoContact | Unsure:
        roles = {tag.role for tag in tags}
        if "none" in roles and (refused := _refused(tags, roles)):
            return refused
        if roles & {"question", "vague", "past", "market"}:
            return Unsure(why="past" if "past" in roles else "unclear")
        if "write" in roles and not roles & {*_INFO, "channel", "call", "except"}:
            return NoContact()  # "chat aja"
        tags, excluded = _without_excluded(_corrected(tags))
        if excluded and not any(tag.role in _INFO and tag.role not in ("any", "every") for tag in tags):
            return Unsure(why="only_not")
        return _slot(tags, now)

    def _without_greeting(self, tags: Sequence[TimeTag]) -> list[TimeTag]:
        """The tags without a part of the day that greets: "selamat sore"."""
        greets = [False, *(not tag.role and tag.value in self._greeting for tag in tags)]
        return [tag for tag, greeted in zip(tags, greets, strict=False) if not (greeted and tag.role == "part")]

    def _unread(self, tags: Sequence[TimeTag]) -> int:
        """How many words are left that nothing explains."""
        return sum(not tag.role and tag.value.isalpha() and tag.value not in self._beside for tag in tags)


def _bears(tags: Sequence[TimeTag]) -> int:
    """How many unread words a time bears: a bare number none, for it may count anything; an hour or a named day a few."""
    roles = {tag.role for tag in tags}
    if (
        roles & {"hour", "clock", "early", "date", "none"}
        or len(roles & {"day", "eve", "ahead", "part", "before", "after"}) > 1
    ):
        return 2
    return 0 if roles & {"number", "write"} else 1


def _refused(tags: Sequence[TimeTag], roles: set[str]) -> NoContact | Unsure | None:
    """NoContact where all contact is refused; Unsure when only a way or a time is; None when another way and a time are
    named."""
    if not roles & {*_INFO, "channel"}:
        return NoContact()
    last = max(at for at, tag in enumerate(tags) if tag.role == "none")
    named = {tag.role for tag in tags[last:]}
    return None if named & {"channel", "write", "call"} and named & set(_INFO) else Unsure(why="unclear")


def _corrected(tags: Sequence[TimeTag]) -> list[TimeTag]:
    """The tags after the last correction, with the day from before where they name none ("besok pagi eh sore")."""
    at = max((at for at, tag in enumerate(tags) if tag.role == "correction"), default=-1)
    before, after = list(tags[: max(at, 0)]), list(tags[at + 1 :])
    if at < 0 or not any(tag.role in _INFO for tag in after):
        return [tag for tag in tags if tag.role != "correction"]
    if any(tag.role in ("day", "eve", "ahead", "date") for tag in after):
        return after
    return [tag for tag in before if tag.role in ("day", "ahead")] + after


def _without_excluded(tags: Sequence[TimeTag]) -> tuple[list[TimeTag], bool]:
    """The tags without refused times, and whether there were any: "jangan malam, pagi saja" leaves pagi.

    "sabtu tidak bisa" refuses the day before it when nothing stands behind.
    """
    kept: list[TimeTag] = []
    dropping = excluded = False
    for at, tag in enumerate(tags):
        if tag.role == "except":
            excluded = dropping = True
            following = tags[at + 1].role if at + 1 < len(tags) else "stop"
            if following in ("stop", ""):
                while kept and kept[-1].role != "stop":
                    kept.pop()
        elif tag.role == "stop":
            dropping = False
            kept.append(tag)
        elif not dropping:
            kept.append(tag)
    return kept, excluded


def _slot(tags: list[TimeTag], now: datetime) -> Slot | Unsure:
    day = _day(tags, now)
    if isinstance(day, Unsure):
        return day
    rest = _without_dates(tags)
    found = windows(rest)
    parts = _parts(rest, found)
    if len(found) > 1 or (len(parts) > 1 and not (found or _is_range(rest))):
        return Unsure(why="two")
    slot: Slot | Unsure = Slot(day, parts[0] if parts else "any")
    if found:
        today = day == "+0" or (day == "any" and any(tag.role == "today" for tag in tags))
        slot = _timed(Slot(day, parts[0] if parts else "any"), found[0], today, now)
    if isinstance(slot, Unsure):
        return slot
    said = bool(parts or found) or day != "any" or any(tag.role in ("any", "every") for tag in tags)
    if not said or any(tag.role == "number" for tag in _left(rest, found)):
        return Unsure(why="unclear")
    slot = _today(tags, slot)
    return slot if slot.day != "+0" or _is_ahead(slot, now) else Unsure(why="past")


def _today(tags: Sequence[TimeTag], slot: Slot) -> Slot:
    """The slot on today for "nanti sore" and "sore ini"; "nanti hari senin" is not today."""
    this = any(tag.role == "this" and at and tags[at - 1].role == "part" for at, tag in enumerate(tags))
    later = any(tag.role == "today" for tag in tags) and (slot.part != "any" or slot.time)
    return replace(slot, day="+0") if slot.day == "any" and (this or later) else slot


def _day(tags: Sequence[TimeTag], now: datetime) -> str | Unsure:
    if dated := _dated(tags, now):
        return dated
    evenings = {WEEK[WEEK.index(tag.value) - 1] for tag in tags if tag.role == "eve"}
    named = {tag.value for tag in tags if tag.role == "day"} | {"fri" for tag in tags if tag.role == "jumatan"}
    if named | evenings:  # "besok senin": the weekday is meant, besok only says that it comes
        return _weekday(named | evenings, _is_range(tags), bool(evenings))
    ahead = {tag.value for tag in tags if tag.role == "ahead"}
    if len(ahead) > 1:
        return Unsure(why="two")
    return f"+{ahead.pop()}" if ahead else "any"


def _weekday(days: set[str], is_range: bool, evening: bool) -> str | Unsure:
    if days == {"sat", "sun"} and not evening:
        return "weekend"
    if days == set(WEEK[:5]) or (days == {"mon", "fri"} and is_range):
        return "weekday"
    return days.pop() if len(days) == 1 else Unsure(why="two")


def _dated(tags: Sequence[TimeTag], now: datetime) -> str | Unsure:
    """The day of a date, such as "tanggal 28", "28 november", "3 hari lagi"; "" when no date is named."""
    for at, tag in enumerate(tags):
        before = tags[at - 1] if at else TimeTag("")
        after = tags[at + 1] if at + 1 < len(tags) else TimeTag("")
        if tag.role not in ("number", "early"):
            continue
        number = tag.number if tag.role == "number" else tag.number // 60
        if after.role == "days_on":
            return f"+{number}" if number <= 31 else Unsure(why="unclear")
        if after.role == "month" or before.role == "date":
            return _calendar(number, after.number if after.role == "month" else 0, now)
    return Unsure(why="unclear") if any(tag.role in ("date", "month") for tag in tags) else ""


def _calendar(day: int, month: int, now: datetime) -> str | Unsure:
    """The next date within a year with this day and month (0: any month), as days from today ("+3")."""
    for ahead in range(366):
        then = now.date() + timedelta(ahead)
        if then.day == day and month in (0, then.month):
            return f"+{ahead}"
    return Unsure(why="unclear")


def _without_dates(tags: Sequence[TimeTag]) -> list[TimeTag]:
    rest: list[TimeTag] = []
    for at, tag in enumerate(tags):
        neighbours = (tags[at - 1].role if at else "", tags[at + 1].role if at + 1 < len(tags) else "")
        if tag.role in ("date", "month", "days_on"):
            continue
        if tag.role in ("number", "early") and (neighbours[0] == "date" or neighbours[1] in ("month", "days_on")):
            continue
        rest.append(tag)
    return rest


def _left(tags: Sequence[TimeTag], found: Iterable[Window]) -> list[TimeTag]:
    used = {at for window in found for at in range(window.first, window.last)}
    return [tag for at, tag in enumerate(tags) if at not in used]


def _parts(tags: Sequence[TimeTag], found: Sequence[Window]) -> list[str]:
    """The parts of the day that are named outside a time, each once."""
    named = [tag.value for tag in _left(tags, found) if tag.role == "part"]
    named += ["malam" for tag in tags if tag.role == "eve"] + ["siang" for tag in tags if tag.role == "jumatan"]
    return list(dict.fromkeys(named))


def _is_range(tags: Iterable[TimeTag]) -> bool:
    return any(tag.role == "until" for tag in tags)


def _timed(slot: Slot, window: Window, today: bool, now: datetime) -> Slot | Unsure:
    """The slot with its hours; the part of the day as it was named, else by the hour."""
    named = "" if slot.part == "any" else slot.part
    own = {clock.part for clock in (window.start or window.end,) if clock and clock.part}
    if named and own - {named}:
        return Unsure(why="two")
    part = named or "".join(own)
    end = _end(window.end, part, window.start) if window.end else None
    if window.end and end is None:
        return Unsure(why="unclear")
    if window.start is None:
        return replace(slot, part=part or part_at(max((end or 0) - 120, 0)), to=written(end or 0))
    halves = _starts(window, part, end, now if today else None)
    if not halves or (end is not None and end <= halves[0]):
        return Unsure(why="unclear")
    start, to = halves[0], None if end is None else written(end)
    return replace(slot, part=part or part_at(start), time=written(start), to=to, plain=len(halves) == 1)


def _end(clock: ClockTime, part: str, start: ClockTime | None) -> int | None:
    """The end of a window in minutes: by its own part of the day, else by the beginning's, else ("8 pagi sampai 4") by
    itself."""
    end = of_day(clock, clock.part or part)
    begin = of_day(start, part) if start else None
    if clock.part or (end is not None and (begin is None or begin < end)):
        return end
    return of_day(clock, "")


def _starts(window: Window, part: str, end: int | None, today: datetime | None) -> list[int]:
    """The possible beginnings of a window in minutes, the likelier first: by its own part of the day, by the end's, or
    either half of the day ("jam 8")."""
    clock = window.start
    if clock is None:
        return []
    if not part and window.end and window.end.part:
        shared = of_day(clock, window.end.part)
        if shared is not None and end is not None and shared < end:
            return [shared]
    start = of_day(clock, part)
    if start is not None or part or not 0 < clock.minutes <= NOON:
        return [] if start is None else [start]
    halves = [clock.minutes, clock.minutes + NOON]
    if today:
        return [half for half in halves if half > today.hour * 60 + today.minute]
    if end is not None and window.end and (window.end.part or not 9 * 60 <= window.end.minutes < NOON):
        return [half for half in halves if half < end]
    return halves


def _is_ahead(slot: Slot, now: datetime) -> bool:
    if slot.time:
        return slot.time > f"{now:%H:%M}"
    return now.hour < _ENDS[slot.part]
