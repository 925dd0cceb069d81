"""One holder at a time, and nobody waits for a holder that is dead."""

from __future__ import annotations

from datetime import timedelta

from storage.engine import leases
from storage.engine.database import Database
from tests.conftest import Clock

LENGTH = timedelta(seconds=30)


async def held_by(database: Database, holder: str, clock: Clock) -> bool:
    async with database.write() as tx:
        return await leases.acquire(tx, "poller", holder, clock(), LENGTH)


async def test_a_second_holder_waits_until_the_first_lets_go(database: Database, clock: Clock) -> None:
    assert await held_by(database, "a", clock)
    assert not await held_by(database, "b", clock)
    async with database.write() as tx:
        await leases.release(tx, "poller", "a")
    assert await held_by(database, "b", clock)


async def test_a_lease_runs_out_if_its_holder_does_not_renew_it(database: Database, clock: Clock) -> None:
    assert await held_by(database, "a", clock)
    clock.advance(seconds=20)
    assert await held_by(database, "a", clock)
    clock.advance(seconds=20)
    assert not await held_by(database, "b", clock)
    clock.advance(seconds=11)
    assert await held_by(database, "b", clock)
    assert not await held_by(database, "a", clock)


async def test_a_clock_that_was_an_hour_fast_when_its_holder_died_keeps_nobody_waiting(
    database: Database, clock: Clock
) -> None:
    assert await held_by(database, "killed", clock)
    clock.advance(hours=-1)
    assert await held_by(database, "b", clock)
    assert not await held_by(database, "c", clock)
