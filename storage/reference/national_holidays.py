"""National holidays of Indonesia for any year asked about: a process that runs over New Year knows the next year's."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date


class NationalHolidays:
    """The set of all national holidays, for ``day in holidays``. ``calendar`` gives the holidays of one year, and is
    called once for each year."""

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
