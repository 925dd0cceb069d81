"""What time brings: one reminder, and the end of everything that was to be kept for a while."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from conversations.engine.core import Heard, Press
from locales import Catalog
from storage import tables
from storage.engine.database import Database
from storage.people import audit
from storage.people.people import Where
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.owners import register
from tests.soundness import kept, session_of
from tests.town import Town, town

lead, event, inbox, outbox, person, address, conversation, officer = (
    tables.table(each)
    for each in (tables.LeadRow, tables.LeadEvent, tables.Inbox, tables.Outbox, tables.Person, tables.Address,
                 tables.Conversation, tables.OfficerRow)
)  # fmt: skip
REMINDER = "Mau dilanjutkan?"


async def rows(database: Database, table: Any) -> Sequence[Any]:
    async with database.read() as tx:
        return (await tx.execute(select(table).order_by(*table.primary_key))).all()


def reminders(there: Town, who: str) -> int:
    return sum(REMINDER in message.text for message in there.told.get(who, ()))


async def closed(there: Town, status: str) -> str:
    """A lead that Rina has brought to this status."""
    await there.hire("Rina", "33.72")
    code = await register(there, "Siti")
    await there.say("Rina", "[Ambil]")
    for outcome in ("registered", "active") if status == "active" else (status,):
        await there.does("Rina", Heard(pressed=Press("lead", "note", code)))
        await there.say("Rina", Catalog.load().text(f"outcome.{outcome}").casefold())
        await there.say("Rina", "rumahnya cat biru")
    assert (await rows(there.product.database, lead))[0].status == status
    return code


# ------------------------------------------------------------------------------------------------ reminders


async def test_an_unfinished_registration_is_reminded_of_after_twenty_hours_and_three_days_and_its_session_is_not_touched(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await register(there, "Siti", upto="regency")
        before = await session_of(database, vault, Where("terminal", "local", "Siti"))
        await there.later(timedelta(hours=19, minutes=59))
        assert reminders(there, "Siti") == 0
        await there.later(timedelta(minutes=1))
        assert reminders(there, "Siti") == 1
        await there.later(timedelta(days=2, hours=23))
        assert reminders(there, "Siti") == 1
        for _ in range(5):
            await there.later(timedelta(days=1))
        assert reminders(there, "Siti") == 2
        assert "pengingat terakhir" in there.last("Siti")
        assert await session_of(database, vault, Where("terminal", "local", "Siti")) == before
        assert "Usahanya apa" in await there.say("Siti", "[Lanjutkan]")


@pytest.mark.parametrize("said", ["berhenti", "tidak mau", "batal"])
async def test_nobody_is_reminded_who_said_stop(
    sqlite_database: Database, vault: Vault, clock: Clock, said: str
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await register(there, "Siti", upto="regency")
        await there.say("Siti", "berhenti")
        await there.later(timedelta(hours=30))
        assert reminders(there, "Siti") == 0
        await there.say("Siti", "mulai")
        await there.later(timedelta(hours=30))
        assert reminders(there, "Siti") == 1, "and once they resume it is as it was"


async def test_who_has_not_agreed_and_who_has_finished_are_not_reminded(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.say("Joko", "halo")
        await register(there, "Siti")
        await there.later(timedelta(hours=30))
        assert reminders(there, "Siti") == reminders(there, "Joko") == 0


async def test_a_lead_that_cannot_be_read_keeps_nobody_from_being_reminded(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        await register(there, "Joko")
        await register(there, "Siti", upto="regency")
        async with database.write() as tx:
            await tx.execute(update(lead).values(sealed=b"damaged"))
        await there.later(timedelta(hours=30))
        assert reminders(there, "Siti") == 1


# ------------------------------------------------------------------------------------------------ retention


async def test_an_unfinished_registration_is_forgotten_after_thirty_days(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await register(there, "Siti", upto="regency")
        siti = (await kept(database, vault)).people["Siti"]
        await there.later(timedelta(days=29, hours=23))
        assert len(await rows(database, person)) == 1
        await there.later(timedelta(hours=1))
        for table in (person, address, conversation):
            assert await rows(database, table) == []
        assert not any(row.sealed or row.person_id for row in await rows(database, inbox))
        assert not any(row.sealed or row.person_id for row in await rows(database, outbox))
        [line] = [row for row in await rows(database, audit.audit) if row.act == "erased:expired"]
        assert (line.actor, line.subject) == ("clock", vault.pseudonym(siti))


@pytest.mark.parametrize(("status", "days"), [("declined", 90), ("active", 180)])
async def test_a_closed_lead_is_reduced_to_counts_when_its_time_is_over_and_then_its_owner_is_nobody(
    sqlite_database: Database, vault: Vault, clock: Clock, status: str, days: int
) -> None:
    database = sqlite_database
    async with town(database, vault, clock) as there:
        await closed(there, status)
        await there.later(timedelta(days=days - 1))
        assert (await rows(database, lead))[0].person_id is not None
        assert len(await rows(database, conversation)) == 0, "sessions are kept for thirty days, leads or not"
        await there.later(timedelta(days=1))
        [row] = await rows(database, lead)
        assert (row.status, row.person_id, row.regency) == (status, None, "33.72")
        assert vault.open_json(row.sealed, table="lead", column="sealed", row=row.id) == {}
        assert not any(each.note for each in await rows(database, event))
        assert (await kept(database, vault)).people.keys() == {"Rina"}
        assert [each.act for each in await rows(database, audit.audit)].count("erased:expired") == 2


async def test_an_open_lead_and_an_officer_outlive_their_sessions(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        code = await register(there, "Siti")
        await there.say("Rina", "[Ambil]")
        await there.later(timedelta(days=31))
        assert await rows(sqlite_database, conversation) == []
        assert not [row for row in await rows(sqlite_database, audit.audit) if row.act == "erased:expired"]
        assert code in await there.say("Siti", "status")
        assert code in await there.say("Rina", "/tugas")


async def test_what_is_kept_of_somebody_outside_the_area_ends_after_ninety_days(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await register(there, "Siti", upto="name")
        for said in ("Surabaya", "simpan dulu"):
            await there.say("Siti", said)
        for _ in range(6):
            if await rows(sqlite_database, lead):
                break
            await there.say("Siti", (there.labels("Siti") and f"[{there.labels('Siti')[0]}]") or "0812 0000 7001")
        assert [row.status for row in await rows(sqlite_database, lead)] == ["waiting"]
        await there.later(timedelta(days=90))
        assert (await rows(sqlite_database, lead))[0].person_id is None
        assert await rows(sqlite_database, person) == []


async def test_bodies_are_kept_for_thirty_days(sqlite_database: Database, vault: Vault, clock: Clock) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await register(there, "Siti")
        await there.later(timedelta(days=30, minutes=-1))
        assert all(row.sealed for row in await rows(sqlite_database, inbox))
        await there.later(timedelta(minutes=2))
        heard, told = await rows(sqlite_database, inbox), await rows(sqlite_database, outbox)
        assert heard
        assert not any(row.sealed for row in heard)
        assert not any(row.sealed for row in told)
        assert (await rows(sqlite_database, lead))[0].person_id is not None


async def test_a_clock_that_jumps_forward_and_back_neither_repeats_a_reminder_nor_breaks(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await register(there, "Siti", upto="regency")
        for hours in (21, -40, 60, -3, 21):
            await there.later(timedelta(hours=hours))
        assert reminders(there, "Siti") == 1
        assert await there.say("Siti", "warung makan")


async def test_what_cannot_be_read_stops_nothing_else_of_the_clock(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await register(there, "Siti", upto="regency")
        await register(there, "Joko", upto="regency")
        async with sqlite_database.write() as tx:
            await tx.execute(update(conversation).values(sealed=b"x" * 60))
        await there.later(timedelta(days=30))
        assert await rows(sqlite_database, person) == []
