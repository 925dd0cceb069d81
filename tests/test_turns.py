"""The turn writer: acknowledged means committed, each event counts once, and one person's trouble is nobody else's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, NoReturn

import pytest
import structlog
from sqlalchemy import func, select, update
from structlog.testing import capture_logs

from bot.channels.base import Inbound, PlatformStatus, Unavailable
from conversations.dialogues.book import BOOK
from conversations.engine.core import Heard, Question
from storage import tables
from storage.engine.database import Database
from storage.outbox.delivery_status import AttemptStatus
from storage.people.people import Where
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.owners import register
from tests.soundness import kept, session_of
from tests.town import Town, town

inbox, outbox, person, conversation, address, lead = (
    tables.table(each)
    for each in (tables.Inbox, tables.Outbox, tables.Person, tables.Conversation, tables.Address, tables.LeadRow)
)
POISON, SORRY = "racun", "ada gangguan di tempat kami"
LAST = tuple(a + b for a in "bdgjklmnps" for b in ("ana", "ono"))


async def count(database: Database, table: Any, *where: Any) -> int:
    async with database.read() as tx:
        return int((await tx.execute(select(func.count()).select_from(table).where(*where))).scalar_one())


async def answers(there: Town, who: str) -> Mapping[str, Any]:
    session = await session_of(there.product.database, there.product.services.vault, Where("terminal", "local", who))
    return session.answers if session else {}


def with_question(there: Town, key: str, change: Callable[[Question], Question]) -> None:
    """Put another question in the place of one of the registration's, as a faulty release would."""
    dialogue = BOOK["registration"]
    questions = tuple(change(q) if q.key == key else q for q in dialogue.questions)
    there.product.writer.turns.book = {**BOOK, "registration": replace(dialogue, questions=questions)}


def poisoned(question: Question) -> Question:
    def hears(heard: Heard, scene: Any) -> Any:
        if heard.text == POISON:
            raise ZeroDivisionError("Siti Aminah 0812 0000 7001")
        return question.hears(heard, scene)

    return replace(question, hears=hears)


def broken(*_: Any) -> NoReturn:
    raise KeyError("Siti Aminah")


# ------------------------------------------------------------------------------------------------ once, and for good


async def test_an_event_is_acknowledged_only_once_it_is_in_the_database(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.terminal.say("Siti", "halo")
        assert await count(database, inbox) == 1
        assert await count(database, conversation) == 1


async def test_an_event_that_comes_again_is_acknowledged_and_does_nothing(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.say("Siti", "halo")
        await there.does("Siti", Heard(text="ya"), "event-1")
        heard, told = await count(database, inbox), len(there.told["Siti"])
        for _ in range(3):
            assert await there.does("Siti", Heard(text="ya"), "event-1") == ""
        assert await count(database, inbox) == heard
        assert len(there.told["Siti"]) == told


async def test_copies_of_one_event_that_come_at_once_count_once(database: Database, vault: Vault, clock: Clock) -> None:
    async with town(database, vault, clock) as there:
        await asyncio.gather(*(there.terminal.bring("Siti", Heard(text="halo"), "event-1") for _ in range(5)))
        await there.quiet()
        assert len(there.told["Siti"]) == 1


async def test_an_event_that_comes_again_after_its_person_was_erased_does_not_bring_them_back(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.does("Siti", Heard(text="halo"), "event-1")
        await there.say("Siti", "tidak")
        assert await count(database, person) == 0
        told = len(there.told["Siti"])
        await there.does("Siti", Heard(text="halo"), "event-1")
        assert await count(database, person) == await count(database, address) == 0
        assert len(there.told["Siti"]) == told


async def test_messages_of_one_person_that_come_at_once_are_answered_in_order_each_once(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await asyncio.gather(*(there.terminal.say("Siti", said) for said in ("halo", "ya", "Siti Aminah", "Solo")))
        await there.quiet()
        assert (await answers(there, "Siti")).keys() == {"consent", "name", "regency"}
        assert len(there.told["Siti"]) == 4


async def test_many_people_at_once_each_get_their_own_answer(database: Database, vault: Vault, clock: Clock) -> None:
    names = [f"{first}{last}" for first in ("Siti", "Joko", "Budi", "Rina", "Agus") for last in LAST]
    async with town(database, vault, clock) as there:
        for said in ("halo", "ya"):
            await asyncio.gather(*(there.terminal.say(name, said) for name in names))
        await asyncio.gather(*(there.terminal.say(name, f"Bu {name}") for name in names))
        await there.quiet()
        for name in names:
            assert (await answers(there, name))["name"]["name"] == name.capitalize()
            assert name.capitalize() in there.last(name)


# ------------------------------------------------------------------------------------------------ poison


async def test_a_turn_that_fails_touches_none_of_the_63_others_of_its_batch(
    database: Database, vault: Vault, clock: Clock
) -> None:
    names = [f"Siti {number}" for number in range(64)]
    async with town(database, vault, clock) as there:
        for said in ("halo", "ya"):
            await asyncio.gather(*(there.terminal.say(name, said) for name in names))
        with_question(there, "name", poisoned)
        with capture_logs() as logs:
            await asyncio.gather(*(there.terminal.say(n, POISON if n == "Siti 7" else "Bu Sri") for n in names))
            await there.quiet()
        assert [log["event"] for log in logs] == ["turn failed"]  # the 63 others were not even run again
        for name in names:
            got = await answers(there, name)
            assert got.keys() == ({"consent"} if name == "Siti 7" else {"consent", "name"})
        assert SORRY in there.last("Siti 7")
        assert "kami panggil siapa" in there.last("Siti 7")
        assert await count(database, inbox, inbox.c.state == "failed", inbox.c.error == "ZeroDivisionError") == 1
        assert "7001" not in str(logs)
        assert "Aminah" not in str(logs)
        await there.say("Siti 7", "Bu Sri")
        assert (await answers(there, "Siti 7")).keys() == {"consent", "name"}


async def test_where_not_even_the_question_can_be_put_there_is_an_apology_all_the_same(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.say("Siti", "halo")
        await there.say("Siti", "ya")
        with_question(there, "name", lambda question: replace(question, hears=broken, prompt=broken, again=broken))
        assert SORRY in await there.say("Siti", "Bu Siti")
        assert (await answers(there, "Siti")).keys() == {"consent"}
        assert await count(database, inbox, inbox.c.state == "failed") == 1


async def test_a_person_whose_session_cannot_be_read_holds_up_nobody(
    database: Database, vault: Vault, clock: Clock
) -> None:
    """Refused, their event would come again for ever, and everybody's behind it would wait."""
    async with town(database, vault, clock) as there:
        await asyncio.gather(there.say("Siti", "halo"), there.say("Joko", "halo"))
        joko = (await kept(database, vault)).people["Joko"]
        async with database.write() as tx:
            await tx.execute(update(conversation).where(conversation.c.person_id != joko).values(sealed=b"x" * 60))
        await asyncio.gather(there.say("Siti", "ya"), there.say("Joko", "ya"))
        assert SORRY in there.last("Siti")
        assert "kami panggil siapa" in there.last("Joko")
        assert await count(database, inbox, inbox.c.state == "failed", inbox.c.error == "VaultError") == 1


async def test_an_event_whose_person_cannot_be_read_at_all_is_kept_as_failed(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.say("Siti", "halo")
        async with database.write() as tx:
            await tx.exec_driver_sql("ALTER TABLE lead RENAME COLUMN person_id TO gone")
        await there.terminal.bring("Siti", Heard(text="ya"), "event-1")
        failed = select(inbox.c.external_id, inbox.c.sealed, inbox.c.person_id).where(inbox.c.state == "failed")
        async with database.read() as tx:
            assert (await tx.execute(failed)).all() == [("event-1", None, None)]


async def test_a_lead_that_cannot_be_stored_keeps_the_answers(database: Database, vault: Vault, clock: Clock) -> None:
    async with town(database, vault, clock) as there:
        there.product.services.fresh = lambda: "RK-AAAAAA"  # the second lead finds its code taken, each time
        await register(there, "Siti")
        await register(there, "Joko", upto="phone")
        said = await there.say("Joko", "[Kirim]")
        assert SORRY in said
        assert "Kirim" in there.labels("Joko")
        there.product.services.fresh = lambda: "RK-BBBBBB"
        assert "RK-BBBBBB" in await there.say("Joko", "[Kirim]")


async def test_a_caller_who_gives_up_waiting_does_no_harm(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.say("Siti", "halo")
        await there.say("Siti", "ya")
        with_question(there, "name", poisoned)
        hasty = asyncio.create_task(there.terminal.say("Siti", POISON))
        await asyncio.sleep(0)
        hasty.cancel()
        await asyncio.gather(hasty, return_exceptions=True)
        assert "kami panggil siapa" in await there.say("Siti", "???")


@pytest.mark.usefixtures("logging_as_before")
async def test_a_log_that_cannot_be_written_stops_nobody(sqlite_database: Database, vault: Vault, clock: Clock) -> None:
    def full(*_: Any) -> NoReturn:
        raise BrokenPipeError

    async with town(sqlite_database, vault, clock) as there:
        await there.say("Siti", "halo")
        await there.say("Siti", "ya")
        with_question(there, "name", poisoned)
        structlog.configure(processors=[full])
        with pytest.raises(Unavailable):
            await there.terminal.bring("Siti", Heard(text=POISON), "event-1")
        assert "kota mana" in await there.say("Siti", "Bu Siti")


async def test_after_its_end_the_writer_takes_nothing_more(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        writer = there.product.writer
        await writer.stop()
        with pytest.raises(Unavailable):
            await writer.receive(Inbound("terminal", "local", "1", "Siti", Heard(text="halo"), clock()))


async def test_who_blocks_us_is_not_written_to_until_they_come_back(
    database: Database, vault: Vault, clock: Clock
) -> None:
    def event(number: int, reach: str) -> Inbound:
        return Inbound("terminal", "local", f"reach-{number}", "Siti", Heard(), clock(), reach=reach)

    async with town(database, vault, clock) as there:
        await there.say("Siti", "halo")
        told = len(there.told["Siti"])
        await there.product.receive(event(1, "blocked"))
        assert await count(database, address, ~address.c.reachable) == 1
        await there.product.receive(event(2, "back"))
        assert await count(database, address, ~address.c.reachable) == 0
        await there.product.receive(event(3, "blocked"))
        await there.say("Siti", "ya")
        assert await count(database, address, ~address.c.reachable) == 0
        assert len(there.told["Siti"]) == told + 1
        await there.product.receive(replace(event(4, "blocked"), address="a stranger"))
        assert await count(database, person) == 1


# ------------------------------------------------------------------------------------------------ storms


async def test_a_flood_of_one_person_keeps_the_next_waiting_for_one_batch_at_most(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        flood = [asyncio.create_task(there.terminal.say("Joko", f"halo {number}")) for number in range(300)]
        await asyncio.sleep(0)
        await there.terminal.say("Siti", "halo")
        assert sum(task.done() for task in flood) <= 3
        await asyncio.gather(*flood)
        await there.quiet()
        assert await count(sqlite_database, inbox) == 301


async def test_when_too_many_wait_the_platforms_keep_them_for_us(
    sqlite_database: Database, vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.turns.writer.MOST_WAITING", 10)
    async with town(sqlite_database, vault, clock) as there:
        brought = [there.terminal.bring("Joko", Heard(text="halo"), f"event-{number}") for number in range(15)]
        results = await asyncio.gather(*brought, return_exceptions=True)
        assert [isinstance(each, Unavailable) for each in results] == [False] * 10 + [True] * 5
        assert await count(sqlite_database, inbox) == 10


async def test_a_batch_that_fails_half_way_is_undone_and_nothing_of_it_is_there_twice(
    database: Database, vault: Vault, clock: Clock
) -> None:
    """Two leads of one batch get the same code, so the second undoes the first; then each has its own turn."""
    names = ("Siti", "Joko", "Budi", "Rina")
    async with town(database, vault, clock) as there:
        for name in names:
            await register(there, name, upto="phone")
        told = {name: len(there.told[name]) for name in names}
        there.product.services.fresh = iter([f"RK-AAAAA{letter}" for letter in "AABCDEFG"]).__next__
        with capture_logs() as logs:
            await asyncio.gather(*(there.terminal.say(name, "[Kirim]") for name in names))
            await there.quiet()
        assert [log["turns"] for log in logs if log["event"] == "batch undone"] == [4]
        assert await count(database, lead) == 4
        assert [len(there.told[name]) - told[name] for name in names] == [1, 1, 1, 1]
        assert await count(database, outbox, outbox.c.state != "sent") == 0


async def test_a_receipt_that_cannot_be_written_holds_up_nobody(database: Database, vault: Vault, clock: Clock) -> None:
    async with town(database, vault, clock) as there:
        await there.say("Siti", "halo")
        row = AttemptStatus(2**70, "sent", clock())  # no such number fits
        there.product.writer.settle(row)
        await there.say("Siti", "ya")
        assert (await answers(there, "Siti")).keys() == {"consent"}
        assert await count(database, outbox, outbox.c.state == "sent") == 2


async def test_what_a_platform_tells_of_a_message_and_cannot_be_written_is_over_and_the_rest_counts(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.say("Siti", "halo")
        async with database.read() as tx:
            ours = (await tx.execute(select(outbox.c.id))).scalar_one()
        told = [PlatformStatus("terminal", "local", "x", ref, "read", clock()) for ref in (2**70, ours)]
        assert await asyncio.gather(*map(there.product.receive, told)) == ["", ""]
        assert await count(database, outbox, outbox.c.state == "read") == 1


# ------------------------------------------------------------------------------------------------ clocks


async def test_a_clock_that_jumps_an_hour_forward_and_back_costs_nobody_an_answer(
    database: Database, vault: Vault, clock: Clock
) -> None:
    said = ("halo", "ya", "Siti Aminah", "Laweyan, Solo", "warung makan", "[Sendirian]")
    async with town(database, vault, clock) as there:
        for hours, words in zip((1, -1, -1, 1, 1, -1), said, strict=True):
            clock.advance(hours=hours)
            await there.say("Siti", words)
            await there.product.delivery.claim()
            await there.quiet()
        assert len(there.told["Siti"]) == len(said)
        assert (await answers(there, "Siti")).keys() == {"consent", "name", "regency", "district", "sector", "workers"}
        assert await count(database, outbox, outbox.c.state != "sent") == 0


async def test_after_a_restart_under_a_clock_that_was_set_back_a_chat_still_reads_in_order(
    database_url: str, vault: Vault, clock: Clock
) -> None:
    fast = Clock(clock() + timedelta(hours=1))
    async with await Database.open(database_url, fast) as database, town(database, vault, clock) as there:
        await there.say("Siti", "halo")
    clock.advance(seconds=1)
    async with await Database.open(database_url, clock) as database, town(database, vault, clock) as there:
        await there.say("Siti", "ya")
        async with database.read() as tx:
            before, after = (await tx.execute(select(outbox.c.id).order_by(outbox.c.created_at))).scalars()
    assert before < after
