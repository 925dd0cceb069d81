"""Send slots of one account: moments at which one message may leave, from the database, or from memory in a single
process.

A slot is a moment of this process's steady clock, in seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from storage.engine.database import Database
from storage.outbox import rate_limits
from storage.outbox.rate_limits import Late

AHEAD = 1.0  # seconds: how old the stored slots of a process that died can be
QUICK = 0.005  # seconds of a reservation that need no lead
SLOW = 0.25  # seconds: the longest lead; a greater change between two clocks means that one was set
DRIFT = 0.0005  # seconds from one reservation to the next by which the clocks' offset may grow (drift, a lucky answer)


class SendSlots(Protocol):
    """The source of one account's send slots."""

    async def reserve(self, count: int, gap: float, late: Sequence[Late] = ()) -> tuple[list[float], float, list[Late]]:
        """(the next ``count`` slots, ``gap`` seconds apart; seconds of a pause, during which there are none; slots that
        other processes took late in the last second). ``late``: slots that this process took late since it last told."""

    async def pause(self, seconds: float) -> None:
        """Let no process send for so many seconds, also after a restart, as the platform asked."""

    async def follow(self) -> float:
        """Seconds of a pause that other processes know of, 0.0 for none; what this process alone knows is stored."""


class _OfBucket:
    """Send slots of the account whose bucket in the database has this name."""

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
    """Send slots for several processes: each block of slots is reserved in the database's bucket."""

    _since: float | None = None  # the reading of our steady clock when the database's clock was at 0
    _lead = 0.0  # seconds that a reservation takes: nearer slots would be missed

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
        """The offset of the clocks. The quickest answer tells it best: by a slow answer our slots would lie too late."""
        if self._since is None or abs(since - self._since) > SLOW:
            self._since = since
        self._since = min(since, self._since + DRIFT)
        return self._since

    async def follow(self) -> float:
        async with self._database.read() as tx:
            return (await rate_limits.standing(tx, self._name, self._clock())).paused


class OwnPlaces(_OfBucket):
    """Send slots for the only process of a database: kept in memory, and stored every so often for a later process."""

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
