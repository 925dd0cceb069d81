"""Offices in the database: a regency is one office's, whoever works there looks after its regencies, changes are seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conversations.engine.world import Officer
from conversations.rules.opening import read
from storage import reference
from storage.engine.database import Database
from storage.leads import officers, offices
from storage.leads.officers import Roster
from storage.leads.offices import NotPossible
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.owners import register
from tests.town import Town, town

SHORT = read("mon-thu 08:00-16:00, fri 08:00-15:00")


async def by_name(database: Database, part: str) -> offices.OfficeLine:
    async with database.read() as tx:
        return next(each for each in await offices.listed(tx) if each.name.endswith(part))


async def hired(database: Database, vault: Vault, clock: Clock, person_id: int, role: str, office: int | None) -> int:
    async with database.write() as tx:
        code = await officers.invite(tx, vault, name="Rina", role=role, office=office, now=clock())
        officer_id = await officers.invited(tx, vault, code, clock())
        assert officer_id
        await officers.bind(tx, vault, officer_id, person_id, clock())
    return officer_id


async def test_a_new_database_has_the_offices_of_the_file(database: Database) -> None:
    async with database.read() as tx:
        found = await offices.known(tx)
    assert tuple(replace(each, id=0) for each in found.rows) == reference.offices().rows


async def test_a_regency_is_one_offices_and_is_not_taken_from_another(database: Database, clock: Clock) -> None:
    solo, klaten = await by_name(database, "Surakarta"), await by_name(database, "Klaten")
    assert solo.regencies == ("33.12", "33.72")
    async with database.write() as tx:
        with pytest.raises(NotPossible, match=r"33\.12 is looked after by .*Surakarta: take it from there first"):
            await offices.give(tx, klaten.id, ["33.10", "33.12"], clock(), actor="t")
        await offices.give(tx, solo.id, ["33.72"], clock(), actor="t")
        await offices.give(tx, klaten.id, ["33.10", "33.12"], clock(), actor="t")
        wonogiri = (await offices.known(tx)).of("33.12")
    assert wonogiri
    assert wonogiri.name == klaten.name


async def test_an_office_is_added_and_changed_and_its_name_is_no_others(database: Database, clock: Clock) -> None:
    demak = await by_name(database, "Kabupaten Demak")
    async with database.write() as tx:
        await offices.give(tx, demak.id, [], clock(), actor="t")
        new = await offices.add(tx, "kantor Demak", ["33.21"], clock(), actor="t")
        with pytest.raises(NotPossible, match="called"):
            await offices.add(tx, "Kantor Demak", [], clock(), actor="t")
        await offices.change(tx, new, clock(), actor="t", hours=SHORT, address="Jalan Sultan Fatah 1", phone="0291 1")
        found = await offices.one(tx, new)
        known = (await offices.known(tx)).of("33.21")
    assert found
    assert (found.hours, found.address, found.regencies) == (SHORT, "Jalan Sultan Fatah 1", ("33.21",))
    assert known
    assert (known.id, known.hours) == (new, SHORT)


async def test_who_works_in_an_office_looks_after_its_regencies_as_they_are_at_that_moment(
    database: Database, vault: Vault, clock: Clock
) -> None:
    solo = await by_name(database, "Surakarta")
    rina = await hired(database, vault, clock, 1, "officer", solo.id)
    kris = await hired(database, vault, clock, 2, "coordinator", solo.id)
    async with database.write() as tx:
        assert await officers.regencies_of(tx, [rina, kris]) == dict.fromkeys((rina, kris), ("33.12", "33.72"))
        assert await officers.staffed(tx) == {"33.12", "33.72"}
        assert [p for _, p in await Roster(tx).for_regency("33.12")] == [1]
        await offices.give(tx, solo.id, ["33.72"], clock(), actor="t")
        assert await Roster(tx).for_regency("33.12") == []
        assert [p for _, p in await Roster(tx).above("33.72")] == [2]
        await offices.give(tx, solo.id, [], clock(), actor="t")
        assert await Roster(tx).above("33.72") == [], "a coordinator of an office without regencies is not one of all"
    assert Officer(kris, "", "coordinator", (), office=solo.id).area == ()


async def test_whoever_is_assigned_gives_up_their_own_regencies(database: Database, vault: Vault, clock: Clock) -> None:
    klaten = await by_name(database, "Klaten")
    async with database.write() as tx:
        code = await officers.invite(tx, vault, name="Rina", role="officer", regencies=["33.72"], now=clock())
        rina = await officers.invited(tx, vault, code, clock())
        assert rina
        assert await offices.assign(tx, rina, klaten.id, clock(), actor="t", coordinator=True)
        assert await officers.regencies_of(tx, [rina]) == {rina: ("33.10",)}
        found = await offices.one(tx, klaten.id)
        assert not await offices.assign(tx, 99, klaten.id, clock(), actor="t")
    assert found
    assert found.coordinators == (rina,)


async def assigned(there: Town, who: str, office: offices.OfficeLine, *, coordinator: bool = False) -> None:
    async with there.product.database.write() as tx:
        listed = await officers.listed(tx, there.product.services.vault)
        one = next(each.id for each in listed if each.name == who)
        await offices.assign(tx, one, office.id, there.clock(), actor="t", coordinator=coordinator)


async def test_a_change_is_seen_by_the_running_server_in_names_hours_and_rights(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.hire("Rina", "33.11")
        code = await register(there, "Siti")
        services, seen, solo = (
            there.product.services,
            there.product.offices,
            await by_name(sqlite_database, "Surakarta"),
        )
        assert services
        assert seen
        assert "Tidak ketemu" in await there.say("Rina", code)
        await assigned(there, "Rina", solo)
        async with sqlite_database.write() as tx:
            await offices.change(tx, solo.id, clock(), actor="t", name="kantor Solo", hours=SHORT)
        await seen.look()
        assert services.knowledge.office_name("33.72") == "kantor Solo"
        assert services.knowledge.working_days("33.72") != services.knowledge.holidays
        assert "Siti" in await there.say("Rina", code)


async def test_a_coordinator_of_an_office_invites_for_it_and_sees_who_comes(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.hire("Kris", "33.11")
        solo = await by_name(sqlite_database, "Surakarta")
        await assigned(there, "Kris", solo, coordinator=True)
        await there.say("Kris", "undang petugas")
        said = await there.say("Kris", "Budi Santoso")
        assert "Kota Surakarta" in said
        await there.say("Budi", next(word for word in said.replace("*", "").split() if word.startswith("PTG-")))
        await there.say("Budi", "[Ya, saya]")
        async with sqlite_database.read() as tx:
            budi = next(each for each in await officers.listed(tx, vault) if each.name == "Budi Santoso")
        assert (budi.office, budi.regencies) == (solo.id, solo.regencies)
        assert "Budi Santoso, bertugas" in await there.say("Kris", "/tim")
