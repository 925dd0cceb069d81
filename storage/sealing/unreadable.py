"""Sealed values that do not open: noted with the reason, so that one unreadable row holds up no other row.

A reader of many rows opens each value by an :class:`Opening`. A value that does not open is left out, and noted once in
the table ``unreadable`` until the value opens again, is replaced, or is gone (``look_again``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy import delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from storage import tables
from storage.engine.upserts import insert_missing
from storage.sealing.vault import Vault, VaultError

unreadable = tables.table(tables.Unreadable)

NAME = "?"  # shown in place of a name that does not open
AT_ONCE = 500  # noted values that one call of look_again tries
_SEALED = {f"{table.name}.{column}": (table, column, row) for table, column, row in tables.SEALED}

# Rows whose values open, but with which some work failed: their ``place`` is the kind of row; and the column of their ids.
ROWS = {
    "lead": tables.table(tables.LeadRow).c.id,
    "officer": tables.table(tables.OfficerRow).c.id,
    "person": tables.table(tables.Person).c.id,
}

log = structlog.get_logger()


class Opening:
    """One reading of sealed values. ``text`` and ``json`` give None for a value that does not open; ``note`` stores
    those values in the table ``unreadable``, at the end of the reading and within its transaction."""

    __slots__ = ("_found", "_vault")

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._found: dict[tuple[str, int], str] = {}  # (place, row) -> why it does not open

    def text(self, blob: bytes, *, table: str, column: str, row: int) -> str | None:
        """The text sealed for this table, column and row; None where the blob does not open."""
        opened = self.raw(blob, table=table, column=column, row=row)
        return None if opened is None else opened.decode(errors="replace")

    def json(self, blob: bytes, *, table: str, column: str, row: int) -> Any:
        """The plain JSON value sealed for this table, column and row; None where the blob does not open."""
        try:
            return self._vault.open_json(blob, table=table, column=column, row=row)
        except VaultError as error:
            self.put_aside(table, column, row, error)
            return None

    def raw(self, blob: bytes, *, table: str, column: str, row: int) -> bytes | None:
        """The bytes sealed for this table, column and row; None where the blob does not open."""
        try:
            return self._vault.open_bytes(blob, table=table, column=column, row=row)
        except VaultError as error:
            self.put_aside(table, column, row, error)
            return None

    def put_aside(self, table: str, column: str, row: int, error: VaultError) -> None:
        """Remember a value that the caller itself could not open, for ``note``."""
        self._found[f"{table}.{column}", row] = str(error)

    async def note(self, tx: AsyncConnection) -> None:
        """Store the values that did not open, each once. In a transaction that only reads they are logged alone."""
        if not self._found:
            return
        found, self._found = self._found, {}
        assert tx.sync_connection  # noqa: S101 - narrows the type: a transaction has begun
        if tx.sync_connection.get_execution_options().get("only_reads"):
            _log(found)
            return
        rows = [{"place": place, "row_id": row, "why": why} for (place, row), why in found.items()]
        new = await insert_missing(tx, unreadable, rows, conflict=("place", "row_id"))
        _log({key: why for key, why in found.items() if key in new})


def _log(found: Mapping[tuple[str, int], str]) -> None:
    """Log one error line for each place (``table.column``); `rangkul check` names the rows."""
    for place, count in Counter(place for place, _ in found).items():
        why = next(why for (where, _), why in found.items() if where == place)
        log.error("does not open", place=place, rows=count, why=why)


async def failed(tx: AsyncConnection, kind: str, why: Mapping[int, str]) -> None:
    """Note rows of this kind (of ``ROWS``) that open, but whose work failed, with the reason, by id."""
    if why:
        rows = [{"place": kind, "row_id": row, "why": reason} for row, reason in why.items()]
        new = await insert_missing(tx, unreadable, rows, conflict=("place", "row_id"))
        _log({(place, row): why[row] for place, row in new})


async def succeeded(tx: AsyncConnection, kind: str, rows: Sequence[int]) -> None:
    """Delete the notes of these rows: their work has succeeded."""
    if rows:
        await tx.execute(delete(unreadable).where(unreadable.c.place == kind, unreadable.c.row_id.in_(rows)))


async def unopened(
    tx: AsyncConnection, vault: Vault, place: str, after: int | None, limit: int = AT_ONCE
) -> tuple[dict[int, str], int | None]:
    """Of the next ``limit`` values of a sealed column (``table.column``) below the row ``after``, highest rows first:
    the reason of each value that does not open, by row; and the last row looked at, None where none was left."""
    table, column, name = _SEALED[place]
    query = select(table.c[name], table.c[column]).where(table.c[column].is_not(None)).order_by(table.c[name].desc())
    rows = (await tx.execute((query if after is None else query.where(table.c[name] < after)).limit(limit))).all()
    why: dict[int, str] = {}
    for row, blob in rows:
        try:
            _try(vault, place, blob, row)
        except VaultError as error:
            why[row] = str(error)
    return why, int(rows[-1][0]) if rows else None


PLACES = tuple(_SEALED)
_JSON = {f"{name}.sealed" for name in ("lead", "conversation", "inbox", "outbox", "broadcast")}


def _try(vault: Vault, place: str, blob: bytes, row: int) -> None:
    """Open a value. Raises VaultError for one that does not open, or is not what this program writes there."""
    table, column, _ = _SEALED[place]
    opens = vault.open_json if place in _JSON else vault.open_bytes
    opens(blob, table=table.name, column=column, row=row)


def is_noted(place: str, row: ColumnElement[int]) -> ColumnElement[bool]:
    """SQL condition: the value of this place (``table.column``) and row is known not to open."""
    return exists().where(unreadable.c.place == place, unreadable.c.row_id == row)


async def counted(tx: AsyncConnection) -> dict[str, int]:
    """How many values of each place (``table.column``) do not open; places without any are left out."""
    query = select(unreadable.c.place, func.count()).group_by(unreadable.c.place).order_by(unreadable.c.place)
    return {row[0]: row[1] for row in await tx.execute(query)}


async def listed(tx: AsyncConnection, place: str, limit: int) -> list[tuple[int, str]]:
    """(row id, reason) of the values of this place (``table.column``) that do not open, lowest rows first."""
    query = select(unreadable.c.row_id, unreadable.c.why).where(unreadable.c.place == place)
    return [(row[0], row[1]) for row in await tx.execute(query.order_by(unreadable.c.row_id).limit(limit))]


async def look_again(tx: AsyncConnection, vault: Vault, after: tuple[str, int] = ("", 0)) -> tuple[str, int] | None:
    """Try the next ``AT_ONCE`` noted values again, and delete the notes of values that open by now, were erased, or are
    gone.

    Begins behind the (place, row) ``after``; gives the (place, row) of the last value tried, None where none was left.
    """
    place, row = unreadable.c.place, unreadable.c.row_id
    behind = (place > after[0]) | ((place == after[0]) & (row > after[1]))
    noted = (await tx.execute(select(place, row).where(behind).order_by(place, row).limit(AT_ONCE))).all()
    for where in {each.place for each in noted}:
        rows = [each.row_id for each in noted if each.place == where]
        still = await _that_do_not_open(tx, vault, where, rows)
        if mended := [each for each in rows if each not in still]:
            await tx.execute(delete(unreadable).where(place == where, row.in_(mended)))
    return (noted[-1].place, noted[-1].row_id) if noted else None


async def _that_do_not_open(tx: AsyncConnection, vault: Vault, place: str, rows: list[int]) -> set[int]:
    if place in ROWS:  # the work of such a row is tried elsewhere (``succeeded``); here a row is mended only when gone
        return set((await tx.execute(select(ROWS[place]).where(ROWS[place].in_(rows)))).scalars())
    if place not in _SEALED:  # a column that this version of the program no longer has
        return set()
    table, column, name = _SEALED[place]
    value = table.c[column]
    query = select(table.c[name], value).where(table.c[name].in_(rows), value.is_not(None))
    still = set()
    for row, blob in await tx.execute(query):
        try:
            _try(vault, place, blob, row)
        except VaultError:
            still.add(row)
    return still
