"""Somebody gets a new id on their platform: they stay who they are, in whatever order it is told."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from bot.office.usual import usual
from conversations.engine.core import Heard
from storage import tables
from storage.engine.database import Database
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.linking import NUMBER, two
from tests.town import plain

outbox = tables.table(tables.Outbox)


async def test_a_new_id_of_the_same_person_is_followed(database: Database, vault: Vault, clock: Clock) -> None:
    async with two(database, vault, clock) as place:
        place.whatsapp.numbers["ID.1"] = NUMBER
        await place.registered(place.whatsapp, "ID.1")
        place.whatsapp.numbers["ID.2"] = "+6281200007002"
        await place.whatsapp.bring("ID.2", Heard(), reach="moved", was="ID.1")
        assert "RK-" in await place.on(place.whatsapp, "ID.2", "status")
        await place.on(place.whatsapp, "ID.3", "halo")  # the first words from the new id came before the notice of it
        await place.whatsapp.bring("ID.3", Heard(), reach="moved", was="ID.2")
        assert "RK-" in await place.on(place.whatsapp, "ID.3", "status")
        assert await place.people() == 1


async def test_what_they_wrote_before_their_id_changed_is_theirs_though_it_comes_in_afterwards(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with two(database, vault, clock) as place:
        await place.on(place.whatsapp, "ID.1", "halo", "[Ya, boleh]", "Bu Siti")
        await place.whatsapp.bring("ID.2", Heard(), reach="moved", was="ID.1")
        await place.on(place.whatsapp, "ID.1", usual()["regency"])
        assert await place.on(place.whatsapp, "ID.2", "warung makan")
        assert "Baik, warung makan" in place.whatsapp.last("ID.2")
        assert await place.people() == 1


async def test_a_number_that_was_an_address_leads_nobody_to_whoever_had_it_before(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with two(sqlite_database, vault, clock) as place:
        await place.on(place.whatsapp, "6281200007001", "halo")
        await place.whatsapp.bring("6281200007002", Heard(), reach="moved", was="6281200007001")
        await place.on(place.whatsapp, "6281200007001", "halo")
        assert await place.people() == 2


async def test_what_waits_for_somebody_to_write_finds_them_at_their_new_address(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with two(database, vault, clock) as place:
        await place.on(place.whatsapp, "ID.1", "halo")
        async with database.write() as tx:
            await tx.execute(update(outbox).values(state="parked", due_at=clock() + timedelta(days=9)))
        await place.on(place.whatsapp, "ID.2", "halo")
        await place.whatsapp.bring("ID.2", Heard(), reach="moved", was="ID.1")
        await place.whatsapp.say("ID.2", "hai")
        while len(place.whatsapp.told["ID.2"]) < 3:
            await place.there.later(timedelta())
        assert [plain(each) for each in place.whatsapp.told["ID.2"]].count(place.whatsapp.last("ID.1")) == 2
        assert len(place.whatsapp.told["ID.1"]) == 1


async def test_a_number_that_was_only_told_with_a_new_id_joins_them_when_they_write(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with two(database, vault, clock) as place:
        await place.on(place.whatsapp, "ID.1", "halo")
        await place.on(place.telegram, "siti", "halo")
        place.whatsapp.numbers["ID.2"] = NUMBER
        await place.whatsapp.bring("ID.2", Heard(), reach="moved", was="ID.1")
        await place.shares(place.telegram, "siti", NUMBER)
        assert await place.people() == 2, "nobody could be told of it yet"
        assert "satukan" in await place.on(place.whatsapp, "ID.2", "halo")
        assert await place.people() == 1
