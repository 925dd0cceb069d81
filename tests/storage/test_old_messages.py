"""Old messages end a bite at a time: bodies at once when they are due, rows long afterwards, and nothing is read in vain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from storage import tables
from storage.engine.database import Database
from storage.engine.ids import first_id
from storage.sealing.vault import Vault
from storage.whole_person import old_messages
from tests.broadcasting import Hall
from tests.conftest import Clock
from tests.counting import statements

inbox, outbox, recipient, leadnamed = (
    tables.table(each) for each in (tables.Inbox, tables.Outbox, tables.Recipient, tables.LeadNamed)
)
DAY = timedelta(days=1)


async def came(database: Database, at: datetime, number: int, *, body: bool = True) -> None:
    """So many events that came in at this moment, with a body or not any more."""
    values = {"account": "a", "at": at, "kind": "text", "state": "done", "error": "", "sealed": b"x" if body else None}
    ids = range(first_id(at), first_id(at) + number)
    async with database.write() as tx:
        await tx.execute(insert(inbox), [{"id": each, "external_id": str(each), **values} for each in ids])


async def went(database: Database, at: datetime, number: int, *, body: bool = True, state: str = "sent") -> None:
    """So many messages that were written at this moment."""
    values = {"address_id": 1, "channel": "t", "account": "a", "kind": "reply", "state": state, "due_at": at,
              "created_at": at, "owner": "", "reason": "", "external_id": "", "category": "", "attempts": 0, "lane": 0,
              "repeatable": True, "outside": False, "sealed": b"x" if body else None}  # fmt: skip
    ids = range(first_id(at), first_id(at) + number)
    async with database.write() as tx:
        await tx.execute(insert(outbox), [{"id": each, **values} for each in ids])


async def count(database: Database, *where: Any) -> int:
    async with database.read() as tx:
        return int((await tx.execute(select(func.count()).where(*where))).scalar_one())


async def test_bodies_are_erased_from_before_a_moment_a_bite_at_a_time(database: Database, clock: Clock) -> None:
    before = clock() - 30 * DAY
    await came(database, before - DAY, old_messages.BITE + 1)
    await came(database, before + DAY, 1)
    await went(database, before - DAY, 2)
    await went(database, before + DAY, 1)
    async with database.write() as tx:
        assert await old_messages.any_left(tx, before, before, before - 2 * DAY)
        assert await old_messages.erase_bodies_in(tx, before) == old_messages.BITE
        assert await old_messages.erase_bodies_in(tx, before) == 1
        assert await old_messages.erase_bodies_in(tx, before) == 0
        assert await old_messages.erase_bodies_out(tx, before) == 2
        assert not await old_messages.any_left(tx, before, before - 2 * DAY, before - 2 * DAY)
    assert await count(database, inbox.c.sealed.is_not(None)) == 1
    assert await count(database, outbox.c.sealed.is_not(None)) == 1


@pytest.mark.parametrize("state", ["due", "sending", "parked"])
async def test_what_could_not_be_sent_for_so_long_is_not_sent_any_more(
    database: Database, clock: Clock, state: str
) -> None:
    await went(database, clock() - 31 * DAY, 1, state=state)
    await went(database, clock() - 32 * DAY, 1, state="failed")
    async with database.write() as tx:
        assert await old_messages.erase_bodies_out(tx, clock() - 30 * DAY) == 2
        found = (await tx.execute(select(outbox.c.state, outbox.c.reason).order_by(outbox.c.id))).all()
    assert found == [("failed", ""), ("cancelled", old_messages.TOO_OLD)]


async def test_rows_end_from_before_a_moment_a_bite_at_a_time(database: Database, clock: Clock) -> None:
    before = clock() - 400 * DAY
    for bring in (came, went):
        await bring(database, before - DAY, old_messages.BITE + 1, body=False)
        await bring(database, before + DAY, 1, body=False)
    async with database.write() as tx:
        for end in (old_messages.end_in, old_messages.end_out):
            assert [await end(tx, before) for _ in range(3)] == [old_messages.BITE, 1, 0]
    assert await count(database, inbox.c.id > 0) == await count(database, outbox.c.id > 0) == 1


async def test_what_a_list_named_ends_with_its_row(database: Database, clock: Clock) -> None:
    before = clock() - 400 * DAY
    for at in (before - DAY, before + DAY):
        await went(database, at, 1)
        async with database.write() as tx:
            await tx.execute(insert(leadnamed), [{"lead_id": each, "outbox_id": first_id(at)} for each in (7, 8)])
    async with database.write() as tx:
        assert await old_messages.end_out(tx, before) == 1
    assert await count(database, leadnamed.c.lead_id > 0) == 2


async def test_what_became_of_a_broadcast_is_still_known_when_its_rows_have_ended(
    database: Database, vault: Vault, clock: Clock
) -> None:
    hall = Hall(database, vault, clock)
    *_, erased = await hall.people(3)
    broadcast_id = await hall.begun("Halo")
    rows = await hall.claim()
    await hall.deliver(rows[:1], "failed", "blocked")
    await hall.deliver(rows[1:])
    await hall.pump.tick()
    await hall.erase(erased)
    before = await hall.progress(broadcast_id)
    async with database.write() as tx:
        ended = select(outbox.c.id).where(outbox.c.broadcast_id == broadcast_id)
        ids = list((await tx.execute(ended)).scalars())
        for number, each in enumerate(ids):  # as if written long ago: ids hold the time
            moved = first_id(clock() - 500 * DAY) + number
            await tx.execute(update(outbox).where(outbox.c.id == each).values(id=moved))
            await tx.execute(update(recipient).where(recipient.c.outbox_id == each).values(outbox_id=moved))
        assert await old_messages.end_out(tx, clock() - 400 * DAY) == 3
    assert before == {"failed": 1, "sent": 2}
    assert await hall.progress(broadcast_id) == before
    assert await count(database, recipient.c.outbox_id.is_not(None)) == 0


async def _plans(database: Database, before: datetime) -> Sequence[str]:
    """How the database goes about each look for something to end."""
    explain = "EXPLAIN QUERY PLAN" if database.dialect == "sqlite" else "EXPLAIN"
    async with database.write() as tx:
        await tx.exec_driver_sql("ANALYZE")
        with statements(tx) as seen:
            for end in (old_messages.erase_bodies_in, old_messages.erase_bodies_out):
                assert await end(tx, before) == 0
        looks = [(f"{explain} {each.text}", each.parameters) for each in seen]
        return [str(row[-1]) for look in looks for row in await tx.exec_driver_sql(*look)]


async def test_looking_for_bodies_does_not_read_what_has_none(database: Database, clock: Clock) -> None:
    """The rows of all history, whose bodies are long gone, are no part of the index that is looked into."""
    before = clock() - 30 * DAY
    for bring in (came, went):
        await bring(database, before - 9 * DAY, 4_000, body=False)
        await bring(database, before + DAY, 50)
    plans = await _plans(database, before)
    assert [name for name in ("ix_inbox_kept", "ix_outbox_kept") if not any(name in line for line in plans)] == [], (
        plans
    )
