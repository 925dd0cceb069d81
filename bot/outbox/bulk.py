"""The bulk lane of one account: reminders and broadcasts, apart from the chats, so that bulk never delays a reply.

A bulk row is marked ``sending`` only when it can leave at once. When a process dies, the rows that must not be sent
twice and were in flight are known by that mark: they are uncertain, and so few that they can be counted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from bot.channels.base import Channel
from bot.log import where_in_code
from bot.outbox.chat_rate_limit import ChatPace
from bot.outbox.leased_rows import LEASE, Holder
from bot.outbox.sending import Sender
from storage.engine.database import Database, is_unavailable
from storage.outbox import claims
from storage.outbox.delivery_status import AttemptStatus
from storage.outbox.messages import BULK, Out
from storage.sealing.vault import Vault

MOST_HELD = 400  # rows that one process may hold at once: enough for 1,000 a second that are answered after 0.2 seconds
UNANSWERED = 2.0  # seconds' worth of the rate that may be on its way to the platform without an answer
AHEAD = 0.2  # seconds' worth of the rate that may be claimed before their send slots have come
PATIENCE = 0.8  # seconds to wait for a send slot; then the row is freed, and may be paused or cancelled
IDLE = 0.25  # seconds until the next look for rows without a wake-up

log = structlog.get_logger()


class Bulk(Holder):
    """The bulk lane of one channel in this process: claims bulk rows, and sends each when its send slot comes."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        channel: Channel,
        sender: Sender,
        chat_pace: ChatPace,
        clock: Callable[[], datetime],
        *,
        owner: str,
        settle: Callable[[AttemptStatus], None],
    ) -> None:
        super().__init__()
        self._database, self._vault, self._channel, self._clock = database, vault, channel, clock
        self._sender, self._chat_pace = sender, chat_pace
        self._pace = sender.paces[channel.name]
        self._owner, self._settle = owner, settle
        self._ahead = max(1, round(self._pace.rate * AHEAD)) if self._pace.rate else MOST_HELD // 2
        self._most_unanswered = max(1, int(self._pace.rate * UNANSWERED)) if self._pace.rate else MOST_HELD
        self._queued: set[int] = set()  # ids of held rows that wait for their send slot
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.Task[None] | None = None
        # Held rows that did not leave, to be given back: row id -> the moment from which the row may leave.
        self._back: dict[int, datetime] = {}
        self._woken, self._room = asyncio.Event(), asyncio.Event()
        self._claiming = asyncio.Lock()  # rows are claimed and given back in one transaction at a time
        self._busy = self._closing = False

    def start(self) -> None:
        self._loop = asyncio.create_task(self._run(), name="bulk")

    async def stop(self, patience: float) -> None:
        """Finish the rows in flight; free the rows that wait for their send slot."""
        self._closing = True
        self._woken.set()
        self._room.set()
        running = [*self._tasks, *([self._loop] if self._loop else [])]
        if running:
            _, late = await asyncio.wait(running, timeout=patience)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=patience)
        if self._back:
            await asyncio.wait([asyncio.create_task(self._give_back_at_last(), name="give back")], timeout=patience)

    def wake(self) -> None:
        """Look for rows to claim at once."""
        self._woken.set()

    async def claim(self) -> int:
        """Lease bulk rows that are due and can leave now, and send them; how many."""
        async with self._claiming:
            return await self._claim()

    async def _claim(self) -> int:
        room = self._room_now()
        if room <= 0 or self._pace.paused or self._closing:
            return 0
        here, now = (self._channel.name, self._channel.account), self._clock()
        if not self._busy:  # a reading transaction keeps nobody from writing
            async with self._database.read() as tx:
                if not await claims.any_bulk(tx, *here, now):
                    return 0
        room = min(room, await self._room_beside_others())
        if room <= 0:
            return 0
        async with self._database.write() as tx:
            rows = await claims.claim_bulk(tx, self._vault, *here, now, owner=self._owner, lease=LEASE, limit=room)
        self._busy = bool(rows)
        for row in rows:
            waits_here = row.id in self._held  # the lease had run out, and was taken anew; the row keeps its one task
            self._held[row.id] = now + LEASE
            if waits_here:
                continue
            self._queued.add(row.id)
            task = asyncio.create_task(self._send(row), name="bulk message")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return len(rows)

    # ------------------------------------------------------------------------------------------ inside

    async def _room_beside_others(self) -> int:
        """How many more may be on their way, with those of all processes together."""
        if self._database.dialect == "sqlite" or not self._pace.rate:
            return MOST_HELD
        async with self._database.read() as tx:
            return self._most_unanswered - await claims.under_way(tx, self._channel.name, self._channel.account)

    async def _run(self) -> None:
        while not self._closing:
            unheard = self._channel.name in self._sender.unheard
            enough = 1 if unheard else max(1, self._ahead // 2)
            if not self._back and self._room_now() < enough:  # a few at a time cost a transaction each
                self._room.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._room.wait(), IDLE if unheard else None)
                continue
            self._woken.clear()
            try:
                await self._give_back()
                claimed = await self.claim()
            except Exception as error:
                if not is_unavailable(error):
                    log.error("bulk claim failed", error=type(error).__name__, where=where_in_code(error))
                claimed = 0
            if not claimed and not self._closing:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), IDLE)

    def _room_now(self) -> int:
        """How many more rows may be claimed. While a platform does not answer, nobody knows the fate of a copy, so few
        are in flight at a time; after a copy without an answer only a single one, until a copy is answered, and each
        later than the last: an answer that is none comes within milliseconds where a proxy's server is away."""
        if self._sender.rests(self._channel.name):
            return 0
        on_their_way = len(self._held) - len(self._back)
        may_be = 1 if self._channel.name in self._sender.unheard else self._most_unanswered
        return min(self._ahead - len(self._queued), may_be - on_their_way, MOST_HELD - len(self._held))

    async def _send(self, row: Out) -> None:
        try:
            if not await self._place(row):
                return
            self._queued.discard(row.id)
            self._room.set()
            self._chat_pace.left(row.address_id, self._channel.limits)
            self._settle(await self._sender.attempt(row))
        except Exception as error:  # whether the message has left is not known: the row's lease runs out
            log.warning("bulk message left alone", error=type(error).__name__, where=where_in_code(error))
        finally:
            self._queued.discard(row.id)
            if row.id not in self._back:
                self._held.pop(row.id, None)
            self._room.set()

    async def _place(self, row: Out) -> bool:
        """Wait for the row's send slot; whether the row may leave now. Otherwise the row is to be given back, unsent."""
        rest, may_leave = self._chat_pace.ahead(row.address_id, BULK, self._channel.limits), False
        try:
            has_turn = rest <= 0 and await self._pace.turn(BULK, within=PATIENCE)
            may_leave = has_turn and not self._closing and self._is_ours(row)
        finally:
            if not may_leave:
                self._back[row.id] = self._clock() + timedelta(seconds=rest)
                self._woken.set()
        return may_leave

    def _is_ours(self, row: Out) -> bool:
        """Whether the row's lease lasts: after its end another process may have declared the row uncertain, or sent it."""
        return self._database.dialect == "sqlite" or self._held[row.id] > self._clock()

    async def _give_back(self) -> None:
        """Free the rows that did not leave. They stay in ``_back`` until that is stored, also with the database away:
        they must not count as uncertain, for we know that they did not leave."""
        async with self._claiming:
            rows = list(self._back.items())
            if rows:
                async with self._database.write() as tx:
                    await claims.give_back(tx, rows, self._owner)
            for row_id, _ in rows:
                del self._back[row_id]
                self._held.pop(row_id, None)

    async def _give_back_at_last(self) -> None:
        try:
            await self._give_back()
        except Exception as error:  # the rows are uncertain when their lease runs out
            log.warning("not given back", rows=len(self._back), error=type(error).__name__, where=where_in_code(error))
