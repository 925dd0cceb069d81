"""A coordinator sees the team at a glance, moves what lies too long, invites, hears complaints, and reads of the week."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from conversations.engine.core import Heard, Press
from storage.engine.database import Database
from storage.leads import officers
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.owners import register
from tests.town import Town, plain, town

CODE = re.compile(r"PTG-\w{10}")


@pytest.fixture
async def there(database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Town]:
    """An office in Surakarta with a coordinator and two officers, an officer elsewhere, and an admin; a Wednesday, nine."""
    async with town(database, vault, clock) as found:
        await found.hire("Kris", "33.72", role="coordinator")
        await found.hire("Bima", role="admin")
        for who in ("Rina", "Joko"):
            await found.hire(who, "33.72")
        await found.hire("Wati", "33.11")
        yield found


async def press(there: Town, who: str, verb: str, code: str) -> str:
    return await there.does(who, Heard(pressed=Press("lead", verb, code)))


def since(there: Town, who: str, before: int) -> str:
    return "\n".join(plain(message) for message in there.told.get(who, ())[before:])


async def number(there: Town, who: str) -> int:
    async with there.product.database.read() as tx:
        listed = await officers.listed(tx, there.product.services.vault)
    return next(each.id for each in listed if each.name == who)


async def test_a_coordinator_reads_what_each_officer_of_the_office_has(there: Town) -> None:
    code = await register(there, "Siti")
    await press(there, "Rina", "take", code)
    await press(there, "Rina", "note", code)
    await there.say("Rina", "sudah dihubungi")
    await there.say("Joko", "libur 2 hari")
    said = await there.say("Kris", "/tim")
    assert "Tim: 2 petugas" in said
    assert "Rina, bertugas" in said
    assert "Terbuka 1, lewat 0. Minggu ini: diambil 1, dihubungi dalam 1 hari kerja 1, aktif 0" in said
    assert "Joko, libur, masuk lagi" in said
    assert "Wati" not in said
    assert "Wati" in await there.say("Bima", "/tim")
    for who in ("Rina", "Siti"):
        assert "Terbuka" not in await there.say(who, "/tim")


async def test_a_press_on_a_name_shows_the_list_from_which_all_is_handed_on(there: Town) -> None:
    code = await register(there, "Siti")
    await press(there, "Rina", "take", code)
    await there.say("Kris", "/tim")
    assert "Siti" in await there.say("Kris", "[Rina]")
    assert there.labels("Kris")[-2:] == ["Serahkan semua", "Serahkan yang lewat"]
    await there.say("Kris", "[Serahkan semua]")
    assert "sekarang ditangani Joko" in await there.say("Kris", "[Joko]")


@pytest.mark.parametrize(("who", "whose"), [("Kris", "Wati"), ("Rina", "Joko"), ("Siti", "Rina")])
async def test_the_list_of_another_office_is_shown_to_nobody_else(there: Town, who: str, whose: str) -> None:
    code = await register(there, "Siti")
    await press(there, "Rina", "take", code)
    press_of = Press("command", "team_of", str(await number(there, whose)))
    assert "koordinator kantor Anda" in await there.does(who, Heard(pressed=press_of))


async def test_a_coordinator_invites_an_officer_for_the_own_office(there: Town) -> None:
    await there.say("Kris", "undang petugas")
    said = await there.say("Kris", "Budi Santoso")
    code = CODE.search(said)
    assert code
    assert "Kota Surakarta" in said
    await there.say("Budi", code[0])
    assert "Budi Santoso" in there.last("Budi")
    await there.say("Budi", "[Ya, saya]")
    assert "Budi Santoso, bertugas" in await there.say("Kris", "/tim")


async def test_who_looks_after_all_names_the_place_and_an_officer_invites_nobody(there: Town) -> None:
    await there.say("Bima", "undang petugas")
    assert "kabupaten atau kota mana" in await there.say("Bima", "Tuti")
    assert CODE.search(await there.say("Bima", "sukoharjo"))
    assert "koordinator kantor Anda" in await there.say("Rina", "undang petugas")


@pytest.mark.parametrize(
    "words", ["petugasnya kasar", "mau ganti petugas", "ganti petugas dong", "komplain soal petugas"]
)
async def test_a_complaint_goes_to_the_coordinator_and_not_to_the_officer(there: Town, words: str) -> None:
    code = await register(there, "Siti")
    await there.say("Siti", "tidak")
    await press(there, "Rina", "take", code)
    before = {who: len(there.told[who]) for who in ("Kris", "Rina", "Bima")}
    assert "bukan ke petugas itu" in await there.say("Siti", words)
    assert words in since(there, "Kris", before["Kris"])
    assert "Rina" in since(there, "Kris", before["Kris"])
    assert "Serahkan" in there.labels("Kris")
    assert since(there, "Rina", before["Rina"]) == since(there, "Bima", before["Bima"]) == ""


async def test_a_complaint_before_anybody_has_the_lead_is_a_call_for_a_person(there: Town) -> None:
    await register(there, "Siti")
    await there.say("Siti", "tidak")
    await there.say("Siti", "petugasnya kasar")
    assert "Keluhan" not in there.last("Kris")


async def test_last_week_is_told_once_on_monday_morning(there: Town) -> None:
    code = await register(there, "Siti")
    await press(there, "Rina", "take", code)
    before = {who: len(there.told[who]) for who in ("Kris", "Bima", "Rina")}
    for _ in range(6 * 24):
        await there.later(timedelta(hours=1))
    for who in ("Kris", "Bima"):
        said = since(there, who, before[who])
        assert said.count("Minggu yang mulai") == 1
        assert "Masuk: 1\nDiambil: 1\nDihubungi dalam 1 hari kerja: 0" in said
        assert f"Rina: {code}" in said
    assert "Minggu yang mulai" not in since(there, "Rina", before["Rina"])
