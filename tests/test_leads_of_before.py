"""A database of before next steps, with leads in every state, goes on: each open lead comes back, and nobody is flooded."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from itertools import product
from typing import Any

from sqlalchemy import delete, insert, select, update

from conversations.rules.outcomes import AT_WORK, REACHED, WAITING
from storage import tables
from storage.engine.database import Database, migrate
from storage.leads.following import NO_NEXT_STEP
from storage.migrations import unmigrate
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.owners import more_leads, register
from tests.town import plain, town

BEFORE = "0008"  # the last revision without next steps
lead, officer, timer = (tables.table(each) for each in (tables.LeadRow, tables.OfficerRow, tables.Timer))
HOUR = timedelta(hours=1)
WORKED = tuple(status for status in AT_WORK if status not in ("appointment", "papers"))  # which were not known then
ENDED = ("active", "declined", "member", "withdrawn", WAITING)
TIMERS = ("none", "due", "promised")
OPEN = [("new", False, waits) for waits in TIMERS[:2]] + list(product(WORKED, (True, False), TIMERS))
CASES = [*OPEN, *((status, held, "none") for status in ENDED for held in (True, False))]
REASONS = {"registered": "payment", "unreached": "retry"}  # of all else: a call


async def test_leads_of_before_get_a_next_step_and_the_first_look_tells_each_person_once(
    database_url: str, vault: Vault, clock: Clock
) -> None:
    async with await Database.open(database_url, clock) as database, town(database, vault, clock) as there:
        await there.hire("Kris", "33.72", role="coordinator")
        for name in ("Rina", "Joko"):
            await there.hire(name, "33.72")
        first = await register(there, "Siti")
        await there.say("Siti", "ya")
        codes = [first, *await more_leads(there, first, len(CASES) - 1)]
    await asyncio.to_thread(unmigrate, database_url, BEFORE)
    await _made_of_before(database_url, clock, dict(zip(codes, CASES, strict=True)))
    await asyncio.to_thread(migrate, database_url)
    clock.advance(seconds=60)
    async with await Database.open(database_url, clock) as database, town(database, vault, clock) as there:
        rows = await _rows(database)
        for code, (status, _, waits) in zip(codes, CASES, strict=True):
            row = rows[code]
            assert row.status == status
            if status in ENDED:
                assert (row.next_at, row.next_reason) == (None, ""), code
            else:
                reason = "reminder" if waits == "promised" else REASONS.get(status, "call")
                assert (row.next_at is not None, row.next_reason) == (True, reason), (status, waits)
        await there.later(timedelta(minutes=1))
        told = {
            who: [plain(message) for message in messages if not message.edits] for who, messages in there.told.items()
        }
        free, own = (sum(waits != "promised" and held == of for _, held, waits in OPEN) for of in (False, True))
        offered, due = f"{free} calon peserta menunggu petugas", f"{own} calon peserta waktunya"
        assert {who: len(some) for who, some in told.items()} == {"Rina": 2, "Joko": 1}
        assert all(some[0].startswith(offered) for some in told.values())
        assert told["Rina"][1].startswith(due)
        async with database.read() as tx:
            assert (await tx.execute(select(lead.c.code).where(NO_NEXT_STEP))).all() == []


async def _made_of_before(url: str, clock: Clock, made: Mapping[str, tuple[str, bool, str]]) -> None:
    """Make these leads what they might have been then: in a status, held by an officer or by nobody, with these timers."""
    now = clock()
    async with await Database.open(url, clock) as database, database.write() as tx:
        held_by = (await tx.execute(select(officer.c.id).order_by(officer.c.id).offset(1).limit(1))).scalar_one()
        await tx.execute(delete(timer))
        for number, (code, (status, held, waits)) in enumerate(made.items(), 1):
            reached = status in REACHED and status != "new"
            over = now if status in ENDED else None
            values = {
                "status": status, "officer_id": held_by if held else None, "changed_at": now - HOUR,
                "contacted_at": now - HOUR if reached else None,
                "closed_at": over, "erase_at": over and over + timedelta(days=90),
            }  # fmt: skip
            of = (
                await tx.execute(update(lead).where(lead.c.code == code).values(values).returning(lead.c.id))
            ).scalar_one()
            due = now - HOUR if waits == "due" else now + timedelta(days=2)
            if waits != "none":
                await tx.execute(
                    insert(timer).values(id=2 * number, lead_id=of, kind="follow_up", due_at=due, version=0)
                )
            if waits == "promised":
                await tx.execute(
                    insert(timer).values(id=2 * number + 1, lead_id=of, kind="promise", due_at=due, version=0)
                )


async def _rows(database: Database) -> dict[str, Any]:
    async with database.read() as tx:
        return {row.code: row for row in await tx.execute(select(lead))}
