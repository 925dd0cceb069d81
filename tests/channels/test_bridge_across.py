"""An officer on one platform and an owner on the other write to each other through the bot, by both platforms' own rules."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.channels import whatsapp_webhook
from bot.channels.telegram_drivers import driver_of
from tests.channels.on_platform import OnPlatform, served
from tests.channels.on_telegram import OnTelegram
from tests.channels.on_whatsapp import OnWhatsApp, approve_templates, whatsapp
from tests.owners import register
from tests.standins.bot_api import BotApi
from tests.standins.cloud_api import CloudApi
from tests.town import town

if TYPE_CHECKING:
    from storage.engine.database import Database
    from storage.sealing.vault import Vault
    from tests.conftest import Clock


@asynccontextmanager
async def on_both(database: Database, vault: Vault, clock: Clock) -> AsyncIterator[tuple[OnTelegram, OnWhatsApp]]:
    """One product with both platforms on: those who use Telegram, and those who use WhatsApp without showing a number."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def seconds() -> float:
            return clock().timestamp()

        async with BotApi(clock=seconds) as bot_api, CloudApi(clock=seconds) as cloud_api:
            here = f"http://127.0.0.1:{listening.getsockname()[1]}"
            cloud_api.webhooks.url = f"{here}{whatsapp_webhook.PATH}"
            cloud_api.webhooks.batch = 10
            wa = whatsapp(cloud_api, clock=clock)
            tg = driver_of("ptb")(
                bot_api.token, api=bot_api.url, mode="polling", public_url=here, clock=clock, pause=0.02
            )
            for driver in (wa, tg):
                driver.limits = replace(driver.limits, chat_gap=0.0)
            await approve_templates(cloud_api, database, clock)
            async with (
                served(wa.routes(), listening),
                town(database, vault, clock, more={"whatsapp": wa, "telegram": tg}) as there,
            ):
                made = (there.product, there.terminal, there.clock)
                yield (
                    OnTelegram(*made, api=bot_api, driver=tg),
                    OnWhatsApp(*made, api=cloud_api, driver=wa, hidden=True),
                )


async def all_quiet(*phones: OnPlatform) -> None:
    for phone in (*phones, *phones):  # what one platform brings, the other shows
        await phone.quiet()


@pytest.mark.parametrize("officer", ["telegram", "whatsapp"])
async def test_an_officer_and_an_owner_write_to_each_other_across_platforms(
    sqlite_database: Database, vault: Vault, clock: Clock, officer: str
) -> None:
    async with on_both(sqlite_database, vault, clock) as (telegram, on_whatsapp):
        office, market = (telegram, on_whatsapp) if officer == "telegram" else (on_whatsapp, telegram)

        async def says(where: OnPlatform, who: str, text: str) -> None:
            clock.advance(seconds=20)
            await where.say(who, text)
            await all_quiet(office, market)

        await office.hire("Rina", "33.72")
        await register(market, "Siti", phone="lewat chat ini saja")
        await says(market, "Siti", "tidak")
        await says(office, "Rina", "[Ambil]")
        await says(office, "Rina", "[Tulis lewat bot]")
        await says(office, "Rina", "Halo Bu Siti, besok saya mampir ya")
        assert "menulis lewat bot ini" in market.last("Siti")
        assert "Halo Bu Siti, besok saya mampir ya" in market.last("Siti")
        assert market.labels("Siti") == ["Selesai"]
        await says(market, "Siti", "nggih mbak, jam 3 nggih")
        assert office.last("Rina").endswith("menulis:\nnggih mbak, jam 3 nggih")
        await says(office, "Rina", "Siap Bu")
        assert market.last("Siti").endswith("Siap Bu")
        await says(market, "Siti", "[Selesai]")
        assert "bot yang menjawab lagi" in market.last("Siti")
        assert "sudah berakhir" in office.last("Rina")
        assert office.labels("Rina") == ["Catat hasil"]
