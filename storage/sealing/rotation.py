"""Rotation: a new key for all sealed values, while every process of the program is stopped.

1. A new key is added to the key file: a process that opens the file from now on seals with it and opens with both.
2. Every sealed column is sealed anew, in short transactions. Stopped at any point, the rotation goes on from there. 3.
The old keys leave the key file. A copy of the file as it was stays beside it: backups made before need it.

Where the keys are in the setting instead of a file, its text is replaced by hand: by ``Keyring.grown().dump()`` for 1,
by ``Keyring.retired().dump()`` for 3.

Blind indexes, pseudonyms and invitations keep their secret (``keyring.py``), so every search finds its rows meanwhile.

Nobody else has the database open meanwhile (``Database.open(…, alone=True)``): a process that does not know the new key
could not open values sealed with it, and values that such a process seals with a dropped key would never open again.

A value that does not open is put aside (``unreadable.py``) and stays as it is: it keeps no other value from its new key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from sqlalchemy import Table, bindparam, func, select, update

from storage.engine.database import Database
from storage.tables import SEALED

from .unreadable import Opening
from .vault import Keyring, Vault, read_key_file, write_key_file

CHUNK = 500  # rows in one transaction: some tens of milliseconds of the writer's time

Column = tuple[Table, str, str]  # table, sealed column, column that names the row
Progress = Callable[[str, int], None]  # "table.column", how many values were sealed anew in it so far


def add_key(path: Path) -> Keyring:
    """Step 1: add a new key to the key file; the keyring. Unchanged when an earlier rotation has not been finished."""
    keyring = read_key_file(path)
    if len(keyring.masters) == 1:
        keyring = keyring.grown()
        write_key_file(path, keyring)
    return keyring


async def reseal(
    database: Database, vault: Vault, progress: Progress = lambda place, done: None, columns: Iterable[Column] = SEALED
) -> int:
    """Step 2: seal every value of an older key anew with the newest; how many values."""
    return sum([await _reseal_column(database, vault, column, progress) for column in columns])


async def drop_old_keys(database: Database, path: Path, columns: Iterable[Column] = SEALED) -> Keyring:
    """Step 3: leave the newest key alone in the key file; the keyring. The file as it was stays beside it
    (``….until-key-<id>``).

    Looks once more for values of older keys and seals them anew, so that none of them is left.
    """
    keyring = read_key_file(path)
    await reseal(database, Vault(keyring), columns=columns)
    await database.expect_alone()  # else somebody may seal with a key that is dropped now
    if len(keyring.masters) > 1:
        write_key_file(path.with_name(f"{path.name}.until-key-{keyring.newest}"), keyring)
        write_key_file(path, keyring.retired())
    return read_key_file(path)


async def _reseal_column(database: Database, vault: Vault, column: Column, progress: Progress) -> int:
    table, sealed, _ = column
    done, after = 0, None
    while True:
        changed, after = await _reseal_chunk(database, vault, column, after)
        if after is None:
            return done
        done += changed
        progress(f"{table.name}.{sealed}", done)


async def _reseal_chunk(database: Database, vault: Vault, column: Column, after: int | None) -> tuple[int, int | None]:
    """Seal the next chunk of a column anew: (how many values, name of the last row looked at, None at the end)."""
    table, sealed, row = column
    value, name = table.c[sealed], table.c[row]
    outdated = func.substr(value, 1, 1) != bytes([vault.keyring.newest])
    query = select(name, value).where(value.is_not(None), outdated).order_by(name).limit(CHUNK).with_for_update()
    if after is not None:
        query = query.where(name > after)
    change = (
        update(table).where(name == bindparam("_row"), value == bindparam("_old")).values({sealed: bindparam("_new")})
    )
    opening = Opening(vault)
    async with database.write() as tx:
        found = (await tx.execute(query)).all()
        if not found:
            return 0, None
        anew = [each for name, old in found if (each := _anew(vault, opening, column, name, old))]
        if anew:
            await tx.execute(change, anew)
        await opening.note(tx)
    return len(anew), int(found[-1][0])


def _anew(vault: Vault, opening: Opening, column: Column, row: int, old: bytes) -> dict[str, object] | None:
    table, sealed, _ = column
    plain = opening.raw(old, table=table.name, column=sealed, row=row)
    if plain is None:
        return None
    return {"_row": row, "_old": old, "_new": vault.seal(plain, table=table.name, column=sealed, row=row)}
