"""The officers' digest: what it counts, whom it is for, that it comes once a morning and never when nothing waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

import bot.timers.clock
from bot.rules import Rules
from bot.timers import digest
from conversations.engine.core import Heard, Press
from conversations.rules.digest import Agenda, Coming
from conversations.rules.digest import digest as words
from conversations.rules.quiet_hours import Quiet
from storage import tables
from storage.engine.database import Database
from storage.leads import digests, officers
from storage.sealing.vault import Vault
from tests.conftest import WIB, Clock
from tests.owners import more_leads, register
from tests.said_fields import FIELDS
from tests.stepwise import inside
from tests.storage.test_officers import hired
from tests.town import Town, plain, town

lead, outbox, person = (tables.table(each) for each in (tables.LeadRow, tables.Outbox, tables.Person))
MORNING = timedelta(hours=22, minutes=30)  # from Wednesday nine o'clock to Thursday half past seven
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@asynccontextmanager
async def surakarta(database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Town]:
    """A town with an officer in Surakarta, whose quiet hours last until eight."""
    async with town(database, vault, clock) as found:
        found.product.services.rules = Rules(quiet=Quiet.of("20:00", "08:00", "sunday,holidays", frozenset()))
        await found.hire("Rina", "33.72")
        yield found


@pytest.fixture
async def there(sqlite_database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Town]:
    async with surakarta(sqlite_database, vault, clock) as found:
        yield found


@pytest.fixture
async def anywhere(database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Town]:
    """The same once on each kind of database."""
    async with surakarta(database, vault, clock) as found:
        yield found


def got(there: Town, who: str) -> list[str]:
    return [text for message in there.told.get(who, ()) if "Ringkasan pagi" in (text := plain(message))]


async def taken(there: Town, who: str, **answers: str) -> str:
    """A lead that Rina has taken."""
    code = await register(there, who, **answers)
    await there.does("Rina", Heard(pressed=Press("lead", "take", code)))
    return code


# ------------------------------------------------------------------------------------------------ what it says


async def test_it_counts_what_waits_and_names_what_is_for_today_or_late_without_a_name_or_a_number(
    anywhere: Town,
) -> None:
    late = await taken(anywhere, "Siti", contact_time="besok jam 1 siang")
    today = await taken(anywhere, "Joko", contact_time="Jumat jam 1 siang")
    promised = await taken(anywhere, "Budi")
    free = await register(anywhere, "Dewi")
    await anywhere.say("Rina", f"ingatkan {promised} Jumat jam 3 sore")
    await anywhere.later(MORNING + DAY)
    [said] = got(anywhere, "Rina")
    assert said.split("\n") == [
        "Ringkasan pagi, Jumat, 27 November 2026",
        f"Lewat: 1 ({late}), yang terlama sejak 26 Nov, 16.00",
        f"Hari ini: 2 ({promised}, {today})",
        f"Belum ada yang mengambil di wilayah Anda: 1 ({free})",
    ]


def test_every_line_is_said_with_the_fields_that_are_declared_for_it() -> None:
    now = datetime(2026, 11, 26, 7, 30, tzinfo=WIB)
    yesterday, later = now - DAY, now + MORNING / 2
    coming = [
        Coming("RK-222AAA", yesterday, "call"),
        Coming("RK-222AAB", later, "appointment"),
        Coming("RK-222AAC", later, "papers"),
    ]
    say = words(Agenda(coming, 2, ["RK-222AAD"]), now)
    assert say
    said = {text.key: set(text.fields) for text in inside(say.text)}
    assert {key: fields for key, fields in said.items() if fields != FIELDS[key]} == {}
    assert len(said) == 6
    assert words(Agenda(), now) is None


async def test_its_buttons_open_the_list_of_tasks_and_leads_that_nobody_has(there: Town) -> None:
    mine = await taken(there, "Siti")
    code = await register(there, "Joko")
    await there.later(MORNING)
    assert there.labels("Rina") == ["Tugas saya", mine, code]
    assert "Tugas terbuka: 1" in await there.say("Rina", "[Tugas saya]")
    assert "belum ada yang memegang" in await there.does("Rina", Heard(pressed=Press("lead", "show", code)))


async def test_no_line_names_more_than_three_the_oldest_first(there: Town) -> None:
    code = await register(there, "Siti")
    others = await more_leads(there, code, 4)
    await there.later(MORNING)
    assert f"wilayah Anda: 5 ({code}, {others[0]}, {others[1]}, …)" in got(there, "Rina")[0]


async def test_where_nothing_waits_nothing_is_sent(there: Town) -> None:
    code = await taken(there, "Siti")
    await there.does("Rina", Heard(pressed=Press("lead", "note", code)))
    for said in ("sudah dihubungi", "[Tanpa catatan]"):
        await there.say("Rina", said)
    await there.later(MORNING)
    assert got(there, "Rina") == []


async def test_what_is_noted_goes_before_a_reminder_that_was_asked_for(anywhere: Town) -> None:
    code = await taken(anywhere, "Siti")
    await anywhere.say("Rina", "ingatkan besok jam 9")
    await anywhere.does("Rina", Heard(pressed=Press("lead", "note", code)))
    for said in ("berminat", "rumahnya kosong"):
        await anywhere.say("Rina", said)
    await anywhere.later(MORNING)
    assert got(anywhere, "Rina") == []


async def test_who_wants_neither_messages_nor_calls_waits_for_nobody(anywhere: Town) -> None:
    await taken(anywhere, "Siti")
    await register(anywhere, "Joko")
    for who in ("Siti", "Joko"):
        for said in ("berhenti", "[Jangan menelepon]"):
            await anywhere.say(who, said)
    async with anywhere.product.database.read() as tx:
        assert (await tx.execute(select(person.c.may_call).where(person.c.stopped))).scalars().all() == [False, False]
    await anywhere.later(MORNING)
    assert got(anywhere, "Rina") == []


async def test_nobody_is_offered_their_own_lead(there: Town) -> None:
    await there.hire("Agus", "33.72")
    await register(there, "Agus", hello="daftar")
    await there.later(MORNING)
    assert (len(got(there, "Agus")), len(got(there, "Rina"))) == (0, 1)


async def test_coordinators_and_admins_are_told_of_what_would_be_offered_to_them(anywhere: Town) -> None:
    for who, role in (("Wati", "coordinator"), ("Dewi", "admin")):
        await anywhere.hire(who, role=role)
    here, elsewhere = await register(anywhere, "Siti"), await register(anywhere, "Joko", regency="Kabupaten Klaten",
                                                                    district="Klaten Utara")  # fmt: skip
    await anywhere.later(MORNING)
    [wati], [rina] = got(anywhere, "Wati"), got(anywhere, "Rina")
    assert (elsewhere in wati, here in wati) == (True, False), "only where no officer is"
    assert (elsewhere in rina, here in rina) == (False, True)
    assert got(anywhere, "Dewi") == []


async def test_what_has_left_is_not_kept_for_it_names_leads_that_may_be_erased(there: Town) -> None:
    await register(there, "Siti")
    await there.later(MORNING)
    async with there.product.database.read() as tx:
        [row] = (await tx.execute(select(outbox).where(outbox.c.kind == digest.KIND))).all()
    assert (row.state, row.sealed, row.to) == ("sent", None, None)


# ------------------------------------------------------------------------------------------------ when, and to whom


async def test_it_comes_at_half_past_seven_once_whatever_looks_again(anywhere: Town) -> None:
    await register(anywhere, "Siti")
    await anywhere.later(MORNING - MINUTE)
    assert len(got(anywhere, "Rina")) == 0
    await anywhere.later(MINUTE)
    assert len(got(anywhere, "Rina")) == 1
    for by in (MINUTE, timedelta(hours=3), timedelta(hours=-3), timedelta(hours=12)):
        await anywhere.later(by)
    assert len(got(anywhere, "Rina")) == 1
    anywhere.clock.advance(hours=24 - 12)
    await anywhere.later(timedelta())
    assert len(got(anywhere, "Rina")) == 2, "another morning"


async def test_of_two_processes_that_look_at_once_one_tells(anywhere: Town) -> None:
    await register(anywhere, "Siti")
    anywhere.clock.advance(seconds=MORNING.total_seconds())
    product = anywhere.product
    assert product.services
    other = bot.timers.clock.Clock(product.database, product.services, anywhere.clock)
    await asyncio.gather(product.clock.tick(), other.tick(), other.tick())
    await anywhere.later(MINUTE)
    assert len(got(anywhere, "Rina")) == 1


@pytest.mark.parametrize(("hours", "told"), [(26.9, 1), (27.0, 0), (35.0, 0)])
async def test_a_morning_that_the_server_slept_through_is_made_up_for_until_noon(
    there: Town, hours: float, told: int
) -> None:
    await register(there, "Siti")
    await there.later(timedelta(hours=hours))
    assert len(got(there, "Rina")) == told


async def test_none_comes_on_a_weekend_or_a_holiday(there: Town) -> None:
    await register(there, "Siti")
    await there.later(MORNING + 2 * DAY)
    await there.later(DAY)
    assert len(got(there, "Rina")) == 0, "Saturday, Sunday"
    await there.later(DAY)
    assert len(got(there, "Rina")) == 1, "Monday"
    there.clock.advance(days=25)  # Friday, 25 December
    await there.later(timedelta())
    assert there.clock().date() in there.product.services.knowledge.holidays
    assert len(got(there, "Rina")) == 1


async def test_the_morning_is_that_of_the_officers_own_zone(there: Town) -> None:
    """At half past six in Jakarta it is half past seven in Makassar, and two hours earlier it was so in Jayapura."""
    for who, where in (("Ani", "73.71"), ("Yos", "91.71")):
        await there.hire(who, where)
    code = await register(there, "Siti")
    east, middle = await more_leads(there, code, 2)
    async with there.product.database.write() as tx:
        for each, where in ((east, "91.71"), (middle, "73.71")):
            await tx.execute(update(lead).where(lead.c.code == each).values(regency=where))
    seen = []
    for hour in (5, 6, 7):
        await there.later(timedelta(hours=20.5 if hour == 5 else 1))
        seen.append([len(got(there, who)) for who in ("Yos", "Ani", "Rina")])
    assert seen == [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
    assert "26 November" in got(there, "Yos")[0]


async def test_who_is_away_gets_none_and_who_is_back_before_noon_gets_that_of_the_day(there: Town) -> None:
    await register(there, "Siti")
    await there.say("Rina", "/libur")
    await there.later(MORNING)
    assert got(there, "Rina") == []
    await there.say("Rina", "/masuk")
    await there.later(timedelta(hours=1))
    assert len(got(there, "Rina")) == 1


async def test_who_said_stop_gets_none_until_they_take_it_back(there: Town) -> None:
    await register(there, "Siti")
    await there.say("Rina", "berhenti")
    assert "sesudah Anda mengetik mulai" in await there.say("Rina", "ringkasan nyala")
    await there.later(MORNING)
    assert got(there, "Rina") == []
    await there.say("Rina", "mulai")
    await there.later(DAY)
    assert len(got(there, "Rina")) == 1


@pytest.mark.parametrize(
    ("off", "on"), [("ringkasan mati", "ringkasan nyala"), ("Matikan ringkasan ya", "tolong nyalakan ringkasan")]
)
async def test_an_officer_switches_it_off_and_on_in_their_own_words(there: Town, off: str, on: str) -> None:
    await register(there, "Siti")
    assert "tidak kami kirim lagi" in await there.say("Rina", off)
    await there.later(MORNING)
    assert got(there, "Rina") == []
    assert "kami kirim ringkasan" in await there.say("Rina", on)
    await there.later(DAY)
    assert len(got(there, "Rina")) == 1


async def test_the_words_of_officers_mean_nothing_of_the_kind_to_owners(there: Town) -> None:
    await register(there, "Siti")
    assert "ingkasan pagi" not in await there.say("Siti", "ringkasan mati")


async def test_many_officers_are_told_some_at_a_time(there: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digest, "AT_ONCE", 2)
    everybody = ("Rina", "Agus", "Wati")
    for who in everybody[1:]:
        await there.hire(who, "33.72")
    await register(there, "Siti")
    counts = []
    for by in (MORNING, MINUTE, MINUTE):
        await there.later(by)
        counts.append(sum(len(got(there, who)) for who in everybody))
    assert counts == [2, 3, 3]


async def test_a_morning_is_taken_once_and_another_day_again(database: Database, vault: Vault, clock: Clock) -> None:
    one, two = [await hired(database, vault, clock, number, where) for number, where in ((1, "33.72"), (2, "73.71"))]
    today = clock().date() + DAY
    async with database.write() as tx:
        for each in (1, 2):
            await tx.execute(
                person.insert().values(id=each, created_at=clock(), stopped=False, campaign="", wrong_codes=0)
            )
        assert await digests.awaiting(tx, clock().date()) == [], "they joined today"
        assert await digests.awaiting(tx, today) == [(one, 1, "33.72"), (two, 2, "73.71")]
        assert [await digests.begin(tx, [one], day) for day in (today, today, today - DAY)] == [{one}, set(), set()]
        assert [each.id for each in await digests.awaiting(tx, today)] == [two]
        assert [each.id for each in await digests.awaiting(tx, today + DAY)] == [one, two]
        await officers.set_digest(tx, two, False)
        assert [each.id for each in await digests.awaiting(tx, today + DAY)] == [one]
