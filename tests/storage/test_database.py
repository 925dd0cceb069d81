"""One writer, many readers, on both databases; and what is refused."""

from __future__ import annotations

import asyncio
import contextlib
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import TextClause, text
from sqlalchemy.exc import DBAPIError

from storage.engine.database import BadAddress, Database, DatabaseBusy, NoDatabase, migrate
from storage.engine.engines import address, dsn
from tests.conftest import nine

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

COUNT = text("SELECT count(*) FROM bucket")


def insert(name: str) -> TextClause:
    return text("INSERT INTO bucket (name, tat, paused_until, late) VALUES (:name, 0, 0, '[]')").bindparams(name=name)


# ---------------------------------------------------------------------------------------------- transactions


async def test_what_is_written_is_read_after_the_commit_and_not_before(database: Database) -> None:
    async with database.write() as tx:
        await tx.execute(insert("a"))
        async with database.read() as other:
            assert await other.scalar(COUNT) == 0
    async with database.read() as tx:
        assert await tx.scalar(COUNT) == 1


async def _write_and_fail(database: Database) -> None:
    async with database.write() as tx:
        await tx.execute(insert("a"))
        raise ZeroDivisionError


async def test_an_error_inside_takes_back_the_whole_transaction(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        await _write_and_fail(database)
    async with database.read() as tx:
        assert await tx.scalar(COUNT) == 0


async def test_a_cancelled_writer_leaves_nothing_and_blocks_nobody(database: Database) -> None:
    inside = asyncio.Event()

    async def write_for_ever() -> None:
        async with database.write() as tx:
            await tx.execute(insert("a"))
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write_for_ever())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with database.write() as tx:
        await tx.execute(insert("b"))
        assert await tx.scalar(COUNT) == 1


async def test_fifty_writers_at_once_all_get_through(database: Database) -> None:
    async def write(number: int) -> None:
        async with database.write() as tx:
            await tx.scalar(COUNT)  # to read before writing is what makes a deferred transaction fail
            await tx.execute(insert(str(number)))

    await asyncio.gather(*(write(number) for number in range(50)))
    async with database.read() as tx:
        assert await tx.scalar(COUNT) == 50


async def test_readers_do_not_wait_for_the_writer(database: Database) -> None:
    async with database.write() as tx:
        await tx.execute(insert("a"))
        for _ in range(3):
            async with database.read() as other:
                assert await other.scalar(COUNT) == 0


async def test_the_reading_side_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError, match=r"readonly|read-only"):
        async with database.read() as tx:
            await tx.execute(insert("a"))


@on_sqlite
async def test_a_reader_on_sqlite_sees_one_state_of_the_database(database: Database) -> None:
    async with database.read() as reading:
        assert await reading.scalar(COUNT) == 0
        async with database.write() as tx:
            await tx.execute(insert("a"))
        assert await reading.scalar(COUNT) == 0
    async with database.read() as reading:
        assert await reading.scalar(COUNT) == 1


# ---------------------------------------------------------------------------------------------- SQLite's settings


@on_sqlite
async def test_an_acknowledged_commit_on_sqlite_is_on_disk(database_url: str) -> None:
    async with await Database.open(database_url, nine) as database, database.write() as tx:
        assert await tx.scalar(text("PRAGMA journal_mode")) == "wal"
        assert await tx.scalar(text("PRAGMA synchronous")) == 2  # FULL
        assert await tx.scalar(text("PRAGMA foreign_keys")) == 1


async def test_a_new_sqlite_file_is_for_us_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "rangkul.db"
    await asyncio.to_thread(migrate, str(path))
    async with await Database.open(str(path), nine) as database:
        async with database.write() as tx:
            await tx.execute(text("CREATE TABLE t (x)"))
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert set(modes) == {"rangkul.db", "rangkul.db-wal", "rangkul.db-shm", "rangkul.db.lock", "rangkul.db.open"}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_opening_makes_no_database(tmp_path: Path) -> None:
    with pytest.raises(NoDatabase, match="rangkul migrate"):
        await Database.open(str(tmp_path / "data" / "rangkul.db"), nine)
    assert list(tmp_path.iterdir()) == []


async def test_a_file_that_is_no_database_is_called_so(tmp_path: Path) -> None:
    path = tmp_path / "broken.db"
    path.write_bytes(b"nonsense" * 1000)
    with pytest.raises(NoDatabase, match="no SQLite database"):
        await Database.open(str(path), nine)


# ---------------------------------------------------------------------------------------------- one process

_HOLD = """
import asyncio, sys
from storage.engine.database import Database
async def hold():
    await Database.open(sys.argv[1], lambda: datetime(2026, 11, 25, tzinfo=UTC))
    print("open", flush=True)
    await asyncio.Event().wait()
asyncio.run(hold())
"""


@on_sqlite
async def test_a_second_process_on_sqlite_is_refused_until_the_first_dies(database_url: str) -> None:
    """Also when it dies by SIGKILL, which lets nobody clean up."""
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _HOLD, database_url, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert holder.stdout is not None
    assert await holder.stdout.readline() == b"open\n"
    with pytest.raises(DatabaseBusy, match=rf"pid {holder.pid}.*PostgreSQL for several"):
        await Database.open(database_url, nine)
    async with await Database.open(database_url, nine, exclusive=False) as tool, tool.write() as tx:
        await tx.execute(insert("a"))
    holder.kill()
    await holder.wait()
    async with await Database.open(database_url, nine) as database, database.read() as tx:
        assert await tx.scalar(COUNT) == 1


async def test_a_closed_database_may_be_opened_again(database_url: str) -> None:
    for _ in range(2):
        await (await Database.open(database_url, nine)).close()


@on_postgresql
async def test_a_postgresql_database_may_be_opened_twice(database: Database, database_url: str) -> None:
    async with await Database.open(database_url, nine) as second, second.read() as tx:
        assert await tx.scalar(COUNT) == 0


@on_sqlite
async def test_an_sqlite_database_may_not_be_opened_twice_in_one_process_either(
    database: Database, database_url: str
) -> None:
    with pytest.raises(DatabaseBusy):
        await Database.open(database_url, nine)


# ---------------------------------------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    ("url", "driver", "name"),
    [
        ("data/rangkul.db", "sqlite+aiosqlite", "data/rangkul.db"),
        ("/var/lib/rangkul.db", "sqlite+aiosqlite", "/var/lib/rangkul.db"),
        ("sqlite:///data/rangkul.db", "sqlite+aiosqlite", "data/rangkul.db"),
        ("sqlite+aiosqlite:////var/rangkul.db", "sqlite+aiosqlite", "/var/rangkul.db"),
        ("postgres://siti:pw@db:5432/rangkul", "postgresql+asyncpg", "rangkul"),
        ("postgresql://db/rangkul", "postgresql+asyncpg", "rangkul"),
        ("postgresql+psycopg://db/rangkul", "postgresql+asyncpg", "rangkul"),
        ("postgresql+asyncpg:///rangkul?host=/run/postgresql", "postgresql+asyncpg", "rangkul"),
    ],
)
def test_an_address_is_a_path_or_a_url(url: str, driver: str, name: str) -> None:
    assert (address(url).drivername, address(url).database) == (driver, name)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mysql://db/x",
        "sqlite://",
        "sqlite:///:memory:",
        ":memory:",
        "postgresql://db:port/x",
        "://",
        "sqlite:///a?b=c",
    ],
)
def test_other_addresses_are_refused_with_a_line_for_the_operator(url: str) -> None:
    with pytest.raises(BadAddress, match="path"):
        address(url)


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_refused_as_none(url: str) -> None:
    with contextlib.suppress(BadAddress):
        assert address(url).drivername in ("sqlite+aiosqlite", "postgresql+asyncpg")


@pytest.mark.parametrize("mode", ["require", "verify-full", "disable"])
def test_an_address_says_how_to_encrypt_as_managed_databases_write_it(mode: str) -> None:
    found = address(f"postgres://siti:p%40w@db/x?sslmode={mode}")
    assert found.query == {"ssl": mode}
    assert dsn(found) == f"postgresql://siti:p%40w@db/x?sslmode={mode}"
    assert address(found.render_as_string(hide_password=False)) == found


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("sslmode=yes", "verify-full"),
        ("sslrootcert=/etc/ca.pem", "PGSSLROOTCERT"),
        ("channel_binding=require", "leave it out"),
        ("pgbouncer=true", "leave it out"),
    ],
)
def test_what_an_address_asks_for_and_we_cannot_do_is_named(query: str, said: str) -> None:
    with pytest.raises(BadAddress, match=said):
        address(f"postgresql://db/x?{query}")


def test_a_password_is_not_quoted_in_a_refusal() -> None:
    with pytest.raises(BadAddress) as raised:
        address("postgresql://siti:rahasia@db:port/x")
    assert "rahasia" not in str(raised.value)
    assert raised.value.__suppress_context__
