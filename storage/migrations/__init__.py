"""The schema over time, by Alembic: one revision per change under ``versions/``, numbered in order.

A new revision is drafted by ``python -m storage.migrations "what changes"``, then read and corrected by hand.

Alembic takes as long to import as everything else of storage together, so only the functions that need it import it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engine.engines import DatabaseTooNew, NotMigrated, address

if TYPE_CHECKING:
    from alembic.config import Config

_HERE = Path(__file__).parent


def migrate(url: str, revision: str = "head") -> None:
    """Bring a database to a revision, by default this program's newest: the whole way or, after an error, not at all.

    Runs an event loop of its own, so call it from a thread (``await asyncio.to_thread(migrate, url)``). Several
    processes may start at once on PostgreSQL: they take turns, and the later ones find nothing to do.

    Raises:
        BadAddress: when the URL names no database that this program can use.
        DatabaseTooNew: when a later version of the program has migrated the database.
        MigrationFailed: when a step fails; a step that the database is away for raises the driver's own error.
    """
    from alembic import command

    command.upgrade(configuration(url), revision)


def unmigrate(url: str, revision: str) -> None:
    """Take a database back to an earlier revision ("base": to nothing). Data that later revisions added is lost."""
    from alembic import command

    command.downgrade(configuration(url), revision)


async def schema_version(tx: AsyncConnection) -> str | None:
    """The revision of a database; None before its first migration."""
    if not await tx.run_sync(lambda sync: inspect(sync).has_table("alembic_version")):
        return None
    return (await tx.execute(text("SELECT version_num FROM alembic_version"))).scalar()


async def expect_tables(tx: AsyncConnection, *, older: bool = False) -> None:
    """Check a database's revision. Raises NotMigrated when it lacks this program's tables, DatabaseTooNew when its
    revision is above this program's.

    ``older``: an earlier revision will do.
    """
    version = await schema_version(tx)
    if version is not None and version > head():
        raise DatabaseTooNew(f"the database is at revision {version}, this program at {head()}: use the newer program")
    if version is None or (version != head() and not older):
        raise NotMigrated(
            f"the database has schema {version or 'none'}, this program needs {head()}: run `rangkul migrate`"
        )


def head() -> str:
    """The newest revision of this program. Revisions are numbered in order; each file name begins with its number."""
    return max(path.name.partition("_")[0] for path in (_HERE / "versions").glob("[0-9]*_*.py"))


def configuration(url: str) -> Config:
    """Alembic's configuration for one database; ``env.py`` reads the URL from its attributes."""
    settings = _settings()
    settings.attributes["address"] = address(url)
    return settings


def _settings() -> Config:
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    settings.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return settings
