"""Moments named for later: "besok jam 9", "Senin sore", "1 Desember jam 9 WITA", "2 jam lagi"."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

from conversations.engine.world import World
from conversations.hear.far_days import AFTER, BEFORE, Far
from conversations.hear.times import Slot

from .quiet_hours import ZONES
from .workdays import is_workday, next_workday

HOURS = {"pagi": 9, "siang": 13, "sore": 16, "malam": 19, "any": 9}  # of a part of the day without an hour


def named_moment(text: str, world: World, zone: tzinfo) -> datetime | None:
    """The moment that a text names, in ``zone`` or in the zone that the text names itself; None when it names none ahead."""
    kept = []
    for word in text.split():
        named = ZONES.get(word.strip(".,!?()").upper())
        zone = named or zone
        if named is None:
            kept.append(word)
    now = world.now.astimezone(zone)
    if ahead := world.knows.ear.times.from_now(" ".join(kept)):
        return now + ahead
    if far := world.knows.ear.far_days.read(" ".join(kept), now.date()):
        return _far_ahead(far, world, now)
    slot = world.knows.ear.times.read(" ".join(kept), now)
    if not isinstance(slot, Slot):
        return None
    at = time.fromisoformat(slot.time) if slot.time else time(HOURS[slot.part])
    day = slot.date(now)
    if day is None and slot.day != "any":
        return None  # "hari kerja" is no day
    found = _on(day or now.date(), at, zone)
    if found <= now and day == now.date() and not slot.time:
        return now + timedelta(hours=1)  # "nanti sore", said at half past four: the reader knows that it is not over
    if found <= now and day is None:
        found = _on(now.date() + timedelta(days=1), at, zone)
    return found if found > now else None


def _far_ahead(far: Far, world: World, now: datetime) -> datetime | None:
    """The moment on a day that lies farther ahead, at the hour or part of the day that is named beside it. Where no day of
    its own is named ("minggu depan", "akhir bulan") it is a working day."""
    day, holidays, times = far.day, world.office_days, world.knows.ear.times
    if far.near == AFTER:
        day = next_workday(day - timedelta(days=1), holidays)
    while far.near == BEFORE and not is_workday(day, holidays):
        day -= timedelta(days=1)
    slot = times.read(far.rest, now.replace(hour=0, minute=0))
    if not isinstance(slot, Slot):
        return _on(day, time(HOURS["any"]), now.tzinfo) if times.silent(far.rest) and day > now.date() else None
    at = _on(day, time.fromisoformat(slot.time) if slot.time else time(HOURS[slot.part]), now.tzinfo)
    return at if at > now and slot.date(now) in (None, day) else None


def _on(day: date, at: time, zone: tzinfo | None) -> datetime:
    return datetime.combine(day, at, zone)
