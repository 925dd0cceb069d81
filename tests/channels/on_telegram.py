"""The whole product on Telegram: the real driver, the stand-in for the platform, people with phones."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from tests.standins.bot_api import BotApi
from tests.standins.bot_api_people import Person
from tests.town import Town, town

if TYPE_CHECKING:
    from bot.channels.telegram_aiogram import Telegram
    from storage.database import Database
    from storage.vault import Vault
    from tests.conftest import Clock

Mode = Literal["polling", "webhook"]


@dataclass
class OnTelegram:
    """``people`` by name get a number on Telegram when they first do something."""

    town: Town
    api: BotApi
    driver: Telegram

    def person(self, name: str) -> Person:
        known = next((person for person in self.api.people.values() if person.name == name), None)
        return known or self.api.person(len(self.api.people) + 1, name)

    async def does(self, name: str, what: str) -> str:
        """``what`` as in .chat files: words, ``[label]``, ``(kontak sendiri)``, ``(foto)``; the bot's last words then."""
        act(self.person(name), what)
        await self.quiet()
        return self.person(name).last

    async def quiet(self) -> None:
        """Wait until all updates are taken, all answers sent and all pressed buttons answered."""
        await self.api.taken()
        await self.town.quiet()
        await self.api.until(lambda: not any(person.spinning for person in self.api.people.values()))


def act(person: Person, what: str) -> None:
    """Do one thing of a .chat file."""
    if what.startswith("["):
        person.tap(what.strip("[]"))
    elif what.startswith("(kontak"):
        person.share_contact()
    elif what.startswith("("):
        person.send({"foto": "photo", "suara": "voice", "stiker": "sticker", "lokasi": "location"}[what.strip("()")])
    else:
        person.say(what)


@asynccontextmanager
async def on_telegram(
    database: Database, vault: Vault, clock: Clock, mode: Mode, **how: Any
) -> AsyncIterator[OnTelegram]:
    """A running town with Telegram on, by polling or by webhook. ``how`` goes to the driver."""
    from bot.channels.telegram_aiogram import Telegram

    with socket.create_server(("127.0.0.1", 0)) as listening:
        async with BotApi(clock=lambda: clock().timestamp()) as api:
            here = f"http://127.0.0.1:{listening.getsockname()[1]}"
            driver = Telegram(api.token, api=api.url, mode=mode, public_url=here, clock=clock, pause=0.02, **how)
            async with (
                served(driver.routes(), listening),
                town(database, vault, clock, more={"telegram": driver}) as there,
            ):
                yield OnTelegram(there, api, driver)


@asynccontextmanager
async def served(routes: list[Route], listening: socket.socket) -> AsyncIterator[None]:
    """These routes, served by the web server of the product."""
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), log_level="error", lifespan="off", ws="none"))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving
