"""Invitations and who is at work, at the level of the tables."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from storage.engine.database import Database
from storage.engine.readable_codes import LETTERS
from storage.leads import officers
from storage.leads.officers import (
    INVITATION,
    INVITED_FOR,
    Roster,
)
from storage.sealing.vault import Vault
from tests.conftest import Clock


async def hired(
    database: Database, vault: Vault, clock: Clock, person_id: int, *regencies: str, role: str = "officer"
) -> int:
    """An officer whose code this person has used; the officer's id."""
    async with database.write() as tx:
        code = await officers.invite(tx, vault, name=f"P{person_id}", role=role, regencies=regencies, now=clock())
        officer_id = await officers.invited(tx, vault, code, clock())
        assert officer_id
        assert await officers.bind(tx, vault, officer_id, person_id, clock())
    return officer_id


@given(st.text(LETTERS, min_size=INVITATION.length, max_size=INVITATION.length), st.sampled_from(["", " ", "\n"]))
def test_a_code_is_known_by_its_prefix_and_length_in_any_case(letters: str, space: str) -> None:
    assert INVITATION.has_form(space + INVITATION.prefix + letters + space)
    assert INVITATION.has_form((INVITATION.prefix + letters).lower())
    assert not INVITATION.has_form(letters)
    assert not INVITATION.has_form(INVITATION.prefix + letters + "2")


async def test_a_code_is_kept_as_a_hash_alone(database: Database, vault: Vault, clock: Clock) -> None:
    async with database.write() as tx:
        code = await officers.invite(tx, vault, name="Rina", role="officer", regencies=("33.72",), now=clock())
        [row] = (await tx.execute(select(officers.invitation))).all()
        assert INVITATION.has_form(code)
        assert code.encode() not in bytes(row.find)
        assert row.expires_at == clock() + INVITED_FOR
        assert (
            vault.open(
                (await tx.execute(select(officers.officer.c.name))).scalar_one(),
                table="officer",
                column="name",
                row=row.officer_id,
            )
            == "Rina"
        )


async def test_a_code_is_good_until_it_is_used_or_expires(database: Database, vault: Vault, clock: Clock) -> None:
    async with database.write() as tx:
        code = await officers.invite(tx, vault, name="Rina", role="officer", regencies=(), now=clock())
        assert await officers.invited(tx, vault, f" {code.lower()}", clock() + INVITED_FOR - timedelta(seconds=1))
        assert await officers.invited(tx, vault, code, clock() + INVITED_FOR) is None
        assert await officers.invited(tx, vault, INVITATION.prefix + "A" * INVITATION.length, clock()) is None
        officer_id = await officers.invited(tx, vault, code, clock())
        assert officer_id
        assert await officers.bind(tx, vault, officer_id, 1, clock())
        assert await officers.bind(tx, vault, officer_id, 2, clock()) is None, "it is good for one"
        assert await officers.invited(tx, vault, code, clock()) is None
        assert await officers.person_of(tx, officer_id) == 1


async def test_a_removed_officers_code_is_dead(database: Database, vault: Vault, clock: Clock) -> None:
    async with database.write() as tx:
        code = await officers.invite(tx, vault, name="Rina", role="officer", regencies=("33.72",), now=clock())
        officer_id = await officers.invited(tx, vault, code, clock())
        assert officer_id
        assert await officers.remove(tx, officer_id, clock())
        assert await officers.invited(tx, vault, code, clock()) is None
        assert await officers.listed(tx, vault) == []
        assert await officers.regencies_of(tx, [officer_id]) == {officer_id: ()}


async def test_who_is_told_of_a_lead(database: Database, vault: Vault, clock: Clock) -> None:
    """Officers of the regency, else coordinators, else admins; whoever is absent or left out is passed by."""
    one = await hired(database, vault, clock, 1, "33.72")
    two = await hired(database, vault, clock, 2, "33.72", "33.10")
    chief = await hired(database, vault, clock, 3, role="coordinator")
    admin = await hired(database, vault, clock, 4, role="admin")
    async with database.write() as tx:

        async def told(regency: str, but: int | None = None) -> list[int]:
            return [person for _, person in await Roster(tx).for_regency(regency, but=but)]

        assert await told("33.72") == [1, 2]
        assert await told("33.10") == [2]
        assert await told("33.72", but=one) == [2]
        assert await told("33.74") == [3]
        assert await told("") == [3]
        await officers.set_absent(tx, two, True)
        assert await told("33.10") == [3]
        assert await officers.staffed(tx) == {"33.72"}
        await officers.set_absent(tx, chief, True)
        assert await told("33.10") == [4]
        await officers.set_absent(tx, admin, True)
        assert await told("33.10") == []
        await officers.set_absent(tx, two, False)
        assert await told("33.10") == [2]


async def test_a_roster_is_read_once_until_it_is_forgotten(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    one = await hired(sqlite_database, vault, clock, 1, "33.72")
    async with sqlite_database.write() as tx:
        roster = Roster(tx)
        assert await roster.for_regency("33.72")
        await officers.set_absent(tx, one, True)
        assert await roster.for_regency("33.72")
        roster.forget()
        assert not await roster.for_regency("33.72")


@pytest.mark.parametrize(("role", "elsewhere"), [("coordinator", []), ("admin", [1])])
async def test_one_who_leads_and_looks_after_regencies_is_told_once_and_no_coordinator_of_another_office(
    sqlite_database: Database, vault: Vault, clock: Clock, role: str, elsewhere: list[int]
) -> None:
    await hired(sqlite_database, vault, clock, 1, "33.72", "33.10", role=role)
    async with sqlite_database.read() as tx:
        assert [p for _, p in await Roster(tx).for_regency("33.72")] == [1]
        assert [p for _, p in await Roster(tx).above("33.72")] == [1]
        assert [p for _, p in await Roster(tx).for_regency("33.74")] == elsewhere
        works_there = {"33.72", "33.10"} if role == "admin" else set()
        assert await officers.staffed(tx) == works_there, (
            "an admin works in their own regencies, a coordinator hands out"
        )


async def test_a_lead_climbs_to_the_coordinator_of_its_office_else_to_one_of_none_else_to_admins(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    await hired(sqlite_database, vault, clock, 1, "33.72")
    kris = await hired(sqlite_database, vault, clock, 2, "33.72", role="coordinator")
    await hired(sqlite_database, vault, clock, 3, "33.11", role="coordinator")
    everywhere = await hired(sqlite_database, vault, clock, 4, role="coordinator")
    await hired(sqlite_database, vault, clock, 5, role="admin")
    async with sqlite_database.write() as tx:

        async def above() -> list[int]:
            return [person for _, person in await Roster(tx).above("33.72")]

        assert [person for _, person in await Roster(tx).for_regency("33.72")] == [1], (
            "no coordinator beside an officer"
        )
        assert await above() == [2]
        await officers.set_absent(tx, kris, True)
        assert await above() == [4]
        assert await officers.overseen(tx) == (True, frozenset({"33.11"}))
        await officers.set_absent(tx, everywhere, True)
        assert await above() == [5]
