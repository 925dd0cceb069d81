"""Reader of an officer's leave: "libur 2 hari", "cuti sampai senin", "besok izin sakit", "senin sampai rabu cuti"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from conversations.hear.text.words import plain

from .far_days import FarDays
from .times import Slot, Times

LONGEST = 120  # days of one leave
_LETTERS = 160


@dataclass(frozen=True, slots=True)
class Leave:
    """A leave from the day ``first`` to the day ``last``, both included."""

    first: date
    last: date


class LeaveWords:
    """The reader of leave. Built from ``times.toml``: the tables ``leave`` and ``numbers``, and all that names a day."""

    def __init__(self, table: Mapping[str, Any], times: Times, far_days: FarDays) -> None:
        words = table["leave"]
        self._times, self._far = times, far_days
        self._off, self._beside = frozenset(words["off"]), frozenset(words["beside"])
        self._asks = frozenset(words["asks"])
        numbers = {word: int(value) for value, said in table["numbers"].items() for word in said}
        self._numbers, self._days = numbers, {word: int(days) for days, said in words["days"].items() for word in said}
        self._whole = {word: int(days) for days, said in words["whole"].items() for word in said}
        number = rf"\d{{1,3}}|{_either(numbers)}"
        long = rf"(?P<number>{number})\s*(?P<unit>{_either(self._days)})|(?P<whole>{_either(self._whole)})"
        self._long = re.compile(rf"(?<!\w)(?:{long})(?!\w)(?!\s+(?:{_either(words['later'])}))")
        self._until = re.compile(rf"(?<!\w)(?:{_either(words['until'])})(?!\w)|(?<=\d)\s*-\s*(?=\d)")
        self._both = re.compile(rf"(?<!\w)(?:{_either(words['both'])})(?!\w)")
        self._missing = re.compile(rf"(?<!\w)(?:{_either(words['missing'])})(?!\w)")
        self._back = re.compile(rf"(?<!\w)(?:{_either(words['back'])})(?!\w)")

    def begins(self, text: str) -> bool:
        """Whether words begin with one's own leave, or are about nothing else, with its days or without; not those that
        only ask about something."""
        missing = self._missing.search(plain(text)) is not None
        words = _words(self._missing.sub(" ", plain(text)))
        if "?" in text or not self._asks.isdisjoint(words):
            return False
        return bool(words) and (
            words[0] in self._off or (self._leave_alone(words, missing) and bool(self._told(words)))
        )

    def _leave_alone(self, words: Sequence[str], missing: bool) -> bool:
        """Whether words tell of leave and of nothing that is not understood: "Bu Siti libur besok" is somebody else's."""
        if self._off.isdisjoint(words) and not missing:
            return False
        said, _ = self._taken(" ".join(word for word in words if word not in self._off))
        if far := self._far.read(said, date.min):
            said = far.rest
        return not self._times.unread(" ".join(self._told(said.split())))

    def read(self, text: str, now: datetime) -> Leave | None:
        """The days of a leave; None where the words name none, or more than is plain. ``now``: on the officer's
        clock; in the evening "2 hari" begins with the next day."""
        text = text[:_LETTERS]
        missing = self._missing.search(plain(text)) is not None
        words = _words(self._missing.sub(" ", plain(text)))
        if "?" in text or not words or not self._asks.isdisjoint(words):
            return None
        if words[0] not in self._off and not self._leave_alone(words, missing):
            return None
        said, days = self._taken(" ".join(word for word in words if word not in self._off))
        if (back := self._back.search(said)) is not None:
            return self._until_back(said[: back.start()], said[back.end() :], now)
        return self._days_of(said, days, now)

    def _days_of(self, said: str, days: int, now: datetime) -> Leave | None:
        """The leave of these words; ``days``: how long it is, where they named that."""
        before, until, after = self._parted(said)
        first, last = self._day(before, now), self._day(after, now) if until else None
        unclear = (first is None and self._told(before.split())) or (until and (last is None or days > 0))
        if unclear or not (days or first or last):
            return None
        if not (days or until) and self._names_a_week(before, now):
            return None  # a day of it, or all of it
        today = now.date()
        begin = first or today
        if last is None:
            late = first is None and now.hour >= _EVENING
            last = begin + timedelta(days=(days or 1) - (0 if late else 1))
        if last < begin and first is not None:
            last += timedelta(days=7)  # "kamis sampai senin", said on a Tuesday
        return Leave(begin, last) if today <= begin <= last <= begin + timedelta(days=LONGEST) else None

    def _until_back(self, before: str, after: str, now: datetime) -> Leave | None:
        """The leave that ends the day before the one on which its officer is back: "cuti, masuk lagi senin"."""
        first, back = self._day(before, now) or now.date(), self._day(after, now)
        return (
            Leave(first, back - timedelta(days=1)) if back and first < back <= first + timedelta(days=LONGEST) else None
        )

    def _taken(self, said: str) -> tuple[str, int]:
        """The words without how long it is, and that in days; 0 where no length is named, or two are."""
        found = list(self._long.finditer(said))
        if len(found) != 1:
            return said, 0
        one = found[0]
        number = one["number"]
        days = self._whole[one["whole"]] if one["whole"] else self._number(number) * self._days[one["unit"]]
        return f"{said[: one.start()]} {said[one.end() :]}", days

    def _number(self, said: str) -> int:
        return int(said) if said.isdecimal() else self._numbers[said]

    def _parted(self, said: str) -> tuple[str, bool, str]:
        """What stands before and behind "sampai"; of "besok dan lusa" the two days."""
        pattern = self._until if self._until.search(said) else self._both
        if (found := pattern.search(said)) is None:
            return said, False, ""
        return said[: found.start()], True, said[found.end() :]

    def _day(self, words: str, now: datetime) -> date | None:
        told = " ".join(self._told(words.split()))
        if not told:
            return None
        if far := self._far.read(words, now.date()):
            return None if self._told(far.rest.split()) else far.day
        if told.isdecimal():
            told = f"tanggal {told}"
        slot = self._times.read(told, now.replace(hour=0, minute=0))
        return slot.date(now) if isinstance(slot, Slot) and slot.part == "any" and not slot.time else None

    def _names_a_week(self, words: str, now: datetime) -> bool:
        far = self._far.read(words, now.date())
        return far is not None and bool(far.near)

    def _told(self, words: Sequence[str]) -> list[str]:
        """The words that are not said beside a leave."""
        return [word for word in words if word not in self._beside]


_EVENING = 16  # the hour at which an office closes


def _words(text: str) -> list[str]:
    return re.findall(r"\d+|s/d|s\.d\.?|[^\W\d_]+|-", plain(text))


def _either(words: Iterable[str]) -> str:
    ordered: Sequence[str] = sorted(words, key=len, reverse=True)
    return "|".join(re.escape(word) for word in ordered)
