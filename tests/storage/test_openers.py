"""Who changes keys is alone with the database, and nobody goes on with keys that were changed meanwhile."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from storage.engine.database import Database, DatabaseBusy, is_unavailable
from storage.engine.openers import Connections, KeysChanged, Pooled
from storage.sealing import key_check
from storage.sealing.rotation import add_key, drop_old_keys, reseal
from storage.sealing.vault import Vault, VaultError, read_key_file
from tests.conftest import nine

PING = text("SELECT 1")
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


async def test_keys_cannot_be_changed_while_another_process_has_the_database_open(
    database: Database, database_url: str
) -> None:
    for exclusive in (True, False):
        with pytest.raises(DatabaseBusy, match=r"stop|wait"):
            await Database.open(database_url, nine, exclusive=exclusive, alone=True)
    async with database.write() as tx:
        await tx.execute(PING)


async def test_who_changes_keys_keeps_everybody_else_out_and_lets_them_in_afterwards(database_url: str) -> None:
    async with await Database.open(database_url, nine, alone=True):
        for alone in (True, False):
            with pytest.raises(DatabaseBusy):
                await Database.open(database_url, nine, exclusive=False, alone=alone)
    await (await Database.open(database_url, nine)).close()


@on_postgresql
async def test_a_process_that_was_cut_off_while_keys_were_changed_writes_nothing_with_the_old_one(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    """A failover cuts every connection, so nothing tells the rotation of it. Afterwards it is refused, as away."""
    await key_check.unlocked(database, "", tmp_path / "keys")
    await _cut(database)
    async with await Database.open(database_url, nine) as seen:  # as one that began after the first key was made
        await _cut(seen)
        await _rotated(database_url, tmp_path / "keys")
        with pytest.raises(KeysChanged, match="start it again") as raised:
            await _write(seen)
    assert is_unavailable(raised.value)


async def _cut(database: Database) -> None:
    await database._writer.dispose()
    await database._reader.dispose()


async def _write(database: Database) -> None:
    async with database.write() as tx:
        await tx.execute(PING)


async def _rotated(url: str, keys: Path) -> None:
    async with await Database.open(url, nine, alone=True) as alone:
        await reseal(alone, Vault(add_key(keys)))
        await drop_old_keys(alone, keys)


@on_postgresql
async def test_no_key_is_dropped_once_the_lock_was_lost(database_url: str, tmp_path: Path) -> None:
    """A server that cuts idle connections (idle_session_timeout) cuts the one that holds the lock, and nobody notices."""
    keys = tmp_path / "keys"
    async with await Database.open(database_url, nine) as database:
        await key_check.unlocked(database, "", keys)
    async with await Database.open(database_url, nine, alone=True) as alone:
        await alone.expect_alone()
        await reseal(alone, Vault(add_key(keys)))
        async with alone.write() as tx:
            await tx.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' "
                    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                )
            )
        with pytest.raises(Exception, match=r"lost|clos|terminat"):
            await drop_old_keys(alone, keys)
        with pytest.raises(DatabaseBusy, match="begin again"):
            await drop_old_keys(alone, keys)
    assert len(read_key_file(keys).masters) == 2


async def test_a_database_has_one_lock_whether_it_is_opened_by_its_name_or_a_link(
    migrated_sqlite: Path, tmp_path: Path
) -> None:
    shutil.copy(migrated_sqlite, tmp_path / "real.db")
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "link.db").symlink_to(tmp_path / "real.db")
    async with await Database.open(str(tmp_path / "real.db"), nine, exclusive=False):
        with pytest.raises(DatabaseBusy):
            await Database.open(str(tmp_path / "there" / "link.db"), nine, exclusive=False, alone=True)
        await (await Database.open(str(tmp_path / "there" / "link.db"), nine, exclusive=False)).close()


async def test_a_lost_key_file_is_not_replaced_where_the_database_has_had_one(
    sqlite_database: Database, tmp_path: Path
) -> None:
    keys = tmp_path / "keys" / "rangkul.key"
    await key_check.unlocked(sqlite_database, "", keys)
    kept = read_key_file(keys)
    shutil.rmtree(keys.parent)
    with pytest.raises(VaultError, match="restore it from its backup"):
        await key_check.unlocked(sqlite_database, "", keys)
    assert not keys.parent.exists()
    assert (await key_check.unlocked(sqlite_database, kept.dump(), keys)).keyring == kept


# ------------------------------------------------------------------------------------------------ poolers


class Cursor:
    """Of a connection that answers what a pooler's would: the same backend to each who asks."""

    def execute(self, statement: str) -> None:
        self.answer = (4711, nine(), False) if "pg_backend_pid" in statement else (True,)

    def fetchone(self) -> Any:
        return self.answer

    def close(self) -> None: ...


class Connection:
    cursor = Cursor

    def rollback(self) -> None: ...


class Record:
    def __init__(self) -> None:
        self.info: dict[str, object] = {}


def test_two_connections_that_are_one_at_the_server_are_a_poolers_and_refused_in_one_line() -> None:
    connections, first = Connections(), Record()
    connections.admit(Connection(), first)
    with pytest.raises(Pooled, match=r"pgbouncer.*address of PostgreSQL itself"):
        connections.admit(Connection(), Record())
    del first
    connections.admit(Connection(), Record())
