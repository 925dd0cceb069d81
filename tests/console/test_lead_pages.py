"""*Calon peserta*: who may see which leads, finds, narrows, hands over, exports them, and what is done with one."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.console.office.lead_acts import VERBS
from conversations.engine.core import Heard, Press
from storage import tables
from storage.engine.database import Database
from storage.leads import officers
from storage.leads.leads import lead
from storage.leads.officers import officer
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.console.pages import Browser, Office, office
from tests.owners import more_leads, register
from tests.town import plain

audit = tables.table(tables.Audit)


@pytest.fixture
async def place(database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Office]:
    async with office(database, vault, clock) as made:
        await made.there.hire("Admin", role="admin")
        await made.there.hire("Kris", "33.72", role="coordinator")
        for who in ("Rina", "Joko"):
            await made.there.hire(who, "33.72")
        await made.there.hire("Jauh", "33.74")
        yield made


async def taken(place: Office, who: str = "Rina") -> str:
    code = await register(place.there, "Siti")
    await place.there.does(who, Heard(pressed=Press("lead", "take", code)))
    return code


async def column(place: Office, code: str, name: str) -> object:
    async with place.there.product.database.read() as tx:
        return (await tx.execute(select(lead.c[name]).where(lead.c.code == code))).scalar_one()


async def acts(place: Office) -> list[tuple[str, str, str]]:
    async with place.there.product.database.read() as tx:
        return [(row.act, row.subject, row.detail) for row in await tx.execute(select(audit).order_by(audit.c.id))]


def option(browser: Browser, name: str) -> str:
    """The value of a choice of the page, by its words."""
    found = re.search(rf'<option value="([^"]+)"[^>]*>\s*{name}\s*</option>', browser.page)
    assert found, browser.text
    return found[1]


async def do(browser: Browser, code: str, verb: str, **fields: str) -> str:
    """Send a form of a lead's page as it stands there."""
    seen = re.search(r'name="seen" value="(\d+)"', browser.page)
    assert seen, browser.text
    return await browser.send(f"/kantor/calon/{code}/{verb}", seen=seen[1], **fields)


async def test_each_sees_the_leads_of_their_rights_and_others_read_like_ones_that_do_not_exist(place: Office) -> None:
    code = await taken(place)
    stranger = place.browser()
    await stranger.open(f"/kantor/calon/{code}")
    assert stranger.path == "/kantor/masuk"
    for who in ("Rina", "Joko", "Kris", "Admin"):
        browser = await place.signed_in(who)
        assert code in await browser.open("/kantor/calon", petugas="semua"), who
        await browser.open(f"/kantor/calon/{code}")
        assert browser.status == 200
        assert "Siti" in browser.text
    far = await place.signed_in("Jauh")
    assert code not in await far.open("/kantor/calon", petugas="semua")
    shown = {await far.open(f"/kantor/calon/{each}") for each in (code, "RK-ZZZZZZ")}
    assert far.status == 404
    assert len(shown) == 1
    await far.open("/kantor/calon")
    await far.send(f"/kantor/calon/{code}/ambil", seen="2")
    assert far.status == 404
    await far.open("/kantor/calon")
    assert "Tidak ketemu" in await far.send("/kantor/calon/cari", cari=code)


async def test_whoever_was_removed_sees_nothing_any_more(place: Office) -> None:
    code = await taken(place, "Joko")
    rina = await place.signed_in("Rina")
    async with place.there.product.database.write() as tx:
        gone = officer.c.id.in_(
            [each.id for each in await officers.team(tx, place.there.product.vault) if each.name == "Rina"]
        )
        await tx.execute(officer.update().where(gone).values(left_at=place.there.clock()))
    for path in ("/kantor/calon", f"/kantor/calon/{code}"):
        await rina.open(path)
        assert rina.path == "/kantor/masuk"


async def test_an_officer_begins_with_their_own_and_those_above_with_what_they_look_after(place: Office) -> None:
    code = await taken(place, "Joko")
    rina, kris = await place.signed_in("Rina"), await place.signed_in("Kris")
    assert code not in await rina.open("/kantor/calon")
    assert code in await rina.open("/kantor/calon", petugas="semua")
    assert code in await kris.open("/kantor/calon")


@pytest.mark.parametrize("words", ["{code}", "siti", "0812 3456 7890", "Siti Surakarta"])
async def test_a_lead_is_found_by_its_code_its_owners_name_or_number(place: Office, words: str) -> None:
    code = await register(place.there, "Siti", phone="0812 3456 7890")
    kris = await place.signed_in("Kris")
    await kris.open("/kantor/calon")
    assert code in await kris.send("/kantor/calon/cari", cari=words.format(code=code))
    assert "siti" not in str(kris.client.base_url) + kris.path
    assert code not in await kris.send("/kantor/calon/cari", cari="Bambang")
    assert "Tidak ketemu" in kris.text


async def test_what_is_narrowed_shows_what_fits_and_says_what_it_could_not_read(place: Office) -> None:
    code = await taken(place)
    kris = await place.signed_in("Kris")
    for query, fits in [
        ({"status": "taken"}, True), ({"status": "active"}, False), ({"bagian": "late"}, False),
        ({"bagian": "untaken"}, False), ({"petugas": "tanpa"}, False), ({"kampanye": "pasar"}, False),
        ({"dari": "2000-01-01"}, True), ({"sampai": "2000-01-01"}, False),
    ]:  # fmt: skip
        assert (code in await kris.open("/kantor/calon", **query)) is fits, query
    for name in ("bagian", "status", "kantor", "petugas", "dari", "sampai"):
        await kris.open("/kantor/calon", **{name: "<ngawur>"})
        assert kris.status == 200
        assert 'role="alert"' in kris.page
    place.there.clock.advance(days=9)
    kris = await place.signed_in("Kris")
    assert code in await kris.open("/kantor/calon", bagian="late")


@pytest.mark.parametrize("part", ["", "late"])
async def test_pages_go_on_where_the_one_before_ended_and_leave_none_out(place: Office, part: str) -> None:
    first = await register(place.there, "Siti")
    codes = {first, *await more_leads(place.there, first, 59)}
    place.there.clock.advance(days=3)
    kris = await place.signed_in("Kris")
    seen: list[str] = []
    await kris.open("/kantor/calon", **({"bagian": part} if part else {}))
    for _ in range(3):
        seen += re.findall(r'href="/kantor/calon/(RK-\w+)"', kris.page)
        if further := re.search(r'href="(/kantor/calon\?[^"]*lanjut=[^"]*)"', kris.page):
            await kris.open(further[1].replace("&amp;", "&"))
    assert len(seen) == len(set(seen))
    assert set(seen) == codes


async def test_a_coordinator_ticks_several_and_hands_them_over(place: Office) -> None:
    code = await taken(place)
    codes = [code, *await more_leads(place.there, code, 2)]
    kris = await place.signed_in("Kris")
    await kris.open("/kantor/calon")
    joko = option(kris, "Joko")
    await kris.send("/kantor/calon/serahkan", kode=codes, ke=joko)
    assert kris.status == 200
    assert "Sudah diserahkan" in kris.text
    assert {str(await column(place, each, "officer_id")) for each in codes} == {joko}
    assert any("Kris" in plain(message) for message in place.there.told["Joko"])
    await kris.send("/kantor/calon/serahkan", ke=joko)
    assert (kris.status, "Belum ada yang dipilih" in kris.text) == (400, True)
    rina = await place.signed_in("Rina")
    await rina.open("/kantor/calon")
    await rina.send("/kantor/calon/serahkan", kode=codes, ke=joko)
    assert rina.status == 403


async def test_an_export_holds_what_the_page_is_narrowed_to_and_is_audited(place: Office) -> None:
    code = await taken(place)
    [other] = await more_leads(place.there, code, 1)
    kris = await place.signed_in("Kris")
    await kris.open("/kantor/calon")
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', kris.page)
    assert token
    for form in ("xlsx", "csv"):
        data = {"csrf": token[1], "bentuk": form, "status": "taken"}
        file = await kris.client.post("/kantor/calon/unduh", data=data, headers={"Origin": "http://localhost:8080"})
        assert file.headers["content-disposition"].startswith("attachment")
        if form == "csv":
            assert code in file.text
            assert other not in file.text
        else:
            sheet = openpyxl.load_workbook(io.BytesIO(file.content)).active
            assert sheet is not None
            assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == [code]
    assert [each for each in await acts(place) if each[0] == "exported"] == [
        ("exported", "xlsx", "1 status=taken"),
        ("exported", "csv", "1 status=taken"),
    ]
    rina = await place.signed_in("Rina")
    await rina.open("/kantor/calon")
    await rina.send("/kantor/calon/unduh", bentuk="xlsx")
    assert rina.status == 403


async def test_an_officer_takes_notes_reminds_and_takes_back_on_the_page(place: Office) -> None:
    code = await register(place.there, "Siti")
    rina = await place.signed_in("Rina")
    await rina.open(f"/kantor/calon/{code}")
    assert "Sekarang tugas Anda" in await do(rina, code, "ambil")
    assert await column(place, code, "status") == "taken"
    assert "Pilih dulu hasilnya" in await do(rina, code, "catat", hasil="", catatan="minta dihubungi")
    assert "minta dihubungi" in rina.page, "what was typed is not lost"
    assert "Sudah dicatat" in await do(rina, code, "catat", hasil="interested", catatan="minta dijelaskan lagi")
    assert "minta dijelaskan lagi" in rina.text
    assert "Waktunya belum jelas" in await do(rina, code, "ingatkan", kapan="ngawur")
    assert "Pengingatnya" in await do(rina, code, "ingatkan", kapan="besok jam 10")
    assert await column(place, code, "next_reason") == "reminder"
    assert "Pengingatnya" in await do(rina, code, "ingatkan", pilihan="soon")
    assert "Sudah dicatat" in await do(rina, code, "catat", hasil="appointment", kapan="besok jam 9")
    assert await column(place, code, "status") == "appointment"
    assert "sudah dibatalkan" in await do(rina, code, "batalkan")
    assert await column(place, code, "status") == "interested"
    assert 'class="undone"' in rina.page
    assert "Sudah dilepas" in await do(rina, code, "lepas")
    assert await column(place, code, "officer_id") is None


async def test_a_form_of_before_says_that_something_changed_and_does_nothing(place: Office) -> None:
    code = await register(place.there, "Siti")
    rina = await place.signed_in("Rina")
    await rina.open(f"/kantor/calon/{code}")
    await place.there.does("Joko", Heard(pressed=Press("lead", "take", code)))
    assert "Sudah berubah" in await do(rina, code, "ambil")
    assert rina.status == 409
    assert "Joko" in rina.text


async def test_an_officer_offers_a_lead_to_a_colleague_who_accepts_or_gives_back(place: Office) -> None:
    code = await taken(place)
    rina, joko = await place.signed_in("Rina"), await place.signed_in("Joko")
    for verb, holder in (("kembalikan", "Rina"), ("terima", "Joko")):
        await rina.open(f"/kantor/calon/{code}")
        assert "Sudah diserahkan" in await do(rina, code, "serahkan", ke=option(rina, "Joko"))
        await joko.open(f"/kantor/calon/{code}")
        await do(joko, code, verb)
        assert joko.status == 200
        async with place.there.product.database.read() as tx:
            names = await officers.called(tx, place.there.product.vault)
        assert names[int(str(await column(place, code, "officer_id")))] == holder


async def test_words_to_an_owner_go_through_the_bot_and_a_secret_does_not(place: Office) -> None:
    code = await taken(place)
    rina = await place.signed_in("Rina")
    await rina.open(f"/kantor/calon/{code}")
    assert "diteruskan" in await do(rina, code, "tulis", pesan="Bu, besok saya mampir ya.")
    await place.there.quiet()
    assert any("besok saya mampir" in plain(message) for message in place.there.told["Siti"])
    before = len(place.there.told["Siti"])
    await do(rina, code, "tulis", pesan="kode OTP 123456")
    assert rina.status == 409
    await place.there.quiet()
    assert len(place.there.told["Siti"]) == before
    assert "sudah selesai" in await do(rina, code, "selesai")


async def test_two_leads_of_one_business_are_merged_and_the_old_address_leads_to_the_one_that_goes_on(
    place: Office,
) -> None:
    code = await taken(place)
    [other] = await more_leads(place.there, code, 1)
    kris = await place.signed_in("Kris")
    await kris.open(f"/kantor/calon/{code}")
    assert f"Sama dengan {other}" in kris.text
    assert "Sudah digabung" in await do(kris, code, "gabungkan", sama=other)
    await kris.open(f"/kantor/calon/{other}")
    assert kris.path == f"/kantor/calon/{code}"


async def test_every_look_at_a_lead_is_audited(place: Office) -> None:
    code = await taken(place)
    joko = await place.signed_in("Joko")
    before = len([each for each in await acts(place) if each == ("looked", code, "console")])
    await joko.open(f"/kantor/calon/{code}")
    await joko.open("/kantor/calon", petugas="semua")
    assert len([each for each in await acts(place) if each == ("looked", code, "console")]) == before + 2


SAID = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["1", "9" * 18, "²", "RK-222AAA", "late", "taken", "soon", "appointment", "interested", "besok jam 9"]
    ),
)
QUERY = (
    "bagian",
    "status",
    "kantor",
    "petugas",
    "kampanye",
    "dari",
    "sampai",
    "lanjut",
    "cari",
    "kode",
    "ke",
    "bentuk",
)
FORM = ("hasil", "kapan", "catatan", "pilihan", "ke", "kode", "sama", "pesan")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.dictionaries(st.sampled_from(QUERY), SAID), sent=st.sampled_from(["", "cari", "serahkan", "unduh"]))
async def test_whatever_is_asked_of_the_list_it_answers(
    opened: tuple[Browser, str], said: dict[str, str], sent: str
) -> None:
    browser, _ = opened
    await browser.open("/kantor/calon", **said)
    assert browser.status == 200
    if sent:
        await browser.send(f"/kantor/calon/{sent}", **said)
        assert browser.status < 500, browser.text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(verb=st.sampled_from(sorted(VERBS)), said=st.dictionaries(st.sampled_from(FORM), SAID), seen=SAID | st.just(""))
async def test_whatever_a_form_of_a_lead_says_its_page_answers(
    opened: tuple[Browser, str], verb: str, said: dict[str, str], seen: str
) -> None:
    browser, code = opened
    await browser.open(f"/kantor/calon/{code}")
    shown = re.search(r'name="seen" value="(\d+)"', browser.page)
    await browser.send(f"/kantor/calon/{code}/{verb}", **said, seen=seen or (shown[1] if shown else "0"))
    assert browser.status < 500, browser.text


@pytest.fixture
async def opened(place: Office) -> tuple[Browser, str]:
    """(a browser of an officer above all, the code of a lead that they have)."""
    return await place.signed_in("Admin"), await taken(place, "Admin")
