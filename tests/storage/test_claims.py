"""Who may send which row: order within a chat, over processes; bulk apart; what a dead process leaves behind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, update

from storage import tables
from storage.engine.database import Database
from storage.engine.ids import new_id
from storage.outbox import claims, messages
from storage.outbox.messages import BULK, NOTICE, Out, outbox
from storage.people import people
from storage.people.people import Where
from storage.sealing.vault import Vault
from tests.conftest import Clock

LEASE = timedelta(seconds=12)
HERE = ("terminal", "local")
broadcast = tables.table(tables.Broadcast)


async def put(
    database: Database, vault: Vault, clock: Clock, who: str, *bodies: str, owner: str = "", **more: Any
) -> list[Out]:
    """Rows for this person, in order."""
    where = Where(*HERE, who)
    async with database.write() as tx:
        known = (await people.known(tx, vault, [where]) or await people.make(tx, vault, [where], clock()))[where]
        rows = [Out(new_id(tx), known.person_id, known.address_id, where, body, "notice", **more) for body in bodies]
        await messages.put(tx, vault, rows, clock(), owner=owner, lease=LEASE)
    return rows


async def claimed(database: Database, vault: Vault, clock: Clock, owner: str = "me") -> list[Any]:
    async with database.write() as tx:
        rows = await claims.claim(tx, vault, [HERE], clock(), owner=owner, lease=LEASE, limit=100)
    return [row.body for row in rows]


async def bulk(database: Database, vault: Vault, clock: Clock, owner: str = "me", limit: int = 100) -> list[Any]:
    async with database.write() as tx:
        rows = await claims.claim_bulk(tx, vault, *HERE, clock(), owner=owner, lease=LEASE, limit=limit)
    return [row.body for row in rows]


async def states(database: Database) -> dict[str, int]:
    async with database.read() as tx:
        found = list((await tx.execute(select(outbox.c.state))).scalars())
    return {state: found.count(state) for state in found}


async def test_a_row_is_born_leased_only_where_nothing_of_another_process_waits_in_its_chat(
    database: Database, vault: Vault, clock: Clock
) -> None:
    await put(database, vault, clock, "Siti", "satu", owner="one")
    [second] = await put(database, vault, clock, "Siti", "dua", owner="one")
    [third] = await put(database, vault, clock, "Siti", "tiga", owner="two")
    [other] = await put(database, vault, clock, "Joko", "empat", owner="two")
    assert (second.leased, third.leased, other.leased) == (True, False, True)
    assert await claimed(database, vault, clock, "two") == [], "the third waits for what the other process holds"


async def test_bulk_and_what_is_meant_for_later_is_never_born_leased(
    database: Database, vault: Vault, clock: Clock
) -> None:
    [lane] = await put(database, vault, clock, "Siti", "satu", owner="one", lane=BULK)
    [once] = await put(database, vault, clock, "Siti", "dua", owner="one", repeatable=False)
    [later] = await put(database, vault, clock, "Joko", "tiga", owner="one", due_at=clock() + timedelta(hours=1))
    assert [row.leased for row in (lane, once, later)] == [False, False, False]
    assert once.lane == BULK, "what must not be repeated goes by the lane that counts what is uncertain"


async def test_no_reply_waits_for_bulk_and_bulk_waits_for_what_stands_before_it(
    database: Database, vault: Vault, clock: Clock
) -> None:
    await put(database, vault, clock, "Siti", "massal 1", lane=BULK, repeatable=False)
    await put(database, vault, clock, "Siti", "balasan", lane=NOTICE)
    await put(database, vault, clock, "Siti", "massal 2", lane=BULK, repeatable=False)
    assert await bulk(database, vault, clock) == ["massal 1"]
    assert await claimed(database, vault, clock) == ["balasan"]
    assert await bulk(database, vault, clock) == []
    async with database.write() as tx:
        await tx.execute(update(outbox).where(outbox.c.state == "sending").values(state="sent"))
    assert await bulk(database, vault, clock) == ["massal 2"]


async def test_only_copies_of_a_broadcast_that_runs_are_claimed(database: Database, vault: Vault, clock: Clock) -> None:
    async with database.write() as tx:
        await tx.execute(
            broadcast.insert().values(id=7, name="x", state="paused", planned_through=0, created_at=clock())
        )
    await put(database, vault, clock, "Siti", "siaran", lane=BULK, repeatable=False, broadcast_id=7)
    await put(database, vault, clock, "Siti", "pengingat", lane=BULK)
    assert await bulk(database, vault, clock) == ["pengingat"], "nor does it hold up what stands behind it"
    async with database.write() as tx:
        await tx.execute(update(broadcast).values(state="running"))
        await tx.execute(update(outbox).where(outbox.c.state == "sending").values(state="sent"))
    async with database.read() as tx:
        assert await claims.any_bulk(tx, *HERE, clock())
    assert await bulk(database, vault, clock) == ["siaran"]


async def test_when_a_process_dies_what_must_not_be_repeated_is_uncertain_and_the_rest_is_sent_again(
    database: Database, vault: Vault, clock: Clock
) -> None:
    await put(database, vault, clock, "Siti", "satu", owner="dead")
    await put(database, vault, clock, "Joko", "sekali", repeatable=False)
    await put(database, vault, clock, "Budi", "pengingat", lane=BULK)
    await put(database, vault, clock, "Rina", "belum", repeatable=False, due_at=clock() + timedelta(hours=1))
    assert await bulk(database, vault, clock, "dead") == ["sekali", "pengingat"]
    async with database.read() as tx:
        assert not await claims.any_late(tx, clock())
    clock.advance(seconds=12)
    async with database.write() as tx:
        assert await claims.any_late(tx, clock())
        assert await claims.expire(tx, clock()) == 1
    assert await claimed(database, vault, clock) == ["satu"]
    assert await bulk(database, vault, clock) == ["pengingat"]
    assert await states(database) == {"uncertain": 1, "sending": 2, "due": 1}


async def test_where_one_process_serves_its_predecessor_is_known_to_be_dead_at_once(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    await put(sqlite_database, vault, clock, "Siti", "satu", owner="dead")
    await put(sqlite_database, vault, clock, "Joko", "sekali", repeatable=False)
    await bulk(sqlite_database, vault, clock, "dead")
    async with sqlite_database.write() as tx:
        assert await claims.release(tx, "me") == 1
    assert await states(sqlite_database) == {"due": 1, "uncertain": 1}


async def test_what_is_given_back_is_anybodys_from_its_moment_on(
    database: Database, vault: Vault, clock: Clock
) -> None:
    [row] = await put(database, vault, clock, "Siti", "sekali", repeatable=False)
    await bulk(database, vault, clock)
    async with database.write() as tx:
        await claims.give_back(tx, [(row.id, clock() + timedelta(seconds=6))], "somebody else")
        await claims.give_back(tx, [(row.id, clock() + timedelta(seconds=6))], "me")
    assert await bulk(database, vault, clock) == []
    clock.advance(seconds=6)
    assert await bulk(database, vault, clock) == ["sekali"]


async def test_what_waits_for_its_person_is_due_when_they_write_or_when_its_day_comes(
    database: Database, vault: Vault, clock: Clock
) -> None:
    [first] = await put(database, vault, clock, "Siti", "satu")
    await put(database, vault, clock, "Joko", "dua")
    async with database.write() as tx:
        await tx.execute(update(outbox).values(state="parked", due_at=clock() + timedelta(hours=1)))
        await claims.unpark(tx, [first.address_id], clock())
    assert await claimed(database, vault, clock) == ["satu"]
    clock.advance(hours=1)
    async with database.write() as tx:
        assert await claims.any_late(tx, clock())
        await claims.unpark_due(tx, clock())
    assert await claimed(database, vault, clock, "later") == ["satu", "dua"]


async def test_two_processes_claim_different_rows(postgres_url: str, vault: Vault, clock: Clock) -> None:
    async with await Database.open(postgres_url, clock) as one, await Database.open(postgres_url, clock) as two:
        for number in range(20):
            await put(one, vault, clock, f"pemilik-{number}", f"m{number}", repeatable=False)
        async with one.write() as first, two.write() as second:
            ours = await claims.claim_bulk(first, vault, *HERE, clock(), owner="one", lease=LEASE, limit=8)
            theirs = await claims.claim_bulk(second, vault, *HERE, clock(), owner="two", lease=LEASE, limit=20)
        assert (len(ours), len(theirs)) == (8, 12)
        assert not {row.id for row in ours} & {row.id for row in theirs}


async def _plans(database: Database, vault: Vault, clock: Clock) -> list[str]:
    """How the database goes about each statement of a claim."""
    asked: list[tuple[str, Any]] = []

    def keep(_: object, __: object, statement: str, parameters: Any, *___: object) -> None:
        asked.append((statement, parameters))

    async with database.write() as tx:
        await tx.exec_driver_sql("ANALYZE")
        event.listen(tx.sync_connection, "before_cursor_execute", keep)
        await claims.any_due(tx, [HERE], clock())
        await claims.any_bulk(tx, *HERE, clock())
        await claims.any_late(tx, clock())
        await claims.claim(tx, vault, [HERE], clock(), owner="me", lease=LEASE, limit=9)
        await claims.claim_bulk(tx, vault, *HERE, clock(), owner="me", lease=LEASE, limit=9)
        await claims.unpark(tx, [1, 2], clock())
        event.remove(tx.sync_connection, "before_cursor_execute", keep)
        explain = "EXPLAIN QUERY PLAN" if database.dialect == "sqlite" else "EXPLAIN"
        found: Sequence[str] = [
            str(row[-1])
            for statement, parameters in asked
            for row in await tx.exec_driver_sql(f"{explain} {statement}", parameters)
        ]
    return [line for line in found if "outbox" in line]


async def test_a_claim_costs_the_same_however_many_rows_wait(database: Database, vault: Vault, clock: Clock) -> None:
    for number in range(3):
        bodies = ["x"] * 700
        await put(database, vault, clock, f"pemilik-{number}", *bodies, repeatable=False)
    plans = await _plans(database, vault, clock)
    assert plans
    if database.dialect == "postgresql":
        assert not [line for line in plans if "Seq Scan on outbox" in line]
    else:
        assert not [line for line in plans if "SCAN outbox" in line and "INDEX" not in line]
        assert not [line for line in plans if "TEMP B-TREE" in line]


@pytest.mark.parametrize("waiting", [0, 1])
async def test_a_look_finds_what_a_claim_would(database: Database, vault: Vault, clock: Clock, waiting: int) -> None:
    if waiting:
        await put(database, vault, clock, "Siti", "satu")
    async with database.read() as tx:
        assert await claims.any_due(tx, [HERE], clock()) == bool(waiting)
        assert not await claims.any_due(tx, [("telegram", "1")], clock())
        assert not await claims.any_due(tx, [HERE], clock() - timedelta(seconds=1))


async def test_what_a_clock_that_was_ahead_wrote_belongs_to_whoever_claims_it_now_and_to_nobody_else(
    database: Database, vault: Vault, clock: Clock
) -> None:
    clock.advance(days=400)
    await put(database, vault, clock, "Siti", "leased", owner="dead")
    await put(database, vault, clock, "Joko", "due")
    clock.advance(days=-400)
    assert sorted(await claimed(database, vault, clock, "one")) == ["due", "leased"]
    assert await claimed(database, vault, clock, "two") == [], "the first may be sending them"
    clock.advance(seconds=13)
    assert sorted(await claimed(database, vault, clock, "two")) == ["due", "leased"]


async def test_what_must_not_be_repeated_holds_up_its_chat_no_longer_than_a_lease_though_its_clock_was_ahead(
    database: Database, vault: Vault, clock: Clock
) -> None:
    clock.advance(days=400)
    await put(database, vault, clock, "Siti", "once", repeatable=False)
    assert await bulk(database, vault, clock, "dead") == ["once"]
    clock.advance(days=-400)
    async with database.write() as tx:
        assert await claims.any_late(tx, clock())
        assert await claims.expire(tx, clock()) == 1
    assert await states(database) == {"uncertain": 1}
