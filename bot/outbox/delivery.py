"""Delivery: sends the outbox rows that committed turns leave, and those that earlier processes left behind.

Replies and notices go to their chats (``chats.py``), bulk has a loop of its own (``bulk.py``); both send by
``sending.py``, at the account's pace. Results of attempts are written with the next batch of turns.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import count

import structlog

from bot import metrics
from bot.channels.base import Channel
from bot.log import where_in_code
from bot.outbox.bulk import Bulk
from bot.outbox.chat_rate_limit import ChatPace
from bot.outbox.chats import Chats
from bot.outbox.leased_rows import LEASE
from bot.outbox.rate_limit import Pace
from bot.outbox.send_slots import OwnPlaces, SharedPlaces
from bot.outbox.sending import Sender
from storage.engine.database import Database, is_unavailable
from storage.outbox import claims, notify
from storage.outbox.delivery_status import AttemptStatus
from storage.outbox.messages import Out
from storage.sealing.vault import Vault

LOOK_EVERY = 0.25  # seconds, without wake-ups
SWEEP_EVERY = 1.0  # seconds
EXPIRE_EVERY = 3  # sweeps: with LEASE, a dead process' rows are free again within 15 seconds
LISTEN_AGAIN = 2.0
CLAIM = 200  # rows at a time
MOST_HELD = 2_000  # rows; further rows of a platform that is down stay unleased

NO_LIMITS: Mapping[str, float] = {}
NO_DAILY_LIMITS: Mapping[str, int] = {}

log = structlog.get_logger()


class Delivery:
    """The sender of one process, for all its channels. ``settle`` hands results of attempts to the turn writer;
    ``owner`` is the name in this process's leases.

    ``rates``: messages a second by channel; ``daily``: different people who may get a template in 24 hours. A channel
    that is not named has no limit.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        channels: Mapping[str, Channel],
        clock: Callable[[], datetime],
        *,
        owner: str,
        settle: Callable[[AttemptStatus], None],
        rates: Mapping[str, float] = NO_LIMITS,
        daily: Mapping[str, int] = NO_DAILY_LIMITS,
    ) -> None:
        self._database, self._vault, self._channels, self._clock = database, vault, channels, clock
        self._owner = owner
        places = SharedPlaces if database.dialect == "postgresql" else OwnPlaces
        self.paces = {
            name: Pace(rates.get(name, 0.0), places(database, f"{name}:{channel.account}", clock))
            for name, channel in channels.items()
        }
        sender, chat_pace = Sender(database, vault, channels, self.paces, clock, daily), ChatPace()
        self._chats = Chats(database, channels, sender, chat_pace, clock, settle)
        self._bulk = [
            Bulk(database, vault, channel, sender, chat_pace, clock, owner=owner, settle=settle)
            for channel in channels.values()
        ]
        self._loops: list[asyncio.Task[None]] = []
        self._listener: asyncio.Task[None] | None = None
        self._woken, self._closing, self._claiming = asyncio.Event(), asyncio.Event(), asyncio.Lock()
        self._released = self._listening = False
        self._claimed_at: float | None = None

    # ------------------------------------------------------------------------------------------ from outside

    def take(self, rows: Sequence[Out]) -> None:
        """Send the rows, written or claimed just now, that are leased to this process."""
        for row in rows:
            if row.leased:
                self._chats.take(row)
        if not all(row.leased for row in rows):
            self.wake()

    def wake(self) -> None:
        """Look for unleased rows at once."""
        self._woken.set()
        for bulk in self._bulk:
            bulk.wake()

    def start(self) -> None:
        self._loops = [
            asyncio.create_task(self._sweep(), name="sweeper"),
            asyncio.create_task(self._look(), name="look"),
        ]
        if self._database.dialect == "postgresql":
            self._listener = asyncio.create_task(self._listen(), name="notifications")
        for bulk in self._bulk:
            bulk.start()

    async def stop(self, patience: float = 2.0) -> None:
        """Finish the rows in flight; rows that are left keep their lease until it runs out, and are sent later."""
        self._closing.set()
        self.wake()
        if self._listener:
            self._listener.cancel()
            with suppress(asyncio.CancelledError):
                await self._listener
        if self._loops:  # not cancelled: cancelling a transaction loses its connection
            await asyncio.wait(self._loops, timeout=patience)
        await asyncio.gather(*(lane.stop(patience) for lane in self._lanes))
        for pace in self.paces.values():
            await pace.stop()

    @property
    def behind(self) -> float:
        """Seconds since unleased rows were last claimed."""
        return 0.0 if self._claimed_at is None else time.monotonic() - self._claimed_at

    @property
    def waiting(self) -> int:
        """How many rows this process holds."""
        return sum(lane.holding for lane in self._lanes)

    # ------------------------------------------------------------------------------------------ all of them

    async def claim(self) -> None:
        """Lease rows that are due and unleased, and send them. A claim that is under way meanwhile has ended too on
        return."""
        await self._claim_talk()
        for bulk in self._bulk:
            await bulk.claim()

    async def _claim_talk(self) -> None:
        async with self._claiming:
            async with self._database.read() as tx:
                is_due = await claims.any_due(tx, self._served, self._clock())
            if is_due and self._chats.holding < MOST_HELD:
                async with self._database.write() as tx:
                    now = self._clock()
                    rows = await claims.claim(
                        tx, self._vault, self._served, now, owner=self._owner, lease=LEASE, limit=CLAIM
                    )
                self.take(rows)

    @property
    def _lanes(self) -> list[Chats | Bulk]:
        return [self._chats, *self._bulk]

    @property
    def _served(self) -> list[tuple[str, str]]:
        return [(channel.name, channel.account) for channel in self._channels.values()]

    async def _look(self) -> None:
        """Claim replies and notices that are unleased, again and again: left by a crash, put by other processes, due
        later."""
        while not self._closing.is_set():
            self._woken.clear()
            try:
                await self._release()
                await self._claim_talk()  # bulk has loops of its own
                self._claimed_at = time.monotonic()
            except Exception as error:
                if not is_unavailable(error):
                    log.error("claim failed", error=type(error).__name__, where=where_in_code(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), SWEEP_EVERY if self._listening else LOOK_EVERY)

    async def _release(self) -> None:
        """On SQLite, once at the start: free all other leases, as their holders are dead, so that no row waits for a
        lease's end."""
        if self._database.dialect == "sqlite" and not self._released:
            async with self._database.write() as tx:
                uncertain = await claims.release(tx, self._owner)
            if uncertain:
                log.warning("uncertain whether they were sent", rows=uncertain)
        self._released = True

    async def _sweep(self) -> None:
        """Every second: renew our leases, obey pauses that other processes were told of; every third time free expired
        rows."""
        for number in count():
            duties = (self._renew, self._follow)
            for duty in duties if number % EXPIRE_EVERY else (*duties, self._expire):
                try:
                    await duty()
                except Exception as error:
                    if not is_unavailable(error):
                        log.error("sweep failed", error=type(error).__name__, where=where_in_code(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), SWEEP_EVERY)
                return

    async def _renew(self) -> None:
        """Renew the leases of rows that wait in this process: behind a slow chat a lease would end, and another process
        would send the row too."""
        now = self._clock()
        ending = [row_id for lane in self._lanes for row_id in lane.ending(now)]
        if ending:
            async with self._database.write() as tx:
                ours = await claims.renew(tx, ending, self._owner, now + LEASE)
            for lane in self._lanes:
                lane.renewed(ours, now + LEASE)
                lane.lost(set(ending) - ours, now)

    async def _expire(self) -> None:
        now = self._clock()
        async with self._database.read() as tx:
            any_late = await claims.any_late(tx, now)
        if any_late:
            async with self._database.write() as tx:
                uncertain = await claims.expire(tx, now)
                await claims.unpark_due(tx, now)
            if uncertain:
                log.warning("uncertain whether they were sent", rows=uncertain)

    async def _follow(self) -> None:
        for name, pace in self.paces.items():
            await pace.follow()
            metrics.pace(name, pace.used, pace.paused)

    async def _listen(self) -> None:
        """Listen for wake-ups of other processes; while that fails, ``_look`` looks more often."""
        while True:
            try:
                await notify.listen(self._database.url, self._heard_wake)
            except Exception as error:
                if not is_unavailable(error):
                    log.error("listening failed", error=type(error).__name__, where=where_in_code(error))
            finally:
                self._listening = False
            await asyncio.sleep(LISTEN_AGAIN)

    def _heard_wake(self) -> None:
        self._listening = True
        self.wake()
