"""What a platform keeps for us is looked at again and again, and mended; and it shows whether we still receive."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
from structlog.testing import capture_logs

from bot.channels import telegram_webhook, whatsapp_webhook
from bot.channels.receiving import Receiving
from bot.channels.telegram_channel import TelegramChannel
from bot.console.health import look
from storage import tables
from storage.engine.database import Database
from storage.leads import officers
from storage.sealing import key_check
from storage.sealing.vault import Vault
from tests.channels.driving import Inbox, receiving
from tests.channels.fuzzing import browser
from tests.channels.on_telegram import on_telegram
from tests.channels.on_whatsapp import whatsapp
from tests.conftest import Clock
from tests.standins.bot_api import BotApi
from tests.standins.cloud_api import CloudApi

OFFICER = tables.table(tables.OfficerRow)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.receiving.STEP", 0.01)


def _made(api: BotApi, method: str, times: int) -> bool:
    return len(api.made(method)) >= times


def _refused(api: BotApi, times: int) -> bool:
    return [call.status for call in api.made("getUpdates")].count(409) >= times


def state(channel: TelegramChannel) -> Receiving:
    assert channel.receiving
    return channel.receiving


async def test_a_webhook_that_somebody_removes_is_set_again_and_what_waited_there_comes(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    await key_check.check(sqlite_database, vault)
    async with on_telegram(sqlite_database, vault, clock, "webhook") as there:
        await there.say("Siti", "/start")
        there.api.updates.set_webhook("", "")
        there.person("Siti").say("halo, masih ada?")
        clock.advance(seconds=61)
        await there.quiet()
        assert there.api.updates.webhook.url.startswith(there.driver._public_url)
        parts = {part.name: part for part in await look(there.product, clock())}
        assert parts["receiving"].ok
        assert "telegram: receives (last event 0 s ago, " in parts["receiving"].seen


async def test_a_webhook_that_somebody_changes_again_and_again_makes_it_not_ready(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    await key_check.check(sqlite_database, vault)
    async with on_telegram(sqlite_database, vault, clock, "webhook") as there:
        await there.api.until(lambda: there.api.updates.webhook.url)
        for times in (2, 3):
            there.api.updates.set_webhook("http://127.0.0.1:9/lain", "")
            clock.advance(seconds=61)
            await there.api.until(partial(_made, there.api, "setWebhook", times))
        await there.api.until(lambda: state(there.driver).trouble)
        parts = {part.name: part for part in await look(there.product, clock())}
        assert not parts["receiving"].ok


async def test_a_webhook_whose_secret_somebody_changes_is_set_again_though_its_address_is_ours(
    api: BotApi, clock: Clock
) -> None:
    async with receiving(api, mode="webhook", clock=clock) as (driver, _):
        await api.until(lambda: api.updates.webhook.url)
        ours = api.updates.webhook.secret
        api.updates.set_webhook(api.updates.webhook.url, "lain")
        api.person(7).say("halo")
        for _ in range(2):
            clock.advance(seconds=61)
            await api.until(lambda: "1 wait there" in state(driver).seen())
            await asyncio.sleep(0.05)
        await api.until(lambda: api.updates.webhook.secret == ours)
        await api.taken()


async def test_updates_that_wait_and_never_come_are_noticed(api: BotApi, clock: Clock) -> None:
    async with receiving(api, mode="webhook", clock=clock) as (driver, inbox):
        await api.until(lambda: api.updates.webhook.url)
        inbox.away = True  # as where a proxy turns them away
        api.person(7).say("halo")
        clock.advance(seconds=61)
        await api.until(lambda: "1 wait there" in state(driver).seen())
        clock.advance(seconds=61)
        await api.until(lambda: "none comes" in state(driver).trouble)
        inbox.away = False
        await api.taken()
        clock.advance(seconds=61)
        await api.until(lambda: not state(driver).trouble)


async def test_somebody_else_who_polls_with_our_token_is_noticed_and_forgotten_once_gone(
    api: BotApi, clock: Clock
) -> None:
    async with receiving(api, clock=clock) as (driver, _):
        async with asyncio.timeout(10):
            while not _refused(api, 2):
                await api.updates.poll(0, 1, 0)
                await asyncio.sleep(0.01)
        assert "somebody else" in state(driver).trouble
        clock.advance(seconds=301)
        state(driver).answered()
        assert state(driver).trouble == ""


async def test_a_poller_that_gets_no_answer_is_noticed(clock: Clock) -> None:
    here = Receiving("telegram", clock)
    here.answered()
    clock.advance(seconds=119)
    assert here.trouble == ""
    clock.advance(seconds=2)
    assert here.trouble == "no answer for 121 s"
    here.stands_by()
    assert here.trouble == ""


async def test_the_introduction_is_mended_too(api: BotApi, clock: Clock) -> None:
    async with receiving(api, clock=clock):
        await api.until(lambda: api.about.get("short_description"))
        api.about["commands"] = []
        clock.advance(seconds=3601)
        await api.until(lambda: api.about["commands"])


async def test_who_comes_without_the_platforms_signature_is_counted_and_logged_once_a_minute(clock: Clock) -> None:
    here = Receiving("whatsapp", clock)
    with capture_logs() as logged:
        for _ in range(50):
            here.turned_away("signature")
        clock.advance(seconds=61)
        here.turned_away("signature")
    assert [line["so_far"] for line in logged] == [1, 51]
    assert "51 turned away" in here.seen()
    assert here.trouble == "", "a stranger must not be able to make us look ill"


async def test_both_webhooks_and_the_greeting_tell_of_who_was_turned_away(api: BotApi) -> None:
    async with CloudApi() as cloud, receiving(api, mode="webhook") as (telegram, _):
        meta = whatsapp(cloud)
        assert meta.receiving
        async with browser([*telegram.routes(), *meta.routes()]) as client:
            signature = {whatsapp_webhook.SIGNATURE_HEADER: f"sha256={'0' * 64}"}
            await client.post(telegram_webhook.PATH, content=b"{}")
            await client.post(whatsapp_webhook.PATH, content=b"{}")
            await client.post(whatsapp_webhook.PATH, content=b"{}", headers=signature)
            await client.get(whatsapp_webhook.PATH, params={"hub.mode": "subscribe", "hub.verify_token": "lain"})
        assert "1 turned away" in state(telegram).seen()
        assert "3 turned away" in meta.receiving.seen()
        await meta.stop()


async def test_a_number_that_meta_has_taken_away_is_noticed_and_a_lost_subscription_mended(clock: Clock) -> None:
    async with CloudApi() as cloud:
        driver, inbox = whatsapp(cloud, clock), Inbox()
        assert driver.receiving
        cloud.apps = []
        await driver.start(inbox.receive)
        await cloud.until(lambda: cloud.apps)
        assert driver.receiving.trouble == ""
        cloud.status = "BANNED"
        clock.advance(seconds=601)
        await cloud.until(lambda: driver.receiving and driver.receiving.trouble)
        assert driver.receiving.trouble == "the number is BANNED"
        await driver.stop()


async def test_what_became_of_a_template_is_told_though_its_webhook_never_came(clock: Clock) -> None:
    async with CloudApi() as cloud:
        form = {"name": "rangkul_ada_kabar", "language": "id", "category": "UTILITY"}
        cloud.approve(form)
        driver, inbox = whatsapp(cloud, clock), Inbox()
        await driver.start(inbox.receive)
        await cloud.until(lambda: len(inbox.taken) == 1)
        cloud.approve(form, "PAUSED")
        clock.advance(seconds=601)
        await cloud.until(lambda: len(inbox.taken) == 2)
        cloud.templates.clear()
        clock.advance(seconds=601)
        await cloud.until(lambda: len(inbox.taken) == 3)
        await driver.stop()
    told = [getattr(event, "status", "") for event in inbox.taken]
    assert told == ["APPROVED", "PAUSED", "DELETED"]


async def test_where_the_platform_cannot_be_asked_nothing_is_made_of_it(clock: Clock) -> None:
    driver = whatsapp(CloudApi(), clock)
    driver._carrier = type(driver).carry("t", "http://127.0.0.1:9")  # the port that is kept for nobody to listen on
    assert driver.receiving
    await driver.start(Inbox().receive)
    await asyncio.sleep(0.1)
    assert driver.receiving.trouble == ""
    await driver.stop()


async def test_an_officers_menu_that_was_lost_is_shown_again_and_goes_with_the_office(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with on_telegram(sqlite_database, vault, clock, "polling") as there:
        await there.hire("Rina", "33.72")
        rina, menus = there.person("Rina"), there.product.menus
        await there.api.until(lambda: rina.menu)
        assert menus
        shown, rina.menu = rina.menu, None
        await menus.stop()
        clock.advance(seconds=24 * 3600 + 1)
        await menus.tick()
        assert rina.menu == shown
        async with sqlite_database.write() as tx:
            [(person_id, _)] = await officers.bound(tx)
            await tx.execute(OFFICER.update().where(OFFICER.c.person_id == person_id).values(person_id=None))
        clock.advance(seconds=24 * 3600 + 1)
        await menus.tick()
        assert rina.menu is None
