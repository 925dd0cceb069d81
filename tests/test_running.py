"""What runs is switched off again whatever fails: no task is left behind, and the last receipts are written."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from bot.app import assemble, running
from bot.channels.base import Outgoing, Take
from bot.channels.terminal import Terminal
from conversations.engine.core import Heard
from storage import tables
from storage.engine.database import Database
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.town import known

outbox = tables.table(tables.Outbox)


class Falling(Terminal):
    """A terminal with a task of its own, as pollers have one, that falls over at its ``start`` or its ``stop``."""

    falls = ""

    async def start(self, receive: Take) -> None:
        await super().start(receive)
        self._polling = asyncio.create_task(asyncio.sleep(3600), name="poller")
        if self.falls == "start":
            raise OSError("start failed")

    async def stop(self) -> None:
        self._polling.cancel()
        await asyncio.gather(self._polling, return_exceptions=True)
        if self.falls == "stop":
            raise OSError("stop failed")


class Second(Terminal):
    name, account = "second", "local"

    stopped = False

    async def stop(self) -> None:
        await super().stop()
        self.stopped = True


async def left_over() -> list[str]:
    """The names of tasks that still run, ours aside."""
    await asyncio.sleep(0)
    return sorted(task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task())


@pytest.mark.parametrize("falls", ["start", "stop"])
async def test_a_channel_that_fails_to_start_or_stop_leaves_no_task_behind_and_the_others_are_stopped(
    sqlite_database: Database, vault: Vault, clock: Clock, falls: str
) -> None:
    before = await left_over()
    second, falling = Second(clock, lambda *_: None), Falling(clock, lambda *_: None)
    falling.falls = falls
    product = assemble(sqlite_database, vault, known(), {second.name: second, falling.name: falling}, clock)
    with pytest.raises(OSError, match=f"{falls} failed"):
        async with running(product):
            assert falls == "stop"
    assert await left_over() == before
    assert second.stopped


async def test_the_last_receipts_are_written_although_a_channel_fails_to_stop(
    sqlite_database: Database, vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.turns.writer.SETTLE_WITHIN", 3600.0)
    told: list[Outgoing] = []
    falling = Falling(clock, lambda _, message: told.append(message))
    falling.falls = "stop"
    product = assemble(sqlite_database, vault, known(), {falling.name: falling}, clock)

    async def answers_and_ends() -> None:
        async with running(product):
            await falling.bring("Siti", Heard(text="halo"))
            while product.delivery and product.delivery.waiting:
                await asyncio.sleep(0.001)

    with pytest.raises(OSError, match="stop failed"):
        await answers_and_ends()
    assert told
    async with sqlite_database.read() as tx:
        assert (await tx.execute(select(outbox.c.state))).scalars().all() == ["sent"]
