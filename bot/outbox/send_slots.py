"""Where the places in time come from in which one account may send: the database, or the memory of the only process.

A place is a moment of this process' steady clock, in seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from storage.engine.database import Database
from storage.outbox import rate_limits
from storage.outbox.rate_limits import Late

AHEAD = 1.0  # seconds: how long ago at most the places of a process that died were written down
QUICK = 0.005  # seconds to hand places out that need no lead
SLOW = 0.25  # the longest lead; clocks that seem to be further apart than they were have been set
DRIFT = 0.0005  # seconds between two reservations by which clocks may drift apart, or the quickest answer was lucky


class SendSlots(Protocol):
    """Places of one account."""

    async def reserve(self, count: int, gap: float, late: Sequence[Late] = ()) -> tuple[list[float], float, list[Late]]:
        """The next places, ``gap`` seconds apart; for how many seconds all must be silent: then there are none; which
        ones other processes took late in the last second. ``late``: those that we did, since we last told.
        """

    async def pause(self, seconds: float) -> None:
        """The platform wants silence for so long, of all processes and after a restart."""

    async def follow(self) -> float:
        """For how many seconds all must be silent, as others know; what we alone know is written down."""


class _OfBucket:
    """Of the account of this name, whose bucket the database keeps."""

    def __init__(
        self,
        database: Database,
        name: str,
        clock: Callable[[], datetime],
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database, self._name, self._clock, self._steady = database, name, clock, steady

    async def pause(self, seconds: float) -> None:
        async with self._database.write() as tx:
            await rate_limits.pause(tx, self._name, seconds, self._clock())


class SharedPlaces(_OfBucket):
    """For several processes: each block of places is taken from the database's bucket."""

    _since: float | None = None  # what our steady clock said when the database's was 0
    _lead = 0.0  # seconds that the database takes to hand places out: nearer ones would be missed

    async def reserve(self, count: int, gap: float, late: Sequence[Late] = ()) -> tuple[list[float], float, list[Late]]:
        since = self._since or 0.0
        told = [(place - since, left - since) for place, left in late]
        async with self._database.write() as tx:
            found = await rate_limits.reserve(tx, self._name, count, gap, self._clock(), lead=self._lead, late=told)
            since = self._compare(self._steady() - found.at)
        self._lead = min(SLOW, max(self._lead / 2, self._steady() - since - found.at - QUICK, 0.0))
        if found.paused:
            return [], found.paused, []
        first = since + found.at + found.ahead
        others = [(since + place, since + left) for place, left in found.late]
        return [first + number * gap for number in range(count)], 0.0, others

    def _compare(self, since: float) -> float:
        """The quickest answer says best how far the clocks are apart: by a slow one our places would lie too late."""
        if self._since is None or abs(since - self._since) > SLOW:
            self._since = since
        self._since = min(since, self._since + DRIFT)
        return self._since

    async def follow(self) -> float:
        async with self._database.read() as tx:
            return (await rate_limits.standing(tx, self._name, self._clock())).paused


class OwnPlaces(_OfBucket):
    """For the only process of a database: kept in memory, and written down every so often for the next one."""

    _next: float | None = None
    _written = float("-inf")

    async def reserve(self, count: int, gap: float, late: Sequence[Late] = ()) -> tuple[list[float], float, list[Late]]:
        if self._next is None:
            await self.follow()
        first = max(self._next or 0.0, self._steady())
        self._next = first + count * gap
        return [first + number * gap for number in range(count)], 0.0, []

    async def follow(self) -> float:
        if self._next is None:
            async with self._database.read() as tx:
                found = await rate_limits.standing(tx, self._name, self._clock())
            self._next = self._written = self._steady() + found.ahead
            return found.paused
        if self._next > self._written:
            self._written = self._next
            ahead = self._next - self._steady() + AHEAD
            async with self._database.write() as tx:
                await rate_limits.advance(tx, self._name, ahead, self._clock())
        return 0.0
