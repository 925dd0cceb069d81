"""Waiting for a lease, holding it, and letting go: for the single poller of a bot's token, and the clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import structlog

from storage import leases
from storage.database import Database, is_away

LENGTH = timedelta(seconds=30)
RENEW_EVERY = 10.0  # seconds
ASK_EVERY = 3.0

log = structlog.get_logger()


@asynccontextmanager
async def held(database: Database, name: str, holder: str, clock: Callable[[], datetime]) -> AsyncIterator[None]:
    """Wait until the lease is ours, hold it for as long as the block runs, release it at its end.

    Should it be lost (the database was away for longer than a lease), it is asked for again and again; meanwhile the
    platform itself refuses the second of two pollers.
    """
    while not await _acquired(database, name, holder, clock):
        log.info("waiting for a lease", name=name)
        await asyncio.sleep(ASK_EVERY)
    renewing = asyncio.create_task(_renew(database, name, holder, clock), name=f"lease {name}")
    try:
        yield
    finally:
        renewing.cancel()
        with suppress(asyncio.CancelledError):
            await renewing
        with suppress(Exception):
            async with database.write() as tx:
                await leases.release(tx, name, holder)


async def _acquired(database: Database, name: str, holder: str, clock: Callable[[], datetime]) -> bool:
    try:
        async with database.write() as tx:
            alone = database.dialect == "sqlite"  # its file is locked by the one process that serves it
            return await leases.acquire(tx, name, holder, clock(), LENGTH, alone=alone)
    except Exception as error:
        if not is_away(error):
            raise
        return False


async def _renew(database: Database, name: str, holder: str, clock: Callable[[], datetime]) -> None:
    while True:
        await asyncio.sleep(RENEW_EVERY)
        if not await _acquired(database, name, holder, clock):
            log.warning("lease not renewed", name=name)
