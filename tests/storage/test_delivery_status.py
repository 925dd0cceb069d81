"""However the story of a message is told, it ends the same: never back, and nothing known is forgotten."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from storage.engine.database import Database
from storage.engine.ids import new_id
from storage.outbox import claims, delivery_status, messages
from storage.outbox.delivery_status import _RANK, AttemptStatus, RowStatus, moves
from storage.outbox.messages import Out, outbox
from storage.people import people
from storage.people.people import Where
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.counting import statements

LEASE = timedelta(seconds=60)
WHERE = Where("whatsapp", "1", "ID.1")


async def put(database: Database, vault: Vault, clock: Clock, **more: Any) -> Out:
    """One row that is being sent."""
    async with database.write() as tx:
        known = (await people.known(tx, vault, [WHERE]) or await people.make(tx, vault, [WHERE], clock()))[WHERE]
        row = Out(new_id(tx), known.person_id, known.address_id, WHERE, {"t": "x"}, "notice", **more)
        await messages.put(tx, vault, [row], clock(), owner="me", lease=LEASE)
    return row


async def stored(database: Database, row: Out) -> Any:
    async with database.read() as tx:
        return (await tx.execute(select(outbox).where(outbox.c.id == row.id))).one()


@given(st.sampled_from(sorted(_RANK)), st.lists(st.sampled_from(sorted(_RANK)), max_size=6), st.randoms())
def test_any_order_and_any_repetition_of_what_is_told_ends_in_the_same_state(
    start: str, told: list[str], chance: Any
) -> None:
    def end(story: list[str]) -> int:
        state = start
        for each in story:
            state = each if moves(state, each) else state
        return _RANK[state]

    shuffled = told * 2
    chance.shuffle(shuffled)
    assert end(told) == end(shuffled) == max(map(_RANK.__getitem__, [start, *told]))


@pytest.mark.parametrize(
    ("told", "end"),
    [(("sent", "delivered"), "delivered"), (("failed", "sent"), "failed"), (("read", "failed"), "read")],
)
async def test_a_platform_may_tell_before_our_own_receipt_is_written(
    database: Database, vault: Vault, clock: Clock, told: tuple[str, ...], end: str
) -> None:
    for story in permutations(("receipt", *told)):
        row = await put(database, vault, clock)
        for each in story:
            async with database.write() as tx:
                if each == "receipt":
                    await delivery_status.settle(tx, [AttemptStatus(row.id, "sent", clock(), "wamid.1")])
                else:
                    await delivery_status.progressed(tx, [RowStatus(row.id, each, clock(), "wamid.1", reason="no")])
        found = await stored(database, row)
        assert (found.state, found.external_id) == (end, "wamid.1"), story


async def test_what_waits_for_its_person_leaves_when_they_write_and_an_old_failure_told_again_does_no_harm(
    database: Database, vault: Vault, clock: Clock
) -> None:
    row = await put(database, vault, clock)
    closed = RowStatus(row.id, "failed", clock(), "wamid.1", reason="131047", closed=True)
    async with database.write() as tx:
        await delivery_status.settle(tx, [AttemptStatus(row.id, "sent", clock(), "wamid.1")])
        await delivery_status.progressed(tx, [closed])
    assert (await stored(database, row)).state == "parked"
    async with database.write() as tx:
        await claims.unpark(tx, [row.address_id], clock())
        await delivery_status.progressed(tx, [closed])
        [again] = await claims.claim(tx, vault, [("whatsapp", "1")], clock(), owner="me", lease=LEASE, limit=9)
        await delivery_status.progressed(tx, [closed])
        await delivery_status.settle(tx, [AttemptStatus(again.id, "sent", clock(), "wamid.2")])
        await delivery_status.progressed(tx, [closed])
    assert (await stored(database, row)).state == "sent"


async def test_what_a_platform_took_and_failed_for_a_passing_reason_is_sent_once_more_a_few_times_at_most(
    database: Database, vault: Vault, clock: Clock
) -> None:
    row = await put(database, vault, clock)
    for attempt in range(1, delivery_status.MOST_AGAIN + 2):
        name, later = f"wamid.{attempt}", clock() + timedelta(seconds=60)
        failed = RowStatus(row.id, "failed", clock(), name, reason="131000", again=later)
        async with database.write() as tx:
            await delivery_status.settle(tx, [AttemptStatus(row.id, "sent", clock(), name)])
            await delivery_status.progressed(tx, [failed])
            await delivery_status.progressed(tx, [failed])  # platforms repeat themselves
        found = await stored(database, row)
        if attempt > delivery_status.MOST_AGAIN:
            assert (found.state, found.reason) == ("failed", "131000")
            return
        assert (found.state, found.attempts) == ("parked", attempt)
        clock.advance(seconds=61)
        async with database.write() as tx:
            await claims.unpark_due(tx, clock())
            await delivery_status.progressed(tx, [failed])
            [_] = await claims.claim(tx, vault, [("whatsapp", "1")], clock(), owner="me", lease=LEASE, limit=9)


async def test_what_an_operator_must_mend_is_sent_once_more_as_often_as_it_takes(
    database: Database, vault: Vault, clock: Clock
) -> None:
    row = await put(database, vault, clock)
    unpaid = RowStatus(row.id, "failed", clock(), "wamid.1", "131042", again=clock() + timedelta(minutes=5), waits=True)
    many = delivery_status.MOST_AGAIN + 1
    async with database.write() as tx:
        await tx.execute(update(outbox).values(attempts=many))
        await delivery_status.settle(tx, [AttemptStatus(row.id, "sent", clock(), "wamid.1")])
        await delivery_status.progressed(tx, [unpaid])
    found = await stored(database, row)
    assert (found.state, found.attempts) == ("parked", many + 1)


async def test_many_rows_are_settled_at_once_each_in_its_way(database: Database, vault: Vault, clock: Clock) -> None:
    later = clock() + timedelta(seconds=9)
    ends: dict[str, dict[str, Any]] = {
        "sent": {"external_id": "1"},
        "failed": {"reason": "no", "gone": 1},
        "uncertain": {},
        "parked": {"due_at": later},
        "due": {"due_at": later},
    }
    rows = {state: [await put(database, vault, clock) for _ in range(3)] for state in ends}
    async with database.write() as tx:
        settled = [AttemptStatus(row.id, state, clock(), **ends[state]) for state, some in rows.items() for row in some]
        await delivery_status.settle(tx, settled)
    for state, some in rows.items():
        for row in some:
            found = await stored(database, row)
            assert found.state == state
            assert found.lease_until is None
            assert found.due_at == later or state not in ("parked", "due")


async def test_an_attempt_that_failed_counts_though_the_next_one_is_settled_with_it(
    database: Database, vault: Vault, clock: Clock
) -> None:
    row = await put(database, vault, clock)
    async with database.write() as tx:
        failed = AttemptStatus(row.id, "due", clock(), reason="slow", due_at=clock(), lease_until=clock() + LEASE)
        await delivery_status.settle(tx, [failed, failed, AttemptStatus(row.id, "sent", clock(), "41")])
    found = await stored(database, row)
    assert (found.state, found.external_id, found.attempts, found.reason) == ("sent", "41", 2, "")


async def test_a_receipt_that_comes_late_makes_the_uncertain_certain(
    database: Database, vault: Vault, clock: Clock
) -> None:
    row = await put(database, vault, clock)
    async with database.write() as tx:
        await tx.execute(update(outbox).values(state="uncertain"))
        await delivery_status.settle(tx, [AttemptStatus(row.id, "sent", clock(), "wamid.1")])
    assert (await stored(database, row)).state == "sent"


async def test_who_got_a_template_lately_is_known_by_address(database: Database, vault: Vault, clock: Clock) -> None:
    row = await put(database, vault, clock)
    async with database.write() as tx:
        await delivery_status.settle(
            tx, [AttemptStatus(row.id, "sent", clock(), "w", outside=True, category="utility")]
        )
    async with database.read() as tx:
        day = timedelta(hours=24)
        assert await delivery_status.outside_since(tx, "whatsapp", "1", clock() - day) == {row.address_id: clock()}
        assert await delivery_status.outside_since(tx, "whatsapp", "1", clock() + day) == {}
        assert await delivery_status.outside_since(tx, "whatsapp", "2", clock() - day) == {}


async def test_rows_are_locked_in_the_order_of_their_ids_in_whatever_order_their_messages_left(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    """As ``progressed`` locks them: two processes that each wait for the other's rows would end in a deadlock."""
    ids = [(await put(sqlite_database, vault, clock)).id for _ in range(3)]
    async with sqlite_database.write() as tx:
        with statements(tx) as seen:
            await delivery_status.settle(tx, [AttemptStatus(each, "sent", clock()) for each in reversed(ids)])
    [sent] = [one for one in seen if one.text.startswith("UPDATE outbox")]
    assert [next(value for value in row if value in ids) for row in sent.parameters] == ids
