"""The end of what may be kept, in bites: others write in between, and what nobody else ends is found every hour."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.timers.upkeep import Kept, Upkeep
from conversations.engine.core import Session
from storage import tables
from storage.engine.database import Database
from storage.people import people, sessions
from storage.people.people import Where
from storage.sealing.vault import Vault
from storage.whole_person import old_messages
from tests.conftest import Clock
from tests.storage.test_old_messages import came, count, went

person, inbox, outbox, audit = (
    tables.table(each) for each in (tables.Person, tables.Inbox, tables.Outbox, tables.Audit)
)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


async def strangers(database: Database, vault: Vault, clock: Clock, number: int) -> list[int]:
    """Persons of whom nothing is kept but that they are there."""
    wheres = [Where("terminal", "local", f"Orang {each}") for each in range(number)]
    async with database.write() as tx:
        return [known.person_id for known in (await people.make(tx, vault, wheres, clock())).values()]


async def test_each_kind_of_row_ends_after_its_own_days(database: Database, vault: Vault, clock: Clock) -> None:
    for days in (29, 31, 61, 91, 401):
        await came(database, clock() - days * DAY, 1)
        await went(database, clock() - days * DAY, 1)
    await Upkeep(database, vault, Kept(60 * DAY, 400 * DAY)).tick(clock())
    assert await count(database, inbox.c.id > 0) == 2
    assert await count(database, outbox.c.id > 0) == 4
    assert await count(database, inbox.c.sealed.is_not(None)) == 1
    assert await count(database, outbox.c.sealed.is_not(None)) == 1


async def test_what_has_piled_up_is_ended_over_several_ticks_and_others_write_in_between(
    sqlite_database: Database, vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(old_messages, "BITE", 10)
    monkeypatch.setattr("bot.timers.upkeep.MOST_BITES", 3)
    await came(sqlite_database, clock() - 31 * DAY, 45)
    upkeep = Upkeep(sqlite_database, vault, Kept())
    left: list[int] = []

    async def somebody_writes() -> None:
        while True:
            async with sqlite_database.write() as tx:
                bodies = select(func.count()).where(inbox.c.sealed.is_not(None))
                left.append((await tx.execute(bodies)).scalar_one())
            await asyncio.sleep(0)

    writing = asyncio.create_task(somebody_writes())
    await upkeep.tick(clock())
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    assert await count(sqlite_database, inbox.c.sealed.is_not(None)) == 15
    assert {25, 35} & set(left), "a turn gets in between two bites"
    await upkeep.tick(clock())
    assert await count(sqlite_database, inbox.c.sealed.is_not(None)) == 0


async def test_who_has_nothing_left_here_is_forgotten_within_an_hour_and_nobody_else(
    database: Database, vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.timers.upkeep.PEOPLE", 2)
    upkeep = Upkeep(database, vault, Kept())
    await upkeep.tick(clock())
    ids = await strangers(database, vault, clock, 7)
    async with database.write() as tx:
        kept = [sessions.Saved(ids[3], Session("home"), None, clock() + 30 * DAY)]
        await sessions.save(tx, vault, kept, clock())
    await upkeep.tick(clock.advance(minutes=30))
    assert await count(database, person.c.id > 0) == 7, "all persons are looked through once an hour"
    await upkeep.tick(clock.advance(minutes=30))
    async with database.read() as tx:
        assert (await tx.execute(select(person.c.id))).scalars().all() == [ids[3]]
        told = (await tx.execute(select(audit.c.subject).where(audit.c.act == "erased:expired"))).scalars().all()
    assert sorted(told) == sorted(vault.pseudonym(each) for each in ids if each != ids[3])


async def test_whose_session_has_ended_is_forgotten_with_it(database: Database, vault: Vault, clock: Clock) -> None:
    upkeep = Upkeep(database, vault, Kept())
    await upkeep.tick(clock())
    [who] = await strangers(database, vault, clock, 1)
    async with database.write() as tx:
        await sessions.save(tx, vault, [sessions.Saved(who, Session("home"), None, clock() + DAY)], clock())
    await upkeep.tick(clock.advance(minutes=1))
    assert await count(database, person.c.id == who) == 1
    clock.advance(minutes=-1)
    await upkeep.tick(clock.advance(days=1))
    assert await count(database, person.c.id == who) == 0
