"""The revisions and the models say the same, on both databases, up and down."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Column, MetaData, Table, TableClause, column, func, insert, inspect, select, text
from sqlalchemy import table as sql_table
from sqlmodel import SQLModel

from storage import reference, tables
from storage.engine.database import Database, DatabaseTooNew, head, migrate, schema_version
from storage.engine.engines import MigrationFailed
from storage.leads import officers
from storage.migrations import configuration, unmigrate
from tests.conftest import nine

DROPPED = {"leadword"}  # held hashes of names, for a search that was never built
SEEDED = {"office", "officeregency"}  # filled by their revision
SCRIPTS = Path(__file__).parents[2] / "storage" / "migrations"


async def _tables(database: Database) -> set[str]:
    async with database.read() as tx:
        return set(await tx.run_sync(lambda sync: inspect(sync).get_table_names()))


async def _version(url: str) -> str | None:
    async with await Database.open(url, nine) as database, database.read() as tx:
        return await schema_version(tx)


def test_models_and_migrations_agree(database_url: str) -> None:
    """A failure names the difference: draft the missing revision with ``python -m storage.migrations``."""
    command.check(configuration(database_url))


async def test_every_table_is_there_after_a_migration_and_none_after_the_way_back(empty_url: str) -> None:
    assert await _version(empty_url) is None
    for _ in range(2):  # the second time over what the first left behind
        await asyncio.to_thread(migrate, empty_url)
        async with await Database.open(empty_url, nine) as database:
            assert await _tables(database) == set(SQLModel.metadata.tables) | {"alembic_version"}
        assert await _version(empty_url) == head()
        await asyncio.to_thread(unmigrate, empty_url, "base")
        async with await Database.open(empty_url, nine) as database:
            assert await _tables(database) == {"alembic_version"}


@pytest.mark.parametrize("before", [one.revision for one in ScriptDirectory(str(SCRIPTS)).walk_revisions()])
async def test_what_a_database_of_any_earlier_revision_holds_is_there_after_a_migration(
    empty_url: str, before: str
) -> None:
    """A row in each table, as that revision has it."""
    await asyncio.to_thread(migrate, empty_url, before)
    async with await Database.open(empty_url, nine) as database, database.write() as tx:
        held = MetaData()
        await tx.run_sync(held.reflect)
        filled = [table for table in held.tables.values() if table.name not in SEEDED | {"alembic_version"}]
        for table in filled:
            await tx.execute(table.insert().values({each.name: _some(each) for each in table.columns}))
    await asyncio.to_thread(migrate, empty_url)
    async with await Database.open(empty_url, nine) as database, database.read() as tx:
        there = [table for table in filled if table.name not in DROPPED]
        counts = {t.name: (await tx.execute(select(func.count()).select_from(t))).scalar() for t in there}
    assert counts == dict.fromkeys(counts, 1)


def _some(column: Column[Any]) -> Any:
    """Any value that this column takes."""
    kinds = {bool: True, int: 1, str: "x", bytes: b"x", float: 1.0, date: date(2026, 11, 25), object: {}}
    kind = column.type.python_type
    moment = datetime(2026, 11, 25, 9, tzinfo=UTC)
    if kind is datetime:
        return moment if getattr(column.type, "timezone", False) else moment.replace(tzinfo=None)
    return kinds[kind]


def test_a_migration_that_has_nothing_to_do_does_nothing(database_url: str) -> None:
    migrate(database_url)
    migrate(database_url)
    assert asyncio.run(_version(database_url)) == head()


async def test_processes_that_start_at_once_migrate_once(empty_url: str) -> None:
    code = "import sys; from storage.engine.database import migrate; migrate(sys.argv[1])"
    root = Path(__file__).parents[2]
    starting = [await asyncio.create_subprocess_exec(sys.executable, "-c", code, empty_url, cwd=root) for _ in range(2)]
    assert [await process.wait() for process in starting] == [0, 0]
    assert await _version(empty_url) == head()


async def test_a_database_of_a_later_version_is_refused(database_url: str) -> None:
    async with await Database.open(database_url, nine) as database, database.write() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseTooNew, match="revision 9999, which this version does not know"):
        await asyncio.to_thread(migrate, database_url)
    assert await _version(database_url) == "9999"


async def test_a_migration_that_fails_leaves_the_database_as_it_was(empty_url: str) -> None:
    async with await Database.open(empty_url, nine) as database, database.write() as tx:
        await tx.execute(text("CREATE TABLE timer (x INTEGER)"))  # stands in the way of the last table
    with pytest.raises(MigrationFailed, match=r"migration 0001_every_table failed \(\w+Error\)") as failed:
        await asyncio.to_thread(migrate, empty_url)
    assert "timer" in str(failed.value.__cause__)
    async with await Database.open(empty_url, nine) as database:
        assert await _tables(database) == {"timer"}


def test_revisions_are_numbered_in_order() -> None:
    versions = Path(tables.__file__).parents[1] / "migrations" / "versions"
    numbers = sorted(path.name[:4] for path in versions.glob("[0-9]*.py"))
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
    assert head() == numbers[-1]


STEP, WISH, SENT = (datetime(2026, 11, day, 2, tzinfo=UTC) for day in (27, 30, 25))
CONTACTED = datetime(2026, 11, 26, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "held", "next_at", "ring_at", "reason", "rung"),
    [
        ("new", {"timers": [("follow_up", STEP, 0)]}, STEP, STEP, "call", 0),
        ("new", {"timers": [("offer", STEP, 0)]}, STEP, STEP, "call", 0),
        ("taken", {"timers": [("follow_up", STEP, 1)]}, SENT, STEP, "call", 1),
        ("unreached", {"timers": [("follow_up", STEP, 2)]}, SENT, STEP, "retry", 2),
        ("contacted", {"timers": [("follow_up", STEP, 2)], "contacted_at": CONTACTED}, STEP, STEP, "call", 0),
        ("registered", {"timers": [("follow_up", STEP, 0)], "contacted_at": CONTACTED}, STEP, STEP, "payment", 0),
        ("taken", {"timers": [("follow_up", STEP, 2), ("promise", WISH, 0)]}, WISH, WISH, "reminder", 0),
        ("taken", {"timers": [("follow_up", STEP, 0), ("promise", WISH, 1)]}, STEP, STEP, "call", 0),
        ("interested", {"timers": []}, SENT, SENT, "call", 0),
        *(
            (over, {"timers": [("follow_up", STEP, 0)]}, None, None, "", 0)
            for over in ("declined", "member", "waiting")
        ),
        ("active", {"timers": [("contribution", STEP, 24321)]}, None, None, "", 0),
    ],
)
async def test_each_lead_gets_its_next_step_from_its_timers_and_its_timers_from_that_on_the_way_back(
    empty_url: str, status: str, held: dict[str, Any], next_at: Any, ring_at: Any, reason: str, rung: int
) -> None:
    await asyncio.to_thread(migrate, empty_url, "0008")
    async with await Database.open(empty_url, nine) as database, database.write() as tx:
        before = MetaData()
        await tx.run_sync(before.reflect)
        lead, timer = before.tables["lead"], before.tables["timer"]
        row = {"id": 1, "person_id": 5, "status": status, "changed_at": SENT, "created_at": SENT}
        row |= {each.name: _some(each) for each in lead.columns if each.name not in row and not each.nullable}
        row |= {"contacted_at": held.get("contacted_at")}
        columns = {each.name: each for each in (*tables.table(tables.LeadRow).c, *tables.table(tables.Timer).c)}
        await tx.execute(insert(_typed(lead, columns)).values(row))
        for number, (kind, due_at, version) in enumerate(held["timers"], 10):
            one = {"id": number, "lead_id": 1, "kind": kind, "due_at": due_at, "version": version}
            await tx.execute(insert(_typed(timer, columns)).values(one))
    await asyncio.to_thread(migrate, empty_url)
    now, left = tables.table(tables.LeadRow), tables.table(tables.Timer)
    async with await Database.open(empty_url, nine) as database, database.read() as tx:
        found = (await tx.execute(select(now.c.next_at, now.c.ring_at, now.c.next_reason, now.c.rung))).one()
        kinds = list((await tx.execute(select(left.c.kind, left.c.due_at, left.c.version))).all())
    assert tuple(found) == (next_at, ring_at, reason, rung)
    contribution = [one for one in held["timers"] if one[0] == "contribution"]
    assert [tuple(one) for one in kinds] == contribution, "nothing else is touched"
    await asyncio.to_thread(unmigrate, empty_url, "0008")
    async with await Database.open(empty_url, nine) as database, database.read() as tx:
        kinds = list((await tx.execute(select(left.c.kind, left.c.due_at, left.c.version))).all())
    assert [tuple(one) for one in kinds] == contribution + ([("follow_up", ring_at, rung)] if ring_at else [])


def _typed(table: Table, columns: dict[str, Column[Any]]) -> TableClause:
    """A table as the database has it, with the types that the models give its columns."""
    return sql_table(table.name, *(column(each.name, columns[each.name].type) for each in table.columns))


async def test_offices_are_filled_from_the_file_once_and_are_the_admins_from_then_on(empty_url: str) -> None:
    """Of a database of step 6 too; its officers keep the regencies that they had."""
    await asyncio.to_thread(migrate, empty_url, "0008")
    who = {"id": 7, "role": "officer", "name": b"x", "created_at": SENT, "absent": False, "digest": True}
    async with await Database.open(empty_url, nine) as database, database.write() as tx:
        before = MetaData()
        await tx.run_sync(before.reflect)
        typed = {each.name: each for each in tables.table(tables.OfficerRow).c}
        await tx.execute(insert(_typed(before.tables["officer"], typed)).values(who))
        await tx.execute(insert(tables.table(tables.OfficerRegency)).values(officer_id=7, regency="33.11"))
    await asyncio.to_thread(migrate, empty_url)
    office, of_office = (tables.table(each) for each in (tables.OfficeRow, tables.OfficeRegency))
    async with await Database.open(empty_url, nine) as database, database.write() as tx:
        query = select(of_office.c.regency, office.c.name).join(office, office.c.id == of_office.c.office_id)
        found = {row[0]: row[1] for row in await tx.execute(query)}
        assert found == {each.regency: each.name for each in reference.offices().rows}
        assert found["33.72"] == found["33.12"], "one office of two regencies"
        assert await officers.regencies_of(tx, [7]) == {7: ("33.11",)}
        await tx.execute(office.update().values(address="Jalan Slamet Riyadi"))
    await asyncio.to_thread(migrate, empty_url)
    async with await Database.open(empty_url, nine) as database, database.read() as tx:
        assert set((await tx.execute(select(office.c.address))).scalars()) == {"Jalan Slamet Riyadi"}
