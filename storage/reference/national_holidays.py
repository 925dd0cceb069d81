"""The national holidays of Indonesia, whatever year is asked about: a process that runs over New Year knows the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date


class NationalHolidays:
    """Says of a day whether it is a holiday. ``calendar`` gives the holidays of one year, which is asked for once."""

    def __init__(self, calendar: Callable[[int], Iterable[date]]) -> None:
        self._calendar = calendar
        self._years: dict[int, frozenset[date]] = {}

    def __contains__(self, day: object) -> bool:
        """
        >>> date(2027, 1, 1) in NationalHolidays(lambda year: [date(year, 1, 1), date(year, 12, 25)])
        True
        """
        if not isinstance(day, date):
            return False
        if day.year not in self._years:
            self._years[day.year] = frozenset(self._calendar(day.year))
        return day in self._years[day.year]
