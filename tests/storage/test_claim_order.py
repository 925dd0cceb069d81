"""What is free, in which order it is claimed, and whose it is until when: row by row."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from storage import tables
from storage.engine.database import Database
from storage.outbox import claims
from storage.outbox.messages import BULK, NOTICE, REPLY, outbox
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.storage.test_claims import HERE, LEASE, bulk, claimed, put, states

SOON = timedelta(minutes=1)


@pytest.mark.parametrize("lane", [REPLY, NOTICE])
async def test_nothing_overtakes_an_older_row_of_its_chat_that_is_meant_for_later(
    database: Database, vault: Vault, clock: Clock, lane: int
) -> None:
    await put(database, vault, clock, "Siti", "satu", lane=lane, due_at=clock() + SOON)
    await put(database, vault, clock, "Siti", "dua", lane=lane)
    assert await claimed(database, vault, clock) == []
    clock.advance(minutes=1)
    assert await claimed(database, vault, clock) == ["satu", "dua"]


async def test_a_claimed_chat_ends_at_the_first_row_that_is_not_free(
    database: Database, vault: Vault, clock: Clock
) -> None:
    await put(database, vault, clock, "Siti", "satu", lane=NOTICE)
    await put(database, vault, clock, "Siti", "dua", lane=NOTICE, due_at=clock() + SOON)
    await put(database, vault, clock, "Siti", "tiga", lane=NOTICE)
    await put(database, vault, clock, "Joko", "lain", lane=NOTICE)
    assert await claimed(database, vault, clock) == ["satu", "lain"]
    async with database.write() as tx:
        await tx.execute(update(outbox).where(outbox.c.state == "sending").values(state="sent"))
    clock.advance(minutes=1)
    assert await claimed(database, vault, clock) == ["dua", "tiga"]


async def test_of_what_is_due_whatever_waited_longer_is_claimed_first(
    database: Database, vault: Vault, clock: Clock
) -> None:
    for who, minutes in (("Siti", 3), ("Joko", 9), ("Budi", 6)):
        due_at = clock() - timedelta(minutes=minutes)
        await put(database, vault, clock, who, who, lane=BULK, due_at=due_at)
        await put(database, vault, clock, f"{who} 2", who, lane=NOTICE, due_at=due_at)
    assert await claimed(database, vault, clock) == ["Joko", "Budi", "Siti"]
    assert await bulk(database, vault, clock, limit=2) == ["Joko", "Budi"]


KINDS: dict[str, tuple[dict[str, Any], bool, bool]] = {  # of a row: whether it is free, and whether it is late
    "due": ({"state": "due"}, True, False),
    "meant for later": ({"due_at": SOON}, False, False),
    "leased": ({"state": "sending", "lease_until": SOON}, False, False),
    "its lease ran out": ({"state": "sending", "lease_until": -SOON}, True, False),
    "once, leased": ({"state": "sending", "lease_until": SOON, "repeatable": False}, False, False),
    "once, its lease ran out": ({"state": "sending", "lease_until": -SOON, "repeatable": False}, False, True),
    "of a clock that was fast": ({"created_at": 90 * SOON, "due_at": 90 * SOON}, True, False),
    "leased by a clock that was fast": (
        {"state": "sending", "created_at": 90 * SOON, "lease_until": 90 * SOON}, True, False
    ),
    "put aside": ({"state": "parked", "due_at": SOON}, False, False),
    "put aside until now": ({"state": "parked"}, False, True),
    "sent": ({"state": "sent"}, False, False),
    "of a broadcast that runs": ({"broadcast_id": 1}, True, False),
    "of one that is done": ({"broadcast_id": 2}, True, False),
    "of one that is paused": ({"broadcast_id": 3}, False, False),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
async def test_a_look_finds_exactly_what_there_is_to_do(
    database: Database, vault: Vault, clock: Clock, kind: str
) -> None:
    given, is_free, is_late = KINDS[kind]
    values = {name: clock() + value if isinstance(value, timedelta) else value for name, value in given.items()}
    lane = BULK if {"repeatable", "broadcast_id"} & values.keys() else NOTICE
    broadcast = tables.table(tables.Broadcast).insert().values(name="x", planned_through=0, created_at=clock())
    for each in {lane, BULK}:
        async with database.write() as tx:
            await tx.execute(outbox.delete())
        await put(database, vault, clock, "Siti", "satu", lane=each)
        async with database.write() as tx:
            await tx.execute(update(outbox).values(values))
            if each == lane:
                for number, state in enumerate(("running", "done", "paused"), start=1):
                    await tx.execute(broadcast.values(id=number, state=state))
        async with database.read() as tx:
            talk, copies = await claims.any_due(tx, [HERE], clock()), await claims.any_bulk(tx, *HERE, clock())
            assert (talk or copies, await claims.any_late(tx, clock())) == (is_free, is_late)
        assert (await claimed(database, vault, clock) == ["satu"]) == talk
        assert (await bulk(database, vault, clock) == ["satu"]) == copies


async def test_a_renewal_that_comes_late_shortens_no_lease(database: Database, vault: Vault, clock: Clock) -> None:
    [row] = await put(database, vault, clock, "Siti", "satu", owner="me")
    async with database.write() as tx:
        assert await claims.renew(tx, [row.id], "me", clock() + 10 * LEASE) == {row.id}
        assert await claims.renew(tx, [row.id], "me", clock() + LEASE) == {row.id}
    clock.now += 9 * LEASE
    assert await claimed(database, vault, clock, "another") == []


async def test_a_renewal_tells_what_is_the_owners_no_longer(database: Database, vault: Vault, clock: Clock) -> None:
    [kept] = await put(database, vault, clock, "Siti", "satu", owner="me")
    [taken] = await put(database, vault, clock, "Joko", "dua", owner="me")
    await put(database, vault, clock, "Budi", "sekali", repeatable=False)
    async with database.write() as tx:
        [once] = await claims.claim_bulk(tx, vault, *HERE, clock(), owner="me", lease=LEASE, limit=1)
        assert await claims.renew(tx, [kept.id], "me", clock() + 2 * LEASE) == {kept.id}
    clock.now += LEASE
    assert await claimed(database, vault, clock, "another") == ["dua"]
    async with database.write() as tx:
        assert await claims.expire(tx, clock()) == 1
        assert await claims.renew(tx, [kept.id, taken.id, once.id], "me", clock() + LEASE) == {kept.id}


async def test_what_was_swept_and_never_left_is_given_back_by_whoever_held_it_and_by_nobody_else(
    database: Database, vault: Vault, clock: Clock
) -> None:
    [row] = await put(database, vault, clock, "Siti", "sekali", repeatable=False)
    assert await bulk(database, vault, clock) == ["sekali"]
    clock.now += LEASE
    async with database.write() as tx:
        await claims.expire(tx, clock())
        await claims.give_back(tx, [(row.id, clock())], "another")
    assert await states(database) == {"uncertain": 1}
    async with database.write() as tx:
        await claims.give_back(tx, [(row.id, clock())], "me")
    assert await bulk(database, vault, clock, "another") == ["sekali"]
    async with database.write() as tx:
        await claims.give_back(tx, [(row.id, clock())], "me")
    assert await states(database) == {"sending": 1}, "another's now"
