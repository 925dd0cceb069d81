"""The chats of one process: replies and notices of each chat leave strictly in order, one in flight.

A row that must be tried again holds back the rows behind it, and nothing of another chat.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime

import structlog

from bot.channels.base import Channel
from bot.log import where_in_code
from bot.outbox.chat_rate_limit import ChatPace
from bot.outbox.leased_rows import LEASE, Holder
from bot.outbox.sending import Sender, backoff, held
from storage.engine.database import Database
from storage.outbox import claims
from storage.outbox.delivery_status import AttemptStatus
from storage.outbox.messages import REPLY, Out

LONG = 0.5  # seconds of waiting after which a row is looked up once more: an erasure may have cancelled it

log = structlog.get_logger()


class Chats(Holder):
    """The chats of one process. ``settle`` hands results of attempts to the turn writer."""

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        sender: Sender,
        pace: ChatPace,
        clock: Callable[[], datetime],
        settle: Callable[[AttemptStatus], None],
    ) -> None:
        super().__init__()
        self._database, self._channels, self._clock = database, channels, clock
        self._sender, self._pace, self._settle = sender, pace, settle
        self._queues: dict[int, deque[Out]] = {}
        self._hurry: dict[int, asyncio.Event] = {}  # by address id, ends a chat's rest when a reply joins its queue
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False

    def take(self, row: Out) -> None:
        """Put a row that is leased to this process into its chat's queue."""
        if row.where.channel not in self._channels or row.id in self._held or self._closing:
            return  # its lease runs out, and a process that serves the channel claims the row
        self._held[row.id] = self._clock() + LEASE
        queue = self._queues.get(row.address_id)
        if queue is None:
            self._queues[row.address_id] = deque([row])
            task = asyncio.create_task(self._chat(row.address_id), name="chat")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            return
        queue.append(row)
        if row.lane == REPLY and row.address_id in self._hurry:
            self._hurry[row.address_id].set()

    async def stop(self, patience: float) -> None:
        """Finish the rows in flight; queued rows keep their lease until it runs out, and are sent later."""
        self._closing = True
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=patience)
            for task in late:
                task.cancel()

    # ------------------------------------------------------------------------------------------ inside

    async def _chat(self, address_id: int) -> None:
        """Send one chat's rows, one after another. Before each row that had to wait, the database is asked whether it
        is still wanted: where the person was erased meanwhile, only their farewell is."""
        queue = self._queues[address_id]
        has_waited = False
        try:
            while queue:
                row = queue[0]
                pause = await self._send(row, queue, look_again=has_waited or self._may_be_withdrawn(row))
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
            del self._queues[address_id]

    async def _send(self, row: Out, queue: deque[Out], *, look_again: bool) -> float | None:
        """Attempt one row; seconds to wait before its next attempt, or None when the row is done with."""
        limits, began = self._channels[row.where.channel].limits, time.monotonic()
        lane = REPLY if row.lane == REPLY else await self._rest(row, queue)
        if (ahead := self._pace.ahead(row.address_id, lane, limits)) > 0:
            await asyncio.sleep(ahead)
        await self._sender.paces[row.where.channel].turn(lane)
        try:
            look_again = look_again or time.monotonic() - began > LONG
            if self._is_lost(row):
                log.warning("lease lost", row=row.id)
                return None
            if look_again and not await self._wanted(row):
                log.info("no longer wanted", row=row.id)
                return None
        except Exception as error:
            log.warning("not known if still wanted", error=type(error).__name__, where=where_in_code(error))
            return backoff(row.attempts)
        self._pace.left(row.address_id, limits)
        settled = await self._sender.attempt(row)
        if settled.state != "due":
            self._settle(settled)
            return None
        settled = held(settled, LEASE)
        assert settled.due_at and settled.lease_until  # noqa: PT018, S101 - narrows the types for mypy
        self._held[row.id] = settled.lease_until
        self._settle(settled)
        return (settled.due_at - settled.at).total_seconds()

    async def _rest(self, row: Out, queue: deque[Out]) -> int:
        """Let a notice's chat rest, until a reply joins the queue; the lane in which the notice leaves."""
        limits = self._channels[row.where.channel].limits
        if any(other.lane == REPLY for other in queue):
            return REPLY
        ahead = self._pace.ahead(row.address_id, row.lane, limits)
        if ahead > 0:
            hurry = self._hurry[row.address_id] = asyncio.Event()
            try:
                await asyncio.wait_for(hurry.wait(), ahead)
            except TimeoutError:
                return row.lane
            finally:
                del self._hurry[row.address_id]
            return REPLY
        return row.lane

    def _is_lost(self, row: Out) -> bool:
        """Whether the row's lease ran out while the database was away: another process may have sent the row."""
        return self._database.dialect == "postgresql" and self._held[row.id] <= self._clock()

    async def _wanted(self, row: Out) -> bool:
        """Whether the row is still to be sent: an erasure may have cancelled it since it was written."""
        async with self._database.read() as tx:
            return row.id in await claims.still_wanted(tx, [row.id])

    def _may_be_withdrawn(self, row: Out) -> bool:
        """Whether another process may erase the row's lead meanwhile; then even a row written just now is looked up."""
        return row.lead_id is not None and self._database.dialect == "postgresql"
