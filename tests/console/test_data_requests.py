"""*Permintaan data*: what reaches the office by letter or telephone has its hours, and a person can be erased there."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from storage import tables
from storage.engine.database import Database
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.console.pages import Browser, Office, office
from tests.owners import register
from tests.town import plain

ANI, KRIS, RINA = "Ani", "Kris", "Rina"
PAGE = "/kantor/pengaturan/permintaan"
asked, audit, lead, person = (
    tables.table(model) for model in (tables.DataRequest, tables.Audit, tables.LeadRow, tables.Person)
)


@pytest.fixture
async def place(database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Office]:
    async with office(database, vault, clock) as made:
        await made.there.hire(RINA, "33.72")
        await made.there.hire(KRIS, "33.72", role="coordinator")
        await made.there.hire(ANI, role="admin")
        yield made


@pytest.fixture
async def admin(place: Office) -> Browser:
    browser = await place.signed_in(ANI)
    await browser.open(PAGE)
    return browser


def at(clock: Clock, *, before: timedelta = timedelta()) -> str:
    return f"{clock.now - before:%Y-%m-%dT%H:%M}"


@pytest.mark.parametrize(("who", "status"), [("", 303), (RINA, 403), (KRIS, 403), (ANI, 200)])
async def test_only_an_admin_sees_and_does_what_is_set(place: Office, who: str, status: int) -> None:
    browser = await place.signed_in(who) if who else place.browser()
    for path in ("/kantor/pengaturan", "/kantor/pengaturan/kantor", PAGE):
        assert (await browser.client.get(path, follow_redirects=False)).status_code == status, path
    if who in (RINA, KRIS):
        code = await register(place.there, "Siti")
        for act in ("", "/selesai", "/cari", "/hapus"):
            await browser.open("/kantor")
            await browser.send(f"{PAGE}{act}", about=code, request="1", kind="erase", way="letter")
            assert browser.status == 403, act


async def test_a_request_has_72_hours_and_is_done_once(place: Office, admin: Browser, clock: Clock) -> None:
    before = timedelta(hours=30)
    page = await admin.send(PAGE, kind="see", way="phone", at=at(clock, before=before), about="0812 3456 7890")
    assert "Lihat data nomor HP" in page
    assert "42 jam lagi" in page
    clock.advance(hours=45)
    admin = await place.signed_in(ANI)
    assert "lewat 3 jam" in await admin.open(PAGE)
    button = re.search(r'name="request" value="(\d+)"', admin.page)
    assert button
    assert "tercatat selesai" in await admin.send(f"{PAGE}/selesai", request=button[1])
    await admin.send(f"{PAGE}/selesai", request=button[1])
    assert admin.status == 409
    async with place.there.product.database.read() as tx:
        [row] = (await tx.execute(select(asked))).all()
    assert row.find is None, "the number's hash is kept only until then"


async def test_what_cannot_be_read_is_said(admin: Browser, clock: Clock) -> None:
    assert "Waktunya belum bisa dibaca" in await admin.send(PAGE, kind="see", way="phone", at="kemarin")
    late = at(clock, before=-timedelta(days=1))
    assert "Waktunya belum bisa dibaca" in await admin.send(PAGE, kind="see", way="phone", at=late)
    assert "belum terbaca" in await admin.send(PAGE, kind="see", way="phone", at=at(clock), about="Bu Siti")
    assert "belum terbaca" in await admin.send(f"{PAGE}/cari", about="Bu Siti")


@pytest.mark.parametrize("by_number", [False, True])
async def test_a_person_who_lost_their_phone_is_erased_by_letter_as_by_hapus_data(
    place: Office, admin: Browser, clock: Clock, by_number: bool
) -> None:
    code = await register(place.there, "Siti")
    await register(place.there, "Wening", phone="0813 9999 8888")
    async with place.there.product.database.read() as tx:
        before = (await tx.execute(select(func.count()).select_from(person))).scalar_one()
    about = "0812-0000-7001" if by_number else code
    await admin.send(PAGE, kind="erase", way="letter", at=at(clock), about=about)
    page = await admin.send(f"{PAGE}/cari", about=about)
    assert code in page, page
    who = re.search(r'name="who" value="(\w+)"', admin.page)
    assert who
    page = await admin.send(f"{PAGE}/hapus", about=about, who=who[1])
    assert "Ya, hapus selamanya" in page, "it is asked twice"
    assert "sudah dihapus" in await admin.send(f"{PAGE}/hapus", about=about, who=who[1], sure="ya")
    assert "Tidak ada permintaan yang menunggu" in admin.text
    await place.there.quiet()
    assert any("dihapus atas permintaan pemiliknya" in plain(each) for each in place.there.told[RINA])
    async with place.there.product.database.read() as tx:
        row = (await tx.execute(select(lead).where(lead.c.code == code))).one()
        after = (await tx.execute(select(func.count()).select_from(person))).scalar_one()
        [act] = (await tx.execute(select(audit).where(audit.c.act == "erased:office"))).all()
    assert (row.person_id, after) == (None, before - 1)
    assert act.subject == who[1]
    assert act.actor.startswith("officer:")
    assert "Tidak ada data" in await admin.send(f"{PAGE}/cari", about=about)
    await admin.send(f"{PAGE}/hapus", about=about, who=who[1], sure="ya")
    assert admin.status == 409


async def test_an_officer_whose_own_registration_is_erased_stays_an_officer(place: Office, admin: Browser) -> None:
    code = await register(place.there, "Tono")
    await place.there.hire("Tono", "33.72")
    page = await admin.send(f"{PAGE}/cari", about=code)
    assert "juga petugas" in page
    who = re.search(r'name="who" value="(\w+)"', admin.page)
    assert who
    await admin.send(f"{PAGE}/hapus", about=code, who=who[1], sure="ya")
    assert "Tono" in await (await place.signed_in("Tono")).open("/kantor")


async def test_a_new_office_is_added_once_and_set_up_on_its_page(admin: Browser) -> None:
    page = await admin.send("/kantor/pengaturan/kantor", name="Kantor Cabang Baru")
    assert "Kantor Cabang Baru" in page
    assert "/tim/kantor/" in admin.path
    await admin.open("/kantor/pengaturan/kantor")
    assert "Sudah ada kantor" in await admin.send("/kantor/pengaturan/kantor", name="kantor cabang baru")
    await admin.send("/kantor/pengaturan/kantor", name="Kantor Élok")
    await admin.open("/kantor/pengaturan/kantor")
    assert "Sudah ada kantor" in await admin.send("/kantor/pengaturan/kantor", name="KANTOR ÉLOK")
    assert "Isi nama kantornya" in await admin.send("/kantor/pengaturan/kantor", name="7")


SAID = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["erase", "letter", "1", "9" * 30, "RK-222AAA", "081234567890", "0001-01-01T00:00", "²"]),
)
FIELDS = ("kind", "way", "at", "about", "request", "who", "sure", "name")


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    form=st.sampled_from([PAGE, f"{PAGE}/selesai", f"{PAGE}/cari", f"{PAGE}/hapus", "/kantor/pengaturan/kantor"]),
    said=st.dictionaries(st.sampled_from(FIELDS), SAID),
)
async def test_whatever_a_form_says_the_page_answers(admin: Browser, form: str, said: dict[str, str]) -> None:
    await admin.open(PAGE)
    await admin.send(form, **said)
    assert admin.status < 500, admin.text
