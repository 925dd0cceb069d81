"""The database beside a server that may be running, for whatever an operator does at the command line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.loading import vault_of
from bot.now import now
from bot.settings import Settings
from storage.engine.database import Database
from storage.sealing import key_check
from storage.sealing.vault import Vault


@asynccontextmanager
async def office(settings: Settings) -> AsyncIterator[tuple[Database, Vault]]:
    """The database beside a server that may be running, with its keys."""
    async with await Database.open(settings.database_url, now, exclusive=False) as database:
        vault = vault_of(settings)
        await key_check.check(database, vault)
        yield database, vault
