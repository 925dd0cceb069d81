"""``rangkul backup`` and ``rangkul restore`` as an operator meets them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.office.backup import backup, name, restore, stale
from bot.settings import Settings
from storage.engine.database import Database, StorageError, migrate
from storage.engine.ids import new_id
from storage.people import audit
from storage.sealing.vault import Vault, VaultError, open_key_file
from storage.whole_person import erasure_log
from tests.conftest import Clock, nine
from tests.town import town

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A deployment of its own in a folder, with its key and an empty database."""
    data = tmp_path / "data"
    made = Settings(
        _env_file=None, database_url=str(data / "rangkul.db"), key_file=data / "rangkul.key", controller="Kantor"
    )
    open_key_file(made.key_file)
    migrate(made.database_url)
    return made


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "data" / "deletions"


async def _erased(settings: Settings) -> None:
    async with await Database.open(settings.database_url, nine, exclusive=False) as database, database.write() as tx:
        subject = Vault(open_key_file(settings.key_file)).pseudonym(new_id(tx))
        await audit.record(tx, at=NOW, actor="person", act="erased:asked", subject=subject)


async def test_a_backup_says_that_it_holds_no_key_and_lists_the_deletions(
    settings: Settings, ledger: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await _erased(settings)
    made = await backup(settings, tmp_path / "backups", ledger)
    said = capsys.readouterr().out
    assert str(made) in said
    assert f"NOT in the backup. Keep a copy of {settings.key_file}" in said
    assert len(erasure_log.read(ledger)) == 1
    async with await Database.open(settings.database_url, nine, exclusive=False) as database, database.read() as tx:
        acts = (await tx.exec_driver_sql("SELECT act, subject FROM audit WHERE actor = 'cli'")).all()
    assert [tuple(row) for row in acts] == [("backup", "database")]


async def test_a_restore_on_a_new_machine_brings_everything_back(
    settings: Settings, ledger: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = await backup(settings, tmp_path / "backups", ledger)
    new = settings.model_copy(update={"database_url": str(tmp_path / "new" / "rangkul.db")})
    await restore(new, made, ledger=ledger)
    assert "erased again: 0 persons" in capsys.readouterr().out
    with pytest.raises(StorageError, match="no list of deletions"):
        await restore(new, made, ledger=tmp_path / "absent")
    await restore(new, made, ledger=None)
    assert "WARNING" in capsys.readouterr().out


async def test_who_said_hapus_data_after_the_backup_is_gone_after_the_restore(
    settings: Settings, ledger: Path, tmp_path: Path, clock: Clock
) -> None:
    vault = Vault(open_key_file(settings.key_file))
    async with await Database.open(settings.database_url, clock) as database, town(database, vault, clock) as there:
        for word in ("halo", "ya", "Sri Rahayu"):
            await there.say("Pemilik", word)
            await there.say("Tetangga", word)
        made = await backup(settings, tmp_path / "backups", ledger)
        for word in ("hapus data", "ya"):
            await there.say("Pemilik", word)
    await restore(settings, made, ledger=ledger, force=True)
    async with await Database.open(settings.database_url, clock) as database, town(database, vault, clock) as there:
        shown = [await there.say(who, "lihat data") for who in ("Pemilik", "Tetangga")]
    assert ["Sri Rahayu" in each for each in shown] == [False, True]


async def test_a_restore_never_makes_a_new_key(settings: Settings, ledger: Path, tmp_path: Path) -> None:
    made = await backup(settings, tmp_path / "backups", ledger)
    absent = tmp_path / "elsewhere" / "rangkul.key"
    with pytest.raises(VaultError, match="missing"):
        await restore(settings.model_copy(update={"key_file": absent}), made, ledger=ledger)
    assert _names(tmp_path) == ["backups", "data"]
    await restore(settings.model_copy(update={"key_file": absent}), made, ledger=ledger, key=settings.key_file)


async def test_old_backups_go_and_other_files_stay(settings: Settings, ledger: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    others = ["rangkul-20200101T000000Z.db.txt", "notes.txt", "rangkul.db"]
    for each in [*others, "rangkul-20200101T000000Z.db", "rangkul-20200101T000000Z.dump"]:
        (folder / each).write_text("x")
    made = await backup(settings, folder, ledger, keep_days=30)
    assert _names(folder) == sorted([*others, made.name])


@given(st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(lambda at: at.replace(tzinfo=UTC)))  # noqa: DTZ001 - made aware beside it
def test_names_of_backups_sort_by_their_time(at: datetime) -> None:
    assert (name("a.db", at) < name("a.db", NOW)) == (f"{at:%Y%m%d%H%M%S}" < f"{NOW:%Y%m%d%H%M%S}")


def test_without_a_limit_no_backup_goes(tmp_path: Path) -> None:
    (tmp_path / "rangkul-20200101T000000Z.db").write_text("x")
    assert stale(tmp_path, NOW, None) == []
    assert stale(tmp_path, NOW, 36500) == []
    assert len(stale(tmp_path, NOW, 1)) == 1


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
