"""Broadcasts from the command line: planned, looked at, let go, held and reported, beside a server that runs."""

from __future__ import annotations

import asyncio
import csv
import io
import re
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.now import now
from bot.settings import BadSetting
from storage.engine.database import Database
from storage.outbox import delivery_status
from storage.outbox.delivery_status import AttemptStatus
from storage.people import audit
from storage.sealing import key_check
from storage.sealing.vault import Vault, open_key_file
from tests.broadcasting import Hall
from tests.conftest import Clock
from tests.town import known

Run = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for the command to work in, with its database and key."""
    shutil.copy(migrated_sqlite, tmp_path / "rangkul.db")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RANGKUL_DATABASE_URL", str(tmp_path / "rangkul.db"))
    monkeypatch.setenv("RANGKUL_KEY_FILE", str(tmp_path / "rangkul.key"))
    monkeypatch.setenv("RANGKUL_BROADCAST_APPROVAL", "3")
    (tmp_path / "text.txt").write_text("Halo {nama}, ada pelatihan di {kabupaten}.", "utf-8")
    monkeypatch.setattr("bot.office.broadcast_actions.knowledge", lambda _: known())  # read once for all tests
    return tmp_path


@pytest.fixture
def run(folder: Path) -> Run:
    def run_it(*args: str) -> Result:
        return CliRunner().invoke(app, ["broadcast", *args])

    return run_it


def with_hall(folder: Path, work: Callable[[Hall], Any]) -> Any:
    """Do this beside the command, as a server would, and close the database again."""

    async def do() -> Any:
        async with await Database.open(str(folder / "rangkul.db"), now) as database:
            vault = Vault(open_key_file(folder / "rangkul.key"))
            await key_check.check(database, vault)
            return await work(Hall(database, vault, Clock(now())))

    return asyncio.run(do())


def test_a_broadcast_from_its_plan_to_its_report(run: Run, folder: Path) -> None:
    people = with_hall(folder, lambda hall: hall.people(2, regency="33.10"))
    planned = run("plan", "--name", "pelatihan", "--text-file", "text.txt", "--regency", "33.10")
    assert planned.exit_code == 0, planned.output
    broadcast_id = planned.stdout.split("\n")[0]
    assert "\n2 orang\n  telegram: 2\n" in planned.stdout
    shown = run("preview", "pelatihan").stdout
    assert "--- telegram\nHalo Bu Siti, ada pelatihan di Kabupaten Klaten." in shown
    assert "--- whatsapp\n" in shown
    assert run("start", broadcast_id).stdout == "Dimulai.\n"
    assert run("pause", "pelatihan").exit_code == 0
    assert re.search(rf"{broadcast_id}\tpaused\t2\t.*\tpelatihan", run("status").stdout)
    run("resume", "pelatihan")
    hall_sent = with_hall(folder, lambda hall: hall.send_all())
    assert hall_sent == 2
    assert "2\tsent" in run("status", "pelatihan", "--follow").stdout
    done = run("report", "pelatihan", "--csv", "who.csv", "--xlsx", "who.xlsx")
    assert done.exit_code == 0, done.output
    rows = list(csv.DictReader(io.StringIO((folder / "who.csv").read_text("utf-8-sig"))))
    assert [(row["nomor"], row["kode"], row["keadaan"]) for row in rows] == [
        (str(n), f"RK-{person}", "terkirim") for n, person in enumerate(people, 1)
    ]
    assert not any("Siti" in str(row) for row in rows)
    sheet = list(openpyxl.load_workbook(folder / "who.xlsx").active.iter_rows(values_only=True))
    assert [list(row[:1]) for row in sheet] == [["nomor"], [1], [2]]
    assert (folder / "who.csv").stat().st_mode & 0o777 == 0o600
    assert acts(folder) == ["planned", "started", "paused", "resumed", "reported"]


def test_a_draft_that_is_not_wanted_is_removed(run: Run, folder: Path) -> None:
    with_hall(folder, lambda hall: hall.people(1))
    run("plan", "--name", "salah", "--text-file", "text.txt")
    assert run("cancel", "salah").exit_code == 0
    assert "salah" not in run("status").stdout
    assert acts(folder)[-1] == "cancelled"


def acts(folder: Path) -> list[str]:
    async def read(hall: Hall) -> list[str]:
        async with hall.database.read() as tx:
            rows = await tx.execute(select(audit.audit.c.act).order_by(audit.audit.c.id))
        return [act.removeprefix("broadcast:") for act in rows.scalars() if act.startswith("broadcast:")]

    found: list[str] = with_hall(folder, read)
    return found


def test_a_report_is_written_page_by_page_and_fills_as_many_sheets_as_it_needs(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.broadcasts.report.AT_ONCE", 2)
    monkeypatch.setattr("bot.sheets.LONGEST", 4)
    with_hall(folder, _sent_to(5))
    assert run("report", "Kabar", "--csv", "who.csv", "--xlsx", "who.xlsx").stdout.startswith("5 penerima")
    rows = list(csv.DictReader(io.StringIO((folder / "who.csv").read_text("utf-8-sig"))))
    assert [row["nomor"] for row in rows] == ["1", "2", "3", "4", "5"]
    book = openpyxl.load_workbook(folder / "who.xlsx")
    numbers = [[row[0] for row in sheet.iter_rows(values_only=True)] for sheet in book.worksheets]
    assert numbers == [["nomor", 1, 2, 3], ["nomor", 4, 5]]
    assert {path.name for path in folder.iterdir() if path.name.startswith("tmp")} == set()


def _sent_to(number: int) -> Callable[[Hall], Any]:
    async def work(hall: Hall) -> None:
        await hall.people(number)
        await hall.begun()
        await hall.send_all()

    return work


def test_what_is_followed_is_shown_until_it_goes_no_further_by_itself(run: Run, folder: Path) -> None:
    with_hall(folder, lambda hall: hall.people(2))
    run("plan", "--name", "berhenti", "--text-file", "text.txt")
    run("start", "berhenti")
    run("cancel", "berhenti")
    followed = run("status", "berhenti", "--follow")
    assert "berhenti\ncancelled" in followed.stderr
    assert "0/2" in followed.stderr, "nobody got it"


def test_more_people_than_set_wait_for_an_admin_in_chat(run: Run, folder: Path) -> None:
    async def filled(hall: Hall) -> None:
        await hall.people(4)
        await hall.admin("Rina")

    with_hall(folder, filled)
    run("plan", "--name", "besar", "--text-file", "text.txt")
    assert run("start", "besar").stdout.startswith("Menunggu persetujuan admin lain; mereka sudah diberi tahu")
    refused = run("approve", "besar")
    assert isinstance(refused.exception, BadSetting)
    assert "an admin does, in chat" in str(refused.exception)
    assert run("cancel", "besar").exit_code == 0


def test_where_there_is_no_other_admin_nobody_is_said_to_have_been_told(run: Run, folder: Path) -> None:
    with_hall(folder, lambda hall: hall.people(4))
    run("plan", "--name", "besar", "--text-file", "text.txt")
    said = run("start", "besar").stdout
    assert "belum ada admin lain" in said
    assert "diberi tahu" not in said


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("start", "tidak ada"), "no such broadcast"),
        (("status", "9" * 30), "no such broadcast"),
        (("plan", "--name", "x", "--text-file", "wrong.txt"), "{anggaran} is no field"),
        (("plan", "--name", "x", "--text-file", "text.txt", "--unfinished", "--status", "new"), "unfinished"),
        (("plan", "--name", "x", "--text-file", "text.txt", "--purpose", "ads"), "--purpose"),
        (("plan", "--name", "x", "--text-file", "text.txt", "--button", "pay"), "pay is no button"),
        (("plan", "--name", "x", "--text-file", "text.txt", "--file", "a.exe"), "the file must be"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(run: Run, folder: Path, args: tuple[str, ...], said: str) -> None:
    with_hall(folder, lambda hall: hall.people(1))
    (folder / "wrong.txt").write_text("Halo {anggaran}", "utf-8")
    (folder / "a.exe").write_bytes(b"MZ")
    refused = run(*args)
    assert isinstance(refused.exception, BadSetting)
    assert said in str(refused.exception)
    assert "\n" not in str(refused.exception)


def test_a_copy_to_oneself_goes_to_an_officer_who_has_a_chat(run: Run, folder: Path) -> None:
    rina, person = with_hall(folder, lambda hall: hall.admin("Rina"))
    run("plan", "--name", "coba", "--text-file", "text.txt")
    assert run("test", "coba", "--officer", str(rina)).exit_code == 0
    assert isinstance(run("test", "coba", "--officer", "7").exception, BadSetting)
    [(who, words)] = with_hall(folder, lambda hall: hall.notices())
    assert (who, words.split("\n")[0]) == (person, "Halo Bu Siti, ada pelatihan di Kabupaten Klaten.")


def test_what_whatsapp_would_bill_is_told_as_an_estimate(run: Run, folder: Path) -> None:
    with_hall(folder, lambda hall: hall.people(2, channel="whatsapp", heard_at=hall.clock() - timedelta(days=3)))
    planned = run("plan", "--name", "wa", "--text-file", "text.txt")
    assert "  whatsapp: 2, 2 di luar jendela 24 jam\n" in planned.stdout
    assert "biaya WhatsApp: perkiraan US$" in planned.stdout


def test_what_whatsapp_billed_for_a_broadcast_is_told_with_it_and_for_each_recipient(run: Run, folder: Path) -> None:
    async def there(hall: Hall) -> None:
        await hall.people(1)
        await hall.people(2, channel="whatsapp")

    async def sent(hall: Hall) -> None:
        await hall.send_all()
        [first, _] = await hall.claim(channel="whatsapp")
        moment = hall.clock()
        async with hall.database.write() as tx:
            await delivery_status.settle(
                tx, [AttemptStatus(first.id, "sent", moment, "wamid.1", outside=True, category="marketing")]
            )

    with_hall(folder, there)
    run("plan", "--name", "wa", "--text-file", "text.txt")
    run("start", "wa")
    assert "WhatsApp" not in run("status", "wa").stdout
    with_hall(folder, sent)
    told = run("report", "wa", "--csv", "who.csv").stdout
    assert told.endswith("WhatsApp\tmarketing 1\t0.04 USD, an estimate\n")
    assert run("status", "wa").stdout.endswith("WhatsApp\tmarketing 1\t0.04 USD, an estimate\n")
    rows = list(csv.DictReader(io.StringIO((folder / "who.csv").read_text("utf-8-sig"))))
    billed = [(row["Pesan WhatsApp: promosi"], row["Biaya pesan (perkiraan, USD)"]) for row in rows]
    assert sorted(billed) == [("0", "0.0"), ("0", "0.0"), ("1", "0.041")]


def test_a_time_in_the_past_is_refused(run: Run, folder: Path) -> None:
    with_hall(folder, lambda hall: hall.people(1))
    run("plan", "--name", "lewat", "--text-file", "text.txt")
    refused = run("start", "lewat", "--at", "2020-01-01 09:00 WIB")
    assert "--at 2020-01-01 09:00 WIB: the time lies in the past" in str(refused.exception)
