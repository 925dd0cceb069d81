"""The key check: the vault of a database, and whether its keys fit the database."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import tables
from storage.engine.database import Database
from storage.engine.upserts import insert_new

from .vault import Keyring, Vault, VaultError, open_key_file, read_key_file

keycheck = tables.table(tables.KeyCheck)


async def has_key(database: Database) -> bool:
    """Whether this database has ever had a key."""
    async with database.read() as tx:
        return await _stored(tx) is not None


async def unlocked(database: Database, secret: str, path: Path, *, make: bool = True) -> Vault:
    """The vault of this database: its keys from the setting ``secret`` where that is given, else from the key file
    ``path``.

    A key file is made (``make``) only for a database that never had a key. In place of a lost key file a new key would open
    nothing, and the next start would take it for the right one. Raises VaultError when the key is missing or does not fit.
    """
    known = await has_key(database)
    vault = Vault(Keyring.parse(secret) if secret else _from_file(path, known=known, make=make))
    await check(database, vault)
    return vault


def _from_file(path: Path, *, known: bool, make: bool) -> Keyring:
    if make and not known:
        return open_key_file(path)
    if not known and not path.exists():
        raise VaultError("this database has no key yet: run `rangkul migrate`")
    return read_key_file(path)


async def check(database: Database, vault: Vault) -> None:
    """Store the key check in a new database, compare it in a known one. Raises VaultError when the key does not fit."""
    async with database.write() as tx:
        stored = await _stored(tx)
        if stored is None:
            await insert_new(tx, keycheck, [{"id": 1, "value": vault.canary()}], conflict=("id",))
            stored = await _stored(tx)
        if stored is None or not vault.fits(stored):
            raise VaultError(
                "the key does not fit this database: put back the key file (or RANGKUL_SECRET_KEY) it was made with"
            )


async def _stored(tx: AsyncConnection) -> bytes | None:
    return (await tx.execute(select(keycheck.c.value).where(keycheck.c.id == 1))).scalar()
