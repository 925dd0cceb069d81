"""Moments named for later: "besok jam 9", "Senin sore", "1 Desember jam 9 WITA", "2 jam lagi"."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

from conversations.engine.world import World
from conversations.hear.times import Slot

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
    now = world.now.astimezone(zone)
    if ahead := world.knows.ear.times.from_now(" ".join(kept)):
        return now + ahead
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


def _on(day: date, at: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, at, zone)
