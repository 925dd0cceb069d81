"""Quiet hours and quiet days, on which nobody is disturbed, on the clock of the person who is written to.

Indonesia has three zones and no summer time: WIB (UTC+7), WITA (+8), WIT (+9), by province (Keppres 41/1987).
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo

WIB, WITA, WIT = (timezone(timedelta(hours=hours), name) for hours, name in ((7, "WIB"), (8, "WITA"), (9, "WIT")))
ZONES = {"WIB": WIB, "WITA": WITA, "WIT": WIT}

# Provinces by Kemendagri code: Bali, Nusa Tenggara, South, East and North Kalimantan, Sulawesi; then Maluku and Papua.
_WITA = frozenset({"51", "52", "53", "63", "64", "65", "71", "72", "73", "74", "75", "76"})
_WIT = frozenset({"81", "82", "91", "92", "93", "94", "95", "96", "97"})

_WEEKEND = {5: "saturday", 6: "sunday"}
_MOST_DAYS = 31  # more quiet days in a row must be a mistake in the list of holidays


def in_zones_between(begins: time, ends: time, now: datetime) -> set[tzinfo]:
    """The zones whose clock is at ``begins`` or later, and before ``ends``; ``now`` is aware."""
    return {each for each in ZONES.values() if begins <= now.astimezone(each).time() < ends}


def zone(regency: str) -> timezone:
    """The time zone of a regency (or province, or district) by its code; WIB where the code is not known.

    >>> zone("33.72").tzname(None), zone("73.71").tzname(None), zone("91.71").tzname(None)
    ('WIB', 'WITA', 'WIT')
    """
    province = regency[:2]
    if province in _WITA:
        return WITA
    return WIT if province in _WIT else WIB


def zone_name(moment: datetime) -> str:
    """The name of the zone of an aware moment, WIB, WITA or WIT; "" outside Indonesia.

    >>> zone_name(datetime.fromisoformat("2026-11-26T09:00+08:00"))
    'WITA'
    """
    return next((name for name, each in ZONES.items() if each.utcoffset(None) == moment.utcoffset()), "")


@dataclass(frozen=True, slots=True)
class Quiet:
    """Quiet hours from ``begins`` until ``ends`` (over midnight where ``begins`` is later), none where both are the
    same; and quiet days, all day on ``days``: any of "saturday", "sunday", "holidays"."""

    begins: time = time(0)
    ends: time = time(0)
    days: frozenset[str] = frozenset()
    holidays: Container[date] = frozenset()

    @classmethod
    def of(cls, begins: str, ends: str, days: str, holidays: Container[date]) -> Quiet:
        """Quiet hours from settings such as "20:00", "08:00", and "sunday,holidays" or "none"."""
        named = frozenset(days.split(",")) & {*_WEEKEND.values(), "holidays"}
        return cls(time.fromisoformat(begins), time.fromisoformat(ends), named, holidays)

    def day(self, day: date) -> bool:
        """Whether this day is quiet all day."""
        return _WEEKEND.get(day.weekday()) in self.days or ("holidays" in self.days and day in self.holidays)

    def over(self, moment: datetime) -> datetime:
        """The first moment from ``moment`` on that is not quiet, ``moment`` itself included; in the zone of ``moment``.

        >>> at_night = Quiet(time(20), time(8), frozenset({"sunday"}))
        >>> at_night.over(datetime(2026, 11, 28, 21)), at_night.over(datetime(2026, 11, 27, 9))
        (datetime.datetime(2026, 11, 30, 8, 0), datetime.datetime(2026, 11, 27, 9, 0))
        """
        for _ in range(_MOST_DAYS):
            if self.day(moment.date()):
                moment = self._opening(moment.date() + timedelta(days=1), moment)
            elif self._at_night(moment.time()):
                late = self.begins > self.ends and moment.time() >= self.begins
                moment = self._opening(moment.date() + timedelta(days=1 if late else 0), moment)
            else:
                break
        return moment

    def _at_night(self, at: time) -> bool:
        if self.begins <= self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends

    def _opening(self, day: date, like: datetime) -> datetime:
        """The first moment of a day that is outside the quiet hours, in the zone of ``like``."""
        at = self.ends if self._at_night(time(0)) else time(0)
        return datetime.combine(day, at, like.tzinfo)
