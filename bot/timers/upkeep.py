"""Upkeep: leads, sessions, persons and messages end when their retention is over, in short transactions between turns."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.settings import Settings
from conversations.rules.next_step import CALL, NextStep
from storage.console import sign_in
from storage.engine.database import Database
from storage.leads import finding, following, leads
from storage.outbox import messages
from storage.people import audit, sessions
from storage.sealing import unreadable
from storage.sealing.vault import Vault
from storage.whole_person import account_parting, old_messages, retention
from storage.whole_person.old_rows import ENDS, End

BREATH = 0.01  # seconds between two transactions, in which SQLite's only writer is free for turns
MOST_BITES = 20  # bites of one kind in one tick: a backlog must not keep reminders waiting
PEOPLE = 1_000  # persons looked at in one transaction, for whether anything is kept of them
FOUND = 200  # leads whose keyed hashes are made in one transaction
EVERY = timedelta(hours=1)  # until all persons are looked through, and unreadable values tried, once more

log = structlog.get_logger()

_Bite = Callable[[AsyncConnection, datetime], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Kept:
    """How long rows stay: of the inbox (``came``) and outbox (``went``), whose bodies are erased before; and of each
    table of ``old_rows.ENDS`` (``lead``: the counts that are left of leads)."""

    came: timedelta = timedelta(days=90)
    went: timedelta = timedelta(days=400)
    audit: timedelta = timedelta(days=1825)
    consent: timedelta = timedelta(days=1825)
    datarequest: timedelta = timedelta(days=1825)
    lead: timedelta = timedelta(days=1825)
    askedcount: timedelta = timedelta(days=1825)
    officer: timedelta = timedelta(days=400)
    broadcast: timedelta = timedelta(days=400)
    invitation: timedelta = timedelta(days=30)  # after the code has ended
    joincode: timedelta = timedelta()

    @classmethod
    def of(cls, settings: Settings) -> Self:
        days = {
            "came": settings.inbox_days,
            "went": settings.outbox_days,
            "audit": settings.audit_days,
            "consent": settings.consent_days,
            "datarequest": settings.audit_days,
            "lead": settings.counts_days,
            "askedcount": settings.counts_days,
            "officer": settings.officer_days,
            "broadcast": settings.broadcast_days,
            "invitation": settings.invitation_days,
        }
        return cls(**{name: timedelta(days=number) for name, number in days.items()})

    def before(self, end: End, now: datetime) -> datetime:
        """The moment before which rows of this table are over."""
        kept: timedelta = getattr(self, end.name)
        return now - kept


class Upkeep:
    """Ends leads, sessions and rows that were kept long enough. ``tick`` does as much as fits between reminders; the
    rest waits for the next tick.

    How far all persons were looked through this hour is remembered by the process alone: another process begins anew.
    """

    def __init__(self, database: Database, vault: Vault, kept: Kept) -> None:
        self._database, self._vault, self._kept = database, vault, kept
        self._hourly_at: datetime | None = None
        self._unended: list[End] = []  # kinds of rows that are to be looked through this hour
        self._to_find: int | None = 0  # the lead behind which some may have no keyed hashes; None: none left this hour
        self._looked_through: int | None = None  # a person's id; None: nobody is left to look at this hour

    @property
    def parts(self) -> tuple[Callable[[datetime], Awaitable[None]], ...]:
        """The parts of a tick, to be called one by one, so that an error of one keeps no other from its work."""
        return (
            self._leads,
            self._sessions,
            self._joinings,
            self._messages,
            self._hourly,
            self._old_rows,
            self._nobodies,
            self._finds,
        )

    async def tick(self, now: datetime) -> None:
        """End what was kept long enough at ``now`` (aware)."""
        for part in self.parts:
            await part(now)

    async def _hourly(self, now: datetime) -> None:
        if self._hourly_at is None or not self._hourly_at - EVERY <= now < self._hourly_at:  # also of a clock set back
            self._hourly_at, self._looked_through, self._to_find = now + EVERY, 0, 0
            await self._try_again()
            self._unended = list(ENDS)
            await self._next_steps(now)
            async with self._database.write() as tx:
                await sign_in.sweep(tx, now)

    async def _old_rows(self, now: datetime) -> None:
        """Remove rows that only count or prove something, once an hour; what one tick leaves goes on in the next."""
        for end in tuple(self._unended):
            before = self._kept.before(end, now)
            async with self._database.read() as tx:
                is_over = await end.any(tx, before)
            ended = not is_over or await self._in_bites(end.bite, before)
            if ended and end in self._unended:  # another tick may have come to its end meanwhile
                self._unended.remove(end)

    async def _leads(self, now: datetime) -> None:
        """End leads whose day has come, and those of their persons of whom nothing else is kept."""
        async with self._database.write() as tx:
            over = await leads.expired(tx, now)
            if not over:
                return
            ids = [lead_id for lead_id, _ in over]
            await messages.withdraw(tx, ids)
            await leads.reduce(tx, self._vault, ids)
            await self._without_rest(tx, now, [person_id for _, person_id in over], are_told_of=True)

    async def _sessions(self, now: datetime) -> None:
        """End sessions whose day has come, and those of their persons of whom nothing else is kept."""
        async with self._database.write() as tx:
            silent = await sessions.expired(tx, now)
            if silent:
                await sessions.forget(tx, silent)
                await self._without_rest(tx, now, silent)

    async def _joinings(self, now: datetime) -> None:
        """End what is kept to part two chats again."""
        async with self._database.write() as tx:
            await account_parting.end(tx, now)

    async def _without_rest(
        self, tx: AsyncConnection, now: datetime, person_ids: Sequence[int], *, are_told_of: bool = False
    ) -> None:
        """Forget those of these persons of whom nothing is kept any more; ``are_told_of``: the audit names the others too."""
        nobody = await retention.nobody_among(tx, list(person_ids))
        await self._forget(tx, nobody)
        await self._note(tx, now, [*(person_ids if are_told_of else ()), *nobody])

    async def _messages(self, now: datetime) -> None:
        """Erase bodies of messages, and long afterwards remove the rows."""
        bodies, came, went = now - messages.BODIES_KEPT, now - self._kept.came, now - self._kept.went
        async with self._database.read() as tx:
            if not await old_messages.any_left(tx, bodies, came, went):
                return
        await self._in_bites(old_messages.erase_bodies_in, bodies)
        await self._in_bites(old_messages.erase_bodies_out, bodies)
        await self._in_bites(old_messages.end_in, came)
        await self._in_bites(old_messages.end_out, went)

    async def _in_bites(self, bite: _Bite, before: datetime) -> bool:
        """Call ``bite`` up to ``MOST_BITES`` times; whether nothing is left."""
        for _ in range(MOST_BITES):
            async with self._database.write() as tx:
                done = await bite(tx, before)
            if done < old_messages.BITE:
                return True
            await asyncio.sleep(BREATH)
        return False

    async def _nobodies(self, now: datetime) -> None:
        """End further persons of whom nothing is kept: a removed officer, a person whose turn failed. Looking keeps
        nobody from writing."""
        for _ in range(MOST_BITES):
            if (after := self._looked_through) is None:
                return
            async with self._database.read() as tx:
                found, self._looked_through = await retention.nobody_left(tx, after, PEOPLE)
            if found:
                async with self._database.write() as tx:
                    nobody = await retention.nobody_among(tx, found)  # some may have written meanwhile
                    await self._forget(tx, nobody)
                    await self._note(tx, now, nobody)
            await asyncio.sleep(BREATH)

    async def _finds(self, now: datetime) -> None:
        """Make the keyed hashes by which leads are found, of leads that have none, as those of an earlier version."""
        for _ in range(MOST_BITES):
            if (after := self._to_find) is None:
                return
            async with self._database.read() as tx:
                wanting = await finding.any_to_fill(tx, after)
            if not wanting:
                self._to_find = None
                return
            async with self._database.write() as tx:
                self._to_find = await finding.fill(tx, self._vault, after, FOUND)
            await asyncio.sleep(BREATH)

    async def _next_steps(self, now: datetime) -> None:
        """Bring open leads that have no next step back at once: whatever forgot to give them one."""
        count = 0
        while True:
            async with self._database.read() as tx:
                found = await following.forgotten(tx)
            if not found:
                break
            async with self._database.write() as tx:
                await following.come_back(tx, dict.fromkeys(found, NextStep(now, CALL)))
            count += len(found)
            await asyncio.sleep(BREATH)
        if count:
            log.warning("leads had no next step", count=count)

    async def _try_again(self) -> None:
        """Try noted unreadable values again: a key may have been put back, or a row."""
        after: tuple[str, int] | None = ("", 0)
        while after:
            async with self._database.write() as tx:
                after = await unreadable.look_again(tx, self._vault, after)

    @staticmethod
    async def _forget(tx: AsyncConnection, person_ids: Sequence[int]) -> None:
        if person_ids:
            await retention.forget(tx, person_ids)

    async def _note(self, tx: AsyncConnection, now: datetime, person_ids: Sequence[int]) -> None:
        rows: list[dict[str, Any]] = [
            audit.audit_row(tx, at=now, actor="clock", act="erased:expired", subject=self._vault.pseudonym(person_id))
            for person_id in person_ids
        ]
        if rows:
            await tx.execute(audit.audit.insert(), rows)
