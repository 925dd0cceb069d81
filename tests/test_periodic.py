"""Work that is done again and again goes on whatever goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

import pytest
from structlog.testing import capture_logs

from bot.leases import Lease
from bot.periodic import Ticker


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.periodic.ASK_EVERY", 0.01)


class Lathe:
    """Fails at its first ``failures`` ticks."""

    def __init__(self, failures: int = 0) -> None:
        self.failures, self.ticks, self.third = failures, 0, asyncio.Event()

    async def tick(self) -> None:
        self.ticks += 1
        if self.ticks >= 3:
            self.third.set()
        if self.ticks <= self.failures:
            raise ValueError("a row that nobody foresaw")


def failing(*errors: Exception) -> Lease:
    """A lease that raises one error after another as it begins, and is ours from then on."""
    left = list(errors)

    @asynccontextmanager
    async def lease() -> AsyncIterator[None]:
        if left:
            raise left.pop(0)
        yield

    return lease


async def turned(lathe: Lathe, lease: Lease) -> list[str]:
    """Let it run to its third tick; what was logged."""
    ticker = Ticker("lathe", lathe.tick, lease, idle=0.001)
    with capture_logs() as logged:
        ticker.start()
        try:
            await asyncio.wait_for(lathe.third.wait(), 10)
        finally:
            await ticker.stop()
    return [f"{line['event']}: {line['error']}" for line in logged]


async def test_a_lease_that_cannot_be_had_is_tried_again_and_logged_once() -> None:
    assert await turned(Lathe(), failing(OSError(), OSError())) == ["lease failed: OSError"]


async def test_a_lease_that_is_lost_is_waited_for_again_without_a_word() -> None:
    lost = iter((0, 0))

    @asynccontextmanager
    async def lease() -> AsyncIterator[None]:
        async with asyncio.timeout(next(lost, None)):
            yield

    assert await turned(Lathe(), lease) == []
    assert next(lost, None) is None


async def test_a_tick_that_the_database_never_lets_end_is_told_once_and_shows() -> None:
    lathe, ended = Lathe(), asyncio.Event()

    async def tick() -> None:
        await lathe.tick()
        if not ended.is_set():
            raise TimeoutError

    ticker = Ticker("lathe", tick, nullcontext, idle=0.001)
    with capture_logs() as logged:
        ticker.start()
        await asyncio.wait_for(lathe.third.wait(), 10)
        behind = ticker.behind
        lathe.third.clear()
        ended.set()
        await asyncio.wait_for(lathe.third.wait(), 10)
        caught_up = ticker.behind
        await ticker.stop()
    assert [line["event"] for line in logged] == ["lathe failed"]
    assert behind is not None
    assert caught_up is not None
    assert ticker.behind is None


async def test_a_tick_that_fails_is_logged_and_the_next_one_comes() -> None:
    assert await turned(Lathe(failures=2), nullcontext) == ["lathe failed: ValueError"] * 2
