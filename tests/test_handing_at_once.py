"""Taken, handed over, moved and undone at once: one has the lead, nothing is half done, and no press fails.

``RACES`` sets how often.
"""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from random import Random

from sqlalchemy import func, select

from conversations.engine.core import Heard, Press
from storage import tables
from storage.engine.database import Database
from storage.leads import lead_list, officers
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.owners import register
from tests.town import Town, town

lead, inbox = tables.table(tables.LeadRow), tables.table(tables.Inbox)
RACES = int(os.environ.get("RACES", "8"))
OFFICERS = ("Rina", "Joko", "Wati", "Tuti")


def pressed(verb: str, code: str) -> Heard:
    return Heard(pressed=Press("lead", verb, code))


async def one_has_it(there: Town, code: str) -> str:
    """The name of whoever has the lead; what hangs on it agrees."""
    async with there.product.database.read() as tx:
        row = (await tx.execute(select(lead).where(lead.c.code == code))).one()
        called = await officers.called(tx, there.product.services.vault)
        counts = await lead_list.open_counts(tx, list(called))
        failed = (await tx.execute(select(func.count()).where(inbox.c.state == "failed"))).scalar_one()
    assert failed == 0
    assert (row.officer_id is None) == (row.status == "new")
    assert (row.offered_to is None) == (row.offered_until is None)
    assert row.offered_to is None or row.officer_id not in (None, row.offered_to)
    assert row.next_at
    assert row.ring_at
    assert sum(counts.values()) == (row.officer_id is not None)
    return called.get(row.officer_id, "")


async def test_however_many_press_at_once_one_has_the_lead(database: Database, vault: Vault, clock: Clock) -> None:
    chance = Random(20261130)
    async with town(database, vault, clock) as there:
        await there.hire("Kris", role="coordinator")
        for who in OFFICERS:
            await there.hire(who, "33.72")
        code = await register(there, "Siti")
        for _ in range(RACES):
            await there.later(timedelta(minutes=1))
            holder = await one_has_it(there, code)
            if holder:
                await there.does(holder, pressed("hand", code))
                await there.say(holder, f"[{chance.choice([who for who in OFFICERS if who != holder])}]")
            await there.does("Kris", pressed("hand", code))
            to = chance.choice([label for label in there.labels("Kris") if label in OFFICERS])
            acts = [there.terminal.say("Kris", f"[{to}]")]
            acts += [
                there.terminal.bring(who, pressed(verb, code))
                for who in OFFICERS
                for verb in chance.sample(("take", "accept", "return", "undo", "release"), 2)
            ]
            chance.shuffle(acts)
            await asyncio.gather(*acts)
            await there.quiet()
            await one_has_it(there, code)


async def test_whoever_presses_while_a_lead_is_moved_is_told_who_has_it_by_then(
    database: Database, vault: Vault, clock: Clock
) -> None:
    """Whom it is handed to is answered to a question, in a press that names no lead."""
    async with town(database, vault, clock) as there:
        await there.hire("Kris", role="coordinator")
        for who in OFFICERS:
            await there.hire(who, "33.72")
        code = await register(there, "Siti")
        await there.does("Rina", pressed("take", code))
        await there.does("Kris", pressed("hand", code))
        await asyncio.gather(
            there.terminal.say("Tuti", "/tugas"),  # while this is written the others wait, and come in one batch
            there.terminal.say("Kris", "[Joko]"),
            there.terminal.bring("Wati", pressed("take", code)),
        )
        await there.quiet()
        assert "Petugas: Joko" in there.last("Wati")
