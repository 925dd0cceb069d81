"""Several at once: exactly one gets what only one can have, and the others are told.

``RACES`` sets how often ten officers run for a lead.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import AsyncExitStack
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import func, select, update

from conversations.engine.core import Heard, Press
from storage import tables
from storage.engine.database import Database
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.owners import more_leads, register
from tests.town import Town, town

lead, event, inbox, outbox, person = (
    tables.table(each) for each in (tables.LeadRow, tables.LeadEvent, tables.Inbox, tables.Outbox, tables.Person)
)
RACES = int(os.environ.get("RACES", "8"))
TEN = tuple(f"Petugas {letter}" for letter in "ABCDEFGHIJ")


async def race(towns: list[Town], codes: list[str]) -> None:
    """For each lead, one after another: ten officers press *Ambil* at once, each in one of the towns."""
    chance, names = Random(20261122), list(TEN)
    for number, code in enumerate(codes):
        chance.shuffle(names)
        await asyncio.gather(
            *(
                towns[place % len(towns)].terminal.bring(name, Heard(pressed=Press("lead", "take", code)))
                for place, name in enumerate(names)
            )
        )
        towns[0].clock.advance(seconds=10)
        if number % 20 == 19:  # nobody has hundreds of open tasks, and each costs a turn something
            async with towns[0].product.database.write() as tx:
                await tx.execute(update(lead).where(lead.c.officer_id.is_not(None)).values(status="declined"))


async def nothing_waits(database: Database) -> None:
    pending = select(func.count()).where(outbox.c.state.in_(("due", "sending")))
    async with asyncio.timeout(60):
        while True:
            async with database.read() as tx:
                if not (await tx.execute(pending)).scalar_one():
                    return
            await asyncio.sleep(0.05)


async def one_has_each_and_the_others_know(towns: list[Town], codes: list[str]) -> None:
    for each in towns:
        await each.quiet()
    database = towns[0].product.database
    await nothing_waits(database)  # a reply behind another process' goes out when that has left
    async with database.read() as tx:
        taken = list(await tx.execute(select(lead.c.code, lead.c.officer_id).where(lead.c.code.in_(codes))))
        events = (await tx.execute(select(func.count()).where(event.c.kind == "taken"))).scalar_one()
        failed = (await tx.execute(select(func.count()).where(inbox.c.state == "failed"))).scalar_one()
    assert len(taken) == events == len(codes)
    assert all(row.officer_id for row in taken)
    assert failed == 0
    told = {name: "\n".join(m.text for each in towns for m in each.told.get(name, ()) if not m.edits) for name in TEN}
    for code in codes:
        winners = [name for name in TEN if f"{code}\ue001 sekarang tugas Anda" in told[name]]
        assert len(winners) == 1, (code, winners)
        for name in TEN:
            if name not in winners:
                assert f"{code}\ue001 tidak bisa diambil lagi. Petugas: {winners[0]}" in told[name]


@pytest.mark.counted
async def test_of_ten_officers_who_press_at_once_one_has_the_lead_and_the_others_are_told_who(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        codes = await more_leads(there, await register(there, "Siti"), RACES)
        for name in TEN:
            await there.hire(name, "33.72")
        await race([there], codes)
        await one_has_each_and_the_others_know([there], codes)


@pytest.mark.counted
async def test_the_same_with_two_processes_on_postgresql(postgres_url: str, vault: Vault, clock: Clock) -> None:
    async with AsyncExitStack() as stack:
        towns = []
        for number in range(2):
            database = await stack.enter_async_context(await Database.open(postgres_url, clock))
            there = await stack.enter_async_context(town(database, vault, clock))
            there.terminal._run += f"-{number}"  # each process has ids of its own for events
            towns.append(there)
        codes = await more_leads(towns[0], await register(towns[0], "Siti"), RACES)
        for name in TEN:
            await towns[0].hire(name, "33.72")
        await race(towns, codes)
        await one_has_each_and_the_others_know(towns, codes)


async def test_the_same_event_at_two_processes_counts_once(
    two_processes: tuple[Database, Database], vault: Vault, clock: Clock
) -> None:
    one, two = two_processes
    async with (
        town(one, vault, clock) as first,
        town(two, vault, clock) as second,
    ):
        for number in range(40):
            who, event_id = f"Siti {number}", f"event-{number}"
            await asyncio.gather(*(each.terminal.bring(who, Heard(text="halo"), event_id) for each in (first, second)))
        await first.quiet()
        await second.quiet()
        assert sorted([*first.told, *second.told]) == sorted(f"Siti {number}" for number in range(40))
        async with one.read() as tx:
            assert (await tx.execute(select(func.count()).select_from(person))).scalar_one() == 40


async def test_one_person_at_two_processes_at_once_answers_each_question_once(
    two_processes: tuple[Database, Database], vault: Vault, clock: Clock
) -> None:
    """A tap that a person repeats on two connections must not skip or double anything."""
    one, two = two_processes
    async with (
        town(one, vault, clock) as first,
        town(two, vault, clock) as second,
    ):
        second.terminal._run += "-2"
        await first.say("Siti", "halo")
        for said in ("ya", "Siti Aminah", "Solo", "warung makan", "0"):
            await asyncio.gather(first.terminal.say("Siti", said), second.terminal.say("Siti", said))
        await first.quiet()
        await second.quiet()
        async with one.read() as tx:
            assert (await tx.execute(select(func.count()).where(inbox.c.state == "failed"))).scalar_one() == 0
            assert (await tx.execute(select(func.count()).select_from(inbox))).scalar_one() == 11


@pytest.mark.parametrize("first_in_line", ["owner", "officer"])
async def test_a_lead_that_is_erased_while_it_is_taken_is_not_taken_or_its_card_says_so(
    two_processes: tuple[Database, Database], vault: Vault, clock: Clock, first_in_line: str
) -> None:
    one, two = two_processes
    async with (
        town(one, vault, clock) as owners,
        town(two, vault, clock) as officers,
    ):
        officers.terminal._shown = owners.terminal._shown  # Rina has one phone, whichever process writes to it
        await owners.hire("Rina", "33.72")
        for _ in range(5):
            code = await register(owners, "Siti")
            await owners.say("Siti", "tidak")
            await owners.say("Siti", "hapus data")
            doing = [
                owners.terminal.say("Siti", "ya"),
                officers.terminal.bring("Rina", Heard(pressed=Press("lead", "take", code))),
            ]
            await asyncio.gather(*(doing if first_in_line == "owner" else reversed(doing)))
            for each in (owners, officers):
                await each.quiet()
                await each.later(timedelta(seconds=61))
            async with one.read() as tx:
                row = (await tx.execute(select(lead).where(lead.c.code == code))).one()
                assert (row.status, row.person_id) == ("withdrawn", None)
                kept = select(outbox.c.id).where(outbox.c.lead_id == row.id, outbox.c.sealed.is_not(None))
                states = [r.kind for r in await tx.execute(select(outbox).where(outbox.c.id.in_(kept)))]
            assert set(states) <= {"card_edit"}
            last = [message.text for message in owners.told["Rina"] if code in message.text][-1:]
            assert not any("Siti Aminah" in text for text in last)


async def test_a_reminder_is_sent_once_by_two_clocks(
    two_processes: tuple[Database, Database], vault: Vault, clock: Clock
) -> None:
    one, two = two_processes
    async with (
        town(one, vault, clock) as first,
        town(two, vault, clock) as second,
    ):
        for number in range(20):
            await register(first, f"Siti {number}", upto="name")
        clock.advance(hours=21)
        await asyncio.gather(first.product.clock.tick(), second.product.clock.tick())
        async with one.read() as tx:
            nudges = select(func.count()).where(outbox.c.kind == "nudge")
            assert (await tx.execute(nudges)).scalar_one() == 20
