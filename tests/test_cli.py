"""The command ``rangkul`` as an operator meets it: what it prints, and one line and exit code 2 for what is wrong."""

from __future__ import annotations

import asyncio
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bot.cli import main
from bot.office.officers import _link, rotate
from bot.settings import Settings
from storage.engine.database import Database, DatabaseBusy, hold_sqlite
from storage.people import audit
from storage.sealing import key_check
from tests import children
from tests.conftest import nine

pytestmark = pytest.mark.usefixtures("logging_as_before")
Rangkul = Callable[..., tuple[int, str, str]]


@pytest.fixture
def rangkul(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Rangkul:
    """Run a command in a folder of its own: (exit code, standard output, standard error)."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"RANGKUL_{name.upper()}", raising=False)

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["rangkul", *words])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def wrong(found: tuple[int, str, str], *words: str) -> None:
    code, _, said = found
    assert code == 2
    assert said.startswith("rangkul: ")
    assert said.count("\n") == 1
    for word in words:
        assert word in said


def test_a_setting_that_makes_no_sense_ends_with_2_and_one_line(
    rangkul: Rangkul, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RANGKUL_PORT", "eighty")
    wrong(rangkul("check"), "RANGKUL_PORT")
    monkeypatch.delenv("RANGKUL_PORT")
    monkeypatch.setenv("RANGKUL_DATABASE_URL", "mysql://nowhere/x")
    wrong(rangkul("migrate"), "mysql")


def test_migrate_makes_the_database_and_may_be_run_again(rangkul: Rangkul, tmp_path: Path) -> None:
    for _ in range(2):
        code, said, _ = rangkul("migrate")
        assert code == 0
        assert "up to date" in said
    assert (tmp_path / "data" / "rangkul.db").stat().st_mode & 0o777 == 0o600


def test_a_migration_that_fails_is_said_in_one_line_and_in_full_where_the_log_tells_all(
    rangkul: Rangkul, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    with closing(sqlite3.connect(tmp_path / "data" / "rangkul.db")) as database:
        database.execute("CREATE TABLE timer (x INTEGER)")  # stands in the way of a table of ours
    for command in ("migrate", "serve"):
        wrong(rangkul(command), "0001_every_table", "OperationalError", "the database is as it was")
    monkeypatch.setenv("RANGKUL_LOG_LEVEL", "debug")
    code, _, said = rangkul("migrate")
    assert code == 2
    assert "table timer already exists" in said


def test_check_says_what_is_wrong_and_how_to_mend_it(rangkul: Rangkul, tmp_path: Path) -> None:
    assert rangkul("check")[0] == 0, "before the first start there is nothing yet, and nothing wrong"
    (tmp_path / "data").mkdir(exist_ok=True)
    (tmp_path / "data" / "rangkul.db").touch(mode=0o600)
    code, said, _ = rangkul("check")
    assert code == 1
    assert "rangkul migrate" in said
    rangkul("migrate")
    code, said, _ = rangkul("check")
    assert code == 0, said
    assert "WRONG" not in said
    assert (tmp_path / "data" / "rangkul.key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "data" / "rangkul.key").unlink()
    code, said, _ = rangkul("check")
    assert code == 1
    assert "key" in said


def test_a_database_that_cannot_be_reached_is_said_in_one_line(
    rangkul: Rangkul, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RANGKUL_DATABASE_URL", "postgresql://127.0.0.1:1/rangkul")
    for words in (("migrate",), ("officers", "list"), ("serve",)):
        wrong(rangkul(*words), "RANGKUL_DATABASE_URL")


def test_flow_draws_every_dialogue(rangkul: Rangkul) -> None:
    code, said, _ = rangkul("flow")
    assert code == 0
    for name in ("registration", "news", "deletion", "followup"):
        assert f"%% {name}\n" in said


def test_officers_are_invited_listed_and_removed_and_each_act_is_written_down(rangkul: Rangkul, tmp_path: Path) -> None:
    rangkul("migrate")
    code, said, _ = rangkul(
        "officers", "invite", "--name", "Rina", "--regency", "33.72", "--regency", "33.10", "--regency", "33.72"
    )
    assert code == 0
    assert said.startswith("PTG-")
    assert len(said.split()[0]) == 14
    rangkul("officers", "invite", "--name", "Citra", "--role", "coordinator")
    _, listed, _ = rangkul("officers", "list")
    rina, citra = (line.split("\t") for line in listed.splitlines())
    assert rina[1:] == ["Rina", "officer", "33.10,33.72", "belum memakai kodenya", "0 terbuka"]
    assert citra[1:4] == ["Citra", "coordinator", "semua"]
    code, said, _ = rangkul("officers", "remove", rina[0])
    assert code == 0
    assert "Rina" not in rangkul("officers", "list")[1]
    wrong(rangkul("officers", "remove", rina[0]), "officers list")

    async def acts() -> list[tuple[str, str]]:
        path = str(tmp_path / "data" / "rangkul.db")
        async with await Database.open(path, nine, exclusive=False) as database, database.read() as tx:
            return [(row.actor, row.act) for row in await tx.execute(audit.audit.select())]

    assert asyncio.run(acts()) == [("cli", "invited"), ("cli", "invited"), ("cli", "removed")]


def test_leads_are_listed_and_exported(rangkul: Rangkul, tmp_path: Path) -> None:
    rangkul("migrate")
    assert rangkul("leads", "list")[:2] == (0, "")
    code, said, _ = rangkul("leads", "export", "--format", "json", "--out", "leads.json")
    assert code == 0
    assert "0 calon peserta" in said
    assert (tmp_path / "leads.json").read_bytes() == b"[]"
    wrong(rangkul("leads", "export", "--format", "pdf"), "--format")


def test_keys_are_rotated_and_what_was_sealed_still_opens(rangkul: Rangkul, tmp_path: Path) -> None:
    rangkul("migrate")
    rangkul("officers", "invite", "--name", "Rina", "--regency", "33.72")
    before = (tmp_path / "data" / "rangkul.key").read_text()
    assert rangkul("keys", "rotate")[0] == 0
    assert (tmp_path / "data" / "rangkul.key").read_text() != before
    assert "Rina" in rangkul("officers", "list")[1]


async def test_keys_are_not_rotated_under_a_running_server(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    """Whoever begins meanwhile would be sealed with a key that is dropped."""
    settings = Settings(database_url=database_url, key_file=tmp_path / "key", _env_file=None)
    await key_check.unlocked(database, "", settings.key_file)
    before = settings.key_file.read_text()
    with pytest.raises(DatabaseBusy, match=r"stop|another process"):
        await rotate(settings)
    assert settings.key_file.read_text() == before
    assert list(tmp_path.glob("key.*")) == []


def test_keys_in_the_environment_are_not_rotated_behind_its_back(
    rangkul: Rangkul, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rangkul("migrate")
    rangkul("officers", "list")
    monkeypatch.setenv("RANGKUL_SECRET_KEY", (tmp_path / "data" / "rangkul.key").read_text().replace("\n", ","))
    code, _, said = rangkul("keys", "rotate")
    assert code == 2
    assert said.startswith("rangkul: ")


def test_a_key_that_does_not_fit_is_named(rangkul: Rangkul, tmp_path: Path) -> None:
    rangkul("migrate")
    rangkul("officers", "list")
    (tmp_path / "data" / "rangkul.key").unlink()
    wrong(rangkul("officers", "list"), "key")


def test_tools_that_need_the_database_for_themselves_are_refused_while_it_is_served(
    rangkul: Rangkul, tmp_path: Path
) -> None:
    rangkul("migrate")
    rangkul("officers", "list")
    lock = hold_sqlite(tmp_path / "data" / "rangkul.db")
    try:
        wrong(rangkul("keys", "rotate"), "another process", str(os.getpid()))
        assert rangkul("officers", "list")[0] == 0, "short looks and writes go on beside a server"
    finally:
        os.close(lock)


@pytest.mark.parametrize(
    ("host", "said"),
    [("192.0.2.1", "192.0.2.1"), ("no.such.name.invalid", "no.such"), ("127.0.0.1", "another program")],
)
def test_a_place_to_listen_that_cannot_be_had_is_named(
    rangkul: Rangkul, monkeypatch: pytest.MonkeyPatch, host: str, said: str
) -> None:
    monkeypatch.setenv("RANGKUL_SIMULATOR", "false")
    monkeypatch.setenv("RANGKUL_HOST", host)
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setenv("RANGKUL_PORT", str(other.getsockname()[1]))
        wrong(rangkul("serve"), "RANGKUL_PORT" if host == "127.0.0.1" else "RANGKUL_HOST", said)


async def test_an_invitation_names_an_address_only_where_somebody_can_open_it() -> None:
    assert await _link(Settings(host="::", simulator_anywhere=True), "PTG-1") == "http://127.0.0.1:8080/"
    assert await _link(Settings(host="::1"), "PTG-1") == "http://[::1]:8080/"
    assert await _link(Settings(simulator=False), "PTG-1") == ""


def test_a_second_server_on_the_same_file_is_refused_and_the_first_stops_clean(tmp_path: Path) -> None:
    """As processes: exit code 2 and one line that says who serves it; SIGTERM ends the first within ten seconds."""
    environment = children.environment(RANGKUL_PORT="0")
    command = (sys.executable, "-m", "bot", "serve")
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=-3, stderr=-3) as first:
        try:
            lock = tmp_path / "data" / "rangkul.db.lock"
            ends = time.monotonic() + 60
            while not (lock.exists() and lock.read_text()):
                assert time.monotonic() < ends
                assert first.poll() is None
                time.sleep(0.05)
            second = subprocess.run(
                command, cwd=tmp_path, env=environment, capture_output=True, timeout=60, check=False
            )
            assert first.poll() is None
            assert f"pid {first.pid}" in second.stderr.decode()
            wrong((second.returncode, "", second.stderr.decode()), "another process")
            first.terminate()
            assert first.wait(timeout=10) == 0
        finally:
            first.kill()
