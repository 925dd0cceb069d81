"""Rows that are leased to this process: whoever holds some until they are settled has the leases renewed in time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

LEASE = timedelta(seconds=12)  # renewed while its process lives; after that long a dead one's rows are another's


class Holder:
    """``_held``: until when each row is ours, by its id."""

    def __init__(self) -> None:
        self._held: dict[int, datetime] = {}

    @property
    def holding(self) -> int:
        """How many rows are claimed and not yet settled."""
        return len(self._held)

    def ending(self, now: datetime) -> list[int]:
        """Rows whose lease must be renewed."""
        return [row_id for row_id, until in self._held.items() if until - now < LEASE / 2]

    def renewed(self, ids: Collection[int], until: datetime) -> None:
        """These rows are ours until then, or longer."""
        self._held.update((row_id, max(until, self._held[row_id])) for row_id in ids if row_id in self._held)

    def lost(self, ids: Collection[int], now: datetime) -> None:
        """These rows are ours no longer: their lease ran out before it could be renewed, or somebody cancelled them."""
        self._held.update((row_id, now) for row_id in ids if row_id in self._held)
