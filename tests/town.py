"""A small town for tests: the whole product on a real database, people who type into its terminal, a clock to turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from bot.app import Product, assemble, running
from bot.channels.base import BOLD_OFF, BOLD_ON, Channel, Outgoing
from bot.channels.terminal import Terminal
from bot.loading import knowledge
from conversations.engine.core import Heard
from conversations.engine.knowledge import Knowledge
from storage.leads import officers
from storage.people.people import Where

if TYPE_CHECKING:
    from storage.engine.database import Database
    from storage.sealing.vault import Vault
    from tests.conftest import Clock

known = cache(lambda: knowledge("Kantor Percontohan"))
LETTERS = "ABCDEFGHJK"


@dataclass
class Town:
    """People by name; what each was told, in order."""

    product: Product
    terminal: Terminal
    clock: Clock
    told: dict[str, list[Outgoing]] = field(default_factory=dict)

    def where(self, who: str) -> Where:
        """The address by which the product knows somebody."""
        return Where(self.terminal.name, self.terminal.account, who)

    async def say(self, who: str, text: str) -> str:
        """``who`` types this (or presses ``[label]``); the text of the last thing they were told since."""
        before = len(self.told.get(who, ()))
        await self.terminal.say(who, text)
        await self.quiet()
        new = self.told.get(who, [])[before:]
        return plain(new[-1]) if new else ""

    async def aside(self, who: str, text: str) -> str:
        """As ``say``, without a trace in what follows: the reference codes of later turns are those they would be."""
        codes = self.product.services.fresh
        number = codes.number if isinstance(codes, Codes) else 0
        said = await self.say(who, text)
        if isinstance(codes, Codes):
            codes.number = number
        return said

    async def does(self, who: str, heard: Heard, external_id: str = "") -> str:
        """The same for anything that can be heard."""
        before = len(self.told.get(who, ()))
        await self.terminal.bring(who, heard, external_id)
        await self.quiet()
        new = self.told.get(who, [])[before:]
        return plain(new[-1]) if new else ""

    async def quiet(self) -> None:
        """Wait until everything that was to be sent has been sent and written down."""
        while self.product.delivery.waiting or self.product.writer.busy:
            await asyncio.sleep(0.001)

    async def later(self, by: timedelta) -> None:
        """Time passes, and what it brings is done and sent."""
        self.clock.advance(seconds=by.total_seconds())
        await self.product.clock.tick()
        await self.product.pump.tick()
        await self.product.delivery.claim()
        await self.quiet()

    async def pumped(self) -> None:
        """What broadcasts have to do now is done and sent, their end included."""
        for _ in range(2):
            await self.product.pump.tick()
            await self.product.delivery.claim()
            await self.quiet()

    async def hire(self, who: str, *regencies: str, role: str = "officer") -> None:
        """An officer with this name, bound to this phone."""
        async with self.product.database.write() as tx:
            code = await officers.invite(
                tx, self.product.services.vault, name=who, role=role, regencies=regencies, now=self.clock()
            )
        await self.say(who, code)
        await self.aside(who, "[Ya, saya]")

    def last(self, who: str) -> str:
        return plain(self.told[who][-1])

    def labels(self, who: str) -> list[str]:
        """What stands on the buttons of the last message that had any."""
        message = next((m for m in reversed(self.told.get(who, [])) if m.keys), None)
        return [key.label for row in message.keys for key in row] if message else []


def plain(message: Outgoing) -> str:
    return message.text.replace(BOLD_ON, "").replace(BOLD_OFF, "")


@dataclass
class Codes:
    """Reference codes that are the same in every run: RK-222AAA, RK-222AAB, … Each turn takes one, used or not."""

    number: int = 0

    def __call__(self) -> str:
        number, letters = self.number, ""
        self.number += 1
        for _ in range(3):
            number, rest = divmod(number, len(LETTERS))
            letters = LETTERS[rest] + letters
        return f"RK-222{letters}"


@asynccontextmanager
async def town(
    database: Database,
    vault: Vault,
    clock: Clock,
    *,
    knows: Knowledge | None = None,
    kind: type[Terminal] = Terminal,
    more: Mapping[str, Channel] | None = None,
    **how: Any,
) -> AsyncIterator[Town]:
    """A running town; everything is switched off at the end. ``how`` goes to ``assemble``."""
    told: dict[str, list[Outgoing]] = {}
    terminal = kind(clock, lambda who, message: told.setdefault(who, []).append(message))
    product = assemble(database, vault, knows or known(), {terminal.name: terminal, **(more or {})}, clock, **how)
    product.services.fresh = Codes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.turns.writer.SETTLE_WITHIN", 0.001)  # tests wait for receipts after every message
        async with running(product):
            yield Town(product, terminal, clock, told)
