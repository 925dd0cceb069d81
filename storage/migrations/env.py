"""Alembic's environment: a migration runs in one transaction, with the drivers that also serve."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from traceback import extract_tb
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlmodel import AutoString, SQLModel

from storage import tables
from storage.engine import engines, openers
from storage.engine.transient_errors import is_unavailable

_ONE_AT_A_TIME = 7_220_645  # this program's number for pg_advisory_xact_lock


def _refuse_newer() -> None:
    for revision in context.get_context().get_current_heads():
        try:
            context.script.get_revision(revision)
        except CommandError:
            raise engines.DatabaseTooNew(
                f"the database is at revision {revision}, which this version does not know: start the newer version of "
                "the program, or restore the backup made before it"
            ) from None


def _render(kind: str, item: Any, _: AutogenContext) -> str | Literal[False]:
    """The type of a column in a drafted revision: a plain type, as a type of this program may change later; False: as
    usual."""
    if kind == "type" and isinstance(item, tables.UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    return False


def _run(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ONE_AT_A_TIME})
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=True,  # SQLite alters a table by building it anew
        render_item=_render,
        compare_type=True,
        transactional_ddl=True,  # true of both databases, but Alembic does not expect it of SQLite
    )
    _refuse_newer()
    with context.begin_transaction():
        try:
            context.run_migrations()
        except Exception as error:
            if is_unavailable(error):
                raise
            logging.getLogger("storage.migrations").debug("migration failed", exc_info=error)
            raise engines.MigrationFailed(
                f"migration {_step(error)} failed ({type(error).__name__}), and the database is as it was: go on with "
                "the earlier version of the program; RANGKUL_LOG_LEVEL=debug tells more"
            ) from error


def _step(error: Exception) -> str:
    """The name of the revision file that an error came from; "" when from none."""
    files = [Path(frame.filename) for frame in extract_tb(error.__traceback__)]
    return next((file.stem for file in files if file.parent.name == "versions"), "")


async def _connect_and_run() -> None:
    url = context.config.attributes["address"]
    if url.get_backend_name() == "sqlite":
        engines.create_sqlite_file(url)
    engine = engines.migrator(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_run)
    except Exception as error:
        if openers.is_pooler(error):
            raise openers.Pooled(openers.POOLER) from None
        raise
    finally:
        await engine.dispose()


if __name__ == "env_py":  # the name under which Alembic loads this file; anyone else only reads it
    asyncio.run(_connect_and_run())
