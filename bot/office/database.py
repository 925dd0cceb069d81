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
from storage.engine.engines import NotMigrated, address, sqlite_file
from storage.migrations import expect_tables
from storage.sealing import key_check
from storage.sealing.vault import Vault


@asynccontextmanager
async def tables_of(settings: Settings, *, older: bool = False, alone: bool = False) -> AsyncIterator[Database]:
    """The database with the tables of this program; ``older``: those of an earlier version will do. ``alone``: no other
    process has it open meanwhile. Raises StorageError."""
    _expect_content(settings)
    async with await Database.open(settings.database_url, now, exclusive=alone, alone=alone) as database:
        async with database.read() as tx:
            await expect_tables(tx, older=older)
        yield database


@asynccontextmanager
async def office(settings: Settings, *, older: bool = False) -> AsyncIterator[tuple[Database, Vault]]:
    """The database with its keys. Raises StorageError or VaultError, one line each, for whatever is missing."""
    async with tables_of(settings, older=older) as database:
        yield database, await key_check.unlocked(database, settings.secret_key, settings.key_file, make=False)


def _expect_content(settings: Settings) -> None:
    """An empty file is left so: SQLite would begin to fill it when it is opened."""
    where = address(settings.database_url)
    if where.get_backend_name() == "sqlite" and not sqlite_file(where).stat().st_size:
        raise NotMigrated(f"the database {where.database} has schema none: run `rangkul migrate`")


async def first_key(settings: Settings) -> None:
    """Make the key of a database that never had one."""
    async with await Database.open(settings.database_url, now, exclusive=False) as database:
        if not await key_check.has_key(database):
            await vault_of(database, settings)
