"""One process wakes another: rows were put that nobody holds. On PostgreSQL by NOTIFY; elsewhere whoever sends looks often.

A notification that is lost costs nothing but time: the outbox is looked through every so often anyway.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engine.engines import dsn

if TYPE_CHECKING:
    import asyncpg

CHANNEL = "rangkul_outbox"
PATIENCE = 10.0  # seconds to connect
LOOK_EVERY = 30.0  # seconds between two looks at whether the connection is alive

_NOTIFY = text(f"SELECT pg_notify('{CHANNEL}', '')")


async def wake(tx: AsyncConnection) -> None:
    """Wake those who send, once this transaction is committed."""
    if tx.dialect.name == "postgresql":
        await tx.execute(_NOTIFY)


async def listen(url: URL, woken: Callable[[], None]) -> None:
    """Call ``woken`` whenever somebody wakes us, until the connection is lost.

    Raises whatever the driver does when the database cannot be reached or goes away;
    :func:`storage.engine.transient_errors.is_unavailable` knows it. The caller tries again.
    """
    import asyncpg

    connection = await asyncpg.connect(
        dsn(url), timeout=PATIENCE, server_settings={"application_name": "rangkul wakeups"}
    )
    try:
        await connection.add_listener(CHANNEL, lambda *_: woken())
        woken()  # what was put while nobody listened
        while True:
            await asyncio.sleep(LOOK_EVERY)
            await connection.execute("SELECT 1", timeout=PATIENCE)
    finally:
        await _closed(connection)


async def _closed(connection: asyncpg.Connection) -> None:
    """End it without waiting for a server that may be gone."""
    connection.terminate()
    await asyncio.sleep(0)  # the transport closes in the loop's next round
