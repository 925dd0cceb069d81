"""*Laporan*: the month as the command line and the chat count it, for those above, of the offices that they look after."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.console.office.charts import bars, line_chart
from conversations.rules.funnel import FEW, STEPS, Course, Funnel, by_week, funnels, month_of, small_together
from storage.engine.database import Database
from storage.leads import offices
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.console.pages import Office, office
from tests.test_report import NOON, followed

ODD = st.text(max_size=12) | st.sampled_from(["2026-11", "2026-13", "0000-00", "-1", "9" * 30, "2026-11-01", "²", "\0"])


@pytest.fixture
async def place(sqlite_database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Office]:
    """The month of tests/test_report.py: three came and were taken, one was contacted in time, registered and paid."""
    async with office(sqlite_database, vault, clock) as made:
        await followed(made.there)
        await made.there.hire("Ani", role="admin")
        await made.there.hire("Kia", "33.22", role="coordinator")
        yield made


async def test_the_page_tells_the_figures_of_the_chat_and_names_nobody(place: Office) -> None:
    desk = await place.signed_in("Ani")
    said = await desk.open("/kantor/laporan", bulan="2026-11")
    assert desk.status == 200
    for step in (
        "Masuk 3 100%",
        "Diambil 3 100%",
        "Dihubungi dalam 1 hari kerja 1 33%",
        "Aktif 1 33%",
        "Rina 3 3 1 1 1",
    ):
        assert step in said, step
    assert "lainnya 0" not in said, "three leads of one trade are told"
    assert "lainnya 3" not in said
    assert "Siti" not in said
    assert "08120000" not in said


async def test_those_above_see_it_and_nobody_else(place: Office) -> None:
    for who, status in (("", 303), ("Rina", 403), ("Kia", 200), ("Ani", 200)):
        browser = await place.signed_in(who) if who else place.browser()
        browser.client.follow_redirects = False
        for path in ("/kantor/laporan", "/kantor/laporan/xlsx"):
            assert (await browser.client.get(path)).status_code == status


async def test_a_coordinator_sees_their_own_office_alone(place: Office) -> None:
    async with place.there.product.database.write() as tx:
        other = await offices.add(tx, "Kantor Lain", [], NOON, actor="test")
    desk = await place.signed_in("Kia")
    assert "Belum ada calon peserta yang masuk" in await desk.open("/kantor/laporan")
    await desk.open("/kantor/laporan", kantor=str(other))
    there = desk.text
    await desk.open("/kantor/laporan", kantor="999999")
    assert (desk.status, desk.text) == (404, there)
    admin = await place.signed_in("Ani")
    await admin.open("/kantor/laporan", kantor=str(other))
    assert (admin.status, "Belum ada calon peserta" in admin.text) == (200, True)


async def test_the_workbook_has_days_as_days_and_numbers_as_numbers(place: Office) -> None:
    desk = await place.signed_in("Ani")
    got = await desk.client.get("/kantor/laporan/xlsx", params={"bulan": "2026-11"})
    assert 'filename="laporan-2026-11.xlsx"' in got.headers["content-disposition"]
    book = await asyncio.to_thread(openpyxl.load_workbook, io.BytesIO(got.content))
    weeks = book["Minggu"]
    assert [f"{weeks.cell(row=row, column=1).value:%Y-%m-%d}" for row in (2, 3)] == ["2026-10-26", "2026-11-02"]
    assert sum(row[1].value for row in weeks.iter_rows(min_row=2)) == 3
    assert all((sheet.freeze_panes, bool(sheet.auto_filter.ref)) == ("A2", True) for sheet in book)


async def test_the_page_tells_where_owners_stop_by_channel(place: Office) -> None:
    await place.there.say("Wira", "halo")
    await place.there.say("Wira", "ya")
    desk = await place.signed_in("Ani")
    assert "Nama 4 3 1" in await desk.open("/kantor/laporan", bulan="2026-11")
    assert "Belum ada pertanyaan" in await desk.open("/kantor/laporan", bulan="2026-11", saluran="whatsapp")
    got = await desk.client.get("/kantor/laporan/xlsx", params={"bulan": "2026-11"})
    book = await asyncio.to_thread(openpyxl.load_workbook, io.BytesIO(got.content))
    assert any(row[0].value == "Nama" for row in book["Di mana pemilik usaha berhenti"[:31]])


async def test_charts_are_told_in_words_and_bear_no_style(place: Office) -> None:
    desk = await place.signed_in("Ani")
    await desk.open("/kantor/laporan", bulan="2026-11")
    drawn = re.findall(r"(?s)<svg.*?</svg>", desk.page)
    assert len(drawn) == 2
    for svg in drawn:
        assert re.search(r"<title id=.+?>\w.*?</title>\s*<desc id=.+?>\w", svg)
    assert "style=" not in desk.page
    assert "<script>" not in desk.page


async def test_whatever_is_asked_for_gives_a_page(place: Office) -> None:
    desk = await place.signed_in("Ani")
    token = asyncio.get_running_loop()

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(ODD, ODD, st.sampled_from(["", "/xlsx"]))
    def asks(month: str, office: str, what: str) -> None:
        got = asyncio.run_coroutine_threadsafe(
            desk.client.get(f"/kantor/laporan{what}", params={"bulan": month, "kantor": office}), token
        ).result()
        assert got.status_code in (200, 400, 404)

    await asyncio.to_thread(asks)


SOME = st.lists(st.tuples(st.integers(0, 29), st.sampled_from("abcdef"), st.booleans()), max_size=40)


@given(SOME)
def test_weeks_and_groups_add_up_to_the_month_and_no_small_group_of_a_trade_stands_alone(
    some: list[tuple[int, str, bool]],
) -> None:
    first = datetime(2026, 11, 1, 2, tzinfo=UTC)
    courses = [
        Course("33.72", trade, "", None, first + timedelta(days=day), first + timedelta(days=40) if taken else None)
        for day, trade, taken in some
    ]
    whole = funnels(courses, lambda _: set()).get("", Funnel())
    weeks = by_week(courses, lambda _: set(), month_of(date(2026, 11, 5)))
    trades = small_together(funnels(courses, lambda _: set(), lambda one: one.category), "lainnya")
    for step in STEPS:
        assert sum(getattr(each, step) for each in weeks.values()) == getattr(whole, step)
        assert sum(getattr(each, step) for each in trades.values()) == getattr(whole, step)
    assert all(funnel.came >= FEW for name, funnel in trades.items() if name != "lainnya")
    chart = line_chart(weeks)
    assert all(0 <= x <= 360 and 0 <= y <= 150 for curve in chart.curves for x, y in curve.points)
    assert all(0 <= bar.long <= 360 for bar in bars(whole))
