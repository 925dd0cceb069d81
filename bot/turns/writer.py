"""The turn writer: runs queued events as turns, a batch in one transaction.

``receive`` returns once the event is committed; only then may a platform be told that we have the event. A batch holds
at most one event of each person and one press on each lead, so every turn is decided on facts that are true when it is
written. A batch that fails is undone and run again one by one; a turn that fails alone is kept as failed, its person
gets an apology and the open question, and nobody else is touched. With the database away every event is refused: the
platforms bring it again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from bot import metrics
from bot.channels.base import Inbound, PlatformStatus, SendFailed, Unavailable
from bot.log import where_in_code
from bot.turns.fair_queue import FairQueue, Waiting
from bot.turns.stale import Stale
from storage.engine.database import Database, is_unavailable
from storage.outbox import delivery_status
from storage.outbox.delivery_status import AttemptStatus, RowStatus
from storage.outbox.messages import Out

if TYPE_CHECKING:
    from bot.turns.batch import Turns, Written

BATCH = 64
TOLD_LATER = 60.0  # seconds after which a message that a platform took and then failed is tried once more
PROGRESS = 500  # receipts of platforms that are written together
MOST_WAITING = 5_000  # events in the queue; further ones are refused, and platforms keep them for us
SETTLE_WITHIN = 0.02  # seconds; a result of an attempt that a crash loses means one message repeated
# Seconds after which a refusal says nothing of now: while we count as not ready, nobody may come to try.
LONG_AGO = 30.0
BREATH = 0.05  # seconds, when the database is away: the platform brings everything again, no need to spin until then

log = structlog.get_logger()

Deliver = Callable[[list[Out]], None]
Told = tuple[PlatformStatus, "asyncio.Future[str]"]


class TurnWriter:
    """The turn writer of a process. ``turns`` runs the turns; None in a process that takes no events and only stores
    results of sending.

    ``deliver`` takes the rows that a committed batch left to send, leased to this process.
    """

    def __init__(
        self,
        database: Database,
        turns: Turns | None,
        clock: Callable[[], datetime],
        *,
        deliver: Deliver = lambda rows: None,
    ) -> None:
        self._database, self.turns, self._clock, self.deliver = database, turns, clock, deliver
        self._line = FairQueue()
        self._settled: list[AttemptStatus] = []
        self._told: list[Told] = []
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closing = self._writing = self._away = False
        self._refused_at = float("-inf")

    # ------------------------------------------------------------------------------------------ from outside

    async def receive(self, inbound: Inbound) -> str:
        """Take one event in; the toast for a pressed button, once all is committed.

        Raises Unavailable when the database is away, the queue is full or the writer is closing: the platform shall
        bring the event again.
        """
        if self._closing or self.turns is None:
            raise Unavailable("shutting down" if self._closing else "takes no events")
        if len(self._line) >= MOST_WAITING:
            raise Unavailable("too many are waiting")
        waiting = self.turns.waiting(inbound)
        self._line.add(waiting)
        self._wake.set()
        return await waiting.done

    async def progress(self, progress: PlatformStatus) -> str:
        """Store a platform's receipt for a message; returns once that is committed, always "".

        Raises Unavailable as ``receive`` does.
        """
        if self._closing:
            raise Unavailable("shutting down")
        told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._told.append((progress, told))
        self._wake.set()
        return await told

    def settle(self, settled: AttemptStatus) -> None:
        """Store the result of an attempt, with the next batch of turns, or soon where none comes."""
        self._settled.append(settled)
        if len(self._settled) == 1:
            asyncio.get_running_loop().call_later(SETTLE_WITHIN, self._wake.set)

    @property
    def refuses(self) -> bool:
        """Whether the database refused the last write, and that was less than ``LONG_AGO`` ago."""
        return self._away and time.monotonic() - self._refused_at < LONG_AGO

    @property
    def busy(self) -> bool:
        """Whether anything is queued or being written."""
        return bool(self._line or self._settled or self._told) or self._writing

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="turn writer")

    async def stop(self) -> None:
        """Run the queued events, store the last results, then end."""
        self._closing = True
        self._wake.set()
        if self._task:
            await self._task
            self._task = None

    # ------------------------------------------------------------------------------------------ one batch

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._line or self._settled or self._told:
                self._writing = True
                await self._round()
                self._writing = False
            if self._closing:
                return

    async def _round(self) -> None:
        """Run one batch; whatever happens (a log that cannot be written), nobody waits for ever, and the writer goes on."""
        told, self._told = self._told[:PROGRESS], self._told[PROGRESS:]
        batch = self._line.batch(BATCH)
        try:
            if told:
                await self._progress(told)
            await self._batch(batch)
        except Exception as error:
            for done in (*(done for _, done in told), *(waiting.done for waiting in batch)):
                _refuse(done, error)

    async def _batch(self, batch: list[Waiting]) -> None:
        settled, self._settled = self._settled, []
        try:
            await self._write(batch, settled)
        except Exception as error:
            if is_unavailable(error):
                self._come_again(batch, settled, error)
                await asyncio.sleep(BREATH)
            else:
                level = log.info if isinstance(error, Stale) and len(batch) > 1 else log.warning
                level("batch undone", turns=len(batch), error=type(error).__name__, where=where_in_code(error))
                await self._one_by_one(batch, settled)

    async def _write(self, batch: Sequence[Waiting], settled: Sequence[AttemptStatus]) -> None:
        now, written = self._clock(), None
        async with self._database.write() as tx:
            if settled:
                await delivery_status.settle(tx, settled)
            if batch and self.turns:
                written = await self.turns.run(tx, [waiting.inbound for waiting in batch], now)
        if self._away:
            log.info("database back")
        self._away = False
        if written:
            self._committed(batch, written)

    def _committed(self, batch: Sequence[Waiting], written: Written) -> None:
        self.deliver(written.ours)
        metrics.batch(len(batch))
        for waiting in batch:
            event = id(waiting.inbound)
            outcome = "failed" if event in written.failed else "done" if event in written.toasts else "again"
            self._over(waiting, outcome, written.toasts.get(event, ""))

    async def _one_by_one(self, batch: Sequence[Waiting], settled: Sequence[AttemptStatus]) -> None:
        for receipt in settled:
            await self._settle_alone(receipt)
        for waiting in batch:
            try:
                await self._write([waiting], [])
            except Exception as error:
                if is_unavailable(error):
                    self._come_again([waiting], [], error)
                else:
                    await self._give_up(waiting, error)

    async def _settle_alone(self, receipt: AttemptStatus) -> None:
        """Store one result of an attempt; a result that cannot be stored is dropped, as it would undo everybody's batch
        for ever."""
        try:
            await self._write([], [receipt])
        except Exception as error:
            if is_unavailable(error):
                self._settled.append(receipt)
            else:
                log.error(
                    "receipt not written",
                    row=receipt.id,
                    state=receipt.state,
                    error=type(error).__name__,
                    where=where_in_code(error),
                )

    async def _give_up(self, waiting: Waiting, error: Exception) -> None:
        """Store the event as failed and apologise, as far as that can be done: an event that came again for ever would
        hold up everybody else's."""
        inbound, what = waiting.inbound, type(error).__name__
        log.error("turn failed", channel=inbound.channel, error=what, where=where_in_code(error))
        for resort in self.turns.resorts if self.turns else ():
            try:
                async with self._database.write() as tx:
                    rows = await resort(tx, inbound, what, self._clock())
            except Exception as again:
                if is_unavailable(again):
                    break
                log.error("apology failed", error=type(again).__name__, where=where_in_code(again))
                continue
            self.deliver(rows)
            self._over(waiting, "failed")
            return
        self._come_again([waiting], [], error)

    def _come_again(self, batch: Sequence[Waiting], settled: Sequence[AttemptStatus], error: BaseException) -> None:
        if not self._away:
            log.warning("database away", error=type(error).__name__, where=where_in_code(error))
        self._away, self._refused_at = True, time.monotonic()
        # At the end nobody waits for the database: a message whose result is not stored is sent once more by the next process.
        self._settled = [] if self._closing else [*settled, *self._settled]
        for waiting in batch:
            metrics.turn(waiting.kind, "refused", time.perf_counter() - waiting.since)
            _refuse(waiting.done, error)

    @staticmethod
    def _over(waiting: Waiting, outcome: str, toast: str = "") -> None:
        metrics.turn(waiting.kind, outcome, time.perf_counter() - waiting.since)
        if not waiting.done.done():
            waiting.done.set_result(toast)

    # ------------------------------------------------------------------------------------------ what platforms tell

    async def _progress(self, told: Sequence[Told]) -> None:
        """Store receipts in a transaction of their own: a storm of them must not undo anybody's turn, nor one of them
        all others."""
        try:
            async with self._database.write() as tx:
                await delivery_status.progressed(tx, [_moved(progress) for progress, _ in told])
        except Exception as error:
            if is_unavailable(error):
                for _, done in told:
                    _refuse(done, error)
                return
            log.warning("progress not written", count=len(told), error=type(error).__name__, where=where_in_code(error))
            if len(told) > 1:
                for one in told:
                    await self._progress([one])
                return
        for _, done in told:  # a receipt that can never be stored is done with too: it would come again for ever
            if not done.done():
                done.set_result("")


def _refuse(done: asyncio.Future[str], error: BaseException) -> None:
    if not done.done():
        done.set_exception(Unavailable(type(error).__name__))


def _moved(progress: PlatformStatus) -> RowStatus:
    failed = progress.failed
    return RowStatus(
        progress.ref,
        progress.state,
        progress.at,
        external_id=progress.external_id,
        reason=failed.reason if failed else "",
        gone=bool(failed and failed.gone),
        closed=bool(failed and failed.closed),
        again=_again(progress.at, failed) if failed else None,
        waits=bool(failed and (failed.wide or failed.alert)),
        category=progress.category,
        billable=progress.billable,
    )


def _again(at: datetime, failed: SendFailed) -> datetime | None:
    """When a message that a platform accepted and then failed is worth another try; None: never."""
    if failed.gone or failed.permanent or failed.closed:
        return None
    return at + timedelta(seconds=failed.retry_after or TOLD_LATER)
