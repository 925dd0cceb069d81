"""An officer's leave has its days: it begins and ends by itself, and takes nothing from the officer for good."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from storage import tables
from storage.engine.database import Database
from storage.leads import officers
from storage.leads.leads import lead
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.owners import more_leads, register
from tests.town import Town, plain, town

HOUR = timedelta(hours=1)


@pytest.fixture
async def there(database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Town]:
    """Two officers in Surakarta; it is Wednesday, nine in the morning."""
    async with town(database, vault, clock) as found:
        for who in ("Rina", "Joko"):
            await found.hire(who, "33.72")
        yield found


async def absent(there: Town, who: str) -> bool:
    async with there.product.database.read() as tx:
        listed = await officers.listed(tx, there.product.services.vault)
    return next(each.absent for each in listed if each.name == who)


def since(there: Town, who: str, before: int) -> str:
    return "\n".join(plain(message) for message in there.told.get(who, ())[before:])


async def hours(there: Town, number: int) -> None:
    for _ in range(number):
        await there.later(HOUR)


async def test_a_leave_of_two_days_ends_by_itself_with_what_waits(there: Town) -> None:
    code = await register(there, "Siti")
    await there.say("Rina", "[Ambil]")
    said = await there.say("Rina", "libur 2 hari")
    assert "libur sampai Kamis, 26 November" in said
    assert "Jumat, 27 November 2026 pagi" in said
    assert await absent(there, "Rina")
    before = len(there.told["Rina"])
    await hours(there, 45)  # Friday, six in the morning
    assert await absent(there, "Rina")
    await hours(there, 1)
    assert not await absent(there, "Rina")
    assert "Libur Anda selesai" in since(there, "Rina", before)
    assert "Tugas Anda: 1" in since(there, "Rina", before)
    async with there.product.database.read() as tx:
        row = (await tx.execute(select(lead.c.status, lead.c.offered).where(lead.c.code == code))).one()
    assert tuple(row) == ("taken", False), "nobody took it, so it is hers alone again"


async def test_a_sick_day_named_before_begins_on_its_morning_and_new_leads_pass_by(there: Town) -> None:
    assert "libur Kamis, 26 November" in await there.say("Rina", "besok izin sakit")
    await hours(there, 20)
    assert not await absent(there, "Rina"), "at five in the morning nobody is shown what falls due"
    await hours(there, 1)
    assert await absent(there, "Rina")
    before = len(there.told["Rina"])
    code = await register(there, "Siti")
    assert code not in since(there, "Rina", before)
    assert code in there.last("Joko")


async def test_what_others_were_shown_as_a_leave_began_they_are_not_shown_again_as_it_falls_due(there: Town) -> None:
    code = await register(there, "Siti")
    await there.say("Rina", "[Ambil]")
    before = len(there.told["Joko"])
    await there.say("Rina", "libur 2 hari")
    await hours(there, 36)
    shown = [message for message in there.told["Joko"][before:] if f"{code}, Rina" in plain(message)]
    assert len([message for message in shown if not message.edits]) == 1


async def test_who_comes_back_before_has_no_leave_any_more(there: Town) -> None:
    await there.say("Rina", "cuti besok")
    assert "Selamat bekerja" in await there.say("Rina", "/masuk")
    await hours(there, 24)
    assert not await absent(there, "Rina")
    await there.say("Rina", "libur seminggu")
    await there.say("Rina", "/masuk")
    before = len(there.told["Rina"])
    await hours(there, 24 * 9)
    assert "Libur Anda selesai" not in since(there, "Rina", before)


async def test_a_weekend_and_holidays_are_no_days_to_come_back(there: Town) -> None:
    assert "otomatis masuk lagi Senin, 30 November" in await there.say("Rina", "libur 3 hari")


async def test_what_others_took_meanwhile_stays_theirs(there: Town) -> None:
    code = await register(there, "Siti")
    await there.say("Siti", "tidak")
    other = (await more_leads(there, code, 1))[0]
    await there.say("Rina", "[Ambil]")
    await there.say("Rina", "libur 2 hari")
    await there.say("Joko", code)
    await there.say("Joko", "[Ambil]")
    await hours(there, 47)
    async with there.product.database.read() as tx:
        holder = (await tx.execute(select(lead.c.officer_id).where(lead.c.code == code))).scalar()
        assert (await officers.called(tx, there.product.services.vault))[holder or 0] == "Joko"
    assert "Belum diambil siapa pun: 1" in "\n".join(plain(m) for m in there.told["Rina"]), other


@pytest.mark.parametrize(
    ("pressed", "away", "until"),
    [("[Hari ini saja]", True, True), ("[Sampai saya kembali]", True, False), ("[Tidak libur]", False, False)],
)
async def test_words_of_leave_without_days_are_asked_about(there: Town, pressed: str, away: bool, until: bool) -> None:
    assert "Mulai libur sekarang?" in await there.say("Rina", "sakit perut")
    await there.say("Rina", pressed)
    assert await absent(there, "Rina") == away
    row = tables.table(tables.OfficerRow)
    async with there.product.database.read() as tx:
        ends = (await tx.execute(select(row.c.absent_until).where(row.c.absent_until.is_not(None)))).all()
    assert bool(ends) == until


async def test_the_days_may_be_told_where_leave_is_asked_about(there: Town) -> None:
    await there.say("Rina", "izin keluar kota")
    assert "libur sampai Senin, 30 November" in await there.say("Rina", "sampai senin")


async def test_an_owner_who_is_ill_or_closed_is_nobody_on_leave(there: Town) -> None:
    await register(there, "Siti")
    assert "libur" not in (await there.say("Siti", "libur 2 hari")).casefold()
