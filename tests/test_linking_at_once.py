"""Two who are one show it at the same moment: in one process, and in two."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.office.usual import usual
from storage.engine.database import Database
from storage.people.people import Where
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.linking import NUMBER, two
from tests.soundness import session_of


async def test_three_who_show_one_number_at_the_same_moment_are_one(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with two(sqlite_database, vault, clock) as place:
        place.whatsapp.numbers = {"ID.1": NUMBER, "ID.2": NUMBER}
        shared = place.telegram.share("siti", NUMBER)
        await asyncio.gather(shared, *(place.whatsapp.say(who, "halo") for who in place.whatsapp.numbers))
        await place.there.quiet()
        assert await place.people() == 1


async def test_two_who_are_one_and_write_at_the_same_moment_become_one(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with two(database, vault, clock) as place:
        await place.on(place.telegram, "siti", "halo", "[Ya, boleh]", "Bu Siti", usual()["regency"])
        await place.shares(place.telegram, "siti", NUMBER)
        clock.advance(seconds=timedelta(days=2).total_seconds())
        place.whatsapp.numbers["ID.1"] = NUMBER
        await asyncio.gather(
            place.telegram.share("siti", NUMBER), place.whatsapp.say("ID.1", "halo"), place.whatsapp.say("ID.1", "hai")
        )
        await place.there.quiet()
        assert await place.people() == 1
        assert "gangguan" not in place.whatsapp.last("ID.1") + place.telegram.last("siti")
        assert "Baik, warung makan" in await place.on(place.whatsapp, "ID.1", "warung makan")


async def test_one_person_who_writes_in_both_their_chats_at_the_same_moment_is_answered_in_one_after_the_other(
    database: Database, vault: Vault, clock: Clock
) -> None:
    """Written together, both would be decided on the same facts, and one of the two answers would be lost."""
    async with two(database, vault, clock) as place:
        place.whatsapp.numbers["ID.1"] = NUMBER
        await place.on(place.whatsapp, "ID.1", "halo", "[Ya, boleh]")
        await place.shares(place.telegram, "siti", NUMBER)
        assert await place.people() == 1
        await asyncio.gather(place.telegram.say("siti", "Bu Siti"), place.whatsapp.say("ID.1", "Solo"))
        await place.there.quiet()
        session = await session_of(database, vault, Where("telegram", place.telegram.account, "siti"))
        assert session.answers.keys() - {"phone"} == {"consent", "name", "regency"}  # the number is known


async def test_two_processes_that_join_the_same_two_people_at_once_make_one_of_them(
    two_processes: tuple[Database, Database], vault: Vault, clock: Clock
) -> None:
    """Each locks its own person and wants the other's: the database ends one of the two, and its event is brought again."""
    one, other = two_processes
    async with (
        two(one, vault, clock) as here,
        two(other, vault, clock) as elsewhere,
    ):
        await here.on(here.telegram, "siti", "halo", "[Ya, boleh]", "Bu Siti")
        await elsewhere.on(elsewhere.whatsapp, "ID.1", "halo")
        elsewhere.whatsapp.numbers["ID.1"] = NUMBER
        await asyncio.gather(here.telegram.share("siti", NUMBER), elsewhere.whatsapp.say("ID.1", "hai"))
        await here.there.quiet()
        await elsewhere.there.quiet()
        assert await here.people() == 1
        assert "gangguan" not in here.telegram.last("siti") + elsewhere.whatsapp.last("ID.1")
