"""What a platform tells afterwards of one message may concern all of them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.channels.base import PlatformStatus, SendFailed
from bot.outbox.late_failures import act_on
from storage import tables
from storage.engine.database import Database
from storage.outbox import rate_limits
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.test_bulk import put

broadcast = tables.table(tables.Broadcast)


def failing(clock: Clock, ref: int, failed: SendFailed) -> PlatformStatus:
    return PlatformStatus("terminal", "local", "wamid.1", ref, "failed", clock(), failed)


async def test_a_message_taken_for_spam_halts_its_broadcast(database: Database, vault: Vault, clock: Clock) -> None:
    running = {"id": 7, "name": "Kabar", "state": "running", "approved_by": "", "purpose": "news", "size": 1}
    async with database.write() as tx:
        await tx.execute(broadcast.insert(), {**running, "planned_through": 0, "created_at": clock(), "reason": ""})
    [row] = await put(database, vault, clock, 1, broadcast_id=7)
    await act_on(database, {}, failing(clock, row.id, SendFailed("whatsapp 131048", halts=True)), clock())
    async with database.read() as tx:
        found = (await tx.execute(select(broadcast.c.state, broadcast.c.reason))).one()
    assert tuple(found) == ("halted", "whatsapp 131048")


async def test_too_much_for_the_whole_number_silences_every_process(
    database: Database, vault: Vault, clock: Clock
) -> None:
    await act_on(database, {}, failing(clock, 0, SendFailed("whatsapp 130429", retry_after=9, wide=True)), clock())
    async with database.read() as tx:
        assert (await rate_limits.standing(tx, "terminal:local", clock())).paused == pytest.approx(9, abs=1)


async def test_what_concerns_one_message_alone_changes_nothing_else(
    database: Database, vault: Vault, clock: Clock
) -> None:
    [row] = await put(database, vault, clock, 1)
    await act_on(database, {}, failing(clock, row.id, SendFailed("whatsapp 131026", gone=True)), clock())
    async with database.read() as tx:
        assert (await rate_limits.standing(tx, "terminal:local", clock())).paused == 0
