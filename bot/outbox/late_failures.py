"""Late failures: what a failure that the platform tells after accepting a message means for the number, a broadcast, an
operator. Failures told at once have the same consequences (``sending.py``)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import structlog

from bot.channels.base import PlatformStatus
from bot.outbox.rate_limit import Pace
from storage.broadcasts import broadcasts
from storage.engine.database import Database
from storage.outbox import messages, rate_limits

log = structlog.get_logger()


async def act_on(database: Database, paces: Mapping[str, Pace], told: PlatformStatus, now: datetime) -> None:
    """Act on a late failure. ``paces`` are those of this process; where the channel has none, other processes are told
    only."""
    failed = told.failed
    if failed is None:
        return
    if failed.alert:
        log.error("somebody must act", channel=told.channel, reason=failed.reason)
    if failed.wide and failed.retry_after is not None:
        if told.channel in paces:
            await paces[told.channel].hold(failed.retry_after)
        else:
            async with database.write() as tx:
                await rate_limits.pause(tx, f"{told.channel}:{told.account}", failed.retry_after, now)
    if failed.halts:
        async with database.write() as tx:
            broadcast_id = await messages.broadcast_of(tx, told.ref)
            if broadcast_id is not None:
                await broadcasts.halt(tx, broadcast_id, failed.reason, now)
