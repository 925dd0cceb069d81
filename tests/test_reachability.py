"""What platforms tell about reaching people: they moved, blocked us, or switched news off and on."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot.channels.base import Inbound
from conversations.engine.core import Heard
from storage import tables
from storage.engine.database import Database
from storage.people import people
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.town import Town, town

person, address, inbox = tables.table(tables.Person), tables.table(tables.Address), tables.table(tables.Inbox)


async def tell(there: Town, who: str, reach: str, was: str = "", event: str = "e1") -> None:
    await there.product.receive(Inbound("terminal", "local", event, who, Heard(), there.clock(), reach=reach, was=was))
    await there.quiet()


async def one(database: Database, column: Any) -> Any:
    async with database.read() as tx:
        return (await tx.execute(select(column))).scalar_one()


async def test_who_has_a_new_address_goes_on_where_they_were(database: Database, vault: Vault, clock: Clock) -> None:
    async with town(database, vault, clock) as there:
        await there.say("Siti", "halo")
        await there.say("Siti", "ya")
        for event in ("e1", "e1", "e2"):  # told again, it changes nothing
            await tell(there, "Siti baru", "moved", was="Siti", event=event)
        assert await there.say("Siti baru", "Siti Aminah") != ""
        assert there.told["Siti baru"][-1].asks == "registration.regency"
        async with database.read() as tx:
            chats = await people.chats(tx, vault, [await one(database, person.c.id)])
        assert [chat.where.address for [chat] in chats.values()] == ["Siti baru"], "nothing is sent to the old one"


async def test_a_switch_of_the_platform_counts_as_ours_and_says_nothing(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.say("Siti", "halo")
        heard_at = await one(database, address.c.heard_at)
        clock.advance(hours=2)
        for event, reach, stopped in (("e1", "stopped", True), ("e2", "resumed", False), ("e1", "stopped", False)):
            await tell(there, "Siti", reach, event=event)
            assert await one(database, person.c.stopped) is stopped
        assert len(there.told["Siti"]) == 1
        assert await one(database, address.c.heard_at) == heard_at, "only words open a service window"


async def test_who_blocks_us_is_not_reached_until_they_are_back(database: Database, vault: Vault, clock: Clock) -> None:
    async with town(database, vault, clock) as there:
        await there.say("Siti", "halo")
        await tell(there, "Siti", "blocked")
        assert await one(database, address.c.reachable) is False
        await tell(there, "Siti", "back", event="e2")
        assert await one(database, address.c.reachable) is True


@pytest.mark.parametrize("reach", ["stopped", "resumed", "blocked", "back", "moved"])
async def test_nobody_becomes_known_by_it(reach: str, sqlite_database: Database, vault: Vault, clock: Clock) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await tell(there, "Siti", reach, was="Budi")
        async with sqlite_database.read() as tx:
            for table in (person, address, inbox):
                assert (await tx.execute(select(table))).all() == []
