"""Moments named for later: "besok jam 9", "Senin sore", "1 Desember jam 9 WITA", "2 jam lagi", "minggu depan"."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

from conversations.engine.world import World
from conversations.hear.times import WEEK, Slot, Times

from .quiet_hours import ZONES

HOURS = {"pagi": 9, "siang": 13, "sore": 16, "malam": 19, "any": 9}  # of a part of the day without an hour


def named_moment(text: str, world: World, zone: tzinfo) -> datetime | None:
    """The moment that a text names, in ``zone`` or in the zone that the text names itself; None when it names none ahead."""
    kept = []
    for word in text.split():
        named = ZONES.get(word.strip(".,!?()").upper())
        zone = named or zone
        if named is None:
            kept.append(word)
    now, times, words = world.now.astimezone(zone), world.knows.ear.times, " ".join(kept)
    if ahead := times.from_now(words):
        return now + ahead
    if (beside := times.without_next_week(words)) is not None:
        return _next_week(beside, times, now)
    slot = times.read(words, now)
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


def _next_week(beside: str, times: Times, now: datetime) -> datetime:
    """The moment in the week after this one: on its Monday, and at nine, where the words beside it name no other."""
    slot = times.read(beside, now)
    if not isinstance(slot, Slot):
        slot = Slot("mon", "any")
    day = now.date() + timedelta(7 - now.weekday() + (WEEK.index(slot.day) if slot.day in WEEK else 0))
    return _on(day, time.fromisoformat(slot.time) if slot.time else time(HOURS[slot.part]), now.tzinfo)


def _on(day: date, at: time, zone: tzinfo | None) -> datetime:
    return datetime.combine(day, at, zone)
