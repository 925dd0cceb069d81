"""Who works in the office signs in by the chat, and nobody else gets in."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from storage.console import sign_in
from storage.engine.database import Database
from storage.leads import officers
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.console.pages import ADDRESS, Office, office

WATI = "Wati"


@pytest.fixture
async def place(sqlite_database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Office]:
    async with office(sqlite_database, vault, clock) as made:
        await made.there.hire(WATI, "33.72")
        yield made


async def test_a_link_of_the_chat_signs_in_once(place: Office) -> None:
    link = re.search(r"(/kantor/masuk/\S+)", await place.there.say(WATI, "/kantor"))
    assert link
    mine, stolen = place.browser(), place.browser()
    await mine.open(link[1])
    await mine.open(link[1])  # a preview, or a second look, uses nothing up
    assert WATI not in mine.page
    await mine.send(link[1])
    assert (mine.status, mine.path) == (200, "/kantor/")
    assert WATI in mine.text
    await stolen.send(link[1])
    assert stolen.status == 410
    await stolen.open("/kantor")
    assert stolen.path == "/kantor/masuk"


async def test_a_link_lives_five_minutes(place: Office, clock: Clock) -> None:
    link = re.search(r"(/kantor/masuk/\S+)", await place.there.say(WATI, "/kantor"))
    assert link
    clock.now += timedelta(minutes=5, seconds=1)
    browser = place.browser()
    await browser.open(link[1])
    assert browser.status == 410
    await browser.send(link[1])
    assert browser.status == 410


async def test_six_digits_of_a_browser_sign_it_in_once_their_officer_says_that_it_is_theirs(place: Office) -> None:
    browser = place.browser()
    await browser.open("/kantor")
    await browser.send("/kantor/masuk/angka", ke="/kantor/")
    digits = re.search(r"\b(\d{3} \d{3})\b", browser.text)
    assert digits
    assert "nama Anda" in await place.there.say(WATI, digits[1])
    await browser.send("/kantor/masuk/sekarang")
    assert browser.status == 410, "nobody has allowed it yet"
    assert "tekan Masuk" in await place.there.say(WATI, "[Ya, layar saya]")
    await browser.open("/kantor/masuk")
    await browser.send("/kantor/masuk/sekarang")
    assert WATI in browser.text


async def test_digits_that_somebody_else_sent_let_nobody_in(place: Office) -> None:
    attacker = place.browser()
    await attacker.open("/kantor")
    await attacker.send("/kantor/masuk/angka")
    digits = re.search(r"\b(\d{3} \d{3})\b", attacker.text)
    assert digits
    await place.there.say("Seseorang", digits[1])  # no officer
    await place.there.say(WATI, digits[1])
    assert "tidak ada yang masuk" in await place.there.say(WATI, "[Bukan]")
    await attacker.send("/kantor/masuk/sekarang")
    assert attacker.status == 410


async def test_who_guesses_digits_is_stopped(place: Office, clock: Clock) -> None:
    for guess in range(sign_in.MOST_TRIES):
        await place.there.say(WATI, f"00000{guess}")
        assert "tidak sedang ditampilkan" in await place.there.say(WATI, "[Ya, layar saya]")
    await place.there.say(WATI, "000009")
    assert "beberapa kali salah" in await place.there.say(WATI, "[Ya, layar saya]")


async def test_a_session_ends_with_its_hours_and_at_once_with_its_officer(place: Office, clock: Clock) -> None:
    browser, other = await place.signed_in(WATI), await place.signed_in(WATI)
    clock.now += sign_in.SIGNED_IN_FOR - timedelta(minutes=1)
    assert WATI in await browser.open("/kantor")
    async with place.there.product.database.write() as tx:
        [(_, person_id)] = await officers.with_role(tx, "officer")
        [wati] = [each for each in await officers.team(tx, place.there.product.vault) if each.name == WATI]
        assert person_id
        await officers.remove(tx, wati.id, clock.now)
    for each in (browser, other):
        await each.open("/kantor")
        assert each.path == "/kantor/masuk"


async def test_signing_out_everywhere_ends_every_session(place: Office) -> None:
    browser, other = await place.signed_in(WATI), await place.signed_in(WATI)
    await browser.send("/kantor/keluar", everywhere="ya")
    for each in (browser, other):
        await each.open("/kantor")
        assert each.path == "/kantor/masuk"


async def test_a_form_without_its_token_or_from_another_page_does_nothing(place: Office) -> None:
    browser = await place.signed_in(WATI)
    no_token = await browser.client.post("/kantor/keluar", data={}, headers={"Origin": ADDRESS})
    foreign = await browser.client.post("/kantor/keluar", data={}, headers={"Origin": "https://evil.example"})
    silent = await browser.client.post("/kantor/keluar", data={})
    assert [each.status_code for each in (no_token, foreign, silent)] == [403, 403, 403]
    assert WATI in await browser.open("/kantor")


async def test_pages_answer_their_own_address_alone_and_tell_browsers_what_they_are(place: Office) -> None:
    browser = await place.signed_in(WATI)
    own = await browser.client.get("/kantor/")
    assert "unsafe" not in own.headers["Content-Security-Policy"]
    assert own.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert own.headers["Cache-Control"] == "no-store"
    assert (await browser.client.get("/kantor/", headers={"Host": "evil.example"})).status_code == 403


async def test_nobody_is_led_elsewhere_after_signing_in(place: Office) -> None:
    browser = place.browser()
    await browser.open("/kantor/masuk", ke="//evil.example")
    assert "evil" not in browser.page
