"""Menus that a platform shows in officers' chats: the platform stores them for us, so they are checked daily, and mended.

A menu is set when somebody becomes an officer; after a call that failed then, or another program with our token, an
officer would keep an owner's menu for ever, and a removed officer an officer's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from bot.leases import Lease
from bot.periodic import Ticker
from storage.engine.database import Database
from storage.leads import officers
from storage.people import people
from storage.people.people import Where
from storage.sealing.vault import Vault

EVERY = timedelta(hours=24)
LOOK_EVERY = 60.0  # seconds
GAP = 0.05  # seconds between two chats: nobody waits for this


@runtime_checkable
class ShowsMenus(Protocol):
    """A channel that shows a menu of commands in a chat."""

    async def mend_menu(self, address: str, role: str, language: str) -> None: ...


class Menus:
    """Checks the menus in officers' chats. ``channels``: those that show menus, by name."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        channels: Mapping[str, ShowsMenus],
        clock: Callable[[], datetime],
        lease: Lease = nullcontext,
    ) -> None:
        self._database, self._vault, self._channels, self._clock = database, vault, channels, clock
        self._looked_at: datetime | None = None
        self._officers: set[Where] = set()  # whose chats showed an officer's menu at the last look
        self._ticker = Ticker("menus", self.tick, lease, idle=LOOK_EVERY)
        self.start, self.stop = self._ticker.start, self._ticker.stop

    async def tick(self) -> None:
        """Check the menu of every officer's chat, unless that was done within ``EVERY``."""
        now = self._clock()
        if self._looked_at and timedelta() <= now - self._looked_at < EVERY:
            return
        async with self._database.write() as tx:  # an address that does not open is noted
            roles = dict(await officers.bound(tx))
            chats = await people.chats(tx, self._vault, roles)
        wanted = {chat.where: (roles[who], chat.language) for who, theirs in chats.items() for chat in theirs}
        for where in {*wanted, *self._officers}:
            if channel := self._channels.get(where.channel):
                await channel.mend_menu(where.address, *wanted.get(where, ("owner", "")))
                await asyncio.sleep(GAP)
        self._officers, self._looked_at = set(wanted), now
