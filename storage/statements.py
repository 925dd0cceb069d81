"""Statements that SQLite and PostgreSQL write differently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


async def insert_new(
    tx: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]], *, conflict: tuple[str, ...]
) -> set[int]:
    """Insert those rows whose ``conflict`` columns are not there yet; the ids of the rows that were inserted."""
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).on_conflict_do_nothing(index_elements=list(conflict)).returning(table.c.id)
    return {row.id for row in await tx.execute(statement, list(rows))}


async def insert_absent(tx: AsyncConnection, table: Table, row: Mapping[str, Any], *, conflict: str) -> None:
    """Insert this row unless there is one with the same ``conflict`` column."""
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    await tx.execute(dialect.insert(table).values(**row).on_conflict_do_nothing(index_elements=[conflict]))


async def upsert(
    tx: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]], *, key: str, columns: Sequence[str]
) -> None:
    """Insert these rows, or where ``key`` is there already, set these columns anew."""
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    fresh = {name: statement.excluded[name] for name in columns}
    await tx.execute(statement.on_conflict_do_update(index_elements=[key], set_=fresh), list(rows))
