"""Broadcasts and what happens to their recipients between plan and arrival: joined, parked, erased, purged."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.broadcasts.pump import DAY
from bot.timers import reengagement
from conversations.rules.quiet_hours import WIB, Quiet
from storage.broadcasts import broadcasts
from storage.outbox import claims, delivery_status, messages, templates
from storage.outbox.delivery_status import AttemptStatus
from storage.outbox.parked import DAILY_LIMIT, WINDOW_CLOSED
from storage.outbox.templates import State
from storage.whole_person import account_linking, old_messages
from tests.broadcasting import Hall

if TYPE_CHECKING:
    from storage.engine.database import Database
    from storage.outbox.messages import Out
    from storage.sealing.vault import Vault
    from tests.conftest import Clock


@pytest.fixture
def hall(database: Database, vault: Vault, clock: Clock) -> Hall:
    return Hall(database, vault, clock)


async def parked(
    hall: Hall, rows: list[Out], until: timedelta = messages.BODIES_KEPT, why: str = WINDOW_CLOSED
) -> None:
    """These copies wait: for their person to write, or for so long."""
    now = hall.clock()
    async with hall.database.write() as tx:
        await delivery_status.settle(
            tx, [AttemptStatus(row.id, "parked", now, reason=why, due_at=now + until) for row in rows]
        )


async def becomes_one(hall: Hall, one: int, other: int) -> None:
    async with hall.database.write() as tx:
        assert await account_linking.merge(tx, hall.vault, one, other, "phone", hall.clock())


# ------------------------------------------------------------------------------------------------ two who are one


async def test_two_who_turn_out_to_be_one_get_the_copy_that_is_nearer_to_having_left(hall: Hall) -> None:
    first, second = await hall.people(2)
    broadcast_id = await hall.begun()
    sent, waiting = await hall.claim()
    await hall.deliver([sent])
    await parked(hall, [waiting])
    await becomes_one(hall, second, first)
    async with hall.database.write() as tx:
        await claims.unpark(tx, [waiting.address_id], hall.clock())  # whoever has just written
    await hall.send_all()
    assert len(hall.arrived) == 1
    assert await hall.progress(broadcast_id) == {"sent": 1, "cancelled": 1}


async def test_who_is_planned_gets_none_once_the_other_half_of_them_has_one(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.broadcasts.pump.MOST", 2)
    monkeypatch.setattr("bot.broadcasts.pump.COPIES", 1)
    first, second = await hall.people(2)
    broadcast_id = await hall.draft()
    await hall.start(broadcast_id)
    async with hall.database.read() as tx:
        [plan] = await broadcasts.at_work(tx, hall.clock())
    while not await hall.claim():
        await hall.pump._step(plan)
        async with hall.database.read() as tx:
            [plan] = await broadcasts.at_work(tx, hall.clock())
    await becomes_one(hall, first, second)
    await hall.crash()
    await hall.send_all()
    assert await hall.progress(broadcast_id) == {"uncertain": 1, "skipped": 1}


async def test_a_copy_of_the_other_half_that_comes_back_does_not_make_one_that_was_sent_planned_again(
    hall: Hall,
) -> None:
    first, second = await hall.people(2)
    broadcast_id = await hall.begun()
    copies = {row.person_id: row for row in await hall.claim()}
    await hall.deliver([copies[first]])
    await becomes_one(hall, first, second)
    async with hall.database.write() as tx:  # not sent after all, as delivery gives it back
        await claims.give_back(tx, [(copies[second].id, hall.clock())], "test")
    await hall.does(broadcasts.pause, broadcast_id, hall.clock())
    await hall.does(broadcasts.resume, broadcast_id, hall.clock())
    await hall.send_all()
    assert max(Counter(who for who, _ in hall.arrived).values()) == 1
    assert await hall.progress(broadcast_id) == {"sent": 1, "skipped": 1}


# ------------------------------------------------------------------------------------------------ who waits


async def test_what_waits_for_somebody_who_is_erased_is_called_back_and_waits_no_more(hall: Hall) -> None:
    [gone] = await hall.people(1)
    broadcast_id = await hall.begun()
    await parked(hall, await hall.claim())
    await hall.erase(gone)
    assert await hall.progress(broadcast_id) == {"cancelled": 1}


async def test_what_waited_for_a_month_is_called_back_with_its_words_so_that_nothing_stumbles_over_it(
    hall: Hall,
) -> None:
    await hall.people(1)
    broadcast_id = await hall.begun()
    hall.clock.advance(seconds=5)
    await parked(hall, await hall.claim())
    hall.clock.advance(days=30)
    async with hall.database.write() as tx:
        await old_messages.erase_bodies_out(tx, hall.clock() - messages.BODIES_KEPT)
        await claims.unpark_due(tx, hall.clock())
    assert await hall.claim() == []
    assert await hall.progress(broadcast_id) == {"cancelled": 1}


async def test_cancelled_takes_back_what_waits_for_its_reader_too(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.broadcasts.pump.PEOPLE", 2)
    await hall.people(5)
    broadcast_id = await hall.begun()
    await parked(hall, await hall.claim())
    await hall.does(broadcasts.cancel, broadcast_id, hall.clock())
    await hall.pump.tick()
    assert await hall.progress(broadcast_id) == {"cancelled": 5}


async def test_nobody_is_told_of_what_waits_while_its_broadcast_is_held_or_while_they_sleep(
    hall: Hall, clock: Clock
) -> None:
    async with hall.database.write() as tx:
        await templates.note(tx, "1", [State("rangkul_ada_siaran", "id", "APPROVED", "marketing")], clock())
    await hall.people(1, channel="whatsapp", heard_at=clock() - timedelta(days=3), regency="91.71")
    quiet = hall.ruled(quiet=Quiet(time(20), time(8)))
    broadcast_id = await quiet.begun()
    await parked(quiet, await quiet.claim(channel="whatsapp"))
    await quiet.does(broadcasts.pause, broadcast_id, clock())
    assert await announced(quiet) == 0
    await quiet.does(broadcasts.resume, broadcast_id, clock())
    await quiet.pump.tick()
    clock.now = datetime(2026, 11, 25, 19, tzinfo=WIB)  # 21:00 in Papua
    assert await announced(quiet) == 0
    clock.now = datetime(2026, 11, 26, 7, tzinfo=WIB)
    assert await announced(quiet) == 1


async def announced(hall: Hall) -> int:
    async with hall.database.write() as tx:
        return len(await reengagement.due(tx, hall.services, hall.clock()))


async def test_it_is_not_done_while_copies_wait_for_tomorrows_budget_and_at_night_these_go_back_to_the_plan(
    hall: Hall,
) -> None:
    await hall.people(2)
    broadcast_id = await hall.begun()
    await parked(hall, await hall.claim(), until=DAY, why=DAILY_LIMIT)
    await hall.pump.tick()
    assert await hall.state(broadcast_id) == "running"
    async with hall.database.read() as tx:
        [plan] = await broadcasts.at_work(tx, hall.clock())
    await hall.pump._hold_back(plan, hall.clock())
    assert await hall.progress(broadcast_id) == {"planned": 2}
