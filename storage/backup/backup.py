"""Backup of the database while it serves, and restore.

SQLite is copied by its backup API into one plain file, PostgreSQL by ``pg_dump`` (``pg_dump.py``). A backup
holds sealed values only, and no key: the key file is backed up apart from it.

A restore builds the whole database beside the old one, brings it to this program's schema, sees whether the key fits,
erases again whoever was erased after the backup, and only then takes the old one's place; the old one is kept.

    StorageError
    └── NotRestored     Raised when a restore would overwrite something, or the backup is none; nothing was changed
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, inspect, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import tables
from storage.engine import engines, openers
from storage.engine.database import Database, NoDatabase, StorageError, hold_sqlite, migrate
from storage.outbox import messages
from storage.people import audit
from storage.sealing import key_check
from storage.sealing.vault import Vault, VaultError
from storage.whole_person import erasure_log
from storage.whole_person.erasure_log import Erasure

from . import pg_dump

person, officer, outbox = tables.table(tables.Person), tables.table(tables.OfficerRow), tables.table(tables.Outbox)

_MAGIC = {b"SQLite format 3\0": "sqlite", b"PGDMP": "postgresql"}
ENDINGS = {"sqlite": "db", "postgresql": "dump"}


class NotRestored(StorageError):  # noqa: N818 - named for what is so
    """Raised when a restore would overwrite something, or the backup is none; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Restored:
    """The result of a restore: how many persons were erased again, and where the old database is kept ("": there was
    none)."""

    erased_again: int
    kept: str


@dataclass(frozen=True, slots=True)
class _Old:
    """The database that a restore replaces: whether it has ``tables``, whether anybody's data is in it (``used``), and
    the ``erasures`` it lists, None where it cannot be read any more."""

    tables: bool = False
    used: bool = False
    erasures: Sequence[Erasure] | None = ()


# ------------------------------------------------------------------------------------------------ back up


async def back_up(url: str, to: Path) -> None:
    """Write a consistent copy of the database to a new file (mode 0600), whole or not at all; the server may run.

    Raises:
        BadAddress, StorageError: when the URL names no database, there is none, or its program is missing or fails.
        FileExistsError: when ``to`` exists.
    """
    where = engines.address(url)
    beside = _begin(to)
    try:
        if where.get_backend_name() == "sqlite":
            await asyncio.to_thread(_back_up_sqlite, Path(str(where.database)), beside)
        else:
            await pg_dump.dump(where, beside)
        _sync(beside)
        os.link(beside, to)  # unlike a rename it never replaces another backup
        _sync(to.parent)
    finally:
        beside.unlink(missing_ok=True)


def _back_up_sqlite(path: Path, to: Path) -> None:
    if not path.exists():
        raise StorageError(f"there is no database at {path}: see RANGKUL_DATABASE_URL")
    _copy_sqlite(path, to)
    with closing(sqlite3.connect(to, isolation_level=None)) as copy:
        copy.execute("PRAGMA journal_mode = DELETE")  # so that the backup is one file, without a -wal file
        copy.execute("VACUUM")  # a page copy also holds free pages, and with them rows that were erased
        if (found := copy.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise StorageError(
                f"the copy of {path} is damaged ({found}): the database needs a look before anything else"
            )


def _copy_sqlite(path: Path, to: Path) -> None:
    """Copy all pages of a SQLite file in one step: readers and the writer go on, and the copy is of one moment."""
    address = f"{path.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as source, closing(sqlite3.connect(to)) as copy:
        source.backup(copy)


# ------------------------------------------------------------------------------------------------ restore


async def restore(
    backup: Path, url: str, vault: Vault, erasures: Sequence[Erasure], now: datetime, *, force: bool = False
) -> Restored:
    """Replace the database by a backup, less all erasures since: those given, and those that the old database still lists.

    Raises:
        NotRestored: when the file is no backup of this kind of database, or somebody's data is there and not ``force``.
        DatabaseBusy: when a server still runs on the database.
        DatabaseTooNew: when the backup was made by a later version of the program.
        VaultError: when the key does not open the backup.
    """
    where = engines.address(url)
    check_kind(backup, url)
    put = _restore_sqlite if where.get_backend_name() == "sqlite" else _restore_postgresql
    return await put(backup, where, vault, erasures, now, force)


async def _restore_sqlite(
    backup: Path, where: URL, vault: Vault, erasures: Sequence[Erasure], now: datetime, force: bool
) -> Restored:
    path = Path(str(where.database))
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.restoring")
    locks = [hold_sqlite(path)]
    try:
        old = await _look(str(path), now, force)
        locks.append(openers.share_sqlite(path, alone=True))  # who has it open would go on writing into the old one
        _remove(beside)
        os.close(os.open(beside, os.O_CREAT | os.O_WRONLY, 0o600))
        await asyncio.to_thread(_copy_sqlite, backup, beside)
        again = await _make_current(str(beside), vault, [*erasures, *(old.erasures or ())], now)
        kept = _put_aside(path, now)
        beside.replace(path)
        if kept and not old.tables:
            _remove(Path(kept))
        _sync(path.parent)
    except sqlite3.DatabaseError as error:
        raise NotRestored(f"{backup} cannot be read ({error}): take another backup") from None
    finally:
        _remove(beside)
        for lock in locks:
            os.close(lock)
    return Restored(again, kept if old.tables else "")


async def _restore_postgresql(
    backup: Path, where: URL, vault: Vault, erasures: Sequence[Erasure], now: datetime, force: bool
) -> Restored:
    url = where.render_as_string(hide_password=False)
    old = await _look(url, now, force)
    kept = f"before_{_stamp(now)}"
    await pg_dump.put_aside(where, kept)
    try:
        await pg_dump.load(where, backup)
        again = await _make_current(url, vault, [*erasures, *(old.erasures or ())], now)
    except BaseException:
        await pg_dump.put_back(where, kept)
        raise
    if not old.tables:
        await pg_dump.drop(where, kept)
    return Restored(again, f"schema {kept}" if old.tables else "")


def check_kind(backup: Path, url: str) -> None:
    """Raises NotRestored when the file is no backup, or one of another kind of database than the URL's."""
    where = engines.address(url)
    try:
        with backup.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise NotRestored(f"{backup} cannot be read ({type(error).__name__})") from None
    kind = next((name for magic, name in _MAGIC.items() if head.startswith(magic)), None)
    if kind is None:
        raise NotRestored(f"{backup} is no backup made by `rangkul backup`")
    if kind != where.get_backend_name():
        raise NotRestored(f"{backup} is a backup of {kind}, RANGKUL_DATABASE_URL is {where.get_backend_name()}")


async def _look(url: str, now: datetime, force: bool) -> _Old:
    """The database that a restore would replace. Raises NotRestored when somebody's data is in it and not ``force``."""
    try:
        async with await Database.open(url, lambda: now, exclusive=False) as database, database.read() as tx:
            old = await _seen(tx)
    except (DBAPIError, NoDatabase) as error:
        if engines.address(url).get_backend_name() == "postgresql":
            raise
        if _is_missing(engines.address(url)):
            return _Old()
        if not force:
            why = error.orig if isinstance(error, DBAPIError) else error
            raise NotRestored(f"the database cannot be read ({why}): say --force to put it aside") from None
        return _Old(tables=True, used=True, erasures=None)
    if old.used and not force:
        raise NotRestored("the database is not empty: say --force to put it aside and restore the backup in its place")
    return old


async def _seen(tx: AsyncConnection) -> _Old:
    names = set(await tx.run_sync(lambda connection: inspect(connection).get_table_names()))
    if not {"person", "officer", "audit"} <= names:
        return _Old(bool(names), bool(names))
    anyone = [(await tx.execute(select(table.c.id).limit(1))).scalar() for table in (person, officer)]
    return _Old(tables=True, used=any(anyone), erasures=await erasure_log.asked_for(tx))


async def _make_current(url: str, vault: Vault, erasures: Sequence[Erasure], now: datetime) -> int:
    """Bring a restored database up to date: schema, erasures since the backup, messages in flight. How many were erased
    again."""
    await asyncio.to_thread(migrate, url)
    async with await Database.open(url, lambda: now, exclusive=False) as database:
        try:
            await key_check.check(database, vault)
        except VaultError:
            raise VaultError(
                "the key does not fit this backup: give the key file of its time with --key; after a rotation it lies "
                "beside the key file as ….until-key-<id>"
            ) from None
        async with database.write() as tx:
            again = await erasure_log.erase_again(tx, vault, erasures)
            await _settle(tx)
            await audit.record(tx, at=now, actor="cli", act="restored", subject="database", detail=f"again:{again}")
    return again


async def _settle(tx: AsyncConnection) -> None:
    """Free the outbox rows that were pending when the backup was made. Most have probably left since, so only
    repeatable rows are sent again; the others are uncertain."""
    waiting = update(outbox).where(outbox.c.state.in_(messages.PENDING))
    await tx.execute(waiting.where(outbox.c.repeatable.is_(False)).values(state="uncertain", lease_until=None))
    await tx.execute(waiting.values(state="due", lease_until=None, owner=""))


# ------------------------------------------------------------------------------------------------ files


def _begin(to: Path) -> Path:
    """A new empty file (mode 0600) beside the backup's final path, named for this process."""
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = to.with_name(f"{to.name}.{os.getpid()}")
    os.close(os.open(beside, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600))
    return beside


def _is_missing(where: URL) -> bool:
    return not Path(str(where.database)).exists()


def _put_aside(path: Path, now: datetime) -> str:
    """Rename the old SQLite file, with the -wal and -shm files that a crash may have left; the new path, "" where there
    is none."""
    if not path.exists():
        return ""
    kept = path.with_name(f"{path.name}.before-{_stamp(now)}")
    for ending in ("-wal", "-shm"):
        if (part := path.with_name(path.name + ending)).exists():
            part.rename(kept.with_name(kept.name + ending))
    path.rename(kept)
    return str(kept)


def _remove(path: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal", ".open"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _stamp(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y%m%dt%H%M%Sz")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
