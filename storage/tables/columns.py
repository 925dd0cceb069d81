"""The kinds of columns: row ids, references, moments, sealed values, blind indexes, JSON; and partial indexes."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    TextClause,
    TypeDecorator,
)
from sqlmodel import Field, SQLModel

# Named constraints, so that Alembic can drop them again on both databases; must precede the first model.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, kept as UTC on both databases (SQLite has no time zones of its own)."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def bind_processor(self, dialect: Any) -> Any:
        """The cached conversion of a datetime to a parameter: rows of a batch share few moments, and formatting one
        costs more than the rest of a value."""
        process = super().bind_processor(dialect)
        return process and lru_cache(maxsize=64)(process)

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def row_id() -> Any:
    return Field(sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False))


def ref(*, index: bool = False, nullable: bool = True) -> Any:
    return Field(default=None, sa_column=Column(BigInteger, index=index, nullable=nullable))


def moment(*, index: bool = False, nullable: bool = True) -> Any:
    return Field(default=None, sa_column=Column(UtcDateTime, index=index, nullable=nullable))


def sealed(*, nullable: bool = True) -> Any:
    return Field(default=None, sa_column=Column(LargeBinary, nullable=nullable))


def find(*, index: bool = True) -> Any:
    """A column for a blind index of 16 bytes."""
    return Field(default=None, sa_column=Column(LargeBinary(16), index=index, nullable=True))


def json() -> Any:
    """A column of JSON; None is no value of it, but none at all (``IS NULL``)."""
    return Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))


def partial_index(name: str, *columns: str, where: ColumnElement[bool] | TextClause) -> Index:
    """An index over the rows for which the condition ``where`` holds, on both databases."""
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


def state_in(*states: str) -> ColumnElement[bool]:
    return Column("state").in_(states)


def has(name: str) -> ColumnElement[bool]:
    return Column(name).is_not(None)
