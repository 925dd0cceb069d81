"""The whole product on Telegram and WhatsApp at once: the office on one of them, everybody else on the other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from conversations.engine.core import Press
from storage.people.people import Where
from tests.channels import on_telegram
from tests.channels.on_telegram import OnTelegram
from tests.channels.on_whatsapp import OnWhatsApp, on_whatsapp
from tests.channels.retold import Phones

if TYPE_CHECKING:
    from storage.engine.database import Database
    from storage.sealing.vault import Vault
    from tests.conftest import Clock

Line = Literal["telegram", "whatsapp"]


@dataclass
class OnBoth(Phones):
    """A town in which who works at the office uses ``office_on``, and everybody else the other platform."""

    office_on: Line = field(kw_only=True)
    telegram: OnTelegram = field(kw_only=True)
    whatsapp: OnWhatsApp = field(kw_only=True)
    office: set[str] = field(default_factory=set)

    def line(self, who: str) -> OnTelegram | OnWhatsApp:
        """The part of the town that this person is in."""
        return self.whatsapp if (who in self.office) == (self.office_on == "whatsapp") else self.telegram

    def where(self, who: str) -> Where:
        return self.line(who).where(who)

    async def say(self, who: str, text: str) -> str:
        said = await self.line(who).say(who, text)
        await self.quiet()
        return said

    async def chooses(self, who: str, wanted: Press, label: str) -> None:
        line = self.line(who)
        await (line.chooses(who, wanted, label) if isinstance(line, OnWhatsApp) else line.say(who, label))
        await self.quiet()

    async def quiet(self) -> None:
        """Wait until both platforms have brought and shown everything: what one brings may be shown on the other."""
        for part in (self.whatsapp, self.telegram, self.whatsapp):
            await part.quiet()

    async def hire(self, who: str, *regencies: str, role: str = "officer") -> None:
        self.office.add(who)
        await super().hire(who, *regencies, role=role)


@asynccontextmanager
async def on_both(database: Database, vault: Vault, clock: Clock, office_on: Line) -> AsyncIterator[OnBoth]:
    """A running town with both platforms on. Owners on WhatsApp have a user name, so that they are asked for a number."""
    hidden = office_on == "telegram"
    async with (
        on_telegram.line(clock, "polling", "ptb") as (api, driver),
        on_whatsapp(database, vault, clock, hidden=hidden, more={"telegram": driver}) as whatsapp,
    ):
        telegram = OnTelegram(whatsapp.product, whatsapp.terminal, clock, whatsapp.told, api=api, driver=driver)
        yield OnBoth(
            whatsapp.product, whatsapp.terminal, clock, whatsapp.told,
            office_on=office_on, telegram=telegram, whatsapp=whatsapp,
        )  # fmt: skip
