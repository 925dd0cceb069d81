"""The database for a command, beside a server that may be running.

Nothing is made here: neither a database, nor its tables, nor the key of a database that has had a key.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.loading import vault_of
from bot.now import now
from bot.settings import Settings
from storage.engine.database import Database
from storage.engine.engines import NotMigrated, address, sqlite_file
from storage.migrations import expect_tables
from storage.sealing import key_check
from storage.sealing.vault import Vault


@asynccontextmanager
async def tables_of(settings: Settings, *, older: bool = False, alone: bool = False) -> AsyncIterator[Database]:
    """The database, with this program's tables; ``older``: those of an earlier version will do. ``alone``: no other
    process has the database open meanwhile. Raises StorageError."""
    _expect_content(settings)
    async with await Database.open(settings.database_url, now, exclusive=alone, alone=alone) as database:
        async with database.read() as tx:
            await expect_tables(tx, older=older)
        yield database


@asynccontextmanager
async def office(settings: Settings, *, older: bool = False) -> AsyncIterator[tuple[Database, Vault]]:
    """The database and its vault. Raises StorageError or VaultError, each with one line, for whatever is missing."""
    async with tables_of(settings, older=older) as database:
        yield database, await key_check.unlocked(database, settings.secret_key, settings.key_file, make=False)


def _expect_content(settings: Settings) -> None:
    """Raises NotMigrated for an empty SQLite file, so that it stays empty: SQLite would begin to fill the file on opening."""
    where = address(settings.database_url)
    if where.get_backend_name() == "sqlite" and not sqlite_file(where).stat().st_size:
        raise NotMigrated(f"the database {where.database} has schema none: run `rangkul migrate`")


async def first_key(settings: Settings) -> None:
    """Make the key of a database that never had a key."""
    async with await Database.open(settings.database_url, now, exclusive=False) as database:
        if not await key_check.has_key(database):
            await vault_of(database, settings)
