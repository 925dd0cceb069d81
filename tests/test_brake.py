"""One person's flood costs one answer and hurts nobody; nothing of what was said in it is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.office.usual import usual
from conversations.engine.brake import FULL, LED_NOWHERE
from conversations.engine.core import Heard
from storage.engine.database import Database
from storage.sealing.vault import Vault
from tests.channels.on_telegram import on_telegram
from tests.channels.on_whatsapp import on_whatsapp
from tests.conftest import Clock
from tests.owners import more_leads, register
from tests.soundness import session_of
from tests.test_effects import press
from tests.town import Town, plain, town

MANY = "banyak sekali sekaligus"
PAUSE = timedelta(seconds=11)


async def flood(there: Town, who: str, count: int = 100) -> list[str]:
    """So many messages, five a second; what was answered meanwhile."""
    before = len(there.told.get(who, ()))
    for number in range(count):
        await there.terminal.say(who, f"apa {number}")
        there.clock.advance(seconds=0.2)
    await there.quiet()
    return [message.text for message in there.told[who][before:]]


async def test_a_flood_is_answered_a_few_times_then_once_for_all_and_once_when_it_has_ended(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.say("siti", "halo")
        answers = await flood(there, "siti")
        assert len(answers) <= FULL // LED_NOWHERE + 2
        assert [MANY in answer for answer in answers].count(True) == 1
        assert MANY in answers[-1]
        await there.later(PAUSE)
        assert "*Boleh kami simpan" in there.told["siti"][-1].text.replace("\ue000", "*")
        assert len(there.told["siti"]) <= len(answers) + 2
        await there.later(timedelta(minutes=2))
        assert "kami panggil siapa" in await there.say("siti", "ya")
        assert len(there.told["siti"]) <= len(answers) + 3


async def test_what_is_said_in_a_flood_counts_and_its_last_message_is_the_one_that_is_answered(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.say("siti", "halo")
        await flood(there, "siti", 15)
        for said in ("ya", usual()["name"], usual()["regency"]):
            assert await there.say("siti", said) == ""
        await there.later(PAUSE)
        session = await session_of(sqlite_database, vault, there.where("siti"))
        assert session
        assert (session.answers["name"]["name"], session.answers["regency"]) == (usual()["name"], "33.72")
        assert session.asked == "sector"
        assert "usaha" in there.last("siti").lower()


async def test_a_flood_of_one_holds_up_nobody_else_and_a_card_reaches_its_officer(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.hire("rina", "33.72")
        await flood(there, "tono", 30)
        assert await register(there, "siti")
        assert any("Siti" in message.text for message in there.told["rina"])


async def test_who_erases_everything_in_a_flood_is_told_so_at_once(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await register(there, "siti")
        await flood(there, "siti", 15)
        assert await there.say("siti", "hapus data") == ""
        await there.later(PAUSE)
        assert "hapus" in (await there.say("siti", "[Ya, hapus semua]")).lower()
        told = len(there.told["siti"])
        await there.later(PAUSE)
        assert len(there.told["siti"]) == told


async def test_who_answers_question_after_question_at_once_is_not_held_back(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        assert await register(there, "siti")
        assert not any(MANY in message.text for message in there.told["siti"])


@pytest.mark.parametrize("kind", ["telegram", "whatsapp"])
async def test_an_album_is_answered_once(kind: str, sqlite_database: Database, vault: Vault, clock: Clock) -> None:
    telegram = on_telegram(sqlite_database, vault, clock, "polling")
    async with telegram if kind == "telegram" else on_whatsapp(sqlite_database, vault, clock) as there:
        await there.say("Siti", "halo")
        siti, before = there.person("Siti"), len(there.told["Siti"])
        for _ in range(5):
            siti.send(there.photo)
        await there.quiet()
        assert len(there.told["Siti"]) == before + 1
        clock.advance(seconds=30)
        siti.send(there.photo)
        await there.quiet()
        assert len(there.told["Siti"]) == before + 2


async def test_another_kind_of_thing_than_the_last_is_answered_for_what_it_is(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.say("siti", "halo")
        photo = await there.does("siti", Heard(other="photo"))
        voice = await there.does("siti", Heard(other="voice"))
        assert "" != photo != voice != ""
        assert await there.does("siti", Heard(other="voice")) == ""


async def test_an_officer_who_loses_the_race_for_many_leads_hears_so_of_each(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        for who in ("Rina", "Joko"):
            await there.hire(who, "33.72")
        codes = await more_leads(there, await register(there, "Siti"), 15)
        for code in codes:
            await press(there, "Rina", "take", code)
        before = len(there.told["Joko"])
        for code in codes:
            await press(there, "Joko", "take", code)
        told = [plain(message) for message in there.told["Joko"][before:]]
        assert [code for code in codes if any(f"{code} tidak bisa diambil lagi" in text for text in told)] == codes
