"""*Tarif*: an admin enters a rate, sees first what it changes, and the bot's estimates follow from its first day on."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.timers.offices_seen import OfficesSeen
from storage.engine.database import Database
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.console.pages import Browser, Office, office

ANI, KRIS, RINA = "Ani", "Kris", "Rina"
PAGE = "/kantor/pengaturan/tarif"


@pytest.fixture
async def place(sqlite_database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Office]:
    async with office(sqlite_database, vault, clock) as made:
        await made.there.hire(RINA, "33.72")
        await made.there.hire(KRIS, "33.72", role="coordinator")
        await made.there.hire(ANI, role="admin")
        yield made


@pytest.fixture
async def admin(place: Office) -> Browser:
    browser = await place.signed_in(ANI)
    await browser.open(PAGE)
    return browser


def row(**over: str) -> dict[str, str]:
    """A form that doubles the flat contribution from December on."""
    return {
        "name": "bpu.jkm", "value": "13.600", "source": "PP 99/2026", "checked_on": "2026-11-25",
        "valid_from": "2026-12-01", "valid_to": "", "confidence": "A", **over,
    }  # fmt: skip


@pytest.mark.parametrize(("who", "status"), [("", 303), (RINA, 403), (KRIS, 403), (ANI, 200)])
async def test_only_an_admin_sees_and_changes_rates(place: Office, who: str, status: int) -> None:
    browser = await place.signed_in(who) if who else place.browser()
    assert (await browser.client.get(PAGE, follow_redirects=False)).status_code == status
    if status == 403:
        await browser.open("/kantor")
        for act in ("", "/akhiri"):
            await browser.send(f"{PAGE}{act}", **row(sure="ya", rate="1", last="2026-12-01"))
            assert browser.status == 403
            await browser.open("/kantor")


async def test_a_new_rate_shows_what_it_changes_and_then_the_bot_uses_it(
    place: Office, admin: Browser, clock: Clock
) -> None:
    assert "BPU: JKM Rp6.800" in admin.text
    page = await admin.send(PAGE, **row())
    assert "warung, bekerja sendiri, JKK dan JKM Rp8.400 Rp11.800" in page, page
    assert "angkutan" in page
    assert "satu pekerja" not in page, "what stays as it is is not shown"
    assert "PP 99/2026" not in await admin.open(PAGE), "nothing is entered before the second press"
    page = await admin.send(PAGE, **row(sure="ya"))
    assert "Tarifnya tersimpan" in page
    assert "Rp13.600 Selasa, 1 Desember 2026" in page
    services = place.there.product.services
    assert services
    for _ in ("at once", "and after the next look"):
        price = services.knowledge.rates.estimate("two", None, False, False, clock.now.date() + timedelta(days=10))
        assert price
        assert (price.low, price.reduced_low) == (23_600, 11_800)
        await OfficesSeen(place.there.product.database, services).look()


async def test_a_rate_in_force_is_given_an_end_and_one_to_come_is_taken_away(
    place: Office, admin: Browser, clock: Clock
) -> None:
    await admin.send(PAGE, **row(sure="ya", valid_from="2026-11-20"))
    [number] = re.findall(r'name="rate" value="(\d+)"', admin.page)
    await admin.send(f"{PAGE}/akhiri", rate=number, remove="ya")
    assert admin.status == 409, "it has begun"
    page = await admin.send(f"{PAGE}/akhiri", rate=number, last="2026-11-25")
    assert "Tarifnya sudah diubah" in page
    clock.advance(days=1)
    admin = await place.signed_in(ANI)
    page = await admin.open(PAGE)
    assert "sudah berakhir" in page
    assert 'name="rate"' not in admin.page
    await admin.send(f"{PAGE}/akhiri", rate=number, last="2026-12-31")
    assert admin.status == 409, "an ended row is not changed"
    await admin.open(PAGE)
    await admin.send(PAGE, **row(sure="ya"))
    [number] = re.findall(r'name="rate" value="(\d+)"', admin.page)
    assert "Tarifnya sudah diubah" in await admin.send(f"{PAGE}/akhiri", rate=number, remove="ya")


@pytest.mark.parametrize(
    ("field", "said", "words"),
    [
        ("name", "bpu.brackets", "Pilih dulu tarifnya"),
        ("value", "banyak", "Nilainya belum terbaca"),
        ("source", "", "Tulis sumbernya"),
        ("checked_on", "2027-01-01", "terakhir dicek"),
        ("valid_to", "2026-11-24", "Tanggalnya belum cocok"),
        ("valid_from", "", "Tanggalnya belum cocok"),
        ("confidence", "Z", "seberapa pasti"),
    ],
)
async def test_what_cannot_be_read_is_said_and_the_rest_stays_in_the_form(
    admin: Browser, field: str, said: str, words: str
) -> None:
    page = await admin.send(PAGE, **row(**{field: said}))
    assert words in page
    assert admin.status == 400
    assert field == "source" or "PP 99/2026" in admin.page


SAID = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["bpu.jkm", "cut.other.employer", "pu.jkk.1", "0,24", "1", "9" * 30, "2026-12-01", "A", "²", "ya"]),
)
FIELDS = (
    "name",
    "value",
    "source",
    "checked_on",
    "valid_from",
    "valid_to",
    "confidence",
    "sure",
    "rate",
    "last",
    "remove",
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(act=st.sampled_from(["", "/akhiri"]), over=st.dictionaries(st.sampled_from(FIELDS), SAID))
async def test_whatever_a_form_says_the_page_answers(admin: Browser, act: str, over: dict[str, str]) -> None:
    await admin.open(PAGE)
    await admin.send(f"{PAGE}{act}", **row(**over))
    assert admin.status < 500, admin.text
