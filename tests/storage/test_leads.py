"""Leads at the level of the tables: taken once, found by their names' words, reduced to counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from conversations.rules.next_step import CALL, NextStep
from storage.engine.database import Database
from storage.leads import following, lead_events, lead_list, leads
from storage.leads.lead_list import Part
from storage.leads.leads import ACTIVE_KEPT, CLOSED_KEPT
from storage.sealing.vault import Vault
from tests.conftest import Clock

ANSWERS: Mapping[str, Any] = {
    "name": {"name": "Siti Aminah", "address": "bu"},
    "business_name": "Warung Mbok Galak",
    "regency": "33.72",
    "district": "33.72.01",
    "sector": {"category": "kuliner", "said": "warung"},
    "workers": [2, 3],
    "phone": {"kind": "phone", "e164": "+6281200007001"},
}


async def stored(
    database: Database, vault: Vault, clock: Clock, code: str, person: int = 1, waits: bool = False, **more: Any
) -> int:
    async with database.write() as tx:
        lead_id, rows = leads.rows(
            tx, vault, person_id=person, code=code, answers={**ANSWERS, **more},
            step=None if waits else NextStep(clock(), CALL), kind="", estimate={}, channel="terminal", campaign="", now=clock(),
        )  # fmt: skip
        for table, some in rows.items():
            if some:
                await tx.execute(table.insert(), some)
    return lead_id


async def test_a_lead_is_taken_once(database: Database, vault: Vault, clock: Clock) -> None:
    lead_id = await stored(database, vault, clock, "RK-1")
    async with database.write() as tx:
        assert await following.take(tx, lead_id, 7, NextStep(clock(), CALL), clock())
        assert not await following.take(tx, lead_id, 8, NextStep(clock(), CALL), clock())
        assert await lead_list.tasks(tx, 7, Part(), 0, 5) == (1, [lead_id])
        assert await lead_list.tasks(tx, 7, Part(), 1, 5) == (1, [])
        assert await lead_list.tasks(tx, 8, Part(), 0, 5) == (0, [])
        assert await lead_list.open_counts(tx, [7, 8]) == {7: 1}
        assert await lead_list.open_codes(tx, [7, 8]) == {7: ("RK-1",)}


async def test_a_code_is_given_once(database: Database, vault: Vault, clock: Clock) -> None:
    await stored(database, vault, clock, "RK-1")
    with pytest.raises(IntegrityError):
        await stored(database, vault, clock, "RK-1")


async def test_what_is_counted_is_clear_and_what_names_a_person_is_not(
    database: Database, vault: Vault, clock: Clock
) -> None:
    await stored(database, vault, clock, "RK-1")
    async with database.read() as tx:
        row = (await tx.execute(select(leads.lead))).one()
    assert (row.regency, row.district, row.category) == ("33.72", "33.72.01", "kuliner")
    assert (row.workers_low, row.workers_high) == (2, 3)
    for word in ("Siti", "Galak", "81200007001"):
        assert word not in str(row)


@pytest.mark.parametrize(
    ("status", "kept"),
    [("declined", CLOSED_KEPT), ("member", CLOSED_KEPT), ("active", ACTIVE_KEPT), ("contacted", None)],
)
async def test_a_status_sets_until_when_a_lead_is_kept(
    sqlite_database: Database, vault: Vault, clock: Clock, status: str, kept: timedelta | None
) -> None:
    lead_id = await stored(sqlite_database, vault, clock, "RK-1")
    async with sqlite_database.write() as tx:
        await following.move(tx, lead_id, status, clock())
        if kept is None:
            assert await leads.expired(tx, clock() + timedelta(days=3650)) == []
        else:
            assert await leads.expired(tx, clock() + kept - timedelta(seconds=1)) == []
            assert await leads.expired(tx, clock() + kept) == [(lead_id, 1)]
            await following.move(tx, lead_id, "interested", clock())
            assert await leads.expired(tx, clock() + kept) == [], "a lead that is opened again stays"


async def test_of_a_forgotten_lead_only_counts_stay(database: Database, vault: Vault, clock: Clock) -> None:
    lead_id = await stored(database, vault, clock, "RK-1")
    other = await stored(database, vault, clock, "RK-2", person=2)
    async with database.write() as tx:
        noted = lead_events.line(tx, vault, lead_id, "outcome", clock(), outcome="contacted", words="rumahnya cat biru")
        await lead_events.note(tx, noted)
        assert await leads.forget(tx, 1, vault) == [(lead_id, "RK-1")]
        assert await leads.forget(tx, 1, vault) == []
        row = (await tx.execute(select(leads.lead).where(leads.lead.c.id == lead_id))).one()
        assert (row.status, row.person_id, row.category) == ("withdrawn", None, "kuliner")
        notes = select(func.count()).where(
            lead_events.event.c.lead_id == lead_id, lead_events.event.c.note.is_not(None)
        )
        assert (await tx.execute(notes)).scalar_one() == 0
        assert not await following.take(tx, lead_id, 7, NextStep(clock(), CALL), clock())
        found, through = await leads.page(tx, vault)
        assert ([lead.code for lead in found.values()], through) == (["RK-2"], other)
        assert await leads.page(tx, vault, other) == ({}, None)
        assert [line.code for line in await lead_list.page(tx, 0, 9)] == ["RK-2"]
        assert await leads.by_ids(tx, vault, [lead_id]) == leads.ByIds({})


async def test_only_free_leads_of_the_asked_regencies_wait(database: Database, vault: Vault, clock: Clock) -> None:
    taken = await stored(database, vault, clock, "RK-1")
    await stored(database, vault, clock, "RK-2")
    await stored(database, vault, clock, "RK-3", regency="33.10")
    await stored(database, vault, clock, "RK-4", regency="35.78", waits=True)
    async with database.write() as tx:
        await following.take(tx, taken, 7, NextStep(clock(), CALL), clock())
        assert [lead.code for lead in await lead_list.untaken(tx, ("33.72",), but=0)] == ["RK-2"]
        assert [lead.code for lead in await lead_list.untaken(tx, None, but=0)] == ["RK-2", "RK-3"]
        assert await lead_list.untaken(tx, None, but=1) == [], "they are all of one owner"
        await following.free(tx, [taken], clock())
        assert [lead.code for lead in await lead_list.untaken(tx, ("33.72",), but=0)] == ["RK-1", "RK-2"]
        count, [listed] = await lead_list.waiting(tx, None, 2, 5, but=0)
        assert (count, listed.code, listed.place) == (3, "RK-3", "33.72.01")
