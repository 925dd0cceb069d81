"""One holder at a time, and nobody waits for a holder that is dead."""

from __future__ import annotations

from datetime import timedelta

from storage import leases
from storage.database import Database
from tests.conftest import Clock

LENGTH = timedelta(seconds=30)


async def held_by(database: Database, holder: str, clock: Clock, *, alone: bool = False) -> bool:
    async with database.write() as tx:
        return await leases.acquire(tx, "poller", holder, clock(), LENGTH, alone=alone)


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


async def test_where_only_one_process_may_serve_the_lease_of_a_dead_one_is_taken_at_once(
    database: Database, clock: Clock
) -> None:
    assert await held_by(database, "killed", clock)
    assert await held_by(database, "b", clock, alone=True)
