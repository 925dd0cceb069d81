"""The whole product on Telegram, by the real driver, with a Bot API server that is as strict as the real one."""

from __future__ import annotations

import pytest

from bot.channels.telegram_drivers import driver_of
from conversations.engine.knowledge import Knowledge
from storage.engine.database import Database
from storage.sealing.vault import Vault
from tests.channels.on_telegram import Driver, Mode, on_telegram
from tests.conftest import Clock, nine
from tests.owners import said_by_question
from tests.standins.bot_api import TOKEN

MODES = ["polling", "webhook"]

REGISTRATION = {
    **said_by_question(hello="/start pasar-gede", member="1", business_name="Warung <b>Siti</b> & Co"),
    "phone": "(kontak sendiri +6281200007001)",
}


@pytest.mark.parametrize("mode", MODES)
async def test_an_owner_registers_and_an_officer_takes_the_lead(
    by: Driver, mode: Mode, sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with on_telegram(sqlite_database, vault, clock, mode, by) as there:
        await there.hire("Rina", "33.72")
        for what in REGISTRATION.values():
            clock.advance(seconds=20)
            await there.say("Siti", what)
        assert any("RK-222A" in shown.text for shown in there.person("Siti").told)
        [card] = [shown for shown in there.person("Rina").told if shown.labels == ["Ambil"]]
        assert "Warung <b>Siti</b> & Co" in card.text
        await there.say("Rina", "[Ambil]")
        assert card.edited
        assert card.labels != ["Ambil"]
        assert there.api.problems == []
        assert {call.status for call in there.api.calls if call.method != "getUpdates"} == {200}


async def test_who_chooses_a_language_has_the_menu_in_it(
    by: Driver, sqlite_database: Database, vault: Vault, clock: Clock, knows_xx: Knowledge
) -> None:
    async with on_telegram(sqlite_database, vault, clock, "polling", by) as there:
        there.product.services.knowledge = knows_xx
        siti = there.person("Siti")
        for what in ("halo", "/bahasa", "[Xx-sprak]"):
            await there.say("Siti", what)
        await there.api.until(lambda: siti.menu is not None)
        assert {one["description"] for one in siti.menu or () if one["command"] == "daftar"} == {"‹Mulai›"}
        await there.say("Siti", "bahasa indonesia")
        await there.api.until(lambda: siti.menu is None)


@pytest.mark.parametrize("mode", MODES)
async def test_every_answer_comes_once_and_in_order_whoever_writes_at_the_same_time(
    by: Driver, mode: Mode, sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with on_telegram(sqlite_database, vault, clock, mode, by) as there:
        people = [there.person(f"Pemilik {number}") for number in range(8)]
        for line in ("halo", "ya", "Siti Aminah", "Solo"):
            for person in people:
                person.say(line)
        await there.quiet()
        answers = {tuple(shown.text for shown in person.told) for person in people}
        assert len(answers) == 1
        assert len(answers.pop()) == 4
        assert there.api.problems == []


@pytest.mark.parametrize("mode", MODES)
async def test_an_update_that_comes_again_is_answered_once(
    mode: Mode, sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with on_telegram(sqlite_database, vault, clock, mode) as there:
        number = there.person("Siti").say("halo")
        await there.quiet()
        there.api.updates.repeat(number)
        await there.quiet()
        assert len(there.person("Siti").told) == 1


@pytest.mark.parametrize("mode", MODES)
async def test_chatter_in_a_group_is_acknowledged_and_left_alone(
    mode: Mode, sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with on_telegram(sqlite_database, vault, clock, mode) as there:
        there.api.group_chatter("bot ini apa ya")
        await there.quiet()
        assert there.api.made("sendMessage") == []


async def test_a_flooded_chat_is_left_alone_for_as_long_as_telegram_says(
    by: Driver, sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with on_telegram(sqlite_database, vault, clock, "polling", by) as there:
        siti = there.person("Siti")
        flood = there.api.flood(0.9, siti)
        siti.say("halo")
        await there.quiet()
        assert len(siti.told) == 1
        refused, sent = there.api.made("sendMessage")
        assert refused.status == 429
        assert sent.at - refused.at >= 1
        assert flood.impatient == 0


async def test_who_blocked_us_is_not_written_to_until_they_write_again(
    by: Driver, sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with on_telegram(sqlite_database, vault, clock, "polling", by) as there:
        siti = there.person("Siti")
        siti.say("halo")
        siti.blocked = True  # the note about it is still under way
        await there.quiet()
        assert [call.status for call in there.api.made("sendMessage")] == [403]
        siti.blocked = False
        assert await there.say("Siti", "halo lagi") != ""


async def test_answers_survive_errors_and_cut_connections(
    by: Driver, sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with on_telegram(sqlite_database, vault, clock, "polling", by) as there:
        there.api.fail("sendMessage", 502, "Bad Gateway")
        there.api.cut("getUpdates", "after")
        there.api.fail("getUpdates", 500)
        assert await there.say("Siti", "halo") != ""
        assert [call.status for call in there.api.made("sendMessage")] == [502, 200]


async def test_a_used_keyboard_goes_away_and_the_button_stops_spinning(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with on_telegram(sqlite_database, vault, clock, "polling") as there:
        await there.say("Siti", "halo")
        asked = there.person("Siti").told[-1]
        assert asked.labels
        await there.say("Siti", "[Ya, boleh]")
        await there.api.until(lambda: not asked.labels)
        assert there.api.made("answerCallbackQuery")[0].status == 200


@pytest.mark.parametrize("token", ["", "abc", "abc:def", "123"])
def test_a_token_that_is_none_is_refused_at_once(by: Driver, token: str) -> None:
    with pytest.raises(ValueError, match="token"):
        driver_of(by)(token, clock=nine)


def test_a_webhook_needs_a_public_address(by: Driver) -> None:
    with pytest.raises(ValueError, match="public"):
        driver_of(by)(TOKEN, mode="webhook", clock=nine)
