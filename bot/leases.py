"""Leases over time: wait for a lease, hold it, release it; for the single poller of a bot's token, the clock and the pump."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import datetime, timedelta

import structlog

from storage.engine import leases
from storage.engine.database import Database, is_unavailable

LENGTH = timedelta(seconds=25)
RENEW_EVERY = 8.0  # seconds
ASK_EVERY = 3.0  # seconds; after a holder's death another process has the lease within LENGTH + ASK_EVERY

log = structlog.get_logger()

Lease = Callable[[], AbstractAsyncContextManager[None]]
"""Waits until this process has the lease; raises TimeoutError within the block as soon as the lease is lost."""


@asynccontextmanager
async def held(database: Database, name: str, holder: str, clock: Callable[[], datetime]) -> AsyncIterator[None]:
    """Wait for a lease, hold it for as long as the block runs, release it at the end.

    Raises TimeoutError within the block as soon as the lease is lost: another holder has it, or the database was away
    for longer than ``LENGTH``. On SQLite the block begins at once: its file is locked by the one process that serves it.
    """
    if database.dialect == "sqlite":
        yield
        return
    while not await _acquired(database, name, holder, clock):
        log.info("waiting for a lease", name=name)
        await asyncio.sleep(ASK_EVERY)
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(LENGTH.total_seconds()) as ours:
        renewing = loop.create_task(_renew(database, name, holder, clock, ours), name=f"lease {name}")
        try:
            yield
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing
            with suppress(Exception):
                async with database.write() as tx:
                    await leases.release(tx, name, holder)


async def _acquired(database: Database, name: str, holder: str, clock: Callable[[], datetime]) -> bool | None:
    """Whether this holder has the lease now; None with the database away."""
    try:
        async with database.write() as tx:
            return await leases.acquire(tx, name, holder, clock(), LENGTH)
    except Exception as error:
        if not is_unavailable(error):
            raise
        return None


async def _renew(
    database: Database, name: str, holder: str, clock: Callable[[], datetime], ours: asyncio.Timeout
) -> None:
    """Renew a lease again and again; each success lets the block run on for ``LENGTH``."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(RENEW_EVERY)
        asked = loop.time()
        renewed = await _acquired(database, name, holder, clock)
        if renewed is None:
            log.warning("lease not renewed", name=name)
        elif ours.expired():  # while we asked; the block is being left
            return
        else:
            ours.reschedule(asked + LENGTH.total_seconds() if renewed else asked)
