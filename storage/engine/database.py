"""The database: one place to write, one to read, on SQLite or PostgreSQL.

    database = await Database.open("data/rangkul.db", now)
    async with database.write() as tx:      # commits at the end, rolls back when an error leaves the block
        await tx.execute(...)

SQLite has one writer: one process, one connection. PostgreSQL takes any number of processes.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import Self

from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage.migrations import head, migrate, schema_version

from . import engines, openers
from .engines import BadAddress, DatabaseBusy, DatabaseTooNew, NoDatabase, StorageError
from .ids import IdSource
from .transient_errors import is_unavailable

__all__ = [
    "BadAddress",
    "Database",
    "DatabaseBusy",
    "DatabaseTooNew",
    "NoDatabase",
    "StorageError",
    "head",
    "hold",
    "is_unavailable",
    "migrate",
    "schema_version",
]


LOCK_TRIES, LOCK_PAUSE = 20, 0.05  # a second in all


class Database:
    """An open database. Made by :meth:`open`; :meth:`close` it, or use it as an asynchronous context manager.

    ``ids``: the source of ids for rows written through this database.
    """

    __slots__ = ("_alone", "_locks", "_reader", "_writer", "dialect", "ids", "url")

    def __init__(self, url: URL, ids: IdSource, locks: list[int], alone: AsyncEngine | None) -> None:
        self.url = url
        self.dialect = url.get_backend_name()  # "sqlite" or "postgresql"
        self.ids = ids
        self._locks = locks
        self._alone = alone
        admit = None if alone else openers.Connections().admit
        self._writer: AsyncEngine = engines.writer(url, ids, admit)
        self._reader: AsyncEngine = engines.reader(url, admit)

    @classmethod
    async def open(
        cls, url: str, clock: Callable[[], datetime], *, exclusive: bool = True, alone: bool = False
    ) -> Self:
        """Open a database that exists, and connect once. ``clock`` tells the time (aware): ids of rows ascend with it.

        ``exclusive`` matters for SQLite only: the serving process holds the database until it ends, however it ends.
        Tools that only read or make short writes pass ``False``, as does a process that holds the database already
        (:func:`hold`); they wait for the write lock up to 5 seconds.

        ``alone``: for a change of keys: no other process of this program, serving or tool, has the database open
        meanwhile.

        Raises:
            BadAddress: when the URL names no database that this program can use.
            NoDatabase: when there is no SQLite file, or the file is no SQLite database.
            DatabaseBusy: when another process holds the database.
            Exception: the driver's own when the database cannot be reached; :func:`is_unavailable` tells whether to
                try again.
        """
        where = engines.address(url)
        locks: list[int] = []
        lonely = None
        try:
            if where.get_backend_name() == "sqlite":
                path = engines.sqlite_file(where)
                if exclusive:
                    locks.append(await _held(path))
                locks.append(openers.share_sqlite(path, alone=alone))
            elif alone:
                lonely = engines.migrator(where)
                await _be_alone(lonely)
        except BaseException:
            await _let_go(locks, lonely)
            raise
        database = cls(where, IdSource(clock), locks, lonely)
        try:
            async with database.write():
                pass
            if database.dialect == "postgresql":  # a second connection shows whether a pooler shares connections out
                async with database.read():
                    pass
        except BaseException as error:
            await database.close()
            if openers.is_pooler(error):
                raise openers.Pooled(openers.POOLER) from None
            raise
        return database

    def write(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """One transaction that may write. On SQLite it holds the only write lock: await nothing but the database."""
        return self._writer.begin()

    def read(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """One transaction that only reads; on SQLite it sees one state of the database and never waits for a writer."""
        return self._reader.begin()

    async def expect_alone(self) -> None:
        """Check that a database opened ``alone`` still is. Raises DatabaseBusy, or the driver's error, where it is not."""
        if self._alone:
            async with self._alone.connect() as tx:
                await openers.still_alone(tx)

    async def close(self) -> None:
        """Close every connection, then let other processes in."""
        await self._reader.dispose()
        await self._writer.dispose()
        await _let_go(self._locks, self._alone)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


async def _be_alone(engine: AsyncEngine) -> None:
    """Take the lock against all other processes on the engine's one connection, which keeps it until the engine is
    disposed of."""
    async with engine.connect() as tx:
        await openers.be_alone(tx)
        await tx.rollback()


async def _let_go(locks: list[int], alone: AsyncEngine | None) -> None:
    while locks:
        os.close(locks.pop())
    if alone:
        await alone.dispose()


async def hold(url: str) -> None:
    """Make an SQLite database where there is none, and hold it until this process ends; does nothing for PostgreSQL.

    Raises DatabaseBusy when another process holds the database, BadAddress.
    """
    where = engines.address(url)
    if where.get_backend_name() == "sqlite":
        await _held(engines.create_sqlite_file(where))


async def _held(path: Path) -> int:
    """The descriptor of a database's lock (:func:`hold_sqlite`); tries for a second, as a killed predecessor may need a
    moment."""
    for _ in range(LOCK_TRIES):
        try:
            return hold_sqlite(path)
        except DatabaseBusy:
            await asyncio.sleep(LOCK_PAUSE)
    return hold_sqlite(path)


def hold_sqlite(path: Path) -> int:
    """The descriptor of a locked file beside the database. The system frees it with the process, even at SIGKILL."""
    path = path.resolve()  # who comes by a link meets who comes by the file's own name
    lock = os.open(path.with_name(f"{path.name}.lock"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(lock, 20).decode() or "unknown"
        os.close(lock)
        raise DatabaseBusy(
            f"another process (pid {holder}) serves {path}: SQLite takes one; stop it, or use PostgreSQL for several"
        ) from None
    os.truncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)
    return lock
