"""SQLite's driver (aiosqlite), changed to run a statement in one hop to the driver's thread.

SQLAlchemy's adapter takes four hops (open a cursor, execute, fetch, close), and at each of them event loop and thread
wait for one another: that costs more than the short statements of a turn do.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection, AsyncAdapt_aiosqlite_cursor

# SQLAlchemy leaves no other place for this than the adapter's private methods, which each driver overrides.
# ruff: noqa: SLF001


class OneHopCursor(AsyncAdapt_aiosqlite_cursor):
    """Holds a cursor of the driver after its work: the rows are fetched, and the cursor is closed."""

    __slots__ = ()

    _awaitable_cursor_close = False

    def _make_new_cursor(self, connection: Any) -> Any:
        return None

    def _aenter_cursor(self, cursor: Any) -> Any:
        return None

    @property
    def description(self) -> Any:
        return self._cursor.description if self._cursor else None

    async def _execute_async(self, operation: Any, parameters: Any) -> None:
        driver: Any = self._connection
        async with self._adapt_connection._execute_mutex:
            done = await driver._execute(_execute, driver._conn, operation, parameters or ())
        self._cursor, self._rows = done

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> None:
        driver: Any = self._connection
        async with self._adapt_connection._execute_mutex:
            self._cursor = await driver._execute(_execute_many, driver._conn, operation, seq_of_parameters)

    def close(self) -> None:
        self._rows.clear()


class OneHopConnection(AsyncAdapt_aiosqlite_connection):
    """SQLAlchemy's connection adapter for aiosqlite, with one-hop cursors."""

    __slots__ = ()

    _cursor_cls = OneHopCursor


# ------------------------------------------------------------------------------------------ on the driver's thread


def _execute(driver: sqlite3.Connection, statement: str, values: Sequence[Any]) -> tuple[sqlite3.Cursor, deque[Any]]:
    cursor = driver.execute(statement, values)
    rows = deque(cursor.fetchall() if cursor.description else ())
    cursor.close()
    return cursor, rows


def _execute_many(driver: sqlite3.Connection, statement: str, rows: Sequence[Sequence[Any]]) -> sqlite3.Cursor:
    cursor = driver.executemany(statement, rows)
    cursor.close()
    return cursor
