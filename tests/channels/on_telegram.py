"""The whole product on Telegram: the real driver, the stand-in for the platform, people with phones."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from bot.channels.base import Key, Outgoing
from bot.channels.telegram_channel import TelegramChannel
from bot.channels.telegram_drivers import driver_of
from storage.people.people import Where
from tests.channels.on_platform import OnPlatform, served
from tests.standins.bot_api import BotApi, Made
from tests.standins.bot_api_people import Person
from tests.standins.telegram_html import read
from tests.town import Town, town

if TYPE_CHECKING:
    from storage.engine.database import Database
    from storage.sealing.vault import Vault
    from tests.conftest import Clock

Mode = Literal["polling", "webhook"]
Driver = Literal["aiogram", "ptb"]


@dataclass
class OnTelegram(OnPlatform):
    """A town whose people use Telegram; each gets a number there when they first do something.

    Everything that a town can do, ``.chat`` files among it, goes through the driver and the platform's own rules.
    """

    photo, voice = "photo", "voice"

    api: BotApi = field(kw_only=True)
    driver: TelegramChannel = field(kw_only=True)
    _read: int = 0  # calls of the stand-in that have gone into ``told``

    def person(self, name: str) -> Person:
        known = next((person for person in self.api.people.values() if person.name == name), None)
        return known or self.api.person(len(self.api.people) + 1, name)

    def where(self, who: str) -> Where:
        return Where(self.driver.name, self.driver.account, str(self.person(who).id))

    async def quiet(self) -> None:
        """Wait until all updates are taken, all answers sent and all pressed buttons answered."""
        await self.api.taken()
        await Town.quiet(self)
        await self.api.until(lambda: not any(person.spinning for person in self.api.people.values()))
        self._listen()

    def _listen(self) -> None:
        """Take what was shown since, as it was shown, for a message that left."""
        for call in self.api.calls[self._read :]:
            taken = call.status == 200 or "message is not modified" in call.words  # it shows that already
            if taken and call.method in ("sendMessage", "editMessageText", "sendDocument", "sendPhoto"):
                name = self.api.people[call.params["chat_id"]].name
                self.told.setdefault(name, []).append(message_of(call))
        self._read = len(self.api.calls)


def message_of(call: Made) -> Outgoing:
    """What a call shows: bold words between asterisks, buttons in their rows."""
    markup = call.params.get("reply_markup", {})
    rows = markup.get("inline_keyboard") or markup.get("keyboard") or []
    contact = next((button["text"] for row in rows for button in row if button.get("request_contact")), "")
    keys = [[_key(button) for button in row if not button.get("request_contact")] for row in rows]
    _, words = read(call.params.get("text", call.params.get("caption", "")))
    edits = str(call.params.get("message_id", ""))
    upload = call.params.get("document")
    file = (upload.name, upload.text) if upload else None
    return Outgoing(words, tuple(tuple(row) for row in keys if row), edits, contact, file)


def _key(button: dict[str, Any]) -> Key:
    return Key(button["text"], button.get("callback_data", ""), button.get("url", ""))


@asynccontextmanager
async def line(
    clock: Clock, mode: Mode, by: Driver = "aiogram", **how: Any
) -> AsyncIterator[tuple[BotApi, TelegramChannel]]:
    """The stand-in for the platform, and a driver for it. ``how`` goes to the driver."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        async with BotApi(clock=lambda: clock().timestamp()) as api:
            here = f"http://127.0.0.1:{listening.getsockname()[1]}"
            how |= {"mode": mode, "public_url": here, "clock": clock, "pause": 0.02}
            driver = driver_of(by)(api.token, api=api.url, **how)
            driver.limits = replace(driver.limits, chat_gap=0.0)  # nobody waits where time stands still
            async with served(driver.routes(), listening):
                yield api, driver


@asynccontextmanager
async def on_telegram(
    database: Database, vault: Vault, clock: Clock, mode: Mode, by: Driver = "aiogram", **how: Any
) -> AsyncIterator[OnTelegram]:
    """A running town with Telegram on, by polling or by webhook. ``how`` goes to the driver."""
    async with (
        line(clock, mode, by, **how) as (api, driver),
        town(database, vault, clock, more={"telegram": driver}) as there,
    ):
        yield OnTelegram(there.product, there.terminal, there.clock, api=api, driver=driver)
