"""The database beside a server that may be running, for whatever an operator does at the command line.

Nothing is made here: neither a database, nor its tables, nor the key of one that has had a key.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.loading import vault_of
from bot.now import now
from bot.settings import Settings
from storage.engine.database import Database
from storage.migrations import expect_tables
from storage.sealing.vault import Vault


@asynccontextmanager
async def office(settings: Settings, *, older: bool = False) -> AsyncIterator[tuple[Database, Vault]]:
    """The database with its keys. Raises StorageError or VaultError, one line each, for whatever is missing.

    ``older``: tables of an earlier version will do.
    """
    async with await Database.open(settings.database_url, now, exclusive=False) as database:
        async with database.read() as tx:
            await expect_tables(tx, older=older)
        yield database, await vault_of(database, settings)
