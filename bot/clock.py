"""What time brings: reminders of unfinished registrations, and the end of what may be kept no longer.

Everything here is a row in the database, looked at every so often: nothing is forgotten by a restart, and a reminder is
an outgoing message that touches no session.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.effects import Shell
from bot.packing import pack
from bot.render import outgoing
from conversations.ask import command
from conversations.core import Say, Text
from storage import audit, forgotten, leads, messages, people, retention, sessions
from storage.database import Database, is_away
from storage.ids import new_id
from storage.messages import BULK, Out

EVERY = 30.0  # seconds

log = structlog.get_logger()


class Clock:
    """One per database. ``tick`` does all that is due now; ``start`` does it again and again."""

    def __init__(
        self, database: Database, shell: Shell, clock: Callable[[], datetime], deletions: Path | None = None
    ) -> None:
        self._database, self._shell, self._clock, self._deletions = database, shell, clock, deletions
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="clock")

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            await self._list_deletions()

    async def _run(self) -> None:
        while True:
            try:
                await self.tick()
            except Exception as error:
                if not is_away(error):
                    log.error("clock failed", error=type(error).__name__)
            await asyncio.sleep(EVERY)

    async def tick(self) -> None:
        now = self._clock()
        async with self._database.write() as tx:
            await self._nudge(tx, now)
        async with self._database.write() as tx:
            await self._forget(tx, now)
        async with self._database.write() as tx:
            await messages.purge(tx, now - messages.BODIES_KEPT)
        await self._list_deletions()

    async def _list_deletions(self) -> None:
        """Keep the list that a restore needs beside the database, for the day on which that is lost."""
        if self._deletions:
            await forgotten.copy(self._database, self._deletions)

    async def _nudge(self, tx: AsyncConnection, now: datetime) -> None:
        """ "Pendaftarannya belum selesai": once, with buttons that begin a turn when pressed."""
        due = await sessions.due_for_nudge(tx, now)
        say = Say(Text("nudge.unfinished"), (command("continue"), command("restart"), command("human")))
        rows = []
        for person_id, (address_id, where) in (await people.addresses_of(tx, self._shell.vault, due)).items():
            [message] = outgoing((say,), self._shell.catalog, self._shell.limits(where.channel))
            rows.append(Out(new_id(), person_id, address_id, where, pack(message), "nudge", BULK))
        await messages.put(tx, self._shell.vault, rows, now, owner="", lease=timedelta())

    async def _forget(self, tx: AsyncConnection, now: datetime) -> None:
        for lead_id, person_id in await leads.expired(tx, now):
            await messages.withdraw(tx, [lead_id])
            await leads.reduce(tx, self._shell.vault, [lead_id])
            await self._audit(tx, now, person_id)
        for person_id in await sessions.expired(tx, now):
            await sessions.forget(tx, [person_id])
            await self._audit(tx, now, person_id)
        for person_id in await retention.nobody_left(tx):
            await retention.forget(tx, person_id)

    async def _audit(self, tx: AsyncConnection, now: datetime, person_id: int) -> None:
        subject = self._shell.vault.pseudonym(person_id)
        await audit.record(tx, at=now, actor="clock", act="erased:expired", subject=subject)
