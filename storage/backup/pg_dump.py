"""Backup and restore of PostgreSQL by ``pg_dump`` and ``pg_restore``; the schema that a restore replaces is kept.

Only the schema ``public`` is backed up. A restore renames the present ``public``, so that nothing is lost, and loads
into a new one. Passwords reach the programs by the environment, never by the command line, which others may read.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

from sqlalchemy import URL, text

from storage.engine.engines import DatabaseBusy, StorageError, migrator

_BUSY = text(
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND application_name = 'rangkul' AND pid <> pg_backend_pid()"
)


async def dump(where: URL, to: Path) -> None:
    """Write the database to a file in PostgreSQL's custom format. Raises StorageError with the first line of pg_dump's
    error."""
    with to.open("wb") as file:
        await _run(
            "pg_dump", where, "--format=custom", "--schema=public", "--no-owner", "--no-privileges", out=file.fileno()
        )


async def load(where: URL, backup: Path) -> None:
    """Fill the empty schema ``public`` from a file that :func:`dump` wrote, in one transaction."""
    into = f"--dbname={where.database}"
    options = ("--schema=public", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error")
    await _run("pg_restore", where, into, *options, str(backup))


async def put_aside(where: URL, kept: str) -> None:
    """Rename the schema ``public`` to ``kept`` and make an empty ``public``. Raises DatabaseBusy while a server is
    connected."""
    engine = migrator(where)
    try:
        async with engine.begin() as tx:
            if (await tx.execute(_BUSY)).scalar_one():
                raise DatabaseBusy("a server still runs on this database: stop every process of it first")
            await tx.execute(text(f'ALTER SCHEMA public RENAME TO "{kept}"'))
            await tx.execute(text("CREATE SCHEMA public"))
    finally:
        await engine.dispose()


async def put_back(where: URL, kept: str) -> None:
    """Undo :func:`put_aside`: drop the schema ``public`` with all that was loaded, and rename ``kept`` back."""
    await _execute(where, "DROP SCHEMA public CASCADE", f'ALTER SCHEMA "{kept}" RENAME TO public')


async def drop(where: URL, kept: str) -> None:
    """Remove a schema that :func:`put_aside` kept."""
    await _execute(where, f'DROP SCHEMA "{kept}" CASCADE')


async def _execute(where: URL, *statements: str) -> None:
    engine = migrator(where)
    try:
        async with engine.begin() as tx:
            for statement in statements:
                await tx.execute(text(statement))
    finally:
        await engine.dispose()


async def _run(program: str, where: URL, *arguments: str, out: int | None = None) -> None:
    found = shutil.which(program)
    if found is None:
        raise StorageError(f"{program} is not installed: install PostgreSQL's client programs (postgresql-client)")
    process = await asyncio.create_subprocess_exec(
        found,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL if out is None else out,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **environment(where)},
    )
    _, said = await process.communicate()
    if process.returncode:
        first = next(iter(said.decode(errors="replace").splitlines()), "no reason given")
        raise StorageError(f"{program} failed: {first[:300]}")


def environment(where: URL) -> dict[str, str]:
    """The environment variables by which PostgreSQL's programs reach the database of this URL.

    >>> from sqlalchemy import make_url
    >>> environment(make_url("postgresql://ani:rahasia@db:5433/rangkul?ssl=require"))
    {'PGDATABASE': 'rangkul', 'PGHOST': 'db', 'PGPORT': '5433', 'PGUSER': 'ani', 'PGPASSWORD': 'rahasia', 'PGSSLMODE': 'require'}
    """
    asked = {name: value if isinstance(value, str) else value[0] for name, value in where.query.items()}
    wanted = {
        "PGDATABASE": where.database,
        "PGHOST": where.host or asked.get("host"),
        "PGPORT": str(where.port) if where.port else asked.get("port"),
        "PGUSER": where.username or asked.get("user"),
        "PGPASSWORD": where.password,
        "PGSSLMODE": asked.get("ssl") or asked.get("sslmode"),
    }
    return {name: value for name, value in wanted.items() if value}
