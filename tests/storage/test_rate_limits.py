"""The pace of one account as the database keeps it: places that are handed out once, pauses that outlive a process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

import pytest

from bot.outbox.send_slots import OwnPlaces, SharedPlaces
from storage.engine.database import Database
from storage.outbox import rate_limits
from tests.conftest import Clock


async def test_places_follow_one_another_whoever_takes_them(database: Database, clock: Clock) -> None:
    taken = []
    for count in (3, 1, 2):
        async with database.write() as tx:
            found = await rate_limits.reserve(tx, "telegram:1", count, 10.0, clock())
        taken.append(found.ahead)
    assert taken == pytest.approx([0.0, 30.0, 40.0], abs=5.0)
    assert all(later - earlier > 9 for earlier, later in pairwise(taken))


async def test_an_account_has_a_pace_of_its_own(database: Database, clock: Clock) -> None:
    async with database.write() as tx:
        await rate_limits.reserve(tx, "telegram:1", 1, 5.0, clock())
        assert (await rate_limits.reserve(tx, "telegram:2", 1, 5.0, clock())).ahead < 1.0


async def test_a_pause_is_kept_by_all_and_no_place_is_taken_meanwhile(database: Database, clock: Clock) -> None:
    async with database.write() as tx:
        await rate_limits.pause(tx, "telegram:1", 600, clock())
        await rate_limits.pause(tx, "telegram:1", 30, clock())
    async with database.write() as tx:
        found = await rate_limits.reserve(tx, "telegram:1", 1, 1.0, clock())
        assert found.paused == pytest.approx(600, abs=5)
        assert (await rate_limits.standing(tx, "telegram:1", clock())).ahead == 0.0


async def test_what_a_clock_that_was_ahead_wrote_silences_nobody_for_long(
    sqlite_database: Database, clock: Clock
) -> None:
    async with sqlite_database.write() as tx:
        await rate_limits.pause(tx, "telegram:1", 10, clock() + timedelta(days=400))
        await rate_limits.advance(tx, "whatsapp:1", 10, clock() + timedelta(days=400))
        assert (await rate_limits.standing(tx, "telegram:1", clock())).paused == rate_limits.LONGEST_PAUSE
        assert (await rate_limits.reserve(tx, "whatsapp:1", 1, 1.0, clock())).ahead <= rate_limits.FURTHEST


async def test_what_left_late_is_known_to_whoever_takes_places_within_the_next_second(
    database: Database, clock: Clock
) -> None:
    async def reserve(late: Sequence[rate_limits.Late] = ()) -> rate_limits.Standing:
        async with database.write() as tx:
            return await rate_limits.reserve(tx, "telegram:1", 1, 0.0, clock(), late=late)

    at = (await reserve()).at
    await reserve([(at - 2.1, at - 2.0), (at, at + 3600.0)])
    await reserve([(at + 1.0, at + 3601.0)])
    assert (await reserve()).late == [(at, at + 3600.0), (at + 1.0, at + 3601.0)], "what is older concerns nobody"


async def test_places_are_told_by_the_quickest_answer_of_the_database(postgres_url: str, clock: Clock) -> None:
    behind = 0.0  # seconds by which an answer is late
    async with await Database.open(postgres_url, clock) as database:
        places = SharedPlaces(database, "telegram:1", clock, lambda: time.monotonic() + behind)
        [first], *_ = await places.reserve(1, 10.0)
        behind = 0.2
        [second], _, _ = await places.reserve(1, 10.0)
        behind = 5.0
        [third], _, _ = await places.reserve(1, 10.0)
    assert second - first == pytest.approx(10.0, abs=0.05), "a slow answer makes no place later"
    assert third - first == pytest.approx(25.0, abs=0.5), "a clock that was set is believed"


async def test_several_processes_never_take_the_same_place(postgres_url: str, clock: Clock) -> None:
    began = time.monotonic()
    async with await Database.open(postgres_url, clock) as one, await Database.open(postgres_url, clock) as two:
        both = [SharedPlaces(database, "telegram:1", clock) for database in (one, two)]
        blocks = await asyncio.gather(*(both[number % 2].reserve(3, 0.45) for number in range(40)))
        async with one.read() as tx:
            ahead = (await rate_limits.standing(tx, "telegram:1", clock())).ahead
    assert [len(block) for block, *_ in blocks] == [3] * 40
    assert 120 * 0.45 - (time.monotonic() - began) <= ahead <= 120 * 0.45 + 0.5, "each place was counted"


async def test_the_only_process_keeps_its_places_in_memory_and_its_successor_obeys_them(
    sqlite_database: Database, clock: Clock
) -> None:
    now = 100.0
    first = OwnPlaces(sqlite_database, "telegram:1", clock, lambda: now)
    assert await first.reserve(2, 0.5) == ([100.0, 100.5], 0.0, [])
    assert await first.reserve(1, 0.5) == ([101.0], 0.0, [])
    assert await first.follow() == 0.0, "written down"
    await first.pause(30)
    second = OwnPlaces(sqlite_database, "telegram:1", clock, lambda: 500.0)
    assert await second.follow() == 30.0
    [place], *_ = await second.reserve(1, 0.5)
    assert place >= 501.5
    clock.advance(seconds=60)
    third = OwnPlaces(sqlite_database, "telegram:1", clock, lambda: 900.0)
    assert await third.follow() == 0.0
    assert await third.reserve(1, 0.5) == ([900.0], 0.0, [])
