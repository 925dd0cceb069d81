"""The pump keeps broadcasts going: writes down recipients, puts copies into the outbox a few seconds ahead, ends
broadcasts.

One pump works at a time (the clock role). All its state is in the database, so it goes on where a crash left it; each
step is a short transaction that first checks whether the broadcast may still go on, so that replies never wait long.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.broadcasts import notices
from bot.broadcasts.copies import put_next
from bot.broadcasts.plans import begin, estimate
from bot.broadcasts.report import OUR_FAULT
from bot.broadcasts.text import Content
from bot.leases import Lease
from bot.log import where_in_code
from bot.mail.mail import Mail, Services
from bot.periodic import Ticker
from bot.quiet_hours import awake
from storage.broadcasts import broadcasts, recipients
from storage.broadcasts.broadcasts import NotNow, Plan
from storage.engine.database import Database, is_unavailable
from storage.leads.officers import Roster
from storage.outbox import messages

TICK, IDLE = 0.2, 1.0  # seconds between looks while something runs, and otherwise
AHEAD = 4.0  # seconds of a channel's rate that are put out ahead
LEAST, MOST = 50, 2_000  # copies put out ahead, whatever the rate
PEOPLE = 1_000  # persons looked at in one transaction while recipients are written down
COPIES = 250  # copies put into the outbox in one transaction
LATEST, ENOUGH = 200, 50  # latest ended copies among which failures are counted; fewer than 50 say nothing yet
# Until recipients are looked at again who had to wait, or who were in a turn.
LOOK_AGAIN, SOON = timedelta(minutes=1), timedelta(seconds=2)
DAY = timedelta(days=1)
TRIES = 5  # failures of a step in a row, before its broadcast is halted
BREATH = 0.01  # seconds between two transactions, in which SQLite's only writer is free for replies
TIDY_EVERY = timedelta(hours=1)

log = structlog.get_logger()


@dataclass(slots=True)
class _Pass:
    """One pass of this process through the recipients of a broadcast: how far, and when the next pass begins."""

    after: int = 0
    again_at: datetime | None = None
    some_wait: bool = False
    some_busy: bool = False


class Pump:
    """Keeps all broadcasts going, one pump at a time per database (``lease``). ``tick`` does all that can be done now;
    ``start`` does so again and again.

    ``wake`` is called when new copies are in the outbox, to wake the sender of this process.
    """

    def __init__(
        self,
        database: Database,
        services: Services,
        clock: Callable[[], datetime],
        lease: Lease = nullcontext,
        *,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._database, self._services, self._clock, self._wake = database, services, clock, wake
        self._passes: dict[int, _Pass] = {}
        self._contents: dict[int, Content] = {}
        self._failed: dict[int, int] = {}  # times in a row
        self._tidy_at: datetime | None = None
        self._ticker = Ticker("broadcasts", self.tick, lease, idle=IDLE, busy=TICK)
        self.start, self.stop = self._ticker.start, self._ticker.stop

    @property
    def behind(self) -> float | None:
        """Seconds since this pump last went on; None where another process has the lease."""
        return self._ticker.behind

    async def tick(self) -> bool:
        """Go on with every broadcast until nothing more can be done now; True while any broadcast is at work."""
        await self._tidy()
        resting: set[int] = set()
        while True:
            async with self._database.read() as tx:
                plans = await broadcasts.at_work(tx, self._clock())
            self._forget_but({plan.id for plan in plans})
            if not any([await self._guarded(plan, resting) for plan in plans if plan.id not in resting]):
                return bool(plans)
            self._ticker.goes_on()
            await asyncio.sleep(BREATH)

    async def _guarded(self, plan: Plan, resting: set[int]) -> bool:
        """Do one step of a broadcast; whether there may be more at once. A failed step is tried again at a later tick;
        a broadcast whose steps fail ``TRIES`` times in a row is halted, and none of the others."""
        try:
            more = await self._step(plan)
        except Exception as error:
            if is_unavailable(error):
                raise
            log.error("broadcast failed", broadcast=plan.id, error=type(error).__name__, where=where_in_code(error))
            resting.add(plan.id)
            self._failed[plan.id] = self._failed.get(plan.id, 0) + 1
            if self._failed[plan.id] < TRIES:  # a deadlock, for example, passes by itself
                return False
            async with self._database.write() as tx:
                return await broadcasts.halt(tx, plan.id, OUR_FAULT, self._clock())
        self._failed.pop(plan.id, None)
        return more

    async def _step(self, plan: Plan) -> bool:
        """Do one transaction's worth of work for a broadcast; whether there may be more at once."""
        match plan.state:
            case "scheduled":
                return await self._begin(plan)
            case "planning":
                return await self._write_down(plan)
            case "running":
                return await self._put_out(plan)
            case "cancelled":
                async with self._database.write() as tx:
                    return await recipients.clear_away(tx, plan.id, PEOPLE) > 0
            case _:
                return await self._tell_of_halts()

    # ------------------------------------------------------------------------------------------ its beginning

    async def _begin(self, plan: Plan) -> bool:
        now = self._clock()
        async with self._database.read() as tx:  # counting a million takes seconds, in which replies must not wait
            size = (await estimate(tx, self._services, plan.audience, now)).count
        async with self._database.write() as tx:
            mail = Mail(tx, self._services, now, Roster(tx))
            with suppress(NotNow):  # cancelled meanwhile
                await begin(mail, plan, size)
            await messages.put(tx, self._services.vault, mail.out, now, owner="", lease=timedelta())
        return True

    async def _write_down(self, seen: Plan) -> bool:
        async with self._database.write() as tx:
            plan = await broadcasts.find(tx, seen.id, lock=True)
            if plan is None or plan.state != "planning":
                return True
            size = plan.size if plan.planned_through else 0  # before the first chunk ``size`` is the estimate
            found = await recipients.write_down(
                tx, plan.id, plan.audience, after=plan.planned_through, size=size,
                before=plan.started_at or self._clock(), chunk=PEOPLE,
            )  # fmt: skip
            if found is None:
                await broadcasts.run(tx, plan.id)
            else:
                await broadcasts.planned(tx, plan.id, *found)
        return True

    # ------------------------------------------------------------------------------------------ its copies

    async def _put_out(self, plan: Plan) -> bool:
        now = self._clock()
        window = self._window()
        async with self._database.read() as tx:
            unbegun = await recipients.unbegun(tx, plan.id)
            later = await recipients.put_aside(tx, plan.id, now + DAY)
            failing = await self._failing(tx, plan)
        if failing:
            async with self._database.write() as tx:
                await broadcasts.halt(tx, plan.id, failing, now)
            return True
        if not awake(self._services.rules.quiet, now):
            return (unbegun > 0 or later) and await self._hold_back(plan, now)
        at = self._passes.setdefault(plan.id, _Pass())
        if (at.again_at and now < at.again_at) or unbegun > window // 2:
            return False
        at.some_wait |= later
        return await self._next_chunk(plan, at, min(COPIES, window - unbegun), now, is_last=not (unbegun or later))

    async def _next_chunk(self, plan: Plan, at: _Pass, limit: int, now: datetime, *, is_last: bool) -> bool:
        async with self._database.write() as tx:
            running = await broadcasts.find(tx, plan.id, lock=True)
            if running is None or running.state != "running":
                return True
            content = await self._content(tx, plan.id)
            if content is None:
                return await broadcasts.halt(tx, plan.id, "its words were purged", now)
            chunk = await put_next(tx, self._services, plan, content, at.after, limit, now)
            if chunk.through is None and at.after == 0 and is_last:
                await self._finish(tx, plan, now)
                return True
        if chunk.through is not None:
            self._wake()
            at.after, at.again_at = chunk.through, None
            at.some_wait |= chunk.some_wait
            at.some_busy |= chunk.some_busy
            return True
        pause = LOOK_AGAIN if at.some_wait else SOON if at.some_busy else timedelta()
        was_through = at.after > 0
        self._passes[plan.id] = _Pass(again_at=now + pause)
        return was_through and not pause

    async def _finish(self, tx: AsyncConnection, plan: Plan, now: datetime) -> None:
        await broadcasts.finish(tx, plan.id, now)
        mail = Mail(tx, self._services, now, Roster(tx))
        await notices.tell_done(mail, plan)
        await messages.put(tx, self._services.vault, mail.out, now, owner="", lease=timedelta())

    async def _failing(self, tx: AsyncConnection, plan: Plan) -> str:
        """The reason to halt a broadcast, because too many of its latest copies did not arrive; "" where they do."""
        latest = await recipients.latest_ends(tx, plan.id, plan.resumed_at or plan.created_at, LATEST)
        failed = latest.count("failed") + latest.count("uncertain")
        if len(latest) < ENOUGH or failed <= self._services.rules.errors * len(latest):
            return ""
        return f"{failed} of the last {len(latest)} failed"

    async def _hold_back(self, plan: Plan, now: datetime) -> bool:
        """In a quiet hour of all zones, take back copies that nobody began to send, also those that wait for tomorrow's
        budget."""
        async with self._database.write() as tx:
            await broadcasts.find(tx, plan.id, lock=True)
            await recipients.recall(tx, plan.id, now + DAY)
        return False

    def _window(self) -> int:
        """How many copies to put out ahead: those of ``AHEAD`` seconds at the channels' rates, ``MOST`` without limits."""
        rates = self._services.rules.rates.values()
        return min(MOST, max(LEAST, int(AHEAD * sum(rates)))) if rates else MOST

    # ------------------------------------------------------------------------------------------ small things

    async def _tell_of_halts(self) -> bool:
        now = self._clock()
        async with self._database.write() as tx:
            mail = Mail(tx, self._services, now, Roster(tx))
            for plan in await broadcasts.untold(tx, now):
                log.warning("broadcast halted", broadcast=plan.id, reason=plan.reason)
                await notices.tell_halted(mail, plan)
            await messages.put(tx, self._services.vault, mail.out, now, owner="", lease=timedelta())
        return True

    async def _content(self, tx: AsyncConnection, broadcast_id: int) -> Content | None:
        if broadcast_id not in self._contents:
            stored = await broadcasts.content(tx, self._services.vault, broadcast_id)
            if stored is None:
                return None
            self._contents[broadcast_id] = Content.of(stored)
        return self._contents[broadcast_id]

    def _forget_but(self, at_work: set[int]) -> None:
        """Drop what memory holds of broadcasts not at work: it would be stale when they are resumed."""
        for kept in (self._passes, self._contents, self._failed):
            for broadcast_id in [i for i in kept if i not in at_work]:
                del kept[broadcast_id]

    async def _tidy(self) -> None:
        now = self._clock()
        if self._tidy_at is None or now >= self._tidy_at:
            self._tidy_at = now + TIDY_EVERY
            async with self._database.write() as tx:
                await broadcasts.purge(tx, now)
