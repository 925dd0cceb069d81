"""Which errors mean "come again", and which would come again for ever."""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import TextClause, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from storage.engine.database import Database, is_unavailable
from storage.engine.sqlstates import OTHERWISE, PASSES, passes
from tests.conftest import nine

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

COUNT = text("SELECT count(*) FROM bucket")


async def _execute(database: Database, statement: TextClause) -> None:
    async with database.write() as tx:
        await tx.execute(statement)


@on_sqlite
async def test_a_locked_sqlite_database_is_away(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.engine.engines.BUSY_TIMEOUT_MS", 10)
    async with await Database.open(database_url, nine) as database:
        with contextlib.closing(sqlite3.connect(database_url, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(OperationalError) as raised:
                await _execute(database, COUNT)
        await _execute(database, COUNT)  # and once the lock is gone, all is well
    assert is_unavailable(raised.value)


async def _fill_the_disk(database: Database) -> None:
    async with database.write() as tx:
        pages = await tx.scalar(text("PRAGMA page_count"))
        await tx.execute(text(f"PRAGMA max_page_count = {pages}"))
        await tx.execute(text("INSERT INTO bucket VALUES (hex(zeroblob(100000)), 0, 0, '[]')"))


@on_sqlite
async def test_a_full_disk_is_away(database: Database) -> None:
    with pytest.raises(OperationalError, match="full") as raised:
        await _fill_the_disk(database)
    assert is_unavailable(raised.value)


async def test_a_postgresql_server_that_cannot_be_reached_is_away(tmp_path: Path) -> None:
    for url in (f"postgresql:///rangkul?host={tmp_path}", "postgresql://127.0.0.1:1/rangkul"):
        with pytest.raises((FileNotFoundError, ConnectionRefusedError)) as raised:
            await Database.open(url, nine)
        assert is_unavailable(raised.value)


async def _lose_the_connection(database: Database) -> None:
    async with database.write() as tx, database.write() as other:
        victim = await tx.scalar(text("SELECT pg_backend_pid()"))
        await other.execute(text(f"SELECT pg_terminate_backend({victim}, 5000)"))
        await tx.execute(COUNT)


@on_postgresql
async def test_a_connection_lost_in_the_middle_is_away_and_the_next_one_works(database: Database) -> None:
    with pytest.raises(DBAPIError) as raised:
        await _lose_the_connection(database)
    assert is_unavailable(raised.value)
    async with database.write() as tx:
        assert await tx.scalar(COUNT) == 0


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM nowhere",
        "SELEC 1",
        "INSERT INTO bucket (name) VALUES (NULL)",
        "SELECT count(*) FROM bucket WHERE x = 1",
    ],
)
async def test_a_wrong_statement_is_not_away(database: Database, statement: str) -> None:
    with pytest.raises((OperationalError, ProgrammingError, IntegrityError)) as raised:
        await _execute(database, text(statement))
    assert not is_unavailable(raised.value)


async def test_a_value_that_does_not_fit_is_not_away(database: Database) -> None:
    """Drivers give it the class of a lost connection, or none: taken for one, it would be tried again for ever."""
    with pytest.raises((DBAPIError, OverflowError)) as raised:
        await _execute(database, text("SELECT count(*) FROM timer WHERE id = :x").bindparams(x=2**70))
    assert not is_unavailable(raised.value)


@on_postgresql
async def test_a_transaction_that_others_overtook_is_away(database: Database) -> None:
    """As a deadlock is: the same work succeeds the next time."""
    await _execute(database, text("INSERT INTO bucket VALUES ('a', 0, 0, '[]')"))
    with pytest.raises(DBAPIError) as raised:
        await _be_overtaken(database)
    assert is_unavailable(raised.value)


async def _be_overtaken(database: Database) -> None:
    add = text("UPDATE bucket SET tat = tat + 1")
    async with database.write() as tx:
        await tx.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        await tx.execute(COUNT)
        await _execute(database, add)
        await tx.execute(add)


def test_every_class_of_sqlstate_is_sorted() -> None:
    """All that the driver knows of, and it is made from PostgreSQL's own list."""
    known = {str(each.sqlstate) for each in vars(asyncpg.exceptions).values() if getattr(each, "sqlstate", None)}
    assert {state[:2] for state in known} <= set(PASSES)
    assert set(OTHERWISE) <= known


@pytest.mark.parametrize(
    ("state", "away"),
    [
        ("57014", True),  # statement_timeout, or an administrator cancelled it
        ("57P01", True),
        ("57P05", True),
        ("53300", True),  # too many connections
        ("53100", True),  # disk full
        ("28P01", True),  # the password was changed
        ("3D000", True),
        ("42501", True),
        ("25006", True),
        ("25P03", True),
        ("40P01", True),
        ("55P03", True),
        ("XX001", True),
        ("26000", True),
        ("23505", False),
        ("22003", False),
        ("42P01", False),
        ("25P02", False),
        ("0A000", False),
        ("54000", False),
        ("P0001", False),
        ("XX000", False),
        ("99999", False),
    ],
)
def test_what_passes_or_an_operator_mends_is_away(state: str, away: bool) -> None:
    assert passes(state) is away


@on_postgresql
async def test_a_statement_that_took_too_long_is_away(database: Database) -> None:
    with pytest.raises(DBAPIError) as raised:
        await _take_too_long(database)
    assert is_unavailable(raised.value)


async def _take_too_long(database: Database) -> None:
    async with database.write() as tx:
        await tx.execute(text("SET LOCAL statement_timeout = 1"))
        await tx.execute(text("SELECT pg_sleep(1)"))


async def test_what_a_person_wrote_does_not_make_an_error_away(database: Database) -> None:
    words = "connection is closed: database is locked"
    insert = text("INSERT INTO bucket VALUES (:name, 0, 0, '[]')").bindparams(name=words)
    await _execute(database, insert)
    with pytest.raises(IntegrityError, match=words) as raised:
        await _execute(database, insert)
    assert not is_unavailable(raised.value)


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (ConnectionRefusedError(), True),
        (TimeoutError(), True),
        (PoolTimeout(), True),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), True),
        (ValueError("connection is closed"), False),
        (ZeroDivisionError(), False),
        (KeyError("x"), False),
    ],
)
def test_other_errors_are_away_only_when_the_network_or_the_disk_is(error: Exception, away: bool) -> None:
    assert is_unavailable(error) is away
    wrapped = RuntimeError()
    wrapped.__cause__ = error
    assert is_unavailable(wrapped) is away


@pytest.mark.parametrize("code", [3, 7, 9, 17, 22])  # PERM, NOMEM, INTERRUPT, SCHEMA, NOLFS
def test_what_an_operator_must_mend_or_passes_by_itself_is_away_on_sqlite(code: int) -> None:
    error = sqlite3.OperationalError("no")
    error.sqlite_errorcode = code
    assert is_unavailable(error)


def test_a_failover_that_has_left_only_standbys_is_away() -> None:
    none_left = asyncpg.exceptions.TargetServerAttributeNotMatched("None of the hosts match the target attribute")
    assert is_unavailable(none_left)
