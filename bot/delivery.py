"""The outbox: what a committed turn left to send, and what earlier processes left behind.

Rows of one chat leave strictly in order, one in flight; a row that must be tried again holds back those behind it.
Receipts are written with the next batch of turns.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from bot import metrics
from bot.channels.base import Channel, SendFailed
from bot.pace import Pace
from bot.packing import unpack
from bot.turns import LEASE
from storage import messages
from storage.database import Database, is_away
from storage.messages import Out, Settled
from storage.vault import Vault

SWEEP_EVERY = 1.0  # seconds
CLAIM = 200  # rows at a time
FIRST_PAUSE = 1.0  # seconds; doubled with each attempt, with jitter
LONGEST_PAUSE = 300.0
MAX_ATTEMPTS = 300  # at the longest pause a day: a network that is down must not cost anybody their message
MAX_ACCIDENTS = 6  # attempts that fail for no reason a channel knows; the chat must not wait for them for ever

NO_LIMITS: Mapping[str, float] = {}

log = structlog.get_logger()


class Delivery:
    """One per process. ``settle`` hands receipts to the turn writer; ``owner`` is the name its leases bear.

    ``rates``: messages a second by channel; a channel that is not named has no limit.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        channels: Mapping[str, Channel],
        clock: Callable[[], datetime],
        *,
        owner: str,
        settle: Callable[[Settled], None],
        rates: Mapping[str, float] = NO_LIMITS,
    ) -> None:
        self._database, self._vault, self._channels, self._clock = database, vault, channels, clock
        self._owner, self._settle = owner, settle
        self._paces = {name: Pace(rates.get(name, 0.0)) for name in channels}
        self._chats: dict[int, deque[Out]] = {}
        self._held: dict[int, datetime] = {}  # row -> until when it is ours
        self._tasks: set[asyncio.Task[None]] = set()
        self._sweeper: asyncio.Task[None] | None = None
        self._closing = self._released = False

    # ------------------------------------------------------------------------------------------ from outside

    def take(self, rows: list[Out]) -> None:
        """Rows that are leased to us: each joins its chat's queue."""
        for row in rows:
            if row.where.channel not in self._channels or row.id in self._held or self._closing:
                continue  # its lease runs out, and whoever serves that channel claims it
            self._held[row.id] = self._clock() + LEASE
            queue = self._chats.get(row.address_id)
            if row.person_id is None and queue:
                self._drop(queue)  # a farewell: its person was just erased, and nothing else of theirs may leave
            if queue is not None:
                queue.append(row)
                continue
            self._chats[row.address_id] = deque([row])
            task = asyncio.create_task(self._chat(row.address_id), name="chat")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def start(self) -> None:
        self._sweeper = asyncio.create_task(self._sweep(), name="sweeper")

    async def stop(self, patience: float = 2.0) -> None:
        """Finish what is in flight; what is left keeps its lease until that runs out, and is sent later."""
        self._closing = True
        if self._sweeper:
            self._sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._sweeper
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=patience)
            for task in late:
                task.cancel()

    @property
    def waiting(self) -> int:
        """How many rows this process holds."""
        return len(self._held)

    # ------------------------------------------------------------------------------------------ inside

    async def _chat(self, address_id: int) -> None:
        """Send one chat's rows, one after another."""
        queue = self._chats[address_id]
        has_waited = False
        try:
            while queue:
                row = queue[0]
                pause = await self._send(row, look_again=has_waited or self._may_be_withdrawn(row))
                has_waited = True
                if pause is None:
                    queue.popleft()
                    self._held.pop(row.id, None)
                else:
                    row.attempts += 1
                    if self._closing:
                        return
                    await asyncio.sleep(pause)
        finally:
            for row in queue:
                self._held.pop(row.id, None)
            del self._chats[address_id]

    async def _wanted(self, row: Out) -> bool:
        """Whether no erasure has cancelled it since it was written."""
        async with self._database.read() as tx:
            return row.id in await messages.still_wanted(tx, [row.id])

    def _drop(self, queue: deque[Out]) -> None:
        """All but the row that is in flight already."""
        while len(queue) > 1:
            self._held.pop(queue.pop().id, None)

    def _may_be_withdrawn(self, row: Out) -> bool:
        """Also a row that was written just now, where another process may erase what it tells."""
        return row.lead_id is not None and self._database.dialect == "postgresql"

    async def _send(self, row: Out, *, look_again: bool) -> float | None:
        """One attempt; the seconds to wait before the next one, or None when it is over."""
        channel = self._channels[row.where.channel]
        try:
            edits = await self._edited(row)
            await self._paces[row.where.channel].turn()
            if look_again and not await self._wanted(row):
                return None
            receipt = await channel.send(row.where.address, unpack(row.body, edits=edits, ref=row.id))
        except SendFailed as failed:
            return self._failed(row, failed)
        except Exception as error:
            log.error("send failed", channel=row.where.channel, error=type(error).__name__)
            hopeless = row.attempts + 1 >= MAX_ACCIDENTS and not is_away(error)
            return self._failed(row, SendFailed(type(error).__name__, permanent=hopeless))
        metrics.sent(row.where.channel, "sent")
        self._settle(Settled(row.id, "sent", self._clock(), receipt.external_id, unkept=row.unkept))
        return None

    async def _edited(self, row: Out) -> str:
        if row.edits is None:
            return ""
        async with self._database.read() as tx:
            return await messages.external_id(tx, row.edits)

    def _failed(self, row: Out, failed: SendFailed) -> float | None:
        now = self._clock()
        if failed.gone or failed.permanent or row.attempts + 1 >= MAX_ATTEMPTS:
            gone = row.address_id if failed.gone else None
            metrics.sent(row.where.channel, "gone" if failed.gone else "failed")
            self._settle(Settled(row.id, "failed", now, reason=failed.reason, gone=gone, unkept=row.unkept))
            return None
        metrics.sent(row.where.channel, "later")
        pause = _pause(row.attempts) if failed.retry_after is None else failed.retry_after
        if failed.wide and failed.retry_after is not None:
            self._paces[row.where.channel].hold(failed.retry_after)
        again = now + timedelta(seconds=pause)
        self._held[row.id] = again + LEASE
        self._settle(Settled(row.id, "due", now, reason=failed.reason, due_at=again, lease_until=again + LEASE))
        return pause

    async def _sweep(self) -> None:
        """Claim what is due and nobody holds: after a crash, for another process' turns, for later."""
        while True:
            try:
                await self._release()
                await self._renew()
                await self.claim()
            except Exception as error:
                if not is_away(error):
                    log.error("sweep failed", error=type(error).__name__)
            await asyncio.sleep(SWEEP_EVERY)

    async def _release(self) -> None:
        """Once, at the start, on SQLite: whoever held leases before us is dead, so nobody waits for them to run out."""
        if self._database.dialect == "sqlite" and not self._released:
            async with self._database.write() as tx:
                await messages.release(tx, self._owner)
        self._released = True

    async def _renew(self) -> None:
        """Keep what still waits here ours: behind a slow chat a lease runs out, and another process would send it too."""
        now = self._clock()
        ending = [row_id for row_id, until in self._held.items() if until - now < LEASE / 2]
        if ending:
            async with self._database.write() as tx:
                await messages.renew(tx, ending, self._owner, now + LEASE)
            self._held.update((row_id, now + LEASE) for row_id in ending if row_id in self._held)

    async def claim(self) -> None:
        """Lease what is due and nobody holds, and send it."""
        served = [(channel.name, channel.account) for channel in self._channels.values()]
        async with self._database.write() as tx:
            rows = await messages.claim(
                tx, self._vault, served, self._clock(), owner=self._owner, lease=LEASE, limit=CLAIM
            )
        self.take(rows)


def _pause(attempts: int) -> float:
    """Seconds before the next attempt: doubled each time, with jitter, so that not all come back at once."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(attempts, 20)) * random.uniform(0.75, 1.25)  # noqa: S311 - jitter
