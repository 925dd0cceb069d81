"""The Telegram driver without the product: it receives into an inbox, and sends to the stand-in for the platform."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bot.channels.base import Inbound, Unavailable
from bot.channels.telegram_channel import TelegramChannel
from bot.channels.telegram_drivers import driver_of
from tests.channels.on_platform import served
from tests.channels.on_telegram import Driver
from tests.conftest import nine
from tests.standins.bot_api import BotApi

SECRET = "rahasia-percobaan"


class Inbox:
    """Takes events in. ``away``: it cannot; ``broken``: how many times more it fails as nobody foresaw.

    ``slow`` holds back the events of one address until its flag is set.
    """

    def __init__(self) -> None:
        self.taken: list[Inbound] = []
        self.away = False
        self.broken = 0
        self.slow: dict[str, asyncio.Event] = {}
        self.waiting: set[str] = set()  # the addresses that are held back

    async def receive(self, inbound: Any) -> str:
        address = getattr(inbound, "address", "")  # what a platform tells of its own has none
        if address in self.slow:
            self.waiting.add(address)
            await self.slow[address].wait()
        if self.away:
            raise Unavailable("away")
        if self.broken:
            self.broken -= 1
            raise RuntimeError("broken")
        self.taken.append(inbound)
        return ""

    @property
    def texts(self) -> list[str]:
        return [inbound.heard.text for inbound in self.taken if isinstance(inbound, Inbound)]


@asynccontextmanager
async def receiving(api: BotApi, by: Driver = "aiogram", **how: Any) -> AsyncIterator[tuple[TelegramChannel, Inbox]]:
    """A driver that polls, or serves the webhook if its mode is that, and hands over to an inbox."""
    how.setdefault("clock", nine)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        here = f"http://127.0.0.1:{listening.getsockname()[1]}"
        driver, inbox = driver_of(by)(api.token, api=api.url, public_url=here, pause=0.02, **how), Inbox()
        async with served(driver.routes(), listening):
            await driver.start(inbox.receive)
            try:
                yield driver, inbox
            finally:
                await driver.stop()
