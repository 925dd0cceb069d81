"""Validity of reference data: when a row is in force, and how sure we are of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

CONFIDENCES = ("A", "B", "C", "M")
OPEN = "open"


@dataclass(frozen=True, slots=True)
class Terms:
    """The validity of one row. Days are calendar days in WIB; ``valid_to`` is the last day, None for no end.

    ``confidence``: A the text of the law or two sources that agree, B one decent source, C inferred or disputed, M from
    memory. A row with C or M is never put to anybody as certain.
    """

    source: str
    checked_on: date
    valid_from: date
    valid_to: date | None
    confidence: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Terms:
        """The terms of a parsed row; an unknown end must be written (``"open"``), so that none is left out by oversight.

        Raises KeyError when a field is missing and ValueError when one makes no sense.

        >>> row = {"source": "PP 50/2025", "checked_on": date(2026, 11, 22), "valid_from": date(2026, 4, 1)}
        >>> Terms.of(row | {"valid_to": "open", "confidence": "A"}).valid_to is None
        True
        """
        end = row["valid_to"]
        terms = cls(
            source=row["source"],
            checked_on=row["checked_on"],
            valid_from=row["valid_from"],
            valid_to=None if end == OPEN else end,
            confidence=row["confidence"],
        )
        # A datetime is a date too, but does not compare with one: it would fail later, in the middle of a turn.
        if any(type(day) is not date for day in (terms.checked_on, terms.valid_from, terms.valid_to or date.max)):
            raise ValueError(f"a day is written as YYYY-MM-DD, an open end as {OPEN!r}: {row}")
        if terms.valid_to is not None and terms.valid_to < terms.valid_from:
            raise ValueError(f"a row ends before it begins: {row}")
        if terms.confidence not in CONFIDENCES or not terms.source:
            raise ValueError(f"a row needs a source and a confidence of {CONFIDENCES}: {row}")
        return terms

    @property
    def sure(self) -> bool:
        """Whether the row may be told as a fact."""
        return self.confidence in ("A", "B")

    def hold(self, on: date) -> bool:
        """Whether the row is in force on this day.

        >>> terms = Terms("PP 50/2025", date(2026, 11, 22), date(2026, 4, 1), date(2026, 12, 31), "A")
        >>> terms.hold(date(2026, 12, 31)), terms.hold(date(2027, 1, 1))
        (True, False)
        """
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    def ended_by(self, day: date) -> bool:
        """Whether this day is the row's last one in force, or later."""
        return self.valid_to is not None and self.valid_to <= day


def succeeded(terms: Terms, among: Iterable[Terms]) -> bool:
    """Whether another row is in force on the day after the last one of ``terms``."""
    return terms.valid_to is not None and any(other.hold(terms.valid_to + timedelta(days=1)) for other in among)


def overlap(rows: Iterable[Terms]) -> bool:
    """Whether two of the rows are in force on the same day, so that neither would be the answer."""
    in_order = sorted(rows, key=lambda terms: terms.valid_from)
    return any(earlier.hold(later.valid_from) for earlier, later in pairwise(in_order))
