"""Statements in plain SQL, each whole and for both databases, so that a DBA can read them and paste them into psql or
sqlite3.

A line that ends in ``-- PostgreSQL`` or ``-- SQLite`` belongs to that database alone; all other lines are for both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from textwrap import dedent
from typing import Any

from sqlalchemy import Column, CursorResult, Executable, String, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

_MARKS = {"postgresql": "-- PostgreSQL", "sqlite": "-- SQLite"}
_PARAMETER = re.compile(r"(?<![:\w]):(\w+)")


class PlainSql:
    """One statement in plain SQL, with parameters written as ``:name``.

    ``returns``: the columns of the rows that the statement gives, in order, whose types read the values. ``types``: the
    types of parameters, by name; a parameter without one is a string.
    """

    def __init__(self, sql: str, *returns: Column[Any], types: Mapping[str, type[TypeEngine[Any]]]) -> None:
        self._sql = dedent(sql).strip()
        self._executables = {dialect: _typed(self.on(dialect), returns, types) for dialect in _MARKS}

    def on(self, dialect: str) -> str:
        """The text of the statement for "postgresql" or "sqlite"."""
        others = tuple(mark for name, mark in _MARKS.items() if name != dialect)
        return "\n".join(line for line in self._sql.splitlines() if not line.endswith(others))

    async def run(self, tx: AsyncConnection, **values: Any) -> CursorResult[Any]:
        """Run the statement once; its result. ``values``: a value for each parameter."""
        return await tx.execute(self._executables[tx.dialect.name], values)

    async def run_for_each(self, tx: AsyncConnection, values: Sequence[Mapping[str, Any]]) -> None:
        """Run the statement once for each set of parameter values; not at all without sets."""
        if values:
            await tx.execute(self._executables[tx.dialect.name], values)


def _typed(sql: str, returns: tuple[Column[Any], ...], types: Mapping[str, type[TypeEngine[Any]]]) -> Executable:
    names = sorted(set(_PARAMETER.findall(sql)))
    statement = text(sql).bindparams(*(bindparam(name, type_=types.get(name, String)()) for name in names))
    return statement.columns(*returns) if returns else statement
