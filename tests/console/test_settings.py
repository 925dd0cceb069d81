"""*Pengaturan*: an admin reads the audit, and ends anybody's session."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.console import audit_log
from storage.engine.database import Database
from storage.people import audit
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.console.pages import Browser, Office, office

ANI, KRIS, RINA = "Ani", "Kris", "Rina"
AUDIT, SESSIONS = "/kantor/pengaturan/catatan", "/kantor/pengaturan/masuk"


@pytest.fixture
async def place(sqlite_database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Office]:
    async with office(sqlite_database, vault, clock) as made:
        await made.there.hire(RINA, "33.72")
        await made.there.hire(KRIS, "33.72", role="coordinator")
        await made.there.hire(ANI, role="admin")
        yield made


@pytest.fixture
async def admin(place: Office) -> Browser:
    return await place.signed_in(ANI)


@pytest.mark.parametrize(("who", "status"), [("", 303), (RINA, 403), (KRIS, 403), (ANI, 200)])
async def test_only_an_admin_reads_the_audit_and_who_is_signed_in(place: Office, who: str, status: int) -> None:
    browser = await place.signed_in(who) if who else place.browser()
    for path in (AUDIT, SESSIONS):
        assert (await browser.client.get(path, follow_redirects=False)).status_code == status, path


async def note(place: Office, count: int, **of: str) -> None:
    async with place.there.product.database.write() as tx:
        for number in range(count):
            row = {"actor": "cli", "act": "looked", "subject": f"RK-{number:06}", **of}
            await audit.record(tx, at=place.there.clock.now, **row)


async def test_the_audit_is_read_page_by_page_and_filtered(place: Office, admin: Browser, clock: Clock) -> None:
    await note(place, audit_log.PER_PAGE + 10)
    page = await admin.open(AUDIT, siapa="cli")
    assert page.count("pengelola server melihat") == audit_log.PER_PAGE
    older = re.search(r'href="\?([^"]+)"', admin.page)
    assert older
    page = await admin.open(f"{AUDIT}?{older[1].replace('&amp;', '&')}")
    assert page.count("pengelola server melihat") == 10
    assert "Yang lebih lama" not in page
    await note(place, 1, act="erased:office", subject="ab12")
    assert "menghapus data: office" in await admin.open(AUDIT, apa="erased")
    assert "pengelola server melihat" not in admin.text
    assert "RK-000007" in await admin.open(AUDIT, tentang="rk-000007")
    assert "RK-000008" not in admin.text
    today, before = f"{clock.now.date()}", f"{clock.now.date() - timedelta(days=1)}"
    assert "RK-000050" in await admin.open(AUDIT, hari=today, siapa="cli")
    assert "Tidak ada catatan yang cocok" in await admin.open(AUDIT, hari=before)
    assert "Harinya belum bisa dibaca" in await admin.open(AUDIT, hari="kemarin")


async def test_an_admin_ends_one_session_or_all_of_somebody(place: Office, admin: Browser) -> None:
    rina, more = await place.signed_in(RINA), await place.signed_in(RINA)
    page = await admin.open(SESSIONS)
    assert page.count(f"{RINA} 25 Nov") == 2
    assert f"{ANI} perangkat ini" in page
    keys = re.findall(r'name="session" value="(\w+)"[^<]*<span class="hidden"> Rina', admin.page)
    assert "Sudah dikeluarkan" in await admin.send(SESSIONS, session=keys[0])
    out = [each for each in (rina, more) if "Masuk" in await each.open("/kantor") and each.path == "/kantor/masuk"]
    assert len(out) == 1
    await admin.send(SESSIONS, session=keys[0])
    assert admin.status == 409
    officer = re.search(r'name="officer" value="(\d+)"[^<]*<span class="hidden"> Rina', admin.page)
    assert officer
    await admin.send(SESSIONS, officer=officer[1])
    for each in (rina, more):
        await each.open("/kantor")
        assert each.path == "/kantor/masuk"
    assert "keluar halaman kantor" in await admin.open(AUDIT, apa="signed out")


SAID = st.one_of(st.text(max_size=12), st.sampled_from(["9" * 30, "0001-01-01", "9999-12-31", "officer:²", "abc"]))


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    query=st.dictionaries(st.sampled_from(("siapa", "apa", "hari", "tentang", "sebelum")), SAID),
    said=st.dictionaries(st.sampled_from(("session", "officer")), SAID),
)
async def test_whatever_is_asked_or_sent_the_page_answers(
    admin: Browser, query: dict[str, str], said: dict[str, str]
) -> None:
    await admin.open(AUDIT, **query)
    assert admin.status < 500, admin.text
    await admin.send(SESSIONS, **said)
    assert admin.status < 500, admin.text
