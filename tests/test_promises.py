"""Promises are computed from who can keep them; one that nobody kept is owned up to the day after, with another way."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import update

from bot.channels import whatsapp
from conversations.engine.core import Heard, Press
from conversations.rules.promises import apology_at, promised_day, reminder_at
from storage import tables
from storage.engine.database import Database
from storage.leads import leaving, officers
from storage.sealing.vault import Vault
from tests.conftest import WIB, Clock
from tests.handset import Handset
from tests.owners import register
from tests.stepwise import NINE
from tests.town import Town, plain, town

address, officer = tables.table(tables.Address), tables.table(tables.OfficerRow)
TICK, NIGHT = timedelta(seconds=31), timedelta(hours=24)


def friday() -> dict[str, object]:
    return {"regency": "33.72", "contact_time": {"day": "fri", "part": "sore", "time": None, "date": "2026-11-27"}}


def test_the_day_is_the_one_that_was_named_where_the_office_works_then() -> None:
    assert promised_day({}, NINE, ()) == date(2026, 11, 26)
    assert promised_day(friday(), NINE, ()) == date(2026, 11, 27)
    assert promised_day(friday(), NINE, {date(2026, 11, 27)}) == date(2026, 11, 30)
    assert reminder_at(friday(), NINE, ()) == datetime(2026, 11, 27, 16, tzinfo=WIB)
    assert reminder_at({}, NINE, ()) == datetime(2026, 11, 26, 9, tzinfo=WIB)
    assert apology_at(friday(), NINE, ()) == datetime(2026, 11, 30, 9, tzinfo=WIB), "not on a Saturday"


async def blocked(there: Town, who: str) -> None:
    """This person blocks us."""
    async with there.product.database.write() as tx:
        person = (await tx.execute(officer.select())).all()
        name = {row.id: row for row in person}
        for row in name.values():
            if there.product.vault.open(row.name, table="officer", column="name", row=row.id) == who:
                await tx.execute(update(address).where(address.c.person_id == row.person_id).values(reachable=False))


def new(there: Town, who: str, since: int) -> str:
    return "\n".join(plain(message) for message in there.told.get(who, ())[since:])


async def test_where_the_only_officer_has_blocked_us_the_coordinator_has_the_lead_at_once_and_no_day_is_promised(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        await there.hire("Kris", role="coordinator")
        await blocked(there, "Rina")
        said = len(there.told["Kris"])
        code = await register(there, "Siti")
        assert code in new(there, "Kris", said)
        farewell = next(plain(m) for m in reversed(there.told["Siti"]) if code in m.text)
        assert "paling lambat" not in farewell
        assert "koordinator yang kami beri tahu" in farewell


async def test_status_names_the_day_again_as_long_as_somebody_can_keep_it(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        await register(there, "Siti")
        assert "paling lambat" in await there.say("Siti", "status")
        await blocked(there, "Rina")
        assert "paling lambat" not in await there.say("Siti", "status")


@pytest.mark.parametrize("gone", ["leave", "moved", "removed"])
async def test_untaken_leads_that_only_one_officer_was_shown_go_to_the_next_once_they_look_after_them_no_more(
    sqlite_database: Database, vault: Vault, clock: Clock, gone: str
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        await there.hire("Kris", role="coordinator")
        code = await register(there, "Siti")
        said = len(there.told["Kris"])
        if gone == "leave":
            await there.say("Rina", "/libur")
        elif gone == "moved":
            await there.hire("Rina", "33.10")
        else:
            async with sqlite_database.write() as tx:
                [rina, _] = await officers.listed(tx, vault)
                await leaving.leave(tx, rina.id, clock(), actor="cli")
            await there.later(TICK)
        assert code in new(there, "Kris", said)


async def test_whoever_comes_back_from_leave_is_told_how_many_leads_wait(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        await there.hire("Kris", role="coordinator")
        await there.say("Kris", "/libur")
        await there.say("Rina", "/libur")
        await register(there, "Siti")
        said = len(there.told["Rina"])
        await there.say("Kris", "/masuk")
        assert len(there.told["Rina"]) == said, "that a coordinator is back is no news for who is away"
        await there.say("Rina", "/masuk")
        assert "1 calon peserta" in new(there, "Rina", said)
        said = len(there.told["Rina"])
        await there.say("Kris", "/libur")
        assert len(there.told["Rina"]) == said, "nobody is shown twice what they have"


async def test_what_an_officer_had_when_they_blocked_us_goes_on_to_the_next_and_the_coordinator_hears_of_it(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        await there.hire("Kris", role="coordinator")
        taken = await register(there, "Siti")
        await there.say("Rina", "[Ambil]")
        untaken = await register(there, "Sri", name="Sri Lestari")
        await blocked(there, "Rina")
        said = len(there.told["Kris"])
        await there.later(TICK)
        told = new(there, "Kris", said)
        assert "Pesan ke Rina tidak sampai" in told
        assert taken in told
        assert untaken in told
        said = len(there.told["Kris"])
        await there.later(TICK)
        assert new(there, "Kris", said) == "", "once"
        await there.does("Kris", Heard(pressed=Press("lead", "take", taken)))
        assert "Petugas: Kris" in await there.say("Siti", "status")


async def test_whose_window_is_closed_and_who_has_no_template_is_not_the_only_one_who_is_told(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    phone = Handset("whatsapp", whatsapp.LIMITS, clock)
    async with town(sqlite_database, vault, clock, more={"whatsapp": phone}) as there:
        async with sqlite_database.write() as tx:
            code = await officers.invite(tx, vault, name="Ani", role="officer", regencies=("33.72",), now=clock())
        for words in (code, "[Ya, saya]"):
            await phone.say("Ani", words)
            await there.quiet()
        await there.hire("Kris", role="coordinator")
        clock.advance(hours=25)
        said = len(there.told["Kris"])
        lead = await register(there, "Siti")
        assert lead in new(there, "Kris", said)
        await phone.say("Ani", "/tugas")
        await phone.bring("Ani", Heard(pressed=Press("lead", "take", lead)))
        await there.quiet()
        clock.advance(hours=25)
        said = len(there.told["Kris"])
        await there.say("Siti", "tidak")
        assert "koordinator sudah kami beri tahu" in await there.say("Siti", "petugas"), "not whoever has it, now"
        assert lead in new(there, "Kris", said)


@pytest.mark.parametrize("staff", ["", "coordinator", "officer"])
async def test_who_asks_for_a_person_is_told_whom_that_has_reached(
    sqlite_database: Database, vault: Vault, clock: Clock, staff: str
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        if staff:
            await there.hire("Rina", *(("33.72",) if staff == "officer" else ()), role=staff)
        code = await register(there, "Siti")
        await there.say("Siti", "tidak")
        said = await there.say("Siti", "petugas")
        expected = {
            "": "belum ada petugas yang bisa kami beri tahu",
            "coordinator": "koordinator sudah",
            "officer": "petugas sudah",
        }
        assert expected[staff] in said
        assert "Ada lagi yang bisa" in said, "in one message with the open question"
        if staff:
            assert code in there.last("Rina")


async def test_the_day_after_a_promise_that_nobody_kept_the_owner_is_told_with_another_way(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        code = await register(there, "Siti")
        await there.say("Siti", "tidak")
        said = len(there.told["Siti"])
        await there.later(timedelta(hours=47))
        assert "Mohon maaf" not in new(there, "Siti", said)
        officers_told = len(there.told["Rina"])
        await there.later(timedelta(hours=1))  # Friday, nine o'clock; Thursday was promised
        told = new(there, "Siti", said)
        assert f"soal {code} petugas belum sempat" in told
        assert "175" in told
        assert "lewat hari yang dijanjikan" in new(there, "Rina", officers_told)
        assert "belum sempat menghubungi" in await there.say("Siti", "status")
        for _ in range(3):
            await there.later(NIGHT)
        assert new(there, "Siti", said).count("soal RK") == 1, "once"


@pytest.mark.parametrize("what", ["contacted", "tried", "stopped", "another day"])
async def test_what_the_owner_is_told_then_follows_from_what_is_so(
    sqlite_database: Database, vault: Vault, clock: Clock, what: str
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        await register(there, "Siti")
        await there.say("Siti", "tidak")
        await there.say("Rina", "[Ambil]")
        if what in ("contacted", "tried"):
            await there.say("Rina", "[Catat hasil]")
            await there.say("Rina", "sudah dihubungi" if what == "contacted" else "belum tersambung")
            await there.say("Rina", "[Tanpa catatan]")
        elif what == "stopped":
            await there.say("Siti", "berhenti")
        else:
            for said in ("ubah waktu", "Selasa pagi", "kirim"):
                await there.say("Siti", said)
        before = len(there.told["Siti"])
        await there.later(timedelta(hours=49))
        told = new(there, "Siti", before)
        assert ("belum tersambung" in told) is (what == "tried")
        assert "belum sempat" not in told
        assert there.told["Rina"]
