"""The outbox at the level of the table: claims keep order, leases end, settled is settled."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from storage.engine.database import Database
from storage.engine.ids import new_id
from storage.outbox import claims, delivery_status, messages
from storage.outbox.delivery_status import AttemptStatus
from storage.outbox.messages import BULK, NOTICE, REPLY, Out
from storage.people import people
from storage.people.people import Where
from storage.sealing.vault import Vault
from tests.conftest import Clock

LEASE = timedelta(seconds=60)
HERE = [("terminal", "local")]


async def put(
    database: Database, vault: Vault, clock: Clock, who: str, *bodies: str, owner: str = "", **more: Any
) -> list[int]:
    """Rows for this person, in order; their ids."""
    where = Where("terminal", "local", who)
    async with database.write() as tx:
        met = await people.known(tx, vault, [where]) or await people.make(tx, vault, [where], clock())
        known = met[where]
        rows = [Out(new_id(tx), known.person_id, known.address_id, where, body, "notice", **more) for body in bodies]
        await messages.put(tx, vault, rows, clock(), owner=owner, lease=LEASE)
    return [row.id for row in rows]


async def claimed(
    database: Database, vault: Vault, clock: Clock, owner: str = "me", limit: int = 100
) -> list[tuple[str, Any]]:
    async with database.write() as tx:
        rows = await claims.claim(tx, vault, HERE, clock(), owner=owner, lease=LEASE, limit=limit)
    return [(row.where.address, row.body) for row in rows]


async def test_whole_chats_are_claimed_in_order_and_what_is_leased_is_nobody_elses(
    database: Database, vault: Vault, clock: Clock
) -> None:
    first, second = await put(database, vault, clock, "Siti", "satu", "dua")
    await put(database, vault, clock, "Joko", "tiga")
    assert await claimed(database, vault, clock) == [("Siti", "satu"), ("Joko", "tiga"), ("Siti", "dua")]
    assert await claimed(database, vault, clock) == []
    async with database.write() as tx:
        await delivery_status.settle(tx, [AttemptStatus(first, "sent", clock(), "41")])
        assert await messages.external_id(tx, first) == "41"
        assert await messages.external_id(tx, second) == ""


async def test_replies_go_before_notices_and_those_before_bulk(database: Database, vault: Vault, clock: Clock) -> None:
    for who, lane in (("Siti", BULK), ("Joko", NOTICE), ("Budi", REPLY)):
        await put(database, vault, clock, who, "x", lane=lane)
    assert [who for who, _ in await claimed(database, vault, clock, limit=2)] == ["Budi", "Joko"]


async def test_a_lease_runs_out_and_may_be_renewed_by_its_owner_alone(
    database: Database, vault: Vault, clock: Clock
) -> None:
    [row] = await put(database, vault, clock, "Siti", "satu", owner="one")
    clock.advance(seconds=50)
    async with database.write() as tx:
        await claims.renew(tx, [row], "two", clock() + LEASE)
        await claims.renew(tx, [row], "one", clock() + LEASE)
    clock.advance(seconds=59)
    assert await claimed(database, vault, clock) == []
    clock.advance(seconds=1)
    assert await claimed(database, vault, clock) == [("Siti", "satu")]


async def test_a_row_to_be_tried_again_is_not_due_before_its_time(
    database: Database, vault: Vault, clock: Clock
) -> None:
    row, _ = await put(database, vault, clock, "Siti", "satu", "dua", owner="one")
    later = clock() + timedelta(seconds=300)
    async with database.write() as tx:
        await delivery_status.settle(
            tx, [AttemptStatus(row, "due", clock(), reason="slow", due_at=later, lease_until=later + LEASE)]
        )
        await claims.release(tx, "two")
    assert await claimed(database, vault, clock) == [], "nor does a later row overtake it"
    clock.advance(seconds=300)
    assert await claimed(database, vault, clock) == [("Siti", "satu"), ("Siti", "dua")]


async def test_what_was_cancelled_is_neither_claimed_nor_settled_nor_kept(
    database: Database, vault: Vault, clock: Clock
) -> None:
    first, second = await put(database, vault, clock, "Siti", "satu", "dua", owner="one")
    async with database.write() as tx:
        person = (await tx.execute(select(messages.outbox.c.person_id))).scalars().first()
        assert person
        assert await claims.still_wanted(tx, [first, second]) == {first, second}
        await messages.cancel(tx, [person])
        assert await claims.still_wanted(tx, [first, second]) == set()
        await delivery_status.settle(tx, [AttemptStatus(first, "sent", clock(), "41")])
        found = (await tx.execute(select(messages.outbox))).all()
        assert {(row.state, row.sealed, row.person_id) for row in found} == {("cancelled", None, None)}
    clock.advance(days=1)
    assert await claimed(database, vault, clock) == []


async def test_a_chat_that_is_gone_is_unreachable_from_then_on(database: Database, vault: Vault, clock: Clock) -> None:
    [row] = await put(database, vault, clock, "Siti", "satu", owner="one")
    async with database.write() as tx:
        found = (await tx.execute(select(messages.outbox))).one()
        assert await people.last_chats(tx, vault, [found.person_id])
        await delivery_status.settle(
            tx, [AttemptStatus(row, "failed", clock(), reason="blocked", gone=found.address_id)]
        )
        assert await people.last_chats(tx, vault, [found.person_id]) == {}


async def test_rows_of_channels_that_are_not_ours_are_left_alone(
    database: Database, vault: Vault, clock: Clock
) -> None:
    await put(database, vault, clock, "Siti", "satu")
    async with database.write() as tx:
        assert not await claims.claim(tx, vault, [("telegram", "1")], clock(), owner="x", lease=LEASE, limit=9)
        assert not await claims.claim(tx, vault, [], clock(), owner="x", lease=LEASE, limit=9)
