"""What the simulator shows again after a restart, read from a real database."""

from __future__ import annotations

from bot.channels.simulator_screen import PastEvent, PastMessage
from bot.console.history import before
from storage.engine.database import Database
from storage.people.people import Where
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.owners import register
from tests.town import town


async def test_everything_an_owner_said_and_was_told_comes_back_in_order(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await register(there, "siti", upto="name")
        past = await before(database, vault, there.where("siti"))
    assert past
    assert [one.message.text for one in past if isinstance(one, PastMessage)] == [
        each.text for each in there.told["siti"]
    ]
    assert [one.message.keys for one in past if isinstance(one, PastMessage)] == [
        each.keys for each in there.told["siti"]
    ]
    said = [one.heard.text or "pressed" for one in past if isinstance(one, PastEvent)]
    assert said == ["halo", "pressed", "Siti Aminah"]
    assert [isinstance(one, PastEvent) for one in past] == [True, False] * 3


async def test_nothing_comes_back_of_a_stranger_of_an_officer_and_of_who_has_gone(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:

        async def past(who: str) -> list[PastEvent | PastMessage] | None:
            return await before(database, vault, there.where(who))

        await there.hire("joko", "33.72")
        await register(there, "siti")
        assert await past("nobody") is None
        assert await past("joko") == []
        assert await past("siti")
        await there.say("siti", "hapus data")
        await there.say("siti", "ya")
        assert await past("siti") is None


async def test_another_account_is_another_chat(sqlite_database: Database, vault: Vault, clock: Clock) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.say("siti", "halo")
        assert await before(sqlite_database, vault, Where("terminal", "another", "siti")) is None
