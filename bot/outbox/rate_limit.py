"""Rate limit of one bot or number: even pace, replies first, and nothing while the platform asks for a pause.

Each message takes a send slot; slots lie one gap apart, over all processes. When a slot is taken late, the slot that
lies as many slots after it as the rate allows a second waits until a second after that late message: each message is
more than a second after the one so many slots before it, so no second sees more messages than the rate, wherever it
begins.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import chain, count

import structlog

from bot.log import where_in_code
from bot.outbox.send_slots import SendSlots
from storage.engine.database import is_unavailable
from storage.outbox.messages import REPLY
from storage.outbox.rate_limits import Late

SPARE = 0.024  # share of the rate that is left unused
WAY = 0.015  # part of SPARE for the way to the platform, which is not always equally long; the rest lets late slots catch up
MISSED = 0.1  # seconds after which a send slot is not taken any more: this process was held up
BLOCK = 0.05  # seconds' worth of send slots that are reserved together
HORIZON = 0.06  # seconds: send slots are reserved so far ahead while there are messages for them
SLOW = 0.25  # seconds for which a database may be waited for by reserving further ahead
GRAIN = 0.005  # seconds that a fast account sleeps at least, and treats as one moment: waking for each message costs too much
AGAIN = 0.5  # seconds until the next look at a database that is away, or at a pause that another process may have ended

log = structlog.get_logger()


class Pace:
    """The pace of one account. ``rate``: messages a second; 0 is no limit, but the platform's pauses are kept."""

    def __init__(
        self,
        rate: float,
        places: SendSlots,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.rate, self._source, self._clock, self._sleep = rate, places, clock, sleep
        self._gap = (1 + SPARE) / rate if rate else 0.0
        self._round = max(1, int(rate)) * self._gap  # seconds from a slot to the one that waits for its second to end
        self._second = self._round * (1 + WAY) / (1 + SPARE)
        self._grain = GRAIN if self._gap < GRAIN else 0.0
        self._block = max(1, int(rate * BLOCK))
        self._places: deque[float] = deque()
        self._took = 0.0  # seconds that reserving send slots takes
        self._late: deque[Late] = deque()  # send slots that this process took late in the last second
        self._late_elsewhere: list[Late] = []
        self._told_at = 0.0  # moment up to which other processes know of ``_late``
        self._waiting: list[tuple[int, int, asyncio.Future[float | None]]] = []
        self._order = count()
        self._paused_until = float("-inf")
        self._filling: asyncio.Task[None] | None = None
        self._serving: asyncio.Task[None] | None = None
        self._left: deque[tuple[int, int]] = deque()  # (second, messages) of the last minute

    # ------------------------------------------------------------------------------------------ from outside

    async def turn(self, lane: int = REPLY, *, within: float | None = None) -> bool:
        """Wait for a send slot: replies get one before notices, notices before bulk. False: none came ``within`` seconds."""
        if not self.rate and not self.paused:
            self._count()
            return True
        loop = asyncio.get_running_loop()
        given: asyncio.Future[float | None] = loop.create_future()
        heapq.heappush(self._waiting, (lane, next(self._order), given))
        if self._serving is None or self._serving.done():
            self._serving = asyncio.create_task(self._serve(), name="pace")
        # ``wait_for`` costs three times as much as ``call_later``.
        patience = None if within is None else loop.call_later(within, _give_up, given)
        place = await given
        if patience:
            patience.cancel()
        if place is None:
            return False
        self._note(place, self._clock())  # only now, as other tasks may have run in between
        return True

    async def hold(self, seconds: float) -> None:
        """Send nothing for so long, as the platform asked for the whole account. Other processes are told."""
        self._pause(seconds)
        try:
            await self._source.pause(seconds)
        except Exception as error:
            # with the database away this process still obeys; others are told by the platform itself
            log.warning("pause not written down", error=type(error).__name__, where=where_in_code(error))

    async def follow(self) -> None:
        """Obey pauses that other processes, or an earlier one, were told of; store what a later process must know."""
        self._pause(await self._source.follow())

    async def stop(self) -> None:
        for task in (self._serving, self._filling):
            if task and not task.done():
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    @property
    def paused(self) -> float:
        """Seconds that are left of a pause; 0.0 without one."""
        return max(0.0, self._paused_until - self._clock())

    @property
    def used(self) -> float:
        """Messages a second that this process sent, over the last minute."""
        since = int(self._clock()) - 60
        return sum(messages for second, messages in self._left if second > since) / 60

    # ------------------------------------------------------------------------------------------ inside

    def _pause(self, seconds: float) -> None:
        if seconds > 0:
            self._paused_until = max(self._paused_until, self._clock() + seconds)
            self._places.clear()

    async def _serve(self) -> None:
        """Give each send slot, when its time has come, to the first waiting message."""
        while self._waiting:
            if (pause := self.paused) > 0:
                await self._sleep(min(pause, AGAIN))
            elif not self.rate:
                self._give(self._clock())
            elif not self._places:
                await self._fill()
            elif (ahead := self._moment(self._places[0]) - self._clock()) > 0:
                self._fill_ahead()
                await self._sleep(max(ahead, self._grain))
            elif self._clock() - (place := self._places.popleft()) <= MISSED:
                self._give(place)

    def _note(self, place: float, left: float) -> None:
        """Remember a send slot that was taken late, for a second; of late slots close together the first place and the
        last time."""
        if not self.rate or left + self._second <= place + self._round:
            return
        while self._late and self._late[0][1] + self._second < left:
            self._late.popleft()
        if self._late and 0 <= place - self._late[-1][0] < GRAIN:
            place, _ = self._late.pop()
        self._late.append((place, left))

    def _moment(self, place: float) -> float:
        """When this send slot may be taken: a second after every late message whose slot lies a round or more before it."""
        before = place - self._round + self._gap / 2
        late = (left for other, left in chain(self._late, self._late_elsewhere) if other <= before)
        return max(place, max(late, default=float("-inf")) + self._second)

    def _give(self, place: float) -> None:
        while self._waiting:
            given = heapq.heappop(self._waiting)[2]
            if not given.done():
                given.set_result(place)
                self._count()
                return

    def _fill_ahead(self) -> None:
        """Reserve further send slots while the last ones are being used, if there are messages for them."""
        near = self._places[-1] < self._clock() + HORIZON + 2 * self._took
        if near and len(self._waiting) > len(self._places) and (self._filling is None or self._filling.done()):
            self._filling = asyncio.create_task(self._reserve(), name="send slots")

    async def _fill(self) -> None:
        if self._filling is None or self._filling.done():
            self._filling = asyncio.create_task(self._reserve(), name="send slots")
        await self._filling

    async def _reserve(self) -> None:
        block = max(self._block, int(self.rate * 2 * self._took))
        began = self._clock()
        try:
            wanted = min(block, max(1, len(self._waiting) - len(self._places)))
            untold = [(place, left) for place, left in self._late if left > self._told_at]
            places, pause, self._late_elsewhere = await self._source.reserve(wanted, self._gap, untold)
            self._told_at = began
        except Exception as error:
            if not is_unavailable(error):
                log.error("no send slots", error=type(error).__name__, where=where_in_code(error))
            await self._sleep(AGAIN)
            return
        self._took = min(SLOW, max(self._clock() - began, self._took / 2))
        self._pause(pause)
        if not self.paused:
            self._places.extend(places)

    def _count(self) -> None:
        second = int(self._clock())
        if self._left and self._left[-1][0] == second:
            self._left[-1] = (second, self._left[-1][1] + 1)
        else:
            self._left.append((second, 1))
            while self._left[0][0] <= second - 60:
                self._left.popleft()


def _give_up(given: asyncio.Future[float | None]) -> None:
    if not given.done():
        given.set_result(None)
