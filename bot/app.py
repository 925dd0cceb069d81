"""The product assembled: database, catalogue, channels, turn writer, delivery, clock, pump.

A process loads only the parts of its roles: one that only sends loads no dialogue and no place name.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot import platforms
from bot.channels.base import Channel, Inbound, Limits, Notice, PlatformStatus
from bot.leases import held
from bot.loading import knowledge, vault_of
from bot.now import now
from bot.outbox.delivery import NO_DAILY_LIMITS, NO_LIMITS, Delivery
from bot.outbox.late_failures import act_on
from bot.roles import EVERYTHING, TALKING, Role
from bot.rules import Rules
from bot.settings import BadSetting, Settings
from bot.turns.writer import TurnWriter
from storage.engine.database import Database, hold, migrate
from storage.leads import officers
from storage.outbox import messages
from storage.sealing.vault import Vault

if TYPE_CHECKING:
    from bot.broadcasts.pump import Pump
    from bot.mail.mail import Services
    from bot.timers.clock import Clock
    from bot.timers.menus import Menus
    from bot.timers.offices_seen import OfficesSeen
    from bot.timers.upkeep import Kept
    from conversations.engine.knowledge import Knowledge

CLOCK_WRONG_BY = timedelta(days=1)  # at most; ids tell how old a row is, so they must not run ahead for years


@dataclass(slots=True)
class Product:
    """The parts of a running process. ``writer.receive`` takes events in; everything else happens by itself.

    ``now`` tells the time, aware. ``services`` is for turns and the clock; ``delivery``, ``clock`` and ``pump`` are
    None where this process does not have that role.
    """

    database: Database
    vault: Vault
    channels: Mapping[str, Channel]
    writer: TurnWriter
    owner: str  # the name of this process in leases
    now: Callable[[], datetime]
    services: Services | None = None
    delivery: Delivery | None = None
    clock: Clock | None = None
    pump: Pump | None = None
    menus: Menus | None = None
    offices: OfficesSeen | None = None

    async def receive(self, inbound: Inbound | PlatformStatus | Notice) -> str:
        """Take one event in and settle its pressed button; the toast for that button. Raises Unavailable when the event
        could not be stored."""
        if isinstance(inbound, Notice):
            from bot.whatsapp.review import noted  # only a channel that tells of templates needs it

            await noted(self.database, inbound.account, inbound, self.now())
            return ""
        if isinstance(inbound, PlatformStatus):
            await self.writer.progress(inbound)
            if inbound.failed:
                await act_on(self.database, self.delivery.paces if self.delivery else {}, inbound, self.now())
            return ""
        toast = await self.writer.receive(inbound)
        if inbound.callback:
            await self.channels[inbound.channel].settle(inbound, toast)
        return toast


def assemble(
    database: Database,
    vault: Vault,
    knows: Knowledge | None,
    channels: Mapping[str, Channel],
    clock: Callable[[], datetime],
    deletions: Path | None = None,
    rates: Mapping[str, float] = NO_LIMITS,
    daily: Mapping[str, int] = NO_DAILY_LIMITS,
    roles: frozenset[Role] = EVERYTHING,
    rules: Rules | None = None,
    kept: Kept | None = None,
) -> Product:
    """Build the parts that these roles need; nothing runs yet. ``knows`` may be None for a process that only sends."""
    owner = f"{os.getpid()}-{secrets.token_hex(4)}"
    sends = {name: channel for name, channel in channels.items() if Role.DELIVERY in roles or name == "simulator"}
    product = Product(database, vault, channels, TurnWriter(database, None, clock), owner, clock)
    if sends:  # the simulator shows messages on its own page, so no other process can send them
        settle = product.writer.settle
        product.delivery = Delivery(database, vault, sends, clock, owner=owner, settle=settle, rates=rates, daily=daily)
        product.writer.deliver = product.delivery.take
    if knows:
        from bot.mail.mail import Services
        from locales import Catalogs

        product.services = Services(
            vault, knows, Catalogs.load(), partial(_limits_of, channels), rules=rules or Rules()
        )
        from bot.timers.offices_seen import OfficesSeen

        product.offices = OfficesSeen(database, product.services)
    if product.services and roles & TALKING:
        from bot.turns.batch import Turns

        product.writer.turns = Turns(product.services, owner=owner, sends=frozenset(sends))
    if product.services and Role.CLOCK in roles:
        from bot.timers.clock import KEPT, Clock

        lease = partial(held, database, "clock", owner, clock)
        product.clock = Clock(database, product.services, clock, deletions, lease, kept or KEPT)
        from bot.broadcasts.pump import Pump

        lease = partial(held, database, "broadcasts", owner, clock)
        wake = product.delivery.wake if product.delivery else lambda: None
        product.pump = Pump(database, product.services, clock, lease, wake=wake)
    if roles & {Role.WEB, Role.TELEGRAM}:
        from bot.timers.menus import Menus, ShowsMenus

        lease = partial(held, database, "menus", owner, clock)
        menus = {name: channel for name, channel in channels.items() if isinstance(channel, ShowsMenus)}
        product.menus = Menus(database, vault, menus, clock, lease) if menus else None
    return product


def _limits_of(channels: Mapping[str, Channel], name: str) -> Limits:
    return channels[name].limits if name in channels else platforms.limits_of(name)


@asynccontextmanager
async def running(product: Product) -> AsyncIterator[Product]:
    """Start every part of a product; at the end stop them in the order that loses nothing: channels first, the writer
    last.

    A part that fails to start or to stop keeps no other part from being stopped; its error is raised when all are off.
    """
    async with product.database.read() as tx:
        product.database.ids.follow(await messages.newest(tx, product.now() + CLOCK_WRONG_BY))
    if product.offices:
        await product.offices.look()  # before the first turn
    async with AsyncExitStack() as on:
        for part in (product.writer, product.delivery, product.pump, product.clock, product.menus, product.offices):
            if part:
                on.push_async_callback(part.stop)
                part.start()
        for channel in product.channels.values():
            on.push_async_callback(channel.stop)  # also for a channel whose start fails halfway
            await channel.start(product.receive)
        yield product


@asynccontextmanager
async def opened(
    settings: Settings, channels: Mapping[str, Channel], roles: frozenset[Role] = EVERYTHING, *, held: bool = False
) -> AsyncIterator[Product]:
    """The product on its own database, migrated; closed again at the end. Raises the errors of opening the database.

    ``held``: this process holds the database already.
    """
    await asyncio.to_thread(migrate, settings.database_url)
    async with await Database.open(settings.database_url, now, exclusive=not held) as database:
        vault = await vault_of(database, settings)
        knows = knowledge(settings.shown_controller) if roles & (TALKING | {Role.CLOCK}) else None
        rules = platforms.rules(settings, knows.holidays if knows else frozenset())
        product = assemble(
            database,
            vault,
            knows,
            channels,
            now,
            deletions=settings.deletions_file,
            rates=rules.rates,
            daily=rules.daily,
            roles=roles,
            rules=rules,
            kept=_kept(settings, roles),
        )
        if product.services:
            product.services.owners_only = settings.owners_only
            product.services.console = settings.console_url
        yield product


def _kept(settings: Settings, roles: frozenset[Role]) -> Kept | None:
    """How long inbox and outbox rows stay, from the settings; None where this process has no clock, which alone needs it."""
    if Role.CLOCK not in roles:
        return None
    from bot.timers.upkeep import Kept

    return Kept.of(settings)


async def ready(settings: Settings) -> None:
    """Raises every error that would keep the product from starting, so that it is told in one line before a server begins.

    From then on the database is held: no other process may begin to serve it before the server has begun.
    """
    await hold(settings.database_url)
    await asyncio.to_thread(migrate, settings.database_url)
    async with await Database.open(settings.database_url, now, exclusive=False) as database:
        await vault_of(database, settings)
        await none_bound_among_owners(database, settings.owners_only)


async def none_bound_among_owners(database: Database, owners_only: frozenset[str]) -> None:
    """Raises BadSetting where an officer has a chat on a channel of ``owners_only``: real leads would show there."""
    async with database.read() as tx:
        for channel in owners_only:
            if officer_id := await officers.one_bound_on(tx, channel):
                raise BadSetting(
                    f"RANGKUL_{channel.upper()}: officer {officer_id} has a chat there, and real leads are not for it; "
                    f"`rangkul officers remove {officer_id}`, or set it to false"
                )
