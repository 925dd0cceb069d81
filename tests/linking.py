"""A town with two platforms, and what people do there to show that they are one."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import func, select

from bot.channels import telegram, whatsapp
from storage import tables
from storage.engine.database import Database
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.handset import Handset
from tests.owners import said_by_question
from tests.town import Town, town

person = tables.table(tables.Person)
NUMBER = "+6281200007001"


@dataclass
class Two:
    """A town with both platforms."""

    there: Town
    telegram: Handset
    whatsapp: Handset

    async def on(self, phone: Handset, who: str, *texts: str) -> str:
        for text in texts:
            await phone.say(who, text)
            await self.there.quiet()
        return phone.last(who) if phone.told.get(who) else ""

    async def shares(self, phone: Handset, who: str, number: str, *, own: bool = True) -> str:
        await phone.share(who, number, own=own)
        await self.there.quiet()
        return phone.last(who)

    async def registered(self, phone: Handset, who: str) -> None:
        """Sends a lead; on Telegram with their own number, shared."""
        for key, answer in said_by_question(phone_known=phone.numbers.get(who, "")).items():
            if key == "phone" and phone is self.telegram:
                await self.shares(phone, who, NUMBER)
            else:
                await self.on(phone, who, answer)

    async def code(self, phone: Handset, who: str, asking: str = "sambungkan") -> str:
        """The code that they are given to be joined by."""
        found = re.search(r"SB-\w+", await self.on(phone, who, asking))
        assert found
        return found[0]

    async def joins(self, phone: Handset, who: str, code: str) -> str:
        """Types this code, and says that the other chat is theirs too."""
        return await self.on(phone, who, code, "[Ya, milik saya]")

    async def people(self) -> int:
        async with self.there.product.database.read() as tx:
            return int((await tx.execute(select(func.count()).select_from(person))).scalar_one())


@asynccontextmanager
async def two(database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Two]:
    on_telegram = Handset("telegram", telegram.LIMITS, clock)
    on_whatsapp = Handset("whatsapp", whatsapp.LIMITS, clock)
    async with town(database, vault, clock, more={"telegram": on_telegram, "whatsapp": on_whatsapp}) as there:
        yield Two(there, on_telegram, on_whatsapp)
