"""Which keys this process has, and whether they fit the database it opened."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from storage import tables
from storage.engine.database import Database
from storage.engine.upserts import insert_new

from .vault import Keyring, Vault, VaultError, open_key_file

keycheck = tables.table(tables.KeyCheck)


def keyring(secret: str, path: Path) -> Keyring:
    """From the setting where it is given, else from the key file, made when absent. Raises VaultError."""
    return Keyring.parse(secret) if secret else open_key_file(path)


async def check(database: Database, vault: Vault) -> None:
    """A new database remembers its key; a known one is compared. Raises VaultError when the key does not fit."""
    async with database.write() as tx:
        stored = (await tx.execute(select(keycheck.c.value).where(keycheck.c.id == 1))).scalar()
        if stored is None:
            await insert_new(tx, keycheck, [{"id": 1, "value": vault.canary()}], conflict=("id",))
            stored = (await tx.execute(select(keycheck.c.value).where(keycheck.c.id == 1))).scalar_one()
        if not vault.fits(stored):
            raise VaultError(
                "the key does not fit this database: put back the key file (or RANGKUL_SECRET_KEY) it was made with"
            )
