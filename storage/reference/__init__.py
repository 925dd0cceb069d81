"""Reference data that ships with the program: dated rows with their source. Read once, at start.

Whoever edits a row sets ``checked_on`` to the day of the check; ``rangkul check`` names rows that are about to end, and
files that were not looked at for a year.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from typing import Any

from conversations.rules.offices import Offices
from conversations.rules.rates import Rates

from .national_holidays import NationalHolidays

DATED = ("rates.toml", "offices.toml", "whatsapp_prices.toml")


def rates() -> Rates:
    """Wage brackets, contribution rates and temporary cuts. Raises KeyError or ValueError when the file contradicts
    itself."""
    return Rates.from_table(_table("rates.toml"))


def offices() -> Offices:
    """The BPJS Ketenagakerjaan offices of Central Java and Yogyakarta, one per regency."""
    return Offices.from_table(_table("offices.toml"))


def released_options() -> dict[str, list[str]]:
    """Every option that stored sessions may hold, by path; ``conversations/rules/form_versions.py`` compares them with
    today's."""
    return _table("form.toml")


def whatsapp_prices() -> list[dict[str, Any]]:
    """The price of a WhatsApp message by category: dated rows, all of them estimates."""
    rows: list[dict[str, Any]] = _table("whatsapp_prices.toml")["price"]
    return rows


def holidays() -> NationalHolidays:
    """The national holidays of Indonesia of every year; days off for offices only (cuti bersama) are not among them.

    Feasts of the moon are computed until the government has announced them, so a coming year may be off by a day.
    """
    # Indonesia by its class: asking the library for a country by code loads the calendars of all countries.
    from holidays.countries.indonesia import Indonesia

    return NationalHolidays(lambda year: Indonesia(years=year))


def checked(today: date) -> dict[str, date]:
    """The oldest day of a check, by file; rows that have ended before ``today`` do not count."""
    found = {}
    for name in DATED:
        rows = [row for rows in _table(name).values() for row in (rows if isinstance(rows, list) else [rows])]
        days = [row["checked_on"] for row in rows if "checked_on" in row and _holds(row, today)]
        if days:
            found[name] = min(days)
    return found


def _holds(row: Mapping[str, Any], today: date) -> bool:
    until = row.get("valid_to", "open")
    return bool(until == "open" or until >= today)


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))
