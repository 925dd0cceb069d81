"""Leads for the office: exports hold what people answered, harm no spreadsheet, and are written down."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from bot.office.export import Asked, export, show
from bot.settings import BadSetting, Settings
from bot.sheets import FORMATS, defused, opened, write
from conversations.engine.core import Heard, Press
from storage import tables
from storage.engine.database import Database, migrate
from storage.people import audit
from storage.sealing.vault import Vault, open_key_file
from tests.conftest import Clock, nine
from tests.owners import register
from tests.town import known, town

DANGEROUS = "=cmd Warung Sri"


@pytest.fixture
async def settings(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A deployment with three leads: one as usual, one with a name that a spreadsheet would run, one erased."""
    monkeypatch.setattr("bot.office.export.knowledge", lambda _: known())  # read once for all of these tests
    made = Settings(_env_file=None, database_url=str(tmp_path / "rangkul.db"), key_file=tmp_path / "rangkul.key")
    vault = Vault(open_key_file(made.key_file))
    await asyncio.to_thread(migrate, made.database_url)
    async with await Database.open(made.database_url, clock) as database, town(database, vault, clock) as there:
        taken = await register(there, "Siti", business_name="Warung Barokah")
        await register(there, "Joko", name="Joko Susilo", business_name=DANGEROUS)
        await register(there, "Budi", name="Budi Santoso")
        for said in ("hapus data", "ya"):
            await there.say("Budi", said)
        await there.hire("Rina", "33.72")
        clock.advance(hours=1)
        await there.does("Rina", Heard(pressed=Press("lead", "take", taken)))
        clock.advance(hours=1)
        await there.does("Rina", Heard(pressed=Press("lead", "note", taken)))
        await there.say("Rina", "sudah didaftarkan")
    return made


def read(path: Path) -> Sequence[Mapping[str, object]]:
    """The rows of an export of any kind."""
    if path.suffix == ".json":
        found: list[dict[str, object]] = json.loads(path.read_bytes())
        return found
    if path.suffix == ".csv":
        return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
    head, *rows = openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


@pytest.mark.parametrize("form", FORMATS)
async def test_an_export_holds_every_lead_that_has_a_person_in_a_file_for_us_alone(
    settings: Settings, tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / f"leads.{form}"
    await export(settings, form, out)
    rows = read(out)
    assert [row["Nama"] for row in rows] == ["Siti Aminah", "Joko Susilo"]
    assert [str(row["kode"])[:3] for row in rows] == ["RK-", "RK-"]
    assert "Warung Barokah" in rows[0].values()
    assert out.stat().st_mode & 0o777 == 0o600
    assert "2 calon peserta" in capsys.readouterr().out


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_a_cell_that_begins_like_a_formula_is_text(settings: Settings, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"leads.{form}"
    await export(settings, form, out)
    values = [str(value) for row in read(out) for value in row.values()]
    assert any("cmd Warung Sri" in value for value in values)
    assert not any(value.startswith(("=", "+", "-", "@")) for value in values)


async def test_an_export_is_written_down_with_its_format_and_size_alone(settings: Settings, tmp_path: Path) -> None:
    await export(settings, "json", tmp_path / "leads.json")
    async with await Database.open(settings.database_url, nine, exclusive=False) as database, database.read() as tx:
        lines = (await tx.execute(select(audit.audit).where(audit.audit.c.actor == "cli"))).all()
    assert [(line.act, line.subject, line.detail) for line in lines] == [("exported", "json", "2")]


async def test_an_older_file_of_that_name_is_replaced_by_one_for_us_alone(settings: Settings, tmp_path: Path) -> None:
    out = tmp_path / "leads.csv"
    out.touch(mode=0o666)
    await export(settings, "csv", out)
    assert out.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_that_fails_leaves_the_one_before_it_as_it_was_and_nothing_else(tmp_path: Path, form: str) -> None:
    out = tmp_path / f"leads.{form}"
    write(out, form, [{"kode": "RK-1"}], "Calon peserta")
    before = out.read_bytes()

    def half_an_export() -> None:
        with opened(out, form, "Calon peserta") as add:
            add([{"kode": "RK-2"}])
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        half_an_export()
    assert out.read_bytes() == before
    assert list(tmp_path.iterdir()) == [out]


async def test_a_format_that_there_is_not_is_refused_before_anything_is_read(
    settings: Settings, tmp_path: Path
) -> None:
    with pytest.raises(BadSetting, match="csv, xlsx, json"):
        await export(settings, "pdf", tmp_path / "leads.pdf")


async def test_the_list_names_nobody(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    await show(settings)
    said = capsys.readouterr().out
    assert said.count("RK-") == 2
    for word in ("Siti", "Joko", "Barokah", "7001"):
        assert word not in said


async def test_the_list_opens_no_lead_and_comes_a_page_at_a_time(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.office.export.PAGE", 1)
    await show(settings)
    before = capsys.readouterr().out
    async with await Database.open(settings.database_url, nine, exclusive=False) as database, database.write() as tx:
        await tx.execute(update(tables.table(tables.LeadRow)).values(sealed=b"damaged"))
    await show(settings)
    assert capsys.readouterr().out == before
    assert [line.split("\t")[1:2] + line.split("\t")[3:] for line in before.splitlines()] == [
        ["registered", "33.72.01", "kuliner", "Rina"],
        ["new", "33.72.01", "kuliner", "-"],
    ]


@pytest.mark.parametrize("form", FORMATS)
async def test_an_export_of_several_pages_holds_each_lead_once(
    settings: Settings, tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.office.export.PAGE", 1)
    out = tmp_path / f"leads.{form}"
    await export(settings, form, out)
    assert [row["Nama"] for row in read(out)] == ["Siti Aminah", "Joko Susilo"]


TIMES = ("masuk", "diambil", "dihubungi", "didaftarkan", "aktif", "selesai", "berikutnya")


async def test_a_sheet_has_dates_as_dates_numbers_as_numbers_a_frozen_heading_and_a_filter(
    settings: Settings, tmp_path: Path
) -> None:
    await export(settings, "xlsx", tmp_path / "leads.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "leads.xlsx").worksheets[0]
    first, second = read(tmp_path / "leads.xlsx")
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", sheet.dimensions)
    came, taken, contacted, registered, active, ended, comes_back = (first[each] for each in TIMES)
    assert [str(each) for each in (came, taken, contacted, registered)] == [
        f"2026-11-25 {hour}:00:00" for hour in ("09", "10", "11", "11")
    ]
    assert (active, ended) == (None, None)
    assert isinstance(comes_back, datetime)
    assert first["untuk"] == "cek iuran pertama"
    assert [second[each] for each in TIMES[1:6]] == [None] * 5
    assert first["Pesan WhatsApp: percakapan"] == 0
    assert first["kantor"] == second["kantor"] == known().office_name("33.72")


async def test_a_csv_tells_times_with_their_zone_and_as_excel_reads_them(settings: Settings, tmp_path: Path) -> None:
    await export(settings, "csv", tmp_path / "leads.csv")
    assert [row["masuk"] for row in read(tmp_path / "leads.csv")] == ["2026-11-25T09:00:00+07:00"] * 2
    await export(settings, "csv", tmp_path / "leads.csv", excel=True)
    assert ";2026-11-25 09:00;" in (tmp_path / "leads.csv").read_text("utf-8-sig")


async def test_an_export_is_of_the_days_statuses_and_office_that_were_asked_for_and_the_audit_says_so(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = {
        Asked(since="2026-11-25", until="2026-11-25"): 2,
        Asked(since="2026-11-26"): 0,
        Asked(until="2026-11-24"): 0,
        Asked(statuses=("registered", "active")): 1,
        Asked(statuses=("new",), office="surakarta"): 1,
        Asked(office="33.72"): 2,
        Asked(office="33.10"): 0,
    }
    for asked, number in expected.items():
        await export(settings, "json", tmp_path / "leads.json", asked=asked)
        assert len(read(tmp_path / "leads.json")) == number, asked
    assert "tidak terbaca" not in capsys.readouterr().err
    async with await Database.open(settings.database_url, nine, exclusive=False) as database, database.read() as tx:
        lines = (await tx.execute(select(audit.audit).where(audit.audit.c.act == "exported"))).all()
    assert [line.detail for line in lines] == [f"{number} {asked}" for asked, number in expected.items()]


@given(st.text())
def test_nothing_that_was_defused_runs(value: str) -> None:
    found = defused(value)
    assert not found.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    assert found.removeprefix("'") == value.removeprefix("'")
