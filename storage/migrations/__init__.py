"""The schema over time, by Alembic: one revision per change under ``versions/``, numbered in order.

A new one is drafted by ``python -m storage.migrations "what changes"``, then read and corrected by hand.

Alembic takes as long to import as everything else of storage together, so only the functions that need it do.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engine.engines import address

if TYPE_CHECKING:
    from alembic.config import Config

_HERE = Path(__file__).parent


def migrate(url: str, revision: str = "head") -> None:
    """Bring a database to a revision, by default this program's newest: the whole way or, after an error, not at all.

    Runs an event loop of its own, so call it from a thread (``await asyncio.to_thread(migrate, url)``). Several
    processes may start at once on PostgreSQL: they take turns, and the later ones find nothing to do.

    Raises:
        BadAddress: when the URL names no database that we can use.
        DatabaseTooNew: when a later version of the program has migrated it.
        MigrationFailed: when a step fails; one that the database is away for raises the driver's own error.
    """
    from alembic import command

    command.upgrade(configuration(url), revision)


def unmigrate(url: str, revision: str) -> None:
    """Take a database back to an earlier revision ("base": to nothing). Whatever the later ones added is lost."""
    from alembic import command

    command.downgrade(configuration(url), revision)


async def schema_version(tx: AsyncConnection) -> str | None:
    """The revision that a database is at; None before its first migration."""
    from alembic.runtime.migration import MigrationContext

    return await tx.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())


def head() -> str:
    """The newest revision of this program."""
    from alembic.script import ScriptDirectory

    newest = ScriptDirectory.from_config(_settings()).get_current_head()
    assert newest is not None  # noqa: S101 - narrows the type: there is always a first revision
    return newest


def configuration(url: str) -> Config:
    """What Alembic's commands take, for one database; ``env.py`` reads the address from its attributes."""
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
