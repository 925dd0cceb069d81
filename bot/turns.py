"""The turn writer: takes whatever is queued and runs it as one transaction.

``receive`` returns once the event is committed; only then may a platform be told that we have it. A batch holds at most
one event of each person and one press on each lead, so every turn is decided on facts that are true when it is
written. A batch that fails is undone and run again one by one; a turn that fails alone is kept as failed, its person
gets an apology and the open question, and nobody else is touched.
"""

from __future__ import annotations

import asyncio
import time
import traceback
from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import effects, facts, metrics
from bot.channels.base import Inbound, Progress, Unavailable
from bot.effects import Writing
from bot.events import body_of, cleaned, keys, kind_of, where_from
from bot.facts import Visitor
from bot.mail import Mail, Shell
from conversations.book import BOOK
from conversations.core import Book, Say, Session, Text, Turn, World
from conversations.ladder import step
from conversations.moment import Moment
from storage import messages, people, sessions
from storage.database import Database, is_away
from storage.ids import new_id
from storage.messages import Moved, Out, Settled
from storage.officers import Roster
from storage.people import Known
from storage.sessions import Saved

BATCH = 64
PROGRESS = 500  # what platforms tell of earlier messages, written together
LEASE = timedelta(seconds=60)
SETTLE_WITHIN = 0.02  # seconds; a receipt that a crash takes with it means one message repeated
NUDGE_AFTER = timedelta(hours=20)
UNFINISHED_KEPT = timedelta(days=30)  # docs/privacy.md
BLOCKED = "blocked"  # Inbound.reach

log = structlog.get_logger()

Deliver = Callable[[list[Out]], None]


@dataclass(slots=True)
class _Waiting:
    inbound: Inbound
    done: asyncio.Future[str]
    since: float = field(default_factory=time.perf_counter)


class TurnWriter:
    """One per process. ``deliver`` takes the rows that a committed batch left to send, leased to ``owner``."""

    def __init__(
        self,
        database: Database,
        shell: Shell,
        clock: Callable[[], datetime],
        *,
        owner: str = "",
        deliver: Deliver = lambda rows: None,
        book: Book = BOOK,
    ) -> None:
        self._database, self._shell, self._clock = database, shell, clock
        self._owner, self.deliver, self._book = owner, deliver, book
        self._queue: deque[_Waiting] = deque()
        self._settled: list[Settled] = []
        self._told: list[tuple[Progress, asyncio.Future[str]]] = []
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closing = self._writing = False

    # ------------------------------------------------------------------------------------------ from outside

    async def receive(self, inbound: Inbound) -> str:
        """Take one event in; returns the toast for a pressed button once all is committed.

        Raises Unavailable when the database is away or the writer is closing: the platform shall bring it again.
        """
        if self._closing:
            raise Unavailable("shutting down")
        waiting = _Waiting(cleaned(inbound), asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._wake.set()
        return await waiting.done

    async def progress(self, progress: Progress) -> str:
        """Write down what the platform told of a message it had taken; returns once that is committed, with no toast.

        Raises Unavailable as ``receive`` does.
        """
        if self._closing:
            raise Unavailable("shutting down")
        told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._told.append((progress, told))
        self._wake.set()
        return await told

    def settle(self, settled: Settled) -> None:
        """Write down what became of a row, with the next batch of turns, or soon where none comes."""
        self._settled.append(settled)
        if len(self._settled) == 1:
            asyncio.get_running_loop().call_later(SETTLE_WITHIN, self._wake.set)

    @property
    def busy(self) -> bool:
        """Something is queued or being written."""
        return bool(self._queue or self._settled or self._told) or self._writing

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="turn writer")

    async def stop(self) -> None:
        """Finish what is queued, write the last receipts, then end."""
        self._closing = True
        self._wake.set()
        if self._task:
            await self._task
            self._task = None

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue or self._settled or self._told:
                self._writing = True
                await self._write_progress()
                await self._safely(self._next())
                self._writing = False
            if self._closing:
                return

    async def _write_progress(self) -> None:
        """What platforms told, in a transaction of its own: a storm of it must not undo anybody's turn."""
        told, self._told = self._told[:PROGRESS], self._told[PROGRESS:]
        if not told:
            return
        try:
            async with self._database.write() as tx:
                await messages.progressed(tx, [_moved(progress) for progress, _ in told])
        except Exception as error:
            log.warning("progress not written", count=len(told), error=type(error).__name__)
            for _, done in told:
                if not done.done():
                    done.set_exception(Unavailable(type(error).__name__))
            return
        for _, done in told:
            if not done.done():
                done.set_result("")

    def _next(self) -> list[_Waiting]:
        """The next batch: nobody twice, no lead pressed twice; who must wait keeps their place."""
        batch: list[_Waiting] = []
        later: list[_Waiting] = []
        taken: set[object] = set()
        while self._queue and len(batch) < BATCH:
            waiting = self._queue.popleft()
            theirs = keys(waiting.inbound)
            (later if theirs & taken else batch).append(waiting)
            taken |= theirs
        self._queue.extendleft(reversed(later))
        return batch

    # ------------------------------------------------------------------------------------------ one batch

    async def _safely(self, batch: list[_Waiting]) -> None:
        """Whatever happens (a log that cannot be written), nobody waits for ever, and the writer goes on."""
        try:
            await self._batch(batch)
        except Exception as error:
            for waiting in batch:
                if not waiting.done.done():
                    waiting.done.set_exception(Unavailable(type(error).__name__))

    async def _batch(self, batch: list[_Waiting]) -> None:
        settled, self._settled = self._settled, []
        try:
            await self._write(batch, settled)
        except Exception as error:
            if is_away(error):
                self._refuse(batch, settled, error)
                await asyncio.sleep(0.05)  # the platform brings them again; no need to spin until then
            else:
                log.warning("batch undone", turns=len(batch), error=type(error).__name__)
                await self._one_by_one(batch, settled)

    async def _write(self, batch: list[_Waiting], settled: list[Settled]) -> None:
        now = self._clock()
        async with self._database.write() as tx:
            if settled:
                await messages.settle(tx, settled)
            outcomes, rows = await self._turns(tx, [w.inbound for w in batch], now) if batch else ({}, [])
        self.deliver(rows)
        if batch:
            metrics.batch(len(batch))
        for waiting in batch:
            self._counted(waiting, "done" if id(waiting.inbound) in outcomes else "again")
            if not waiting.done.done():
                waiting.done.set_result(outcomes.get(id(waiting.inbound), ""))

    @staticmethod
    def _counted(waiting: _Waiting, outcome: str) -> None:
        metrics.turn(kind_of(waiting.inbound), outcome, time.perf_counter() - waiting.since)

    async def _one_by_one(self, batch: list[_Waiting], settled: list[Settled]) -> None:
        if settled:
            try:
                await self._write([], settled)
            except Exception as error:
                if is_away(error):
                    self._settled = settled + self._settled
                log.warning("receipts not written", receipts=len(settled), error=type(error).__name__)
        for waiting in batch:
            try:
                await self._write([waiting], [])
            except Exception as error:
                if is_away(error):
                    self._refuse([waiting], [], error)
                else:
                    await self._give_up(waiting, error)

    async def _give_up(self, waiting: _Waiting, error: Exception) -> None:
        """Keep the event as failed and say sorry, as far as that can be done: an event that came again for ever
        would hold up everybody else's.
        """
        log.error(
            "turn failed", channel=waiting.inbound.channel, error=type(error).__name__, where=_where_in_code(error)
        )
        for keep in (self._apologise, self._apologise_blindly, self._keep_as_failed):
            try:
                async with self._database.write() as tx:
                    rows = await keep(tx, waiting.inbound, type(error).__name__, self._clock())
            except Exception as again:
                if is_away(again):
                    break
                log.error("apology failed", error=type(again).__name__, where=_where_in_code(again))
                continue
            self.deliver(rows)
            self._counted(waiting, "failed")
            if not waiting.done.done():
                waiting.done.set_result("")
            return
        self._refuse([waiting], [], error)

    def _refuse(self, batch: list[_Waiting], settled: list[Settled], error: BaseException) -> None:
        log.warning("database away", turns=len(batch), error=type(error).__name__)
        # Nobody waits for the database at the end: what is not written down is sent once more by the next process.
        self._settled = [] if self._closing else settled + self._settled
        for waiting in batch:
            self._counted(waiting, "refused")
            if not waiting.done.done():
                waiting.done.set_exception(Unavailable(str(type(error).__name__)))

    # ------------------------------------------------------------------------------------------ within a transaction

    async def _turns(
        self, tx: AsyncConnection, inbounds: list[Inbound], now: datetime
    ) -> tuple[dict[int, str], list[Out]]:
        """All turns of a batch: reads, steps, writes. What each answers its button with, and what is to be sent."""
        arrived = await self._arrivals(tx, inbounds, now)
        arrivals = [each for each in arrived if not each[0].reach]
        visitors = await facts.gather(tx, self._shell.vault, self._shell.knowledge, arrivals, now, self._shell.fresh)
        toasts = {id(inbound): "" for inbound, _, _ in arrived}
        out: list[Out] = []
        saved: list[Saved] = []
        rows: effects.Rows = defaultdict(list)
        roster = Roster(tx)
        for visitor in visitors:
            turn = self._step(visitor)
            writing = Writing(Mail(tx, self._shell, visitor.world.now, roster), visitor, rows)
            await effects.apply(writing, turn.effects)
            toasts[id(visitor.inbound)] = writing.toast
            out += writing.mail.out
            if not writing.forgotten:
                saved.append(_saved(visitor, turn.session, now))
        for table, some in rows.items():
            if some:
                await tx.execute(table.insert(), some)
        await sessions.save(tx, self._shell.vault, saved, now)
        await messages.put(tx, self._shell.vault, out, now, owner=self._owner, lease=LEASE)
        return toasts, out

    def _step(self, visitor: Visitor) -> Turn:
        return step(visitor.session, visitor.inbound.heard, visitor.world, self._book)

    async def _arrivals(
        self, tx: AsyncConnection, inbounds: list[Inbound], now: datetime
    ) -> list[tuple[Inbound, int, Known]]:
        """Those events that have not come in before, stored, with the persons behind them."""
        met = await people.known(tx, self._shell.vault, [where_from(i) for i in inbounds])
        strangers = [i for i in inbounds if where_from(i) not in met and not i.reach]
        if strangers:  # an event of somebody who was erased since must not bring them back when it is redelivered
            seen = await messages.seen(tx, [(i.account, i.external_id) for i in strangers])
            fresh = [where_from(i) for i in strangers if (i.account, i.external_id) not in seen]
            met |= await people.make(tx, self._shell.vault, fresh, now) if fresh else {}
        coming = [i for i in inbounds if where_from(i) in met]
        rows = [self._inbox_row(inbound, met[where_from(inbound)], now) for inbound in coming]
        new = await messages.take_in(tx, rows) if rows else set()
        arrived = [(i, row["id"], met[where_from(i)]) for i, row in zip(coming, rows, strict=True) if row["id"] in new]
        await people.heard(tx, [known for inbound, _, known in arrived if inbound.reach != BLOCKED], now)
        await people.unreachable(tx, [known.address_id for inbound, _, known in arrived if inbound.reach == BLOCKED])
        return arrived

    def _inbox_row(self, inbound: Inbound, known: Known | None, now: datetime) -> dict[str, Any]:
        row_id = new_id()
        return {
            "id": row_id,
            "account": inbound.account,
            "external_id": inbound.external_id,
            "person_id": known.person_id if known else None,
            "at": now,
            "kind": kind_of(inbound),
            "state": "done",
            "error": "",
            "sealed": self._shell.vault.seal_json(body_of(inbound), table="inbox", column="sealed", row=row_id)
            if known
            else None,
        }

    # ------------------------------------------------------------------------------------------ when a turn fails

    async def _apologise(self, tx: AsyncConnection, inbound: Inbound, error: str, now: datetime) -> list[Out]:
        """An apology with the open question; the answers so far stay."""
        arrivals = await self._arrivals(tx, [inbound], now)
        if not arrivals:
            return []
        [visitor] = await facts.gather(tx, self._shell.vault, self._shell.knowledge, arrivals, now, self._shell.fresh)
        moment = Moment(visitor.session, visitor.inbound.heard, visitor.world, self._book)
        says = [Say(Text("apology"))]
        with suppress(Exception):  # where even the question cannot be put, the apology goes alone
            says += [effect for effect in moment.ask_open().effects if isinstance(effect, Say)]
        await sessions.save(tx, self._shell.vault, [_saved(visitor, visitor.session, now)], now)
        return await self._sorry(tx, visitor, says, error, now)

    async def _apologise_blindly(self, tx: AsyncConnection, inbound: Inbound, error: str, now: datetime) -> list[Out]:
        """Where a session or a lead cannot be read: the apology alone."""
        arrivals = await self._arrivals(tx, [inbound], now)
        if not arrivals:
            return []
        [(_, inbox_id, known)] = arrivals
        world = World(now=now, knows=self._shell.knowledge, channel=inbound.channel)
        visitor = Visitor(inbound, inbox_id, known, Session("home"), world)
        return await self._sorry(tx, visitor, [Say(Text("apology"))], error, now)

    async def _sorry(
        self, tx: AsyncConnection, visitor: Visitor, says: list[Say], error: str, now: datetime
    ) -> list[Out]:
        await messages.mark_failed(tx, visitor.inbox_id, error)
        writing = Writing(Mail(tx, self._shell, visitor.world.now, Roster(tx)), visitor, defaultdict(list))
        writing.reply(says)
        await messages.put(tx, self._shell.vault, writing.mail.out, now, owner=self._owner, lease=LEASE)
        return writing.mail.out

    async def _keep_as_failed(self, tx: AsyncConnection, inbound: Inbound, error: str, now: datetime) -> list[Out]:
        """Where not even the person can be read: that something came in, so that it does not come again."""
        row = {**self._inbox_row(inbound, None, now), "state": "failed", "error": error}
        await messages.take_in(tx, [row])
        return []


# ------------------------------------------------------------------------------------------------ small things


def _saved(visitor: Visitor, session: Session, now: datetime) -> Saved:
    running = session if session.dialogue == "registration" else session.under
    unfinished = running is not None and running.dialogue == "registration" and not running.about
    agreed = unfinished and running is not None and running.answers.get("consent") == "yes"
    return Saved(visitor.known.person_id, session, now + NUDGE_AFTER if agreed else None, now + UNFINISHED_KEPT)


def _where_in_code(error: BaseException) -> str:
    """Files and lines, without messages: those of drivers and readers may quote a person's words."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)


def _moved(progress: Progress) -> Moved:
    failed = progress.failed
    return Moved(
        progress.ref,
        progress.state,
        progress.at,
        external_id=progress.external_id,
        reason=failed.reason if failed else "",
        gone=bool(failed and failed.gone),
        closed=bool(failed and failed.closed),
        category=progress.category,
        billable=progress.billable,
    )
