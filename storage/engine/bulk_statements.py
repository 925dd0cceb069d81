"""Bulk statements: for many rows at once, with a text that does not depend on the number of rows, so that SQLAlchemy
compiles and the database parses each statement once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import repeat
from typing import Any

import orjson
from sqlalchemy import BigInteger, Boolean, ClauseElement, ColumnElement, Text, TypeDecorator, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

Row = tuple[Any, ...]


class BulkStatement:
    """A statement that is run for each of many rows. A row has its values in the order of ``names``: of parameters, or
    of an insert's columns.

    SQLAlchemy's ``execute`` converts values row by row, which takes longer than the database's part. Here values are
    converted column by column.
    """

    def __init__(self, statement: ClauseElement, *names: str) -> None:
        self._statement, self._names = statement, names
        self._compiled: dict[str, tuple[str, list[_Column]]] = {}  # by dialect

    async def run(self, tx: AsyncConnection, rows: Iterable[Row]) -> None:
        """Run the statement for each row; does nothing without rows."""
        given = list(zip(*rows, strict=True))
        if not given:
            return
        if tx.dialect.name not in self._compiled:
            self._compiled[tx.dialect.name] = self._compile(tx.dialect)
        text, columns = self._compiled[tx.dialect.name]
        values = zip(*(column(given) for column in columns), strict=False)  # a constant's column never ends
        await tx.exec_driver_sql(text, list(values))

    def _compile(self, dialect: Any) -> tuple[str, list[_Column]]:
        compiled: Any = self._statement.compile(dialect=dialect, column_keys=self._names)
        columns: list[_Column] = []
        for name in compiled.positiontup:
            bound = compiled.binds[name]
            as_driver = bound.type.dialect_impl(dialect).bind_processor(dialect)
            if name in self._names:
                columns.append(partial(_given, self._names.index(name), as_driver))
            else:
                columns.append(partial(_same, as_driver(bound.value) if as_driver else bound.value))
        return str(compiled), columns


_Column = Callable[[list[Row]], Iterable[Any]]
"""From the rows' values, column by column, the values of one parameter in the statement."""


def _given(at: int, as_driver: Callable[[Any], Any] | None, given: list[Row]) -> Iterable[Any]:
    return map(as_driver, given[at]) if as_driver else given[at]


def _same(value: Any, _: list[Row]) -> Iterable[Any]:
    return repeat(value)


# ------------------------------------------------------------------------------------------------ many ids


class IdList(TypeDecorator[Sequence[int]]):
    """Column type for a list of row ids as one parameter: an array on PostgreSQL, JSON text on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(ARRAY(BigInteger) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Sequence[int] | None, dialect: Any) -> Any:
        return list(value or ()) if dialect.name == "postgresql" else orjson.dumps(list(value or ())).decode()


def id_in(column: ColumnElement[int], name: str = "ids") -> ColumnElement[bool]:
    """SQL condition: the column's value is in the list of ids that the parameter ``name`` carries."""
    return _OneOf(column, bindparam(name, type_=IdList))


class _OneOf(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: object = None) -> _OneOf:
        """The condition itself: SQLAlchemy would write ``= 1`` behind it for SQLite, which then takes no index."""
        return self


@compiles(_OneOf)
def _in_json(element: _OneOf, compiler: Any, **more: Any) -> str:
    column, ids = (compiler.process(clause, **more) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({ids}))"  # noqa: S608 - both are SQLAlchemy's own


@compiles(_OneOf, "postgresql")
def _any(element: _OneOf, compiler: Any, **more: Any) -> str:
    column, ids = (compiler.process(clause, **more) for clause in element.clauses)
    return f"{column} = ANY ({ids})"
