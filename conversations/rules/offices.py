"""Offices of BPJS Ketenagakerjaan: which office looks after a regency, as far as is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from .opening import USUAL, Week
from .validity import Terms


@dataclass(frozen=True, slots=True)
class Office:
    """One office. ``name`` stands in a sentence as it is and may be shown; ``code`` is internal to BPJSTK and may be
    empty.

    ``confidence`` C: we are not sure which office it is, so its name says the area only.
    """

    regency: str
    name: str
    code: str
    confidence: str
    checked_on: date
    id: int = 0  # in the table of offices; 0 for one of the file
    hours: Week = USUAL
    address: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Offices:
    """The offices, one per regency, by Kemendagri code ("33.72")."""

    rows: tuple[Office, ...]

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Offices:
        """The offices from a parsed TOML table. Raises KeyError when a row lacks a field, ValueError when a regency has
        two offices or an odd date."""
        rows = tuple(_office(row) for row in table["office"])
        if len({row.regency for row in rows}) < len(rows):
            raise ValueError("a regency has two offices")
        return cls(tuple(sorted(rows, key=lambda office: office.regency)))

    def of(self, regency: str) -> Office | None:
        """The office of a regency (by code), or None where none is known."""
        return next((office for office in self.rows if office.regency == regency), None)

    def regencies(self) -> tuple[str, ...]:
        """The codes of all regencies that have an office, in order."""
        return tuple(office.regency for office in self.rows)


def _office(row: Mapping[str, Any]) -> Office:
    terms = Terms.of(row)
    return Office(row["regency"], row["name"], row["code"], terms.confidence, terms.checked_on)
