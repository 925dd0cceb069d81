"""How fast one bot or number may send: evenly, at its rate, and not at all while the platform asks for a pause."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


class Pace:
    """GCRA with a burst of one: sends leave ``1 / rate`` seconds apart, in the order in which they asked.

    ``rate``: messages a second; 0 is no limit. Held in memory: one process sends for one bot.
    """

    __slots__ = ("_clock", "_gap", "_next")

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._gap, self._clock, self._next = (1 / rate if rate else 0.0), clock, 0.0

    def reserve(self) -> float:
        """Take the next place; how many seconds it lies ahead."""
        now = self._clock()
        at = max(self._next, now)
        self._next = at + self._gap
        return at - now

    def hold(self, seconds: float) -> None:
        """Nothing leaves for so long: the platform said so for the whole bot."""
        self._next = max(self._next, self._clock() + seconds)

    async def turn(self) -> None:
        """Wait for one's place."""
        if (ahead := self.reserve()) > 0:
            await asyncio.sleep(ahead)
