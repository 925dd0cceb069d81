"""Of several processes one works and the others stand by; the work stops with the lease."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from bot.leases import LENGTH, _renew, held
from storage.engine import leases
from storage.engine.database import Database
from tests.conftest import Clock, nine


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.leases.ASK_EVERY", 0.01)
    monkeypatch.setattr("bot.leases.RENEW_EVERY", 0.01)


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    async with await Database.open(postgres_url, nine) as opened:
        yield opened


@asynccontextmanager
async def working(database: Database, name: str, clock: Clock, at_work: list[str]) -> AsyncIterator[asyncio.Task[None]]:
    async def work() -> None:
        async with held(database, "clock", name, clock):
            at_work.append(name)
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    yield task
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def until(at_work: list[str], expected: list[str]) -> None:
    async with asyncio.timeout(10):
        while at_work != expected:
            await asyncio.sleep(0.005)


async def test_the_second_begins_when_the_first_ends(database: Database, clock: Clock) -> None:
    at_work: list[str] = []
    async with working(database, "a", clock, at_work) as first:
        await until(at_work, ["a"])
        async with working(database, "b", clock, at_work):
            first.cancel()
            await until(at_work, ["a", "b"])


async def test_the_second_takes_over_from_one_that_died(database: Database, clock: Clock) -> None:
    at_work: list[str] = []
    async with database.write() as tx:
        assert await leases.acquire(tx, "clock", "killed", clock(), LENGTH)
    async with working(database, "b", clock, at_work):
        await asyncio.sleep(0.05)
        assert at_work == []
        clock.advance(seconds=26)
        await until(at_work, ["b"])


async def test_who_loses_the_lease_stops(database: Database, clock: Clock) -> None:
    at_work: list[str] = []
    async with working(database, "a", clock, at_work) as working_now:
        await until(at_work, ["a"])
        async with database.write() as tx:
            await leases.release(tx, "clock", "a")  # as if it had run out
            assert await leases.acquire(tx, "clock", "b", clock(), LENGTH)
        with pytest.raises(TimeoutError):
            await working_now


async def test_a_renewal_that_is_answered_while_the_lease_ends_is_no_error(database: Database, clock: Clock) -> None:
    ended = False
    with suppress(TimeoutError):
        async with asyncio.timeout(0) as ours:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                await _renew(database, "clock", "a", clock, ours)
                ended = True
                raise
    assert ended
