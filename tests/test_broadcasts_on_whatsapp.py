"""Broadcasts where a platform takes nothing but templates from us 24 hours after somebody wrote."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from bot.broadcasts.plans import estimate
from bot.channels import whatsapp
from bot.channels.base import Template, decode
from conversations.engine.core import Heard
from storage.broadcasts.audience import Audience
from storage.engine.database import Database
from storage.outbox import claims
from storage.outbox import templates as states
from storage.outbox.templates import State
from storage.sealing.vault import Vault
from tests.broadcasting import Hall, outbox, person
from tests.conftest import Clock
from tests.handset import Handset
from tests.town import Town, plain, town

LONG_AGO = timedelta(days=3)
KABAR, ADA_KABAR = "rangkul_siaran", "rangkul_ada_siaran"


@dataclass
class Square:
    """A town whose people are on WhatsApp, and a hall for what is broadcast there."""

    there: Town
    phone: Handset
    hall: Hall

    async def approve(self, *names: str) -> None:
        async with self.hall.database.write() as tx:
            told = [State(name, "id", "APPROVED", "marketing") for name in names]
            await states.note(tx, self.phone.account, told, self.there.clock())

    async def people(self, number: int) -> list[int]:
        """Owners who wrote long ago."""
        return await self.hall.people(number, channel="whatsapp", heard_at=self.there.clock() - LONG_AGO, lead=True)

    async def broadcast(self, text: str, **content: Any) -> int:
        broadcast_id = await self.hall.begun(text, **content)
        for _ in range(3):
            await self.there.pumped()
        return broadcast_id

    async def presses(self, who: str, template: Template, number: int = 0) -> None:
        await self.phone.bring(who, Heard(pressed=decode(template.data[number])))
        await self.there.quiet()

    async def comes(self, who: str, words: str) -> bool:
        for _ in range(100):
            if any(words in plain(message) for message in self.phone.told.get(who, ()) if not message.template):
                return True
            await self.there.later(timedelta())
        return False

    async def ends(self) -> list[tuple[str, str]]:
        """State and category of each copy."""
        query = select(outbox.c.state, outbox.c.category).where(outbox.c.broadcast_id.is_not(None))
        async with self.hall.database.read() as tx:
            return [(row[0], row[1]) for row in await tx.execute(query.order_by(outbox.c.id))]


@asynccontextmanager
async def square(database: Database, vault: Vault, clock: Clock, **how: Any) -> AsyncIterator[Square]:
    phone = Handset("whatsapp", whatsapp.LIMITS, clock)
    phone.account = "1"
    async with town(database, vault, clock, more={"whatsapp": phone}, **how) as there:
        hall = Hall(database, vault, clock)
        assert there.product.services
        hall.services = there.product.services
        yield Square(there, phone, hall)


async def test_words_that_fit_go_as_a_template_of_marketing_whose_button_ends_it_all(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with square(database, vault, clock) as place:
        await place.approve(KABAR, ADA_KABAR)
        [siti] = await place.people(1)
        await place.broadcast("Halo {nama},\n\npelatihan gratis Sabtu jam 9!")
        [(who, [copy])] = place.phone.told.items()
        assert copy.template
        assert copy.template.name == KABAR
        assert copy.template.fields == (f"Halo Bu Siti {siti % 1000},; pelatihan gratis Sabtu jam 9!",)
        assert await place.ends() == [("sent", "marketing")]
        await place.presses(who, copy.template)
        async with database.read() as tx:
            assert (await tx.execute(select(person.c.stopped).where(person.c.id == siti))).scalar()


async def test_what_fits_no_template_waits_and_comes_when_its_reader_presses_although_the_broadcast_is_done(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with square(database, vault, clock) as place:
        await place.approve(KABAR, ADA_KABAR, "rangkul_ada_kabar")
        await place.people(1)
        broadcast_id = await place.broadcast("Pelatihan gratis", buttons=("register",))
        assert await place.ends() == [("parked", "")]
        assert await place.hall.state(broadcast_id) == "done"
        await place.there.later(timedelta(minutes=5))
        [(who, [knock])] = place.phone.told.items()
        assert knock.template
        assert (knock.template.name, knock.template.category) == (ADA_KABAR, "marketing")
        await place.presses(who, knock.template)
        assert await place.comes(who, "Pelatihan gratis")
        assert await place.ends() == [("sent", "")]


async def test_words_that_are_too_many_for_a_template_are_never_cut(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with square(sqlite_database, vault, clock) as place:
        await place.approve(KABAR)
        await place.people(1)
        await place.broadcast("kabar " * 300)
        assert place.phone.told == {}
        assert await place.ends() == [("parked", "")]


async def test_without_an_approved_template_it_waits_until_they_write_and_the_estimate_says_so(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with square(database, vault, clock) as place:
        await place.approve("rangkul_ada_kabar")  # that one is for news of one's own lead, and would be untrue here
        await place.people(2)
        place.hall.services.rules = place.hall.ruled(daily={"whatsapp": 250}).rules
        async with database.read() as tx:
            found = await estimate(tx, place.hall.services, Audience(), clock())
        assert (found.closed, found.waits) == ({"whatsapp": 2}, 2)
        await place.broadcast("Pelatihan gratis")
        await place.there.later(timedelta(minutes=5))
        assert place.phone.told == {}
        await place.phone.say("1", "halo")
        assert await place.comes("1", "Pelatihan gratis")
        assert sorted(await place.ends()) == [("parked", ""), ("sent", "")]


async def test_no_more_people_a_day_get_a_template_than_the_platform_allows_and_the_rest_get_theirs_next_day(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with square(database, vault, clock, daily={"whatsapp": 2}) as place:
        await place.approve(KABAR, ADA_KABAR)
        await place.people(5)
        await place.broadcast("Pelatihan gratis")  # the pump's own rules know no budget here: delivery alone keeps it
        first = set(place.phone.told)
        assert len(first) == 2
        await place.broadcast("Pasar murah")
        reached = {who: len(told) for who, told in place.phone.told.items()}
        assert reached == dict.fromkeys(first, 2), "whoever was reached today costs no more of it"
        clock.advance(hours=25)
        async with database.write() as tx:  # as delivery's sweeper does every few seconds
            await claims.unpark_due(tx, clock())
        await place.there.pumped()
        assert len(place.phone.told) == 4
