"""The statements of one turn and of one tick of the clock, counted, do not grow with what is stored."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from bot.channels.base import Inbound, Limits
from bot.channels.terminal import ACCOUNT, NAME
from bot.whatsapp.templates import forms
from conversations.engine.core import Heard, Press, Session
from conversations.rules.next_step import CALL, REMINDER
from conversations.rules.reminders import month_number
from storage import tables
from storage.engine.database import Database
from storage.engine.ids import first_id, new_id
from storage.leads import officers, timers
from storage.leads.following import FREED
from storage.outbox import messages, templates
from storage.outbox.messages import Out
from storage.outbox.templates import State
from storage.people import people, sessions
from storage.people.people import Where
from storage.people.sessions import Saved
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.counting import Sent, statements
from tests.owners import more_leads, register
from tests.stepwise import NINE
from tests.town import Town, plain, town

lead, officer, outbox, inbox, person, conversation, timer = (
    tables.table(each)
    for each in (tables.LeadRow, tables.OfficerRow, tables.Outbox, tables.Inbox, tables.Person, tables.Conversation,
                 tables.Timer)
)  # fmt: skip
NUMBERS = count()
FEW, MANY = 6, 60  # of what is due at once; both are more than a chat is shown one by one
DAY = timedelta(days=1)


# ------------------------------------------------------------------------------------------------ turns


async def turn(there: Town, *done: tuple[str, Heard]) -> int:
    """How many statements the turns of these people cost who do this at once, as one batch."""
    turns = there.product.writer.turns
    assert turns
    arrived = [
        Inbound(NAME, ACCOUNT, f"counted {next(NUMBERS)}", who, heard, there.clock(), callback="x")
        for who, heard in done
    ]
    async with there.product.database.write() as tx:
        with statements(tx) as seen:
            written = await turns.run(tx, [turns.waiting(each).inbound for each in arrived], there.clock())
    assert not written.failed
    there.product.delivery.take(written.ours)
    await there.product.delivery.claim()
    await there.quiet()
    return len(seen)


def says(who: str, text: str) -> tuple[str, Heard]:
    return who, Heard(text=text)


async def holding(there: Town, code: str, number: int, **values: Any) -> None:
    """So many more leads like this one, which whoever has that one holds too."""
    await more_leads(there, code, number)
    async with there.product.database.write() as tx:
        like = (await tx.execute(select(lead.c.officer_id, lead.c.taken_at).where(lead.c.code == code))).one()
        taken = {"officer_id": like.officer_id, "taken_at": like.taken_at, "status": "taken"}
        await tx.execute(update(lead).where(lead.c.officer_id.is_(None)).values(**taken, **values))


async def test_no_turn_costs_more_however_many_leads_an_officer_has(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        code = await register(there, "Siti")
        await there.does("Rina", Heard(pressed=Press("lead", "take", code)))
        asked = [says("Rina", words) for words in ("halo", "/tugas", "ingatkan besok jam 9", "batal")]
        asked += [
            ("Rina", Heard(pressed=Press("lead", "show", code))),
            ("Rina", Heard(pressed=Press("command", "tasks", "1"))),
        ]
        asked += [says("Bejo", "halo"), says("Siti", "halo")]
        costs = []
        await there.say("Bejo", "halo")
        for number in (15, 85, 300):
            await holding(there, code, number)
            await there.say("Rina", "batal")
            costs.append([await turn(there, one) for one in asked])
        assert costs[0] == costs[1] == costs[2]
        assert max(costs[0]) < 20


async def test_a_page_of_tasks_opens_ten_leads(sqlite_database: Database, vault: Vault, clock: Clock) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        code = await register(there, "Siti")
        await there.does("Rina", Heard(pressed=Press("lead", "take", code)))
        await holding(there, code, 21)
        said = await there.say("Rina", "/tugas")
        assert "Tugas terbuka: 22" in said
        assert said.count("RK-") == 10
        for _ in range(2):
            said = await there.say("Rina", "[Berikutnya]")
        assert said.count("RK-") == 2


async def test_sixteen_officers_at_once_cost_as_many_statements_as_one(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        everybody = [f"P{number}" for number in range(16)]
        for who in everybody:
            await there.hire(who, "33.10")
        alone = await turn(there, says("P0", "halo"))
        assert await turn(there, *(says(who, "halo") for who in everybody)) <= alone
        page = await turn(there, says("P0", "ingatkan besok"))
        assert page <= alone + 1


async def a_day_ago(database: Database) -> None:
    """Have all that was told lie a day back."""
    async with database.write() as tx:
        await tx.execute(update(outbox).values(created_at=NINE - timedelta(days=1)))


@pytest.mark.parametrize("colleagues", [0, 3])
async def test_going_away_costs_the_same_with_five_leads_and_a_hundred_and_each_colleague_is_told_in_one_message(
    database: Database, vault: Vault, clock: Clock, colleagues: int
) -> None:
    async with town(database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        code = await register(there, "Siti")
        await there.does("Rina", Heard(pressed=Press("lead", "take", code)))
        others = [f"Teman {number}" for number in range(colleagues)]
        for who in others:
            await there.hire(who, "33.72")
        costs = []
        for number in (5, 100):
            await holding(there, code, number)
            before = {who: len(there.told[who]) for who in others}
            costs.append(await turn(there, says("Rina", "/libur")))
            for who in others:
                [new] = there.told[who][before[who] :]
                assert f"{number + 1} calon peserta menunggu petugas" in plain(new)
            await a_day_ago(database)  # once a day they are told how many wait
            await there.say("Rina", "/masuk")
            async with database.write() as tx:
                mine = select(func.min(officer.c.id)).scalar_subquery()
                await tx.execute(update(lead).values(officer_id=mine, status="taken", taken_at=clock(), offered=False))
                await tx.execute(lead.delete().where(lead.c.code != code))
        assert costs[0] == costs[1] < 40


async def test_a_new_coordinator_is_told_of_a_hundred_leads_in_one_message_and_may_page_through_them(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.hire("Bima", role="admin")  # who is told of either
        code = await register(there, "Siti")
        costs = []
        for number, who in ((5, "Kris"), (95, "Kiki")):
            await more_leads(there, code, number)
            async with database.write() as tx:
                invited = await officers.invite(tx, vault, name=who, role="coordinator", regencies=(), now=clock())
            await there.say(who, invited)
            costs.append(await turn(there, says(who, "ya")))
        assert costs[0] == costs[1] < 25
        assert ["menunggu petugas" in plain(message) for message in there.told["Kiki"]] == [False, False, True]
        assert "101 calon peserta menunggu petugas" in there.last("Kiki")
        said = await there.say("Kiki", "[Lihat daftarnya]")
        assert (said.count("RK-"), "Siti" in said, "Laweyan" in said) == (10, False, True)
        assert (await there.say("Kiki", "[Berikutnya]")).count("RK-") == 10
        first = there.labels("Kiki")[0]
        assert "Siti Aminah" in await there.say("Kiki", f"[{first}]")
        await there.say("Kiki", "[Ambil]")
        assert "Menunggu petugas: 100" in await there.does("Kiki", Heard(pressed=Press("command", "untaken", "")))


async def test_of_fewer_than_five_leads_each_card_is_shown_as_ever(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        code = await register(there, "Siti")
        await more_leads(there, code, 3)
        await there.hire("Rina", "33.72")
        assert sum("Nama: Siti Aminah" in plain(message) for message in there.told["Rina"]) == 4
        await there.hire("Joko", "33.72")
        async with sqlite_database.write() as tx:
            mine = select(func.min(officer.c.id)).scalar_subquery()
            await tx.execute(update(lead).values(officer_id=mine, status="taken", taken_at=clock()))
        before = len(there.told["Joko"])
        await there.say("Rina", "/libur")
        told = there.told["Joko"][before:]
        assert [bool(message.edits) for message in told] == [True] * 4 + [False] * 4


# ------------------------------------------------------------------------------------------------ ticks

Prepare = Callable[[Town, int], Awaitable[None]]


async def tick(database: Database, vault: Vault, clock: Clock, prepare: Prepare, number: int) -> list[Sent]:
    """The statements of one tick after so much was prepared, nothing else being at work."""
    async with town(database, vault, clock) as there:
        await prepare(there, number)
        await there.quiet()
    assert there.product.clock
    await there.product.clock.tick()  # what is due by what came before, and hourly
    async with database.write() as tx:
        await tx.execute(update(timer).values(due_at=clock()))
        await tx.execute(update(officer).values(digest_on=None))
    clock.advance(minutes=1)
    with statements() as seen:
        await there.product.clock.tick()
    return seen


async def ids_of(there: Town, *where: Any) -> list[int]:
    async with there.product.database.read() as tx:
        return list((await tx.execute(select(lead.c.id).where(*where).order_by(lead.c.id))).scalars())


async def owners(there: Town, number: int) -> list[int]:
    """So many people who agreed to reminders; their ids."""
    wheres = [Where(NAME, ACCOUNT, f"Pemilik {next(NUMBERS)}") for _ in range(number)]
    async with there.product.database.write() as tx:
        made = await people.make(tx, there.product.vault, wheres, there.clock())
        ids = [each.person_id for each in made.values()]
        await tx.execute(update(person).where(person.c.id.in_(ids)).values(news=True))
        erase_at = there.clock() + 30 * DAY
        await sessions.save(
            tx, there.product.vault, [Saved(i, Session("home"), None, erase_at) for i in ids], there.clock()
        )
    return ids


async def leads_of_many(there: Town, number: int, **answers: str) -> None:
    """So many leads in Surakarta, each of an owner of its own."""
    code = await register(there, "Siti", **answers)
    await more_leads(there, code, number - 1)
    for lead_id, owner in zip(await ids_of(there), await owners(there, number), strict=True):
        async with there.product.database.write() as tx:
            await tx.execute(update(lead).where(lead.c.id == lead_id).values(person_id=owner))


async def due(there: Town, kind: str, version: int = 0, person_id: int | None = None) -> None:
    """A timer of this kind for each lead, due now."""
    async with there.product.database.write() as tx:
        ids = list((await tx.execute(select(lead.c.id))).scalars())
        await timers.put(tx, kind, ids, there.clock() + timedelta(minutes=1), version, person_id)


async def ring(there: Town, rung: int, reason: str = CALL) -> None:
    """The next step of each lead is due now, and the ladder has come to this rung."""
    async with there.product.database.write() as tx:
        at = there.clock() + timedelta(minutes=1)
        await tx.execute(update(lead).values(next_at=at, ring_at=at, rung=rung, next_reason=reason))


def ladder(step: int, *, held: bool) -> Prepare:
    async def prepare(there: Town, number: int) -> None:
        await there.hire("Kris", role="coordinator")
        await leads_of_many(there, number)
        for who in ("Rina", "Joko", "Dewi"):
            await there.hire(who, "33.72")
        if held:
            async with there.product.database.write() as tx:
                ids = list((await tx.execute(select(officer.c.id).order_by(officer.c.id))).scalars())[1:]
                for place, lead_id in enumerate((await tx.execute(select(lead.c.id))).scalars()):
                    theirs = {"officer_id": ids[place % 3], "status": "taken", "taken_at": there.clock()}
                    await tx.execute(update(lead).where(lead.c.id == lead_id).values(**theirs))
        await ring(there, step)

    return prepare


async def offers(there: Town, number: int) -> None:
    await leads_of_many(there, number)
    await there.hire("Rina", "33.72")
    await ring(there, FREED)


async def nudges(there: Town, number: int) -> None:
    began = Session("registration", {"consent": "yes", "regency": "33.72"}, asked="sector")
    async with there.product.database.write() as tx:
        at = there.clock() + timedelta(minutes=1)
        kept = [Saved(i, began, at, at + DAY) for i in await _made(there, tx, number)]
        await sessions.save(tx, there.product.vault, kept, there.clock())


async def _made(there: Town, tx: Any, number: int) -> list[int]:
    wheres = [Where(NAME, ACCOUNT, f"Orang {next(NUMBERS)}") for _ in range(number)]
    return [each.person_id for each in (await people.make(tx, there.product.vault, wheres, there.clock())).values()]


async def appointments(there: Town, number: int) -> None:
    await leads_of_many(there, number, contact_time="besok jam 1 siang")
    await there.hire("Rina", "33.72")
    async with there.product.database.read() as tx:
        day = (await tx.execute(select(timer.c.version).where(timer.c.kind == timers.APPOINTMENT))).scalar_one()
    await due(there, timers.APPOINTMENT, day)


async def contributions(there: Town, number: int) -> None:
    await leads_of_many(there, number)
    async with there.product.database.write() as tx:
        await tx.execute(update(lead).values(status="active"))
    await due(there, timers.CONTRIBUTION, month_number(there.clock().date()))


async def promises(there: Town, number: int) -> None:
    await leads_of_many(there, number)
    await there.hire("Rina", "33.72")
    async with there.product.database.write() as tx:
        [rina] = (await tx.execute(select(officer.c.id, officer.c.person_id))).all()
        await tx.execute(update(lead).values(officer_id=rina.id, status="taken"))
    await ring(there, 0, REMINDER)


async def digests(there: Town, number: int) -> None:
    there.clock.advance(days=1, hours=-1)
    await leads_of_many(there, number)
    async with there.product.database.write() as tx:
        for person_id, lead_id in zip(await _made(there, tx, number), await _ids(tx), strict=True):
            code = await officers.invite(
                tx, there.product.vault, name="P", role="officer", regencies=("33.72",), now=there.clock()
            )
            officer_id = await officers.invited(tx, there.product.vault, code, there.clock())
            await officers.bind(tx, there.product.vault, officer_id or 0, person_id, there.clock())
            taken = {"officer_id": officer_id, "status": "taken"}
            await tx.execute(update(lead).where(lead.c.id == lead_id).values(**taken))
        await tx.execute(timer.delete())


async def _ids(tx: Any) -> Sequence[int]:
    return list((await tx.execute(select(lead.c.id))).scalars())


async def waiting_for_words(there: Town, number: int) -> None:
    """Messages that wait for their people to write, whose service window is closed."""
    there.product.services.limits = lambda channel: Limits(text=4096, buttons=20, label=40, window=DAY)
    async with there.product.database.write() as tx:
        told = [State(form.name, "id", "APPROVED", form.category) for form in forms("id")]
        await templates.note(tx, ACCOUNT, told, there.clock())
        made = await people.make(
            tx,
            there.product.vault,
            [Where(NAME, ACCOUNT, f"Jauh {next(NUMBERS)}") for _ in range(number)],
            there.clock(),
        )
        rows = [Out(new_id(tx), k.person_id, k.address_id, where, {"t": "x"}, "notice") for where, k in made.items()]
        await messages.put(tx, there.product.vault, rows, there.clock(), owner="", lease=timedelta())
        parked = {"state": "parked", "due_at": there.clock() + 30 * DAY}
        await tx.execute(update(outbox).where(outbox.c.state == "due").values(**parked))
        erase_at = there.clock() + 30 * DAY
        kept = [Saved(k.person_id, Session("home"), None, erase_at) for k in made.values()]
        await sessions.save(tx, there.product.vault, kept, there.clock())


async def what_is_over(there: Town, number: int) -> None:
    """Leads, sessions and persons whose time is over."""
    await leads_of_many(there, number)
    over = there.clock() + timedelta(minutes=1)
    async with there.product.database.write() as tx:
        await tx.execute(update(lead).values(erase_at=over, status="declined"))
        await tx.execute(update(conversation).values(erase_at=over))
        await tx.execute(timer.delete())


async def old_rows(there: Town, number: int) -> None:
    """What came and went long ago, and has no body any more."""
    at = there.clock() - 60 * DAY
    went = {"address_id": 1, "channel": NAME, "account": ACCOUNT, "kind": "reply", "state": "sent", "due_at": at,
            "created_at": at, "owner": "", "reason": "", "external_id": "", "category": "", "attempts": 0, "lane": 0,
            "repeatable": True, "outside": False}  # fmt: skip
    came = {"account": ACCOUNT, "at": at, "kind": "text", "state": "done", "error": ""}
    ids = [first_id(at) + place for place in range(number * 50)]
    async with there.product.database.write() as tx:
        await tx.execute(insert(outbox), [{"id": each, **went} for each in ids])
        await tx.execute(insert(inbox), [{"id": each, "external_id": f"old {each}", **came} for each in ids])


@pytest.mark.parametrize(
    "prepare",
    [
        pytest.param(ladder(0, held=False), id="ladder-offered-again"),
        pytest.param(ladder(0, held=True), id="ladder-holders-reminded"),
        pytest.param(ladder(1, held=True), id="ladder-handed-over"),
        pytest.param(ladder(2, held=True), id="ladder-coordinators"),
        offers,
        nudges,
        appointments,
        contributions,
        promises,
        digests,
        waiting_for_words,
        what_is_over,
        old_rows,
    ],
)
async def test_a_tick_costs_as_many_statements_however_much_is_due(
    sqlite_database: Database, vault: Vault, clock: Clock, prepare: Prepare, tmp_path_factory: Any, migrated_sqlite: Any
) -> None:
    few = await tick(sqlite_database, vault, Clock(clock.now), prepare, FEW)
    async with await Database.open(_copy(migrated_sqlite, tmp_path_factory.mktemp("many")), clock) as another:
        many = await tick(another, vault, Clock(clock.now), prepare, MANY)
    assert len(many) <= len(few), "\n".join(sorted({each.text for each in many} - {each.text for each in few}))
    assert len(few) < 80


def _copy(migrated: Any, folder: Any) -> str:
    path = folder / "many.db"
    path.write_bytes(migrated.read_bytes())
    return str(path)
