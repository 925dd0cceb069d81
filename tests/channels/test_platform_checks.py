"""``rangkul check`` finds a webhook that was removed, a foreign poller, a number that Meta has taken away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import pytest

from bot.channels import telegram_webhook
from bot.channels.telegram import UPDATES
from bot.office import platform_checks
from bot.settings import Settings
from tests.standins.bot_api import TOKEN, BotApi
from tests.standins.bot_api_updates import Conflict
from tests.standins.cloud_api import APP_SECRET, PHONE_ID, VERIFY, WABA_ID, CloudApi

HERE = "https://bot.contoh.id"


def of(api: BotApi, **more: object) -> Settings:
    values = {"telegram_token": TOKEN, "telegram_api": api.url, "controller": "Dinas", "port": 9, **more}
    return Settings(_env_file=None, **values)  # type: ignore[arg-type] # from a table


async def levels(settings: Settings, words: str) -> list[str]:
    return [finding.level async for finding in platform_checks.telegram(settings) if words in finding.what]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform_checks, "LISTEN", 1)


async def test_a_webhook_that_was_removed_or_leads_elsewhere_is_wrong_and_ours_is_not(api: BotApi) -> None:
    settings = of(api, telegram_mode="webhook", public_url=HERE)
    assert await levels(settings, "no webhook is set") == ["wrong"]
    api.updates.set_webhook("https://lain.example/hook", "")
    assert await levels(settings, "leads to lain.example") == ["wrong"]
    url = telegram_webhook.address(HERE, TOKEN, telegram_webhook.own_secret(TOKEN))
    api.updates.allowed = UPDATES
    api.updates.set_webhook(url, "")
    assert await levels(settings, "the webhook is ours") == ["ok"]


async def test_somebody_who_asks_for_updates_with_our_token_is_found(api: BotApi) -> None:
    assert await levels(of(api), "nobody else") == ["ok"]

    async def polls() -> None:
        while True:
            with suppress(Conflict):
                await api.updates.poll(0, 100, 50)
            await asyncio.sleep(0.1)

    other = asyncio.create_task(polls())
    await asyncio.sleep(0)
    assert await levels(of(api), "somebody else asks") == ["wrong"]
    other.cancel()


async def test_a_webhook_that_somebody_set_where_we_poll_is_found(api: BotApi) -> None:
    api.updates.set_webhook("https://lain.example/hook", "")
    assert await levels(of(api), "lain.example") == ["wrong"]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda cloud: None, []),
        (lambda cloud: setattr(cloud, "status", "DISCONNECTED"), ["whatsapp: the number is disconnected"]),
        (lambda cloud: setattr(cloud, "apps", []), ["whatsapp: no app is told"]),
    ],
    ids=["well", "number", "subscription"],
)
async def test_a_number_that_does_not_work_and_a_lost_subscription_are_wrong(
    change: Callable[[CloudApi], None], found: list[str]
) -> None:
    async with CloudApi() as cloud:
        change(cloud)
        settings = Settings(
            _env_file=None, controller="Dinas", whatsapp_token=cloud.token, whatsapp_api=cloud.url, whatsapp_waba_id=WABA_ID,
            whatsapp_phone_id=PHONE_ID, whatsapp_app_secret=APP_SECRET, whatsapp_verify_token=VERIFY,
        )  # fmt: skip
        told = [each.what async for each in platform_checks.whatsapp(settings) if each.level == "wrong"]
    assert [any(what.startswith(words) for what in told) for words in found] == [True] * len(found)
    assert len(told) == len(found)
