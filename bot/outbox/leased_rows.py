"""Rows that are leased to this process, whose leases are renewed in time until the rows are settled."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

LEASE = timedelta(seconds=12)  # renewed while the process lives; so long after its death others take the rows


class Holder:
    """Holds leased rows. ``_held``: until when each row is leased to this process, by row id."""

    def __init__(self) -> None:
        self._held: dict[int, datetime] = {}

    @property
    def holding(self) -> int:
        """How many rows are claimed and not yet settled."""
        return len(self._held)

    def ending(self, now: datetime) -> list[int]:
        """Ids of rows whose lease must be renewed now."""
        return [row_id for row_id, until in self._held.items() if until - now < LEASE / 2]

    def renewed(self, ids: Collection[int], until: datetime) -> None:
        """Note that the leases of these rows last until ``until``, or longer."""
        self._held.update((row_id, max(until, self._held[row_id])) for row_id in ids if row_id in self._held)

    def lost(self, ids: Collection[int], now: datetime) -> None:
        """Note that these rows are no longer leased to this process: the lease ran out before renewal, or the row was
        cancelled."""
        self._held.update((row_id, now) for row_id in ids if row_id in self._held)
