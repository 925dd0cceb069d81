"""SQLAlchemy engines, and the drivers' settings, from the URL of a database.

The exceptions of this package, all with one line for the operator as their message::

    StorageError           Raised when the database cannot be used as asked
    ├── BadAddress         Raised when a URL names no database that we can use
    ├── DatabaseBusy       Raised when another process holds this SQLite database
    ├── NoDatabase         Raised when there is no database at this address
    ├── NotMigrated        Raised when a database lacks tables of this program
    ├── DatabaseTooNew     Raised when a later version of the program has migrated the database
    └── MigrationFailed    Raised when a step to this program's schema fails
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from .aiosqlite_fast import OneHopConnection
from .ids import IdSource

BUSY_TIMEOUT_MS = 5_000


class StorageError(Exception):
    """Raised when the database cannot be used as asked; the message is one line for the operator."""


class BadAddress(StorageError):  # noqa: N818 - the name is what the operator is told
    """Raised when a URL names no database that we can use."""


class DatabaseBusy(StorageError):  # noqa: N818 - likewise
    """Raised when another process holds this SQLite database."""


class NoDatabase(StorageError):  # noqa: N818 - likewise
    """Raised when there is no database at this address."""


class NotMigrated(StorageError):  # noqa: N818 - likewise
    """Raised when a database lacks tables of this program."""


class DatabaseTooNew(StorageError):  # noqa: N818 - likewise
    """Raised when a later version of the program has migrated the database."""


class MigrationFailed(StorageError):  # noqa: N818 - likewise
    """Raised when a step to this program's schema fails; no step was done then. Its cause is the driver's own error."""


# ---------------------------------------------------------------------------------------------- addresses


def address(url: str) -> URL:
    """The URL of a database with this program's driver, from a path or URL of SQLite, or a URL of PostgreSQL.

    >>> str(address("data/rangkul.db")), str(address("postgres://db/rangkul"))
    ('sqlite+aiosqlite:///data/rangkul.db', 'postgresql+asyncpg://db/rangkul')

    Raises:
        BadAddress: when it is neither, or an in-memory SQLite database (readers and writer would see two).
    """
    if "://" not in url:
        url = f"sqlite:///{url}"
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise BadAddress("the database's address is no URL: give a path or postgresql://…") from None
    name = parsed.drivername.partition("+")[0]
    if name in ("postgres", "postgresql"):
        ours = parsed.set(drivername="postgresql+asyncpg", query=_asked(parsed.query))
        try:
            ours.get_dialect()().create_connect_args(ours)
        except (ArgumentError, ValueError):
            raise BadAddress(
                "a host or port in the database's address is not understood: see RANGKUL_DATABASE_URL"
            ) from None
        return ours
    if name != "sqlite":
        raise BadAddress(f"{name} is no database that we know: give a path (SQLite) or postgresql://…")
    if not parsed.database or parsed.database.startswith((":", "file:")) or parsed.query:
        raise BadAddress("SQLite needs a plain file path: sqlite:///data/rangkul.db")
    return parsed.set(drivername="sqlite+aiosqlite")


_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_SERVERS = ("any", "primary", "read-write", "prefer-standby")
_ASKED = ("host", "port", "user", "password", "ssl", "passfile", "target_session_attrs")  # options that asyncpg knows


def _asked(query: Mapping[str, Any]) -> dict[str, Any]:
    """The options behind the question mark of a URL, by asyncpg's names. Raises BadAddress for an option it does not know."""
    asked = {"ssl" if name == "sslmode" else name: value for name, value in query.items()}
    for name in asked:
        if name in ("sslrootcert", "sslcert", "sslkey", "sslcrl"):
            raise BadAddress(f"?{name}= in the database's address: set PG{name.upper()} in the environment instead")
        if name not in _ASKED:
            raise BadAddress(f"?{name}= in the database's address is not known: leave it out")
    wanted = asked.get("target_session_attrs", "any")
    if wanted not in _SERVERS:
        raise BadAddress(f"?target_session_attrs= in the database's address: one of {', '.join(_SERVERS)}")
    if wanted == "read-write":
        asked["target_session_attrs"] = "primary"  # our own connections for reading are set to read only
    if asked.get("ssl", "disable") not in _SSL_MODES:
        raise BadAddress(f"?sslmode= in the database's address: one of {', '.join(_SSL_MODES)}")
    return asked


def dsn(url: URL) -> str:
    """The URL of a PostgreSQL database, with its password, as PostgreSQL's own programs write it and asyncpg reads it."""
    asked = {"sslmode" if name == "ssl" else name: value for name, value in url.query.items()}
    return url.set(drivername="postgresql", query=asked).render_as_string(hide_password=False)


def create_sqlite_file(url: URL) -> Path:
    """The file of an SQLite database, created with mode 0600 before SQLite would make it readable to all.

    SQLite gives its -wal and -shm files the same mode; a missing directory is made with 0700.
    """
    path = Path(str(url.database))
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    return path


def sqlite_file(url: URL) -> Path:
    """The file of an SQLite database. Raises NoDatabase when the file is missing, no SQLite database, or not ours to open."""
    path = Path(str(url.database))
    whole = path.absolute()
    try:
        with path.open("r+b") as file:
            begins = file.read(16)
    except FileNotFoundError:
        raise NoDatabase(
            f"there is no database at {whole}: go to the folder of the installation, set RANGKUL_DATABASE_URL, or make "
            "one with `rangkul migrate`"
        ) from None
    except (OSError, ValueError) as error:
        raise NoDatabase(
            f"the database {whole} cannot be opened ({type(error).__name__}): see whose file it is"
        ) from None
    if begins and begins != b"SQLite format 3\0":
        raise NoDatabase(f"{whole} is no SQLite database: see RANGKUL_DATABASE_URL, or restore a backup")
    return path


# ---------------------------------------------------------------------------------------------- engines


Admit = Callable[[Any, Any], None]
"""Called with each new connection to PostgreSQL and its pool record; raises when the connection may not be used."""


def writer(url: URL, ids: IdSource, admit: Admit | None = None) -> AsyncEngine:
    """The engine for transactions that write; their rows get ids from ``ids``.

    SQLite: a single connection, whose transactions take the write lock at once.
    """
    if url.get_backend_name() == "postgresql":
        engine = _postgresql(url, admit, pool_size=8, read_only=False)
    else:
        engine = _sqlite(url, pool_size=1, begin="BEGIN IMMEDIATE")
    engine.update_execution_options(**ids.carried())
    return engine


def reader(url: URL, admit: Admit | None = None) -> AsyncEngine:
    """The engine for transactions that only read; a statement that writes fails, and connections say ``only_reads``."""
    if url.get_backend_name() == "postgresql":
        engine = _postgresql(url, admit, pool_size=4, read_only=True)
    else:
        engine = _sqlite(url, pool_size=4, begin="BEGIN", extra=("PRAGMA query_only = ON",))
    return engine.execution_options(only_reads=True)


def migrator(url: URL) -> AsyncEngine:
    """The engine for one migration. SQLite rebuilds a table to alter it: foreign keys must not cascade meanwhile."""
    if url.get_backend_name() == "postgresql":
        return create_async_engine(url, pool_size=1, max_overflow=0)
    return _sqlite(url, pool_size=1, begin="BEGIN IMMEDIATE", extra=("PRAGMA foreign_keys = OFF",))


def _sqlite(url: URL, *, pool_size: int, begin: str, extra: tuple[str, ...] = ()) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        # isolation_level None: the driver opens no transaction by itself, so that each begins with the ``begin`` above.
        connect_args={"isolation_level": None, "timeout": BUSY_TIMEOUT_MS / 1000},
    )
    pragmas = (
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "PRAGMA foreign_keys = ON",
        "PRAGMA cache_size = -16000",  # kibibytes
        "PRAGMA journal_size_limit = 67108864",  # a large transaction must not leave a large -wal file for ever
        "PRAGMA secure_delete = FAST",  # what was erased must not stay readable in free pages
        "PRAGMA temp_store = MEMORY",
        *extra,
    )

    @event.listens_for(engine.sync_engine, "do_connect")
    def connect(dialect: Any, _record: object, args: Any, settings: Any) -> Any:
        adapted = dialect.connect(*args, **settings)
        return OneHopConnection(adapted.dbapi, adapted.driver_connection)

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin_as_said(connection: Connection) -> None:
        adapted: Any = connection.connection.dbapi_connection
        try:  # straight to the driver: one hop to its thread where a statement takes three
            adapted.run_async(lambda driver: driver.execute(begin))
        except sqlite3.Error as error:
            raise OperationalError(begin, None, error) from error

    return engine


def _postgresql(url: URL, admit: Admit | None, *, pool_size: int, read_only: bool) -> AsyncEngine:
    settings = {
        "application_name": "rangkul",
        "timezone": "UTC",
        "jit": "off",  # asyncpg's advice: its first look-up of types is compiled otherwise, for seconds
        "idle_in_transaction_session_timeout": "60000",  # a process that hangs must not hold its row locks for ever
        "default_transaction_read_only": "on" if read_only else "off",
    }
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        connect_args={
            "timeout": 10,  # seconds to connect
            "command_timeout": 60,  # seconds a statement may take: a silent network must not hang a turn for ever
            "prepared_statement_cache_size": 500,
            "server_settings": settings,
        },
    )
    if admit:
        event.listen(engine.sync_engine, "connect", admit)
    return engine
