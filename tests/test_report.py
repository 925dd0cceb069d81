"""A month in figures: the funnel, whoever it is of; what was erased still counts, and names nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.office.report import show
from bot.settings import BadSetting, Settings
from conversations.engine.core import Heard, Press
from conversations.rules.funnel import STEPS, Course, funnels
from storage.engine.database import Database, migrate
from storage.leads import courses
from storage.sealing.vault import Vault, open_key_file
from tests.conftest import Clock
from tests.owners import register
from tests.town import Town, known, town

NOON = datetime(2026, 11, 25, 5, tzinfo=UTC)
MOMENTS = st.none() | st.integers(0, 500).map(lambda hours: NOON + timedelta(hours=hours))


async def followed(there: Town) -> None:
    """Three leads: one paid at the end, one noted after four days, one taken and then erased by its owner."""
    await there.hire("Kris", role="coordinator")
    await there.hire("Rina", "33.72")
    codes = [
        await register(there, who, phone=f"0812 0000 700{number}")
        for number, who in enumerate(("Siti", "Joko", "Budi"))
    ]
    for code in codes:
        await there.does("Rina", Heard(pressed=Press("lead", "take", code)))
    for said in ("berminat", "sudah didaftarkan", "iuran pertama lunas"):
        await there.does("Rina", Heard(pressed=Press("lead", "note", codes[0])))
        await there.say("Rina", said)
        await there.say("Rina", "[Tanpa catatan]")
    await there.say("Budi", "tidak")
    for said in ("hapus data", "ya"):
        await there.say("Budi", said)
    for _ in range(4):
        await there.later(timedelta(days=1))
    await there.does("Rina", Heard(pressed=Press("lead", "note", codes[1])))
    await there.say("Rina", "sudah dihubungi")


async def test_the_month_is_told_in_chat_to_who_looks_after_officers(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await followed(there)
        said = await there.say("Kris", "/laporan")
        for line in (
            "Laporan November 2026",
            "Masuk: 3",
            "Diambil: 3",
            "1 hari kerja: 1",
            "Didaftarkan: 1",
            "Aktif: 1",
        ):
            assert line in said
        assert "Rina: 3, 1, 1" in said
        assert "Masuk: 0" in await there.say("Kris", "laporan bulan lalu")
        assert "hanya untuk petugas" in await there.say("Rina", "/laporan"), "of colleagues nobody is told"
        assert "Masuk" not in await there.say("Siti", "/laporan")


async def test_an_undone_step_does_not_count(sqlite_database: Database, vault: Vault, clock: Clock) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await followed(there)
        await there.say("Rina", "[Batalkan]")
        assert "Didaftarkan: 1" in await there.say("Kris", "/laporan")
        async with sqlite_database.read() as tx:
            found = await courses.between(tx, NOON - timedelta(days=1), NOON + timedelta(days=1))
        assert sum(course.contacted is not None for course in found) == 1


async def test_the_workbook_has_numbers_as_numbers_a_frozen_heading_and_a_filter(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("bot.office.report.knowledge", lambda _: known())
    made = Settings(_env_file=None, database_url=str(tmp_path / "r.db"), key_file=tmp_path / "r.key")
    vault = Vault(open_key_file(made.key_file))
    await asyncio.to_thread(migrate, made.database_url)
    async with await Database.open(made.database_url, clock) as database, town(database, vault, clock) as there:
        await followed(there)
    await show(made, "2026-11", "surakarta", "text", None)
    told = capsys.readouterr().out
    assert "Semua\tMasuk" in told
    assert "\t3\t3\t1\t1\t1\t" in told
    await show(made, "2026-11", "", "xlsx", tmp_path / "laporan.xlsx")
    book = openpyxl.load_workbook(tmp_path / "laporan.xlsx")
    assert book.sheetnames == ["Semua", "Kantor", "Petugas", "Kampanye", "Jenis usaha", "Wilayah", "Minggu"]
    sheet = book["Petugas"]
    assert [cell.value for cell in sheet[2]][:6] == ["Rina", 3, 3, 1, 1, 1]
    assert (sheet.freeze_panes, bool(sheet.auto_filter.ref)) == ("A2", True)
    for wrong in (("2026-13", "", "text"), ("2026-11", "tidak ada", "text"), ("2026-11", "", "pdf")):
        with pytest.raises(BadSetting):
            await show(made, *wrong, None)


@given(st.lists(st.tuples(st.sampled_from(["33.72", "33.10"]), MOMENTS, MOMENTS, MOMENTS, MOMENTS), max_size=20))
def test_no_step_has_more_than_came_and_the_groups_add_up(some: list[tuple[str, *tuple[datetime | None, ...]]]) -> None:
    courses = [Course(each[0], "", "", None, NOON, *each[1:]) for each in some]
    off: Callable[[str], Container[date]] = lambda _: set()  # noqa: E731 - no holiday anywhere
    whole, parts = funnels(courses, off), funnels(courses, off, lambda course: course.regency)
    for step in STEPS:
        total = sum(getattr(part, step) for part in parts.values())
        assert total == sum(getattr(each, step) for each in whole.values())
        assert total <= len(courses)
