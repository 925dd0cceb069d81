"""Many rows, and many ids, go to the database as one statement that is compiled once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import bindparam, select, update

from storage import tables
from storage.engine.bulk_statements import BulkStatement, id_in
from storage.engine.database import Database

timer = tables.table(tables.Timer)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PUT = BulkStatement(timer.insert().values(kind="nudge", version=0), "id", "due_at", "lead_id")
MOVE = BulkStatement(
    update(timer).where(timer.c.id == bindparam("which"), timer.c.kind == "nudge").values(due_at=bindparam("to")),
    *("to", "which"),
)
FIND = select(timer.c.id, timer.c.due_at, timer.c.kind).where(id_in(timer.c.id)).order_by(timer.c.id)


async def test_rows_are_written_and_changed_each_with_its_own_values(database: Database) -> None:
    later = NOON + timedelta(hours=1)
    async with database.write() as tx:
        await PUT.run(tx, [(1, NOON, None), (2, NOON, 7), (3, NOON, None)])
        await MOVE.run(tx, [(later, 1), (later + timedelta(hours=1), 3)])
        found = [tuple(row) for row in await tx.execute(FIND, {"ids": [1, 2, 3, 4]})]
    assert found == [(1, later, "nudge"), (2, NOON, "nudge"), (3, later + timedelta(hours=1), "nudge")]


async def test_no_rows_are_no_statement(database: Database) -> None:
    async with database.read() as tx:  # would refuse to write
        await PUT.run(tx, [])
        assert (await tx.execute(FIND, {"ids": []})).all() == []


async def test_a_row_that_lacks_a_value_is_refused(database: Database) -> None:
    async with database.write() as tx:
        with pytest.raises(ValueError, match="argument 2 is shorter"):
            await PUT.run(tx, [(1, NOON, None), (2, NOON)])
