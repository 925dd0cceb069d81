"""Where the places in time come from in which one account may send: the database, or the memory of the only process.

A place is a moment of this process' steady clock, in seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from storage import buckets
from storage.database import Database

AHEAD = 1.0  # seconds: how long ago at most the places of a process that died were written down
QUICK = 0.005  # seconds to hand places out that need no lead
SLOW = 0.25  # the longest lead


class Places(Protocol):
    """Places of one account."""

    async def reserve(self, count: int, gap: float) -> tuple[list[float], float]:
        """The next places, ``gap`` seconds apart, and for how many seconds all must be silent: then there are none."""

    async def pause(self, seconds: float) -> None:
        """The platform wants silence for so long, of all processes and after a restart."""

    async def follow(self) -> float:
        """For how many seconds all must be silent, as others know; what we alone know is written down."""


class SharedPlaces:
    """For several processes: each block of places is taken from the database's bucket."""

    def __init__(
        self,
        database: Database,
        name: str,
        clock: Callable[[], datetime],
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database, self._name, self._clock, self._steady = database, name, clock, steady
        self._lead = 0.0  # seconds that the database takes to hand places out: nearer ones would be missed

    async def reserve(self, count: int, gap: float) -> tuple[list[float], float]:
        async with self._database.write() as tx:
            found = await buckets.reserve(tx, self._name, count, gap, self._clock(), lead=self._lead)
            told_at = self._steady()
        at = told_at + found.ahead
        self._lead = min(SLOW, max(self._lead / 2, self._steady() - told_at - QUICK, 0.0))
        if found.paused:
            return [], found.paused
        return [at + number * gap for number in range(count)], 0.0

    async def pause(self, seconds: float) -> None:
        async with self._database.write() as tx:
            await buckets.pause(tx, self._name, seconds, self._clock())

    async def follow(self) -> float:
        async with self._database.read() as tx:
            return (await buckets.standing(tx, self._name, self._clock())).paused


class OwnPlaces:
    """For the only process of a database: kept in memory, and written down every so often for the next one."""

    def __init__(
        self,
        database: Database,
        name: str,
        clock: Callable[[], datetime],
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database, self._name, self._clock, self._steady = database, name, clock, steady
        self._next: float | None = None
        self._written = float("-inf")

    async def reserve(self, count: int, gap: float) -> tuple[list[float], float]:
        if self._next is None:
            await self.follow()
        first = max(self._next or 0.0, self._steady())
        self._next = first + count * gap
        return [first + number * gap for number in range(count)], 0.0

    async def pause(self, seconds: float) -> None:
        async with self._database.write() as tx:
            await buckets.pause(tx, self._name, seconds, self._clock())

    async def follow(self) -> float:
        if self._next is None:
            async with self._database.read() as tx:
                found = await buckets.standing(tx, self._name, self._clock())
            self._next = self._written = self._steady() + found.ahead
            return found.paused
        if self._next > self._written:
            self._written = self._next
            ahead = self._next - self._steady() + AHEAD
            async with self._database.write() as tx:
                await buckets.advance(tx, self._name, ahead, self._clock())
        return 0.0
