"""The locks that tell which processes have a database open. A change of keys must be alone with the database: a value
that another process seals with a key that is dropped meanwhile never opens again.

PostgreSQL: every connection of this program shares an advisory lock while it lives, whatever becomes of its process.
SQLite: every process shares a lock on a file beside the database. A process that must be alone takes the lock exclusively.
"""

from __future__ import annotations

import fcntl
import os
from datetime import datetime
from pathlib import Path
from typing import Any
from weakref import WeakSet

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from .engines import DatabaseBusy, StorageError
from .transient_errors import sqlstate

_OPEN = 7_220_646  # this program's number of the advisory lock
_BEING_CHANGED = "the keys of this database are being changed (`rangkul keys rotate`): wait until that has ended"
POOLER = (
    "RANGKUL_DATABASE_URL: a pooler stands before PostgreSQL that refuses our settings or shares connections out by "
    "transaction (pgbouncer, pool_mode = transaction): give the address of PostgreSQL itself, we keep few connections; "
    "docs/operations.md has more"
)
_PREPARED_BY_OTHERS = {"42P05", "26000"}  # a prepared statement of that name is there already, or is not


class KeysChanged(DatabaseBusy):
    """Raised when the keys were changed while this process was cut off from its database."""


class Pooled(StorageError):  # noqa: N818 - named for what is so
    """Raised when a pooler before PostgreSQL shares connections out, so that none stays ours for as long as we hold it."""


class Connections:
    """The connections of one open database on PostgreSQL: each must share the lock, be no pooler's, and find the same
    keys."""

    __slots__ = ("_key", "_open")

    def __init__(self) -> None:
        self._open: WeakSet[_Backend] = WeakSet()
        self._key: int | None = None  # the id of the newest key, once it was seen

    def admit(self, connection: Any, record: Any) -> None:
        """Look at a new connection of the pool. Raises Pooled, DatabaseBusy, KeysChanged; the pool then closes the
        connection."""
        backend = self._looked_at(connection)
        record.info["backend"] = backend  # kept by the pool record, so it lives as long as the connection
        self._open.add(backend)

    def _looked_at(self, connection: Any) -> _Backend:
        pid, since, has_keys = _one(connection, _WHO)
        if any((each.pid, each.since) == (pid, since) for each in self._open):
            _one(connection, "SELECT pg_advisory_unlock_all()")  # else the pooler would keep our locks
            raise Pooled(POOLER)
        if not _one(connection, f"SELECT pg_try_advisory_lock_shared({_OPEN})")[0]:
            raise DatabaseBusy(_BEING_CHANGED)
        key = _one(connection, "SELECT max(get_byte(value, 0)) FROM keycheck WHERE id = 1")[0] if has_keys else None
        connection.rollback()
        if self._key not in (None, key):
            raise KeysChanged("the keys were changed while this process was cut off from the database: start it again")
        self._key = key
        return _Backend(pid, since)


_WHO = (
    "SELECT pid, backend_start, to_regclass('keycheck') IS NOT NULL FROM pg_stat_activity WHERE pid = pg_backend_pid()"
)


class _Backend:
    """The server process of PostgreSQL behind a connection."""

    __slots__ = ("__weakref__", "pid", "since")

    def __init__(self, pid: int, since: datetime) -> None:
        self.pid, self.since = pid, since


def _one(connection: Any, statement: str) -> Any:
    cursor = connection.cursor()
    try:
        cursor.execute(statement)
        return cursor.fetchone()
    finally:
        cursor.close()


def is_pooler(error: BaseException) -> bool:
    """Whether an error, on connecting or later, is one that only a pooler before PostgreSQL causes."""
    return "unsupported startup parameter" in str(error) or sqlstate(error) in _PREPARED_BY_OTHERS


async def be_alone(tx: AsyncConnection) -> None:
    """Take PostgreSQL's lock exclusively for this connection, as long as it lives. Raises DatabaseBusy while others
    share it."""
    if not (await tx.execute(text(f"SELECT pg_try_advisory_lock({_OPEN})"))).scalar_one():
        count, where = (await tx.execute(_HOLDERS)).one()
        raise DatabaseBusy(
            f"{count} connections of this program are open on this database (from {where}): stop every process of it "
            "first, on every machine"
        )


async def still_alone(tx: AsyncConnection) -> None:
    """Check that this connection has the lock: one that was idle may have been cut meanwhile, and another taken its place.
    Raises DatabaseBusy where it has not."""
    if not (await tx.execute(_IS_HELD)).scalar_one():
        raise DatabaseBusy(
            "the lock of this database was lost meanwhile (its connection was cut): stop every process of this program, "
            "and begin again"
        )


_IS_HELD = text(
    "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = :lock AND granted "
    "AND mode = 'ExclusiveLock' AND pid = pg_backend_pid())"
).bindparams(lock=_OPEN)
_HOLDERS = text(  # of bigint locks objid is the lower half
    "SELECT count(*), coalesce(string_agg(DISTINCT coalesce(host(client_addr), 'this machine'), ', '), 'unknown') "
    "FROM pg_locks JOIN pg_stat_activity USING (pid) "
    "WHERE locktype = 'advisory' AND objid = :lock AND granted AND pid <> pg_backend_pid()"
).bindparams(lock=_OPEN)


def share_sqlite(path: Path, *, alone: bool) -> int:
    """The descriptor of the locked file beside an SQLite database, by which processes know of each other; close it to
    unlock. Raises DatabaseBusy."""
    path = path.resolve()  # who comes by a link meets who comes by the file's own name
    shared = os.open(path.with_name(f"{path.name}.open"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(shared, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(shared)
        raise DatabaseBusy(
            f"another command of this program has {path} open: wait until it has ended" if alone else _BEING_CHANGED
        ) from None
    return shared
