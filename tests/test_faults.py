"""Each command, each way to go wrong: one line that names it and how to mend it, exit code 2, nothing made that was not
asked for. A table of commands, a table of faults, and each of the one with each of the other."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from storage.engine.database import Database
from storage.sealing import key_check
from tests.commands import Rangkul, contents, in_folder
from tests.conftest import nine
from tests.town import known

pytestmark = pytest.mark.usefixtures("logging_as_before", "places")

TEXT = "kabar.txt"  # stands in the folder of every test
COMMANDS: dict[str, tuple[str, ...]] = {
    "chat": ("chat",),
    "migrate": ("migrate",),
    "backup": ("backup",),
    "officers invite": ("officers", "invite", "--name", "Rina", "--regency", "33.72"),
    "officers list": ("officers", "list"),
    "officers remove": ("officers", "remove", "1"),
    "offices list": ("offices", "list"),
    "offices add": ("offices", "add", "kantor BPJS Ketenagakerjaan Demak", "--regency", "33.21"),
    "offices change": ("offices", "change", "Surakarta", "--hours", "mon-fri 08:00-15:00"),
    "offices assign": ("offices", "assign", "Surakarta", "1"),
    "leads list": ("leads", "list"),
    "leads export": ("leads", "export"),
    "outbox list": ("outbox", "list"),
    "outbox retry": ("outbox", "retry", "--failed"),
    "outbox cancel": ("outbox", "cancel", "1"),
    "whatsapp costs": ("whatsapp", "costs"),
    "report": ("report",),
    "broadcast plan": ("broadcast", "plan", "--name", "Kabar", "--text-file", TEXT),
    "broadcast preview": ("broadcast", "preview", "1"),
    "broadcast test": ("broadcast", "test", "1", "--officer", "1"),
    "broadcast approve": ("broadcast", "approve", "1"),
    "broadcast start": ("broadcast", "start", "1"),
    "broadcast pause": ("broadcast", "pause", "1"),
    "broadcast resume": ("broadcast", "resume", "1"),
    "broadcast cancel": ("broadcast", "cancel", "1"),
    "broadcast status": ("broadcast", "status"),
    "broadcast report": ("broadcast", "report", "1"),
    "keys rotate": ("keys", "rotate"),
    "serve": ("serve",),  # the last: it holds the database until its process ends
}
MAKE = {"serve", "chat", "migrate"}  # what there is not yet: that is what they are asked for
NEED_NO_KEY = {"migrate"}


@dataclass(frozen=True)
class Fault:
    """A way to go wrong: how it comes about in a folder where all is well, what must be said, and who does not mind."""

    comes: Callable[[Path, pytest.MonkeyPatch], object]
    said: tuple[str, ...]
    without: frozenset[str] = frozenset()


def database(folder: Path) -> Path:
    return folder / "data" / "rangkul.db"


def key(folder: Path) -> Path:
    return folder / "data" / "rangkul.key"


def setting(name: str, value: str) -> Callable[[Path, pytest.MonkeyPatch], None]:
    return lambda _, patch: patch.setenv(name, value)


def emptied(folder: Path, _: pytest.MonkeyPatch) -> None:
    database(folder).write_bytes(b"")


def of_another_version(version: str) -> Callable[[Path, pytest.MonkeyPatch], None]:
    def comes(folder: Path, _: pytest.MonkeyPatch) -> None:
        with closing(sqlite3.connect(database(folder))) as there:
            there.execute("UPDATE alembic_version SET version_num = ?", (version,))
            there.commit()

    return comes


def a_folder_instead(folder: Path, _: pytest.MonkeyPatch) -> None:
    database(folder).unlink()
    database(folder).mkdir()


def env_file(content: bytes) -> Callable[[Path, pytest.MonkeyPatch], None]:
    def comes(folder: Path, _: pytest.MonkeyPatch) -> None:
        (folder / ".env").write_bytes(content)

    return comes


POSTGRES = "RANGKUL_DATABASE_URL", "postgresql://rangkul:rahasia@127.0.0.1:1/rangkul"
makes, no_key = frozenset(MAKE), frozenset(NEED_NO_KEY)
FAULTS: dict[str, Fault] = {
    "a setting that makes no sense": Fault(setting("RANGKUL_PORT", "eighty"), ("RANGKUL_PORT",)),
    "a setting that is misspelt": Fault(
        setting("RANGKUL_TELEGRAM_TOKN", "x"), ("RANGKUL_TELEGRAM_TOKN", "RANGKUL_TELEGRAM_TOKEN meant")
    ),
    "a prefix that is misspelt": Fault(setting("RANGKUK_LOG_LEVEL", "x"), ("RANGKUK_LOG_LEVEL", "RANGKUL_LOG_LEVEL")),
    "a misspelt line of .env": Fault(env_file(b"RANGKUL_PROT=1\n"), ("RANGKUL_PROT in .env", "RANGKUL_PORT meant")),
    "an .env that is no text": Fault(env_file(b"RANGKUL_CONTROLLER=\xff\xfe\n"), (".env", "UTF-8")),
    "another kind of database": Fault(setting("RANGKUL_DATABASE_URL", "mysql://x/y"), ("mysql", "postgresql://")),
    "an address that asks for what there is not": Fault(
        setting("RANGKUL_DATABASE_URL", "postgresql://x/y?sslmode=yes"), ("sslmode", "verify-full")
    ),
    "an address with no port": Fault(
        setting("RANGKUL_DATABASE_URL", "postgresql://x/y?port=eighty"), ("host or port", "RANGKUL_DATABASE_URL")
    ),
    "a database that does not answer": Fault(
        setting(*POSTGRES), ("127.0.0.1", "RANGKUL_DATABASE_URL", "away")
    ),
    "no database": Fault(
        lambda folder, _: shutil.rmtree(folder / "data"), ("no database at /", "rangkul migrate"), makes
    ),
    "a database without tables": Fault(emptied, ("schema none", "rangkul migrate"), makes),
    "a database of an earlier version": Fault(
        of_another_version("0001"), ("schema 0001", "rangkul migrate"), makes | {"backup"}
    ),
    "a database of a later version": Fault(of_another_version("9999"), ("9999", "newer")),
    "a file that is no database": Fault(
        lambda folder, _: database(folder).write_bytes(b"nonsense" * 99), ("rangkul.db", "no")
    ),
    "a folder where the database should be": Fault(a_folder_instead, ("rangkul.db",)),
    "no key": Fault(lambda folder, _: key(folder).unlink(), ("rangkul.key", "backup"), no_key),
    "a key that is none": Fault(lambda folder, _: key(folder).write_text("1:x\n"), ("key 1", "backup"), no_key),
    "a key that others can read": Fault(lambda folder, _: key(folder).chmod(0o644), ("chmod 600",), no_key),
    "another key": Fault(
        setting("RANGKUL_SECRET_KEY", "1:" + "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="), ("key", "RANGKUL_SECRET_KEY"),
        no_key,
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Path:
    """A folder in which all is well, to be copied."""
    folder = tmp_path_factory.mktemp("installation")
    database(folder).parent.mkdir(mode=0o700)
    shutil.copy(migrated_sqlite, database(folder))

    async def make_the_key() -> None:
        async with await Database.open(str(database(folder)), nine, exclusive=False) as opened:
            await key_check.unlocked(opened, "", key(folder))

    asyncio.run(make_the_key())
    (folder / TEXT).write_text("Halo {nama}")
    return folder


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read once for all of these tests."""
    for module in ("officers", "offices", "broadcast_actions", "export"):
        monkeypatch.setattr(f"bot.office.{module}.knowledge", lambda _: known())


@pytest.fixture
def rangkul(
    installation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Rangkul:
    shutil.copytree(installation, tmp_path, dirs_exist_ok=True)
    key(tmp_path).chmod(0o600)
    return in_folder(tmp_path, monkeypatch, capsys)


def wrong(rangkul: Rangkul, words: tuple[str, ...], said: tuple[str, ...]) -> None:
    """Run it: it must end with 2 and one line that says this."""
    ended = rangkul(*words)
    command = " ".join(words)
    assert ended.code == 2, (command, ended)
    assert ended.err.startswith("rangkul: "), (command, ended)
    assert ended.err.count("\n") == 1, (command, ended)
    for word in said:
        assert word in ended.err, (command, ended)
    assert "rahasia" not in ended.err, "a password"
    assert not ended.out, (command, ended)


@pytest.mark.parametrize("fault", FAULTS)
def test_every_command_says_what_is_wrong_in_one_line_and_makes_nothing(
    fault: str, rangkul: Rangkul, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    comes = FAULTS[fault]
    comes.comes(tmp_path, monkeypatch)
    before = contents(tmp_path)
    for name, words in COMMANDS.items():
        if name not in comes.without:
            wrong(rangkul, words, comes.said)
            assert contents(tmp_path).keys() - {"data/rangkul.db.lock"} == before.keys(), name
    after = contents(tmp_path)
    assert {name: after[name] for name in before} == before, "nothing that was there is changed"


@pytest.mark.parametrize("fault", FAULTS)
def test_check_says_it_too_and_makes_nothing(
    fault: str, rangkul: Rangkul, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With 1, among all else that it looks over; with 2 where there are no settings to look with. No database is no fault
    before the first start."""
    monkeypatch.setattr("bot.office.checks.knowledge", lambda _: known())
    comes = FAULTS[fault]
    comes.comes(tmp_path, monkeypatch)
    before = contents(tmp_path)
    ended = rangkul("check")
    assert (ended.code, "Traceback" in ended.err) == (0 if fault == "no database" else ended.code or 1, False), ended
    for word in comes.said[:1] if ended.code else ():
        assert word in ended.out + ended.err
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    "fault", [name for name in FAULTS if not name.endswith(("database", "tables", "version", "be"))]
)
def test_a_restore_says_it_too_and_changes_nothing(
    fault: str, rangkul: Rangkul, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(database(tmp_path), tmp_path / "backup.db")
    comes = FAULTS[fault]
    comes.comes(tmp_path, monkeypatch)
    before = contents(tmp_path)
    ended = rangkul("restore", "backup.db", "--without-deletions", "--force")
    assert (ended.code, ended.err.count("\n")) == (2, 1), ended
    assert contents(tmp_path).keys() - {"data/rangkul.db.lock"} == before.keys()


def test_the_table_names_every_command_that_needs_a_database() -> None:
    import typer.main

    from bot.cli import app

    found = set()
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        found |= {f"{name} {each}" for each in getattr(command, "commands", {})} or {name}
    looked_at_elsewhere = {"check", "flow", "restore", "whatsapp templates"}
    assert found == set(COMMANDS) | looked_at_elsewhere


PLAN = ("broadcast", "plan", "--text-file", TEXT, "--name", "K")
TOO_LARGE = "99999999999999999999"
ARGUMENTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "an unknown command": (("offisers",), ("offisers", "--help")),
    "an unknown option": (("officers", "list", "--all"), ("--all", "rangkul officers list --help")),
    "an option that is left out": (("officers", "invite"), ("--name",)),
    "an unknown part": (("serve", "--only", "mail"), ("--only",)),
    "a name that is empty": (("officers", "invite", "--name", " ", "--regency", "33.72"), ("--name",)),
    "a name that is too long": (("officers", "invite", "--name", "x" * 61, "--regency", "33.72"), ("--name",)),
    "a NIK for a name": (("officers", "invite", "--name", "3374-0112-3456-0001", "--regency", "33.72"), ("--name", "NIK")),
    "a role that is none": (("officers", "invite", "--name", "Rina", "--role", "boss"), ("--role", "coordinator")),
    "no regency": (("officers", "invite", "--name", "Rina"), ("--regency",)),
    "an office that is none": (("offices", "change", "Jakarta", "--phone", "024-0000"), ("Jakarta", "offices list")),
    "an office that is several": (("offices", "change", "kantor", "--phone", "024-0000"), ("kantor", "several")),
    "a regency of another office": (("offices", "change", "Klaten", "--regency", "33.72"), ("33.72", "Surakarta")),
    "an office that is there": (("offices", "add", "Kantor BPJS Ketenagakerjaan Klaten", "--regency", "33.21"), ("Klaten",)),
    "hours that are none": (("offices", "change", "Klaten", "--hours", "senin pagi"), ("--hours", "mon")),
    "nothing to change": (("offices", "change", "Klaten"), ("--hours", "--regency")),
    "an officer for an office who is none": (("offices", "assign", "Klaten", "7"), ("officer 7", "officers list")),
    "an office to be invited for that is none": (
        ("officers", "invite", "--name", "Rina", "--office", "Jakarta"), ("--office", "offices list")
    ),
    "a regency that is none": (("officers", "invite", "--name", "Rina", "--regency", "33.99"), ("33.99", "33.72")),
    "a district for a regency": (("officers", "invite", "--name", "Rina", "--regency", "33.72.01"), ("33.72.01",)),
    "an officer that is none": (("officers", "remove", "7"), ("officer 7", "officers list")),
    "an id that no database takes": (("officers", "remove", TOO_LARGE), ("less than", "rangkul officers remove --help")),
    "an id that is negative": (("outbox", "retry", "--", "-1"), ("message", "greater than")),
    "an id of a message that is too large": (("outbox", "cancel", TOO_LARGE), ("message", "less than")),
    "a message that is none": (("outbox", "retry", "7"), ("message 7", "outbox list")),
    "messages that are none": (("outbox", "cancel", "7", "8"), ("none of these", "outbox list")),
    "a broadcast without copies": (("outbox", "cancel", "--broadcast", "7"), ("broadcast 7",)),
    "two states at once": (("outbox", "retry", "--failed", "--uncertain"), ("--failed", "--uncertain")),
    "nothing to retry": (("outbox", "retry"), ("--failed",)),
    "an unknown state": (("outbox", "list", "--state", "lost"), ("--state", "parked")),
    "an unknown lane": (("outbox", "list", "--lane", "fast"), ("--lane", "bulk")),
    "a limit that is none": (("outbox", "list", "--limit", "0"), ("--limit",)),
    "an age that is none": (("outbox", "list", "--older", TOO_LARGE), ("--older",)),
    "a month that is none": (("whatsapp", "costs", "--month", "2026-13"), ("--month",)),
    "a month before there were any": (("whatsapp", "costs", "--month", "0001-01"), ("--month",)),
    "a month after all": (("whatsapp", "costs", "--month", "9999-12"), ("--month",)),
    "templates without WhatsApp": (("whatsapp", "templates", "--submit"), ("RANGKUL_WHATSAPP_TOKEN",)),
    "days that are none": (("backup", "--keep-days", "-1"), ("--keep-days",)),
    "no days": (("backup", "--keep-days", "0"), ("--keep-days",)),
    "a backup in a folder that is not there": (("backup", "--to", "disk/backups"), ("--to", "disk", "no such folder")),
    "a backup into a file": (("backup", "--to", TEXT), ("--to", TEXT, "no folder")),
    "a backup that is not there": (("restore", "nothing.db"), ("nothing.db",)),
    "a backup that is none": (("restore", TEXT), (TEXT, "no backup")),
    "a restore without the list": (("restore", "data/rangkul.db"), ("list of deletions", "--without-deletions")),
    "an export in a folder that is not there": (("leads", "export", "--out", "no/x.csv"), ("--out", "/no", "folder")),
    "an export onto a folder": (("leads", "export", "--out", "data"), ("--out", "data", "folder")),
    "an export below a file": (("leads", "export", "--out", f"{TEXT}/x"), ("--out", TEXT)),
    "an export onto what is no file": (("leads", "export", "--out", "pipe"), ("--out pipe", "no file")),
    "a record onto what is no file": (("chat", "--record", "pipe"), ("--record pipe", "no file")),
    "a file of an unknown format": (("leads", "export", "--out", "x.pdf"), ("--format pdf", "xlsx")),
    "a file whose ending says another format": (
        ("leads", "export", "--out", "x.xlsx", "--format", "csv"), ("x.xlsx", "--format csv")
    ),
    "more days than there are": (("backup", "--keep-days", TOO_LARGE), ("--keep-days",)),
    "an unknown format": (("leads", "export", "--format", "pdf"), ("--format", "xlsx")),
    "a spreadsheet for Excel's csv": (("leads", "export", "--format", "xlsx", "--excel"), ("--excel", "xlsx")),
    "an export from no day": (("leads", "export", "--since", "kemarin"), ("--since kemarin", "2026-11-30")),
    "an export until a day before its first": (
        ("leads", "export", "--since", "2026-11-30", "--until", "2026-11-01"), ("--until 2026-11-01", "--since")
    ),
    "an export of no status": (("leads", "export", "--status", "foo"), ("--status foo", "registered")),
    "an export of no office": (("leads", "export", "--office", "foo"), ("--office foo", "Surakarta")),
    "an unknown part in a chat": (("chat", "--as", "boss"), ("--as", "officer")),
    "a record in a folder that is not there": (("chat", "--record", "no/x.chat"), ("--record", "folder")),
    "a text that is not there": (("broadcast", "plan", "--name", "K", "--text-file", "no.txt"), ("no.txt",)),
    "a text in other letters": (("broadcast", "plan", "--name", "K", "--text-file", "latin.txt"), ("latin.txt", "UTF-8")),
    "a text that is empty": (("broadcast", "plan", "--name", "K", "--text-file", "empty.txt"), ("empty",)),
    "a broadcast without a name": (("broadcast", "plan", "--name", "", "--text-file", TEXT), ("--name",)),
    "a broadcast for no regency": (
        (*PLAN, "--regency", "33.99"), ("33.99",)
    ),
    "a broadcast for no status": ((*PLAN, "--status", "foo"), ("--status", "active")),
    "a broadcast for no sector": ((*PLAN, "--sector", "foo"), ("--sector", "kuliner")),
    "a broadcast for no program": ((*PLAN, "--program", "x"), ("--program", "two")),
    "a broadcast for no role": ((*PLAN, "--role", "x"), ("role", "officer")),
    "a broadcast for no purpose": ((*PLAN, "--purpose", "x"), ("--purpose", "news")),
    "a broadcast with no button": ((*PLAN, "--button", "x"), ("button",)),
    "a broadcast with no picture": ((*PLAN, "--file", TEXT), ("file", ".png")),
    "a broadcast that is none": (("broadcast", "start", "zzz"), ("no such broadcast", "broadcast status")),
    "a broadcast of an id that is too large": (("broadcast", "pause", TOO_LARGE), ("no such broadcast",)),
    "a broadcast at no time": (("broadcast", "start", "1", "--at", "kemarin"), ("--at kemarin", "2026-12-01 09:00 WIB")),
    "a report in a folder that is not there": (("broadcast", "report", "1", "--csv", "no/x.csv"), ("--csv", "folder")),
    "a report onto a folder": (("broadcast", "report", "1", "--xlsx", "data"), ("--xlsx", "folder")),
}  # fmt: skip


@pytest.mark.parametrize("argument", ARGUMENTS)
def test_what_a_command_cannot_be_given_is_refused_before_anything_is_done(
    argument: str, rangkul: Rangkul, tmp_path: Path
) -> None:
    (tmp_path / "latin.txt").write_bytes("Kafé".encode("latin-1"))
    (tmp_path / "empty.txt").touch()
    os.mkfifo(tmp_path / "pipe")  # as a device is: not a file that one may replace
    before = contents(tmp_path)
    words, said = ARGUMENTS[argument]
    wrong(rangkul, words, said)
    assert contents(tmp_path) == before


def test_an_output_that_is_full_is_not_called_a_database(rangkul: Rangkul, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("bot.office.export.leads.count", full)
    wrong(rangkul, ("leads", "list"), ("output cannot be written", "no space left"))


def test_a_database_that_answers_is_not_called_away(rangkul: Rangkul, tmp_path: Path) -> None:
    with database(tmp_path).open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (database(tmp_path).stat().st_size - 4096))
    wrong(rangkul, ("leads", "list"), ("cannot be used now", "malformed"))


def test_a_fault_of_the_program_itself_is_one_line_without_what_people_wrote(
    rangkul: Rangkul, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise KeyError("Siti Aminah")

    monkeypatch.setattr("bot.office.export.leads.count", breaks)
    wrong(rangkul, ("leads", "list"), ("KeyError", "RANGKUL_LOG_LEVEL=debug"))
    assert "Siti" not in rangkul("leads", "list").err
    monkeypatch.setenv("RANGKUL_LOG_LEVEL", "debug")
    with pytest.raises(KeyError):
        rangkul("leads", "list")


def test_an_export_to_standard_output_is_the_file_and_nothing_else(rangkul: Rangkul, tmp_path: Path) -> None:
    before = contents(tmp_path).keys()
    assert rangkul("leads", "export", "--out", "-", "--format", "json").out == "[]"
    assert rangkul("leads", "export", "--out", "-").out == "\ufeffkode\r\n"
    assert contents(tmp_path).keys() == before
    assert rangkul("leads", "export", "--format", "xlsx").code == 0
    assert rangkul("leads", "export", "--out", "hari-ini.json").code == 0
    assert contents(tmp_path).keys() - before == {"leads.xlsx", "hari-ini.json"}
    assert (tmp_path / "hari-ini.json").read_bytes() == b"[]", "as its ending says"


def test_an_address_of_a_managed_database_is_understood_by_every_command(
    rangkul: Rangkul, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RANGKUL_DATABASE_URL", "postgresql://a:rahasia@127.0.0.1:1/b?sslmode=require")
    wrong(rangkul, ("officers", "list"), ("away", "RANGKUL_DATABASE_URL"))


def test_migrating_alone_makes_a_database_and_its_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rangkul = in_folder(tmp_path, monkeypatch, capsys)
    assert rangkul("migrate").code == 0
    assert {"data/rangkul.db", "data/rangkul.key"} <= contents(tmp_path).keys()
    assert rangkul("officers", "list").code == 0
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    wrong(rangkul, ("officers", "list"), ("no database", str(tmp_path / "elsewhere")))
    assert list((tmp_path / "elsewhere").iterdir()) == []
