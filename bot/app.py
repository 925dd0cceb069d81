"""The product put together: database, words, channels, turn writer, delivery, clock; and the web server around it."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.channels.base import Channel, Inbound, Limits, Progress
from bot.clock import Clock
from bot.delivery import NO_LIMITS, Delivery
from bot.mail import Shell
from bot.settings import Settings
from bot.turns import TurnWriter
from conversations.hear import listen
from conversations.knowledge import Knowledge
from locales import Catalog, read_tables
from storage import keys, reference
from storage.database import Database, migrate
from storage.reference.areas import read_areas
from storage.vault import Vault

if TYPE_CHECKING:
    from starlette.applications import Starlette

WIB = ZoneInfo("Asia/Jakarta")
ANY = Limits(text=4096, buttons=20, label=40)


def now() -> datetime:
    """The moment, as people in Central Java say it."""
    return datetime.now(WIB)


def knowledge(controller: str) -> Knowledge:
    """Words, places, rates and offices, read from the files that ship with the program."""
    year = datetime.now(UTC).year
    return Knowledge(
        ear=listen(read_tables("id"), read_areas()),
        rates=reference.rates(),
        offices=reference.offices(),
        controller=controller,
        holidays=reference.holidays((year, year + 1)),
    )


def vault_of(settings: Settings) -> Vault:
    """Raises VaultError when the key is missing or unreadable."""
    return Vault(keys.keyring(settings.secret_key, settings.key_file))


@dataclass(slots=True)
class Product:
    """What runs. ``writer.receive`` takes events in; the rest happens by itself."""

    database: Database
    shell: Shell
    channels: Mapping[str, Channel]
    writer: TurnWriter
    delivery: Delivery
    clock: Clock
    owner: str  # the name of this process in leases

    async def receive(self, inbound: Inbound | Progress) -> str:
        """Take one event in and settle its button; raises Unavailable when it could not be stored."""
        if isinstance(inbound, Progress):
            return await self.writer.progress(inbound)
        toast = await self.writer.receive(inbound)
        if inbound.callback:
            await self.channels[inbound.channel].settle(inbound, toast)
        return toast


def assemble(
    database: Database,
    vault: Vault,
    knows: Knowledge,
    channels: Mapping[str, Channel],
    clock: Callable[[], datetime] = now,
    deletions: Path | None = None,
    rates: Mapping[str, float] = NO_LIMITS,
) -> Product:
    """Wire the parts; nothing runs yet."""

    def limits(channel: str) -> Limits:
        return channels[channel].limits if channel in channels else ANY

    shell = Shell(vault, knows, Catalog.load("id"), limits)
    owner = f"{os.getpid()}-{secrets.token_hex(4)}"
    writer = TurnWriter(database, shell, clock, owner=owner)
    delivery = Delivery(database, vault, channels, clock, owner=owner, settle=writer.settle, rates=rates)
    writer.deliver = delivery.take
    return Product(database, shell, channels, writer, delivery, Clock(database, shell, clock, deletions), owner)


@asynccontextmanager
async def running(product: Product) -> AsyncIterator[Product]:
    """Everything on; at the end everything off in the order that loses nothing."""
    product.writer.start()
    product.delivery.start()
    product.clock.start()
    for channel in product.channels.values():
        await channel.start(product.receive)
    try:
        yield product
    finally:
        for channel in product.channels.values():
            await channel.stop()
        await product.clock.stop()
        await product.delivery.stop()
        await product.writer.stop()


@asynccontextmanager
async def opened(settings: Settings, channels: Mapping[str, Channel]) -> AsyncIterator[Product]:
    """The product on its own database, migrated; closed again at the end. Raises what opening the database raises."""
    await asyncio.to_thread(migrate, settings.database_url)
    async with await Database.open(settings.database_url) as database:
        vault = vault_of(settings)
        await keys.check(database, vault)
        yield assemble(
            database,
            vault,
            knowledge(settings.shown_controller),
            channels,
            deletions=settings.deletions_file,
            rates={"telegram": settings.telegram_rate},
        )


async def ready(settings: Settings) -> None:
    """Raises what would keep the product from starting, so that it is said in one line before a server begins."""
    await asyncio.to_thread(migrate, settings.database_url)
    async with await Database.open(settings.database_url) as database:
        await keys.check(database, vault_of(settings))


def web(settings: Settings) -> Starlette:
    """The web server: the simulator where it is on. The product starts and stops with it."""
    from bot.console.server import build

    return build(settings)
