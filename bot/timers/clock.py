"""The clock: reminders, digests, the escalation of leads that nobody has called, and upkeep (the end of retention).

All of these are rows in the database, looked at every so often: nothing is forgotten by a restart, and a reminder is an
outgoing message that touches no session.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from bot.leases import Lease
from bot.log import where_in_code
from bot.mail.mail import Services
from bot.periodic import Ticker
from bot.timers import bridges, digest, escalation, handing, leave, reengagement, reminders, week
from bot.timers.look import Look
from bot.timers.upkeep import Kept, Upkeep
from storage.engine.database import Database, is_unavailable
from storage.outbox import messages
from storage.outbox.messages import Out
from storage.whole_person import erasure_log

EVERY = 30.0  # seconds

KEPT = Kept()

log = structlog.get_logger()

Due = Callable[..., Awaitable[list[Out]]]
"""Gives the messages of one kind that are due now, as rows for the outbox: of a transaction, the services and the moment."""


class Clock:
    """Does all timed work, one clock at a time per database (``lease``). ``tick`` does all that is due now; ``start``
    does so again and again."""

    def __init__(
        self,
        database: Database,
        services: Services,
        clock: Callable[[], datetime],
        deletions: Path | None = None,
        lease: Lease = nullcontext,
        kept: Kept = KEPT,
    ) -> None:
        self._database, self._services, self._clock, self._deletions = database, services, clock, deletions
        self._upkeep = Upkeep(database, services.vault, kept)
        self._ticker = Ticker("clock", self.tick, lease, idle=EVERY)
        self._looked = erasure_log.Looked()
        self._failing: dict[str, float] = {}  # kinds of messages that fail to be put, and since when

    def start(self) -> None:
        self._ticker.start()

    async def stop(self) -> None:
        await self._ticker.stop()
        await self._list_deletions(self._clock())

    @property
    def behind(self) -> float | None:
        """Seconds since all parts of a tick last succeeded; None where another process has the lease."""
        behind = self._ticker.behind
        return behind and max(behind, time.monotonic() - min(self._failing.values(), default=time.monotonic()))

    async def tick(self) -> None:
        now = self._clock()
        for due in (leave.begin, leave.end, bridges.over):
            await self._tell(due, now)
        promised = Look()
        while await self._tell(reminders.due, now, look=promised) and promised.more:
            pass
        look = Look()
        while await self._tell(escalation.due, now, look=look) and look.more:
            pass  # the leads that are due, some in each transaction, so that none is locked for long
        for due in (
            escalation.closings,
            escalation.lost,
            handing.unanswered,
            digest.due,
            week.due,
            reengagement.due,
        ):
            await self._tell(due, now)
        for work in (*self._upkeep.parts, self._list_deletions):
            await self._do(work, now)

    async def _tell(self, due: Due, now: datetime, **how: Any) -> bool:
        """Put the messages of one kind into the outbox, and whether that succeeded; an error of one kind holds up no
        other."""
        try:
            async with self._database.write() as tx:
                rows = await due(tx, self._services, now, **how)
                await messages.put(tx, self._services.vault, rows, now, owner="", lease=timedelta())
        except Exception as error:
            if is_unavailable(error):
                raise
            self._has_failed(_name(due), error)
            return False
        self._failing.pop(_name(due), None)
        return True

    async def _do(self, work: Callable[[datetime], Awaitable[None]], now: datetime) -> None:
        """Do one part of the upkeep; its error keeps no other part from its work."""
        try:
            await work(now)
        except Exception as error:
            if is_unavailable(error) and getattr(error, "filename", None) is None:
                raise
            self._has_failed(_name(work), error)
        else:
            self._failing.pop(_name(work), None)

    def _has_failed(self, what: str, error: Exception) -> None:
        self._failing.setdefault(what, time.monotonic())
        log.error("not done", of=what, error=type(error).__name__, where=where_in_code(error))

    async def _list_deletions(self, _now: datetime) -> None:
        """Keep the erasure log, beside the database, up to date: a restore needs it on the day on which the database is
        lost."""
        if self._deletions:
            await erasure_log.copy(self._database, self._deletions, self._looked)


def _name(work: Callable[..., object]) -> str:
    return f"{work.__module__}.{work.__name__.removeprefix('_')}"
