"""The simulator beside a real channel: whoever sits at the machine may play an owner there, and nobody else."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.app import none_bound_among_owners
from bot.settings import BadSetting
from storage import tables
from storage.engine.database import Database
from storage.leads import officers
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.town import Town, town

OFFICER = tables.table(tables.OfficerRow)


async def bound(there: Town) -> list[int | None]:
    async with there.product.database.read() as tx:
        return list((await tx.execute(select(OFFICER.c.person_id))).scalars())


async def code_for_an_admin(there: Town) -> str:
    product = there.product
    assert product.services
    async with product.database.write() as tx:
        return await officers.invite(
            tx, product.services.vault, name="Rina", role="admin", regencies=(), now=there.clock()
        )


async def test_no_code_binds_anybody_there_and_who_is_an_officer_is_none_there(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.hire("budi", role="admin")
        assert there.product.services
        assert "siaran" in (await there.say("budi", "/siaran")).lower()
        there.product.services.owners_only = frozenset({"terminal"})
        code = await code_for_an_admin(there)
        await there.say("penyerang", code)
        await there.say("penyerang", f"/start {code}")
        assert (await bound(there)).count(None) == 1
        as_officer, as_stranger = await there.say("budi", "/siaran"), await there.say("penyerang", "/siaran")
        assert "Belum ada siaran" not in as_officer + as_stranger


async def test_a_number_that_is_shared_there_makes_nobody_one_with_its_owner(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        assert there.product.services
        there.product.services.owners_only = frozenset({"terminal"})
        for who in ("siti", "penyerang"):
            await there.say(who, "halo")
            await there.say(who, "(kontak sendiri +6281200007001)")
        async with sqlite_database.read() as tx:
            people = (await tx.execute(select(tables.table(tables.Person)))).all()
        assert [(row.phone, row.phone_at) for row in people] == [(None, None)] * 2


async def test_with_an_officer_bound_there_it_does_not_start_beside_a_real_channel(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await none_bound_among_owners(sqlite_database, frozenset({"terminal"}))
        await there.hire("budi")
    with pytest.raises(BadSetting, match=r"officer \d+ .*officers remove \d+"):
        await none_bound_among_owners(sqlite_database, frozenset({"terminal"}))
    await none_bound_among_owners(sqlite_database, frozenset())
