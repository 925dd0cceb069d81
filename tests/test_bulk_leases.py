"""What a slow process holds of the bulk lane: what it has lost it does not send, and what never left is not uncertain."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from bot.channels.terminal import Terminal
from bot.outbox.bulk import Bulk
from bot.outbox.chat_rate_limit import ChatPace
from bot.outbox.leased_rows import LEASE
from bot.outbox.rate_limit import Pace
from bot.outbox.send_slots import OwnPlaces
from bot.outbox.sending import Sender
from storage.engine.database import Database
from storage.outbox import claims, delivery_status
from storage.outbox.delivery_status import AttemptStatus
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.test_bulk import put, states
from tests.test_database_away import locked
from tests.test_delivery import Shaky, until


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.outbox.bulk.PATIENCE", 3600.0)  # a row waits for its place until the test moves on


class Steady:
    """A steady clock that stands still; whoever sleeps by it sleeps until a test has moved it far enough."""

    def __init__(self) -> None:
        self._now, self._moved = 0.0, asyncio.Event()

    def __call__(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        until = self._now + seconds
        while self._now < until:
            await self._moved.wait()

    def advance(self, seconds: float) -> None:
        self._now += seconds
        self._moved.set()
        self._moved = asyncio.Event()


class Lane:
    """The bulk lane of one process, at two messages a fifth of a second; ``settled``: its receipts."""

    def __init__(self, database: Database, vault: Vault, clock: Clock, owner: str = "one") -> None:
        self.line, self.steady, self.settled = Shaky(clock, lambda *_: None), Steady(), list[AttemptStatus]()
        places = OwnPlaces(database, f"of {owner}", clock, self.steady)
        pace = Pace(10.0, places, self.steady, self.steady.sleep)
        sender = Sender(database, vault, {self.line.name: self.line}, {self.line.name: pace}, clock, {})
        chats = ChatPace(self.steady)
        self.bulk = Bulk(
            database, vault, self.line, sender, chats, clock, owner=owner, settle=self.settled.append
        )  # fmt: skip

    async def claims(self, count: int) -> None:
        """Claim so many: the first leaves, the others wait for their place."""
        assert await self.bulk.claim() == count
        await until(lambda: len(self.settled) == 1)

    async def place_comes(self) -> None:
        """It is the next row's turn."""
        self.steady.advance(0.2)
        await until(lambda: not self.bulk._tasks)

    async def ends(self, database: Database) -> None:
        await self.bulk.stop(2.0)
        async with database.write() as tx:
            await delivery_status.settle(tx, self.settled)


async def expired(database: Database, clock: Clock) -> int:
    async with database.write() as tx:
        return await claims.expire(tx, clock())


async def test_what_was_swept_while_it_waited_for_its_place_does_not_leave_and_is_anybodys_again(
    two_processes: tuple[Database, Database], vault: Vault, clock: Clock
) -> None:
    one, two = two_processes
    slow, other = Lane(one, vault, clock), Lane(two, vault, clock, "two")
    await put(one, vault, clock, 2)
    await slow.claims(2)
    async with one.write() as tx:
        await delivery_status.settle(tx, slow.settled)
    clock.now += LEASE
    assert await expired(two, clock) == 1
    await slow.place_comes()
    await slow.ends(one)
    assert await states(one) == {"sent": 1, "due": 1}
    await other.claims(1)
    await other.ends(two)
    assert await states(one) == {"sent": 2}
    assert len(slow.line.tried) == len(other.line.tried) == 1


async def test_what_another_process_has_taken_over_is_left_to_it(
    two_processes: tuple[Database, Database], vault: Vault, clock: Clock
) -> None:
    one, two = two_processes
    slow, other = Lane(one, vault, clock), Lane(two, vault, clock, "two")
    await put(one, vault, clock, 2, repeatable=True)
    await slow.claims(2)
    async with one.write() as tx:
        await delivery_status.settle(tx, slow.settled)
    clock.now += LEASE
    await other.claims(1)
    await slow.place_comes()
    await slow.ends(one)
    assert await states(one) == {"sent": 1, "sending": 1}
    await other.ends(two)
    assert await states(one) == {"sent": 2}
    assert len(slow.line.tried) == len(other.line.tried) == 1


async def test_a_process_that_claims_anew_what_waits_here_already_sends_it_once(
    database: Database, vault: Vault, clock: Clock
) -> None:
    lane = Lane(database, vault, clock)
    await put(database, vault, clock, 2, repeatable=True)
    await lane.claims(2)
    async with database.write() as tx:
        await delivery_status.settle(tx, lane.settled)
    clock.now += LEASE
    assert await lane.bulk.claim() == 1
    await lane.place_comes()
    await lane.ends(database)
    assert await states(database) == {"sent": 2}
    assert len(lane.line.tried) == 2
    assert lane.bulk.holding == 0


async def test_what_did_not_leave_goes_back_as_soon_as_the_database_can_write_it_down(
    tmp_path: Path, migrated_sqlite: Path, vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "test.db"
    shutil.copy(migrated_sqlite, path)
    monkeypatch.setattr("storage.engine.engines.BUSY_TIMEOUT_MS", 10)
    monkeypatch.setattr(Terminal, "limits", replace(Terminal.limits, chat_gap=60.0))
    async with await Database.open(str(path), clock) as database:
        lane = Lane(database, vault, clock)
        await put(database, vault, clock, 1)
        await lane.claims(1)
        async with database.write() as tx:
            await delivery_status.settle(tx, lane.settled)
        await put(database, vault, clock, 1)
        assert await lane.bulk.claim() == 1
        async with locked(path):
            await until(lambda: not lane.bulk._tasks)
            with pytest.raises(OperationalError):
                await lane.bulk._give_back()
            assert lane.bulk.holding == 1, "it stays on the books while that is not written down"
        await lane.ends(database)
        assert await states(database) == {"sent": 1, "due": 1}
        assert (lane.bulk.holding, len(lane.line.tried)) == (0, 1)


async def test_two_claims_at_once_take_no_more_than_one_may(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    lane = Lane(sqlite_database, vault, clock)
    await put(sqlite_database, vault, clock, 6)
    assert sum(await asyncio.gather(lane.bulk.claim(), lane.bulk.claim())) == 2
    await lane.ends(sqlite_database)


async def test_a_lease_is_renewed_when_half_of_it_is_over(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    lane = Lane(sqlite_database, vault, clock)
    await put(sqlite_database, vault, clock, 2)
    await lane.claims(2)
    clock.now += LEASE / 2
    assert lane.bulk.ending(clock()) == []
    clock.now += timedelta(seconds=1)
    assert len(lane.bulk.ending(clock())) == lane.bulk.holding == 1
    await lane.ends(sqlite_database)
