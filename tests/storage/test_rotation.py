"""A rotation seals everything anew, goes on where it was stopped, and leaves everything findable."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Table
from sqlmodel import SQLModel

from storage import tables
from storage.engine.database import Database
from storage.sealing import rotation, unreadable
from storage.sealing.rotation import add_key, drop_old_keys, reseal
from storage.sealing.vault import Vault, VaultError, open_key_file, read_key_file
from storage.tables import SEALED, UtcDateTime

lead = tables.table(tables.LeadRow)
ROWS = 25  # of each table, and a chunk of 10: two full ones and a last


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "CHUNK", 10)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "rangkul.keys"
    open_key_file(path)
    return path


def _sealed_columns() -> dict[Table, dict[str, str]]:
    """By table: the sealed columns, each with the one that names the row."""
    columns: dict[Table, dict[str, str]] = defaultdict(dict)
    for table, column, row in SEALED:
        columns[table][column] = row
    return columns


def _filler(column: sa.Column[Any], number: int, now: datetime) -> object:
    if isinstance(column.type, UtcDateTime):
        return now
    if isinstance(column.type, sa.LargeBinary):
        return number.to_bytes(16, "big")
    if isinstance(column.type, (sa.Boolean, sa.Float)):
        return 0
    return number if isinstance(column.type, sa.Integer) else str(number)


def _rows(vault: Vault, table: Table, sealed: dict[str, str], now: datetime) -> Iterator[dict[str, object]]:
    for number in range(1, ROWS + 1):
        row = {column.name: _filler(column, number, now) for column in table.c if not column.nullable}
        for column, name in sealed.items():
            place: Any = {"table": table.name, "column": column, "row": row[name]}
            row[column] = vault.seal(f"{table.name} {column} {number}", **place)
        yield row


async def _fill(database: Database, vault: Vault, now: datetime) -> None:
    async with database.write() as tx:
        for table, sealed in _sealed_columns().items():
            await tx.execute(sa.insert(table), list(_rows(vault, table, sealed, now)))


async def _opened(database: Database, vault: Vault) -> set[str]:
    """Everything that the sealed columns hold, by their text."""
    found = set()
    async with database.read() as tx:
        for table, column, name in SEALED:
            for row, blob in await tx.execute(sa.select(table.c[name], table.c[column])):
                found.add(vault.open(blob, table=table.name, column=column, row=row))
    return found


async def _key_ids(database: Database) -> set[int]:
    async with database.read() as tx:
        return {
            blob[0]
            for table, column, _ in SEALED
            for blob in (await tx.scalars(sa.select(table.c[column]))).all()
            if blob is not None
        }


def test_no_sealed_column_is_forgotten() -> None:
    """Blind indexes are bytes of a fixed length; all other bytes are sealed."""
    sealed = {
        (table.name, column.name)
        for table in SQLModel.metadata.sorted_tables
        for column in table.c
        if isinstance(column.type, sa.LargeBinary) and column.type.length is None
    }
    assert sealed == {(table.name, column) for table, column, _ in SEALED}


async def test_a_rotation_leaves_every_value_readable_by_the_new_key_alone(
    database: Database, key_file: Path, clock: Any
) -> None:
    before = Vault(read_key_file(key_file))
    await _fill(database, before, clock())
    expected = await _opened(database, before)

    assert await reseal(database, Vault(add_key(key_file))) == ROWS * len(SEALED)
    after = Vault(await drop_old_keys(database, key_file))

    assert await _opened(database, after) == expected
    assert await _key_ids(database) == {2}
    assert after.find("phone", "+62811") == before.find("phone", "+62811")
    with pytest.raises(VaultError, match="key 2"):
        await _opened(database, before)


async def test_a_rotation_stopped_in_the_middle_is_readable_and_goes_on_where_it_was(
    database: Database, key_file: Path, clock: Any
) -> None:
    await _fill(database, Vault(read_key_file(key_file)), clock())
    expected = await _opened(database, Vault(read_key_file(key_file)))
    chunks = 0

    def stop_in_the_middle(_place: str, _done: int) -> None:
        nonlocal chunks
        chunks += 1
        if chunks == 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await reseal(database, Vault(add_key(key_file)), stop_in_the_middle)
    done = 2 * ROWS + 20  # two columns, and two chunks of the third
    assert await _key_ids(database) == {1, 2}
    assert await _opened(database, Vault(read_key_file(key_file))) == expected

    assert add_key(key_file).newest == 2  # the unfinished rotation goes on: no third key
    assert await reseal(database, Vault(read_key_file(key_file))) == ROWS * len(SEALED) - done
    after = Vault(await drop_old_keys(database, key_file))
    assert await _opened(database, after) == expected
    assert await reseal(database, after) == 0


async def test_values_sealed_with_the_old_key_meanwhile_are_not_lost(
    database: Database, key_file: Path, clock: Any
) -> None:
    old = Vault(read_key_file(key_file))
    await reseal(database, Vault(add_key(key_file)))
    await _fill(database, old, clock())  # a process that was not restarted
    after = Vault(await drop_old_keys(database, key_file))
    assert len(await _opened(database, after)) == ROWS * len(SEALED)


async def test_progress_counts_up_column_by_column(database: Database, vault: Vault, clock: Any) -> None:
    await _fill(database, vault, clock())
    told: dict[str, list[int]] = defaultdict(list)
    await reseal(database, Vault(vault.keyring.grown()), lambda place, done: told[place].append(done))
    assert set(told) == {f"{table.name}.{column}" for table, column, _ in SEALED}
    assert all(counts == [10, 20, 25] for counts in told.values())


async def test_a_value_that_does_not_open_is_put_aside_and_all_others_get_the_new_key(
    database: Database, key_file: Path, clock: Any
) -> None:
    await _fill(database, Vault(read_key_file(key_file)), clock())
    async with database.write() as tx:
        await tx.execute(sa.update(lead).where(lead.c.id == 7).values(sealed=b"\1" + b"x" * 60))

    assert await reseal(database, Vault(add_key(key_file))) == ROWS * len(SEALED) - 1
    await drop_old_keys(database, key_file)

    async with database.read() as tx:
        assert await unreadable.counted(tx) == {"lead.sealed": 1}
        left = (await tx.scalars(sa.select(lead.c.id).where(sa.func.substr(lead.c.sealed, 1, 1) == b"\1"))).all()
    assert left == [7]


async def test_the_former_key_file_stays_beside_the_new_one_for_older_backups(
    database: Database, key_file: Path
) -> None:
    before = read_key_file(key_file)
    add_key(key_file)
    now = await drop_old_keys(database, key_file)
    kept = read_key_file(key_file.with_name("rangkul.keys.until-key-2"))
    assert kept.masters[1] == before.masters[1]
    assert set(now.masters) == {2}


async def test_without_a_new_key_nothing_is_dropped(database: Database, key_file: Path) -> None:
    before = read_key_file(key_file)
    assert await drop_old_keys(database, key_file) == before
    assert list(key_file.parent.glob("*.until-*")) == []
