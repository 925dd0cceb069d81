"""Counts outlive people: a lead counts on once its person is erased, whichever way, and what is left points to nobody."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.timers.upkeep import Kept, Upkeep
from conversations.engine.core import Heard, Press
from conversations.rules.funnel import STEPS, Course, funnels, month_of
from storage import tables
from storage.engine.database import Database
from storage.leads import courses
from storage.leads.leads import lead
from storage.sealing.vault import Vault
from storage.whole_person import erasure_log
from tests.conftest import Clock
from tests.owners import register
from tests.town import Town, town

PARTS = ("regency", "category", "campaign", "officer_id")
event, audit = tables.table(tables.LeadEvent), tables.table(tables.Audit)


async def counted(database: Database, day: datetime) -> list[Course]:
    async with database.read() as tx:
        return await courses.between(tx, *month_of(day))


async def paid(there: Town, who: str) -> str:
    """A lead with every step of its life; its code."""
    code = await register(there, who)
    await there.does("Rina", Heard(pressed=Press("lead", "take", code)))
    for said in ("berminat", "sudah didaftarkan", "iuran pertama lunas"):
        await there.does("Rina", Heard(pressed=Press("lead", "note", code)))
        await there.say("Rina", said)
        await there.say("Rina", "[Tanpa catatan]")
    return code


@pytest.mark.parametrize("way", ["asked", "retention", "restore"])
async def test_a_lead_counts_on_with_all_its_steps_and_points_to_nobody(
    sqlite_database: Database, vault: Vault, clock: Clock, way: str
) -> None:
    database = sqlite_database
    async with town(database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        await paid(there, "Siti")
        came = clock()
        [before] = await counted(database, came)
        async with database.read() as tx:
            whole = (await tx.execute(sa.select(lead))).one()._asdict()
        if way == "asked":
            for said in ("hapus data", "ya"):
                await there.say("Siti", said)
        elif way == "retention":
            async with database.write() as tx:
                await tx.execute(sa.update(lead).values(erase_at=clock()))
            await Upkeep(database, vault, Kept()).tick(clock() + timedelta(seconds=1))
        else:
            async with database.write() as tx:
                subject = vault.pseudonym(whole["person_id"])
                erased = erasure_log.Erasure(1, clock() + timedelta(hours=1), "erased:asked", subject)
                assert await erasure_log.erase_again(tx, vault, [erased]) == 1
        [after] = await counted(database, came)
        async with database.read() as tx:
            left = (await tx.execute(sa.select(lead))).one()._asdict()
            events = (await tx.execute(sa.select(event))).all()
    for name in PARTS:
        assert getattr(after, name) == getattr(before, name), name
    assert after._replace(ended=before.ended) == before
    assert funnels([after], lambda _: set())[""].active == 1
    assert left["person_id"] is None
    kept = {"id", "code", "status", "created_at", "changed_at", "closed_at", "channel", "sealed", "taken_at",
            "contacted_at", *PARTS}  # fmt: skip
    assert {name for name, value in left.items() if value not in (None, "", 0, False)} <= kept
    assert vault.open_json(left["sealed"], table="lead", column="sealed", row=left["id"]) == {}
    assert [(each.note, each.before) for each in events] == [(None, None)] * len(events)


async def test_what_was_done_undone_and_done_again_counts_once(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        code = await paid(there, "Siti")
        await there.does("Rina", Heard(pressed=Press("lead", "undo", code)))
        [undone] = await counted(sqlite_database, clock())
        assert (undone.active, bool(undone.registered)) == (None, True)
        await there.later(timedelta(days=5))  # an owner who pays late is active late, in the month in which they came
        await there.does("Rina", Heard(pressed=Press("lead", "note", code)))
        await there.say("Rina", "iuran pertama lunas")
        await there.say("Rina", "[Tanpa catatan]")
        found = await counted(sqlite_database, clock() - timedelta(days=5))
        assert [course.active for course in found] == [clock()]
        assert [getattr(funnels(found, lambda _: set())[""], step) for step in STEPS] == [1] * 5
