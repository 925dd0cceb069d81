"""Wake-ups between processes: outbox rows were put that no process has leased. By NOTIFY on PostgreSQL; on SQLite there
are none, and senders look often.

A lost notification costs nothing but time: senders look through the outbox every so often anyway.
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
    """Wake the senders of all processes once this transaction is committed; does nothing on SQLite."""
    if tx.dialect.name == "postgresql":
        await tx.execute(_NOTIFY)


async def listen(url: URL, woken: Callable[[], None]) -> None:
    """Call ``woken`` on each wake-up, until the connection is lost.

    Raises whatever the driver does when the database cannot be reached or goes away;
    :func:`storage.engine.transient_errors.is_unavailable` knows these exceptions. The caller tries again.
    """
    import asyncpg

    connection = await asyncpg.connect(
        dsn(url), timeout=PATIENCE, server_settings={"application_name": "rangkul wakeups"}
    )
    try:
        await connection.add_listener(CHANNEL, lambda *_: woken())
        woken()  # for rows put while nobody listened
        while True:
            await asyncio.sleep(LOOK_EVERY)
            await connection.execute("SELECT 1", timeout=PATIENCE)
    finally:
        await _closed(connection)


async def _closed(connection: asyncpg.Connection) -> None:
    """End a connection without waiting for a server that may be gone."""
    connection.terminate()
    await asyncio.sleep(0)  # the transport closes in the loop's next round
