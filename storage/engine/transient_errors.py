"""Transient errors: those that mean that the database cannot serve now, so that the same work is to be tried again later."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from .engines import DatabaseBusy
from .sqlstates import passes

# SQLite result codes (sqlite.org/rescode.html): PERM, BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, CORRUPT, FULL,
# CANTOPEN, PROTOCOL, SCHEMA (changed meanwhile), NOLFS, NOTADB.
_SQLITE = {3, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 17, 22, 26}
# Errors of asyncpg and aiosqlite without a code, by the beginning of their message: further on, a person may be quoted.
_CLOSED = (
    "connection is closed",
    "connection was closed",
    "connection closed",
    "the underlying connection is closed",
    "no active connection",
    "cannot operate on a closed database",
    "none of the hosts match",  # a failover has left only standbys, for now
    "cached statement plan is invalid",  # the schema was changed meanwhile; its SQLSTATE class does not pass
)


def is_unavailable(error: BaseException) -> bool:
    """Whether the database, not the work, is at fault: locked, full, broken, unreachable or shutting down.

    Then a channel is told to deliver the same event again. Work that can never succeed (a constraint, a value out of
    range, a missing table) is not "unavailable", whatever class its driver gives the error: the event would come again
    for ever.
    """
    return any(_says_away(each) for each in _causes(error))


def said_by_driver(error: BaseException) -> str:
    """The driver's text of a passing error, on one line: the database's own words, no person's."""
    root = list(_causes(error))[-1]
    said = " ".join(str(root).split())[:160].rstrip(".")
    return said or type(root).__name__


def sqlstate(error: BaseException) -> str:
    """The SQLSTATE of an error from PostgreSQL; "" for any other error."""
    return next((str(state) for each in _causes(error) if (state := getattr(each, "sqlstate", None))), "")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, then its cause, the cause of that, and so on; ten at most."""
    cause: BaseException | None = error
    for _ in range(10):  # a chain may be a circle
        if cause is None:
            return
        yield cause
        cause = cause.orig if isinstance(cause, DBAPIError) and cause.orig else cause.__cause__


def _says_away(error: BaseException) -> bool:
    if isinstance(error, DBAPIError):
        return error.connection_invalidated  # message and code are those of the cause, which is looked at next
    if isinstance(error, (PoolTimeout, OSError, DatabaseBusy)):  # OSError: refused, timed out, no space left
        return True
    sqlite_code = getattr(error, "sqlite_errorcode", None)
    if sqlite_code is not None:
        return sqlite_code & 0xFF in _SQLITE  # the upper bits are SQLite's extended result code
    by_driver = isinstance(error, sqlite3.Error) or type(error).__module__.startswith(("asyncpg", "sqlalchemy"))
    if by_driver and str(error).lower().startswith(_CLOSED):
        return True
    return passes(str(getattr(error, "sqlstate", "") or ""))
