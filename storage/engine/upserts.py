"""Inserts that meet existing rows (ON CONFLICT), for SQLite and PostgreSQL, which SQLAlchemy writes differently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


async def insert_new(
    tx: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]], *, conflict: tuple[str, ...]
) -> set[int]:
    """Insert rows, but none whose values in the ``conflict`` columns are in the table already; the ids of the inserted
    rows."""
    return {row.id for row in await tx.execute(_insert_new(tx.dialect.name, table, conflict), list(rows))}


async def insert_missing(
    tx: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]], *, conflict: tuple[str, ...]
) -> set[tuple[Any, ...]]:
    """Insert rows, but none whose values in the ``conflict`` columns are in the table already; these columns' values of
    the inserted rows."""
    statement = _dialect(tx.dialect.name).insert(table).on_conflict_do_nothing(index_elements=list(conflict))
    new = await tx.execute(statement.returning(*(table.c[name] for name in conflict)), list(rows))
    return {tuple(row) for row in new}


async def insert_absent(tx: AsyncConnection, table: Table, row: Mapping[str, Any], *, conflict: str) -> None:
    """Insert a row unless the table has one with the same value in the ``conflict`` column."""
    statement = _dialect(tx.dialect.name).insert(table)
    await tx.execute(statement.values(**row).on_conflict_do_nothing(index_elements=[conflict]))


async def upsert(
    tx: AsyncConnection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    key: str | tuple[str, ...],
    columns: Sequence[str],
) -> None:
    """Insert rows; where a row with the same ``key`` exists, update these ``columns`` of it."""
    keys = (key,) if isinstance(key, str) else key
    await tx.execute(_upsert(tx.dialect.name, table, keys, tuple(columns)), list(rows))


# Cached, because building a statement takes longer than running it for a batch.


@cache
def _insert_new(dialect: str, table: Table, conflict: tuple[str, ...]) -> Any:
    statement = _dialect(dialect).insert(table)
    return statement.on_conflict_do_nothing(index_elements=list(conflict)).returning(table.c.id)


@cache
def _upsert(dialect: str, table: Table, key: tuple[str, ...], columns: tuple[str, ...]) -> Any:
    statement = _dialect(dialect).insert(table)
    fresh = {name: statement.excluded[name] for name in columns}
    return statement.on_conflict_do_update(index_elements=list(key), set_=fresh)


def _dialect(name: str) -> Any:
    return postgresql if name == "postgresql" else sqlite
