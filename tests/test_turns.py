"""The turn writer: acknowledged means committed, each event counts once, and one person's trouble is nobody else's."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text, update
from structlog.testing import capture_logs

from bot.channels.base import Inbound, Unavailable
from conversations.book import BOOK
from conversations.core import Contact, Heard, Press, Question
from storage import tables
from storage.database import Database
from storage.messages import Settled
from storage.people import Where
from storage.vault import Vault
from tests.conftest import Clock
from tests.owners import ANSWERS, register
from tests.soundness import kept, session_of
from tests.stepwise import NINE
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


@asynccontextmanager
async def locked(path: Path) -> AsyncIterator[None]:
    """Another program holds the write lock of this SQLite database."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as other:
        while not other.in_transaction:
            with suppress(sqlite3.OperationalError):
                other.execute("BEGIN IMMEDIATE")
            await asyncio.sleep(0.001)
        yield


async def answers(there: Town, who: str) -> Mapping[str, Any]:
    session = await session_of(there.product.database, there.product.shell.vault, Where("terminal", "local", who))
    return session.answers if session else {}


def with_question(there: Town, key: str, change: Callable[[Question], Question]) -> None:
    """Put another question in the place of one of the registration's, as a faulty release would."""
    dialogue = BOOK["registration"]
    questions = tuple(change(q) if q.key == key else q for q in dialogue.questions)
    there.product.writer._book = {**BOOK, "registration": replace(dialogue, questions=questions)}


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
        assert [log["turns"] for log in logs if log["event"] == "batch undone"] == [64]
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


async def test_a_person_who_cannot_be_read_at_all_holds_up_nobody(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.say("Siti", "halo")
        async with database.write() as tx:
            await tx.execute(update(person).values(phone=b"x" * 60))
        await there.terminal.bring("Siti", Heard(text="ya"), "event-1")
        failed = select(inbox.c.external_id, inbox.c.sealed, inbox.c.person_id).where(inbox.c.state == "failed")
        async with database.read() as tx:
            assert (await tx.execute(failed)).all() == [("event-1", None, None)]


async def test_a_lead_that_cannot_be_stored_keeps_the_answers(database: Database, vault: Vault, clock: Clock) -> None:
    async with town(database, vault, clock) as there:
        there.product.shell.fresh = lambda: "RK-AAAAAA"  # the second lead finds its code taken, each time
        await register(there, "Siti")
        await register(there, "Joko", upto="contact_time")
        said = await there.say("Joko", "[Kirim]")
        assert SORRY in said
        assert "Kirim" in there.labels("Joko")
        there.product.shell.fresh = lambda: "RK-BBBBBB"
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


# ------------------------------------------------------------------------------------------------ the database away


async def test_with_the_database_locked_nothing_is_lost_and_it_works_again_afterwards(
    tmp_path: Path, migrated_sqlite: Path, vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "test.db"
    shutil.copy(migrated_sqlite, path)
    monkeypatch.setattr("storage.engines.BUSY_TIMEOUT_MS", 10)
    async with await Database.open(str(path)) as database, town(database, vault, clock) as there:
        await there.say("Siti", "halo")
        async with locked(path):
            for _ in range(2):
                with pytest.raises(Unavailable):
                    await there.terminal.bring("Siti", Heard(text="ya"), "event-1")
        await there.does("Siti", Heard(text="ya"), "event-1")
        assert (await answers(there, "Siti")).keys() == {"consent"}


async def test_on_a_full_disk_nothing_is_lost_and_it_works_again_afterwards(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    database = sqlite_database
    async with town(database, vault, clock) as there:
        await there.say("Siti", "halo")
        async with database.write() as tx:
            pages = (await tx.execute(text("PRAGMA page_count"))).scalar_one()
            await tx.execute(text(f"PRAGMA max_page_count = {pages}"))
        refused = []
        for number in range(8):
            try:
                await there.terminal.bring("Joko", Heard(text="halo " * 500), f"event-{number}")
            except Unavailable:
                refused.append(f"event-{number}")
        assert refused
        async with database.write() as tx:
            await tx.execute(text("PRAGMA max_page_count = 1000000"))
        for event in refused:
            await there.terminal.bring("Joko", Heard(text="halo " * 500), event)
        assert await count(database, inbox) == 9


async def test_a_writer_that_ends_while_the_database_is_away_ends(
    tmp_path: Path, migrated_sqlite: Path, vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "test.db"
    shutil.copy(migrated_sqlite, path)
    monkeypatch.setattr("storage.engines.BUSY_TIMEOUT_MS", 10)
    async with (
        await Database.open(str(path)) as database,
        AsyncExitStack() as lock,
        asyncio.timeout(10),
        town(database, vault, clock) as there,
    ):
        await there.say("Siti", "halo")
        await lock.enter_async_context(locked(path))
        there.product.writer.settle(Settled(1, "sent", clock()))


async def test_after_its_end_the_writer_takes_nothing_more(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        writer = there.product.writer
        await writer.stop()
        with pytest.raises(Unavailable):
            await writer.receive(Inbound("terminal", "local", "1", "Siti", Heard(text="halo"), clock()))


# ------------------------------------------------------------------------------------------------ odd events


@pytest.mark.parametrize(
    "heard",
    [
        Heard(text="x\x00\ud800y"),
        Heard(text="\u202eabc\u202c <b>halo</b> &amp; *x* _y_ [z](http://x)"),
        Heard(text="🙏" * 4096),
        Heard(text="a" * 100_000),
        Heard(start="kampanye\x00\ud800" + "z" * 300),
        Heard(contact=Contact("+62812\x00", own=True)),
        Heard(other="dice\x00"),
        Heard(pressed=Press("lead", "take", "RK-\x00")),
        Heard(pressed=Press("lead", "\ud800", "'; DROP TABLE person; --")),
        Heard(pressed=Press("registration", "consent", "perhaps", "zzz")),
        Heard(pressed=Press("nobody", "knows", "this")),
        Heard(),
    ],
    ids=lambda heard: repr(heard)[:60],
)
async def test_odd_events_are_answered(database: Database, vault: Vault, clock: Clock, heard: Heard) -> None:
    async with town(database, vault, clock) as there:
        assert await there.does("Siti", heard)
        clock.advance(minutes=1)
        assert await there.does("Siti", heard)
        assert await count(database, inbox, inbox.c.state == "failed") == 0


ODD = st.text(
    st.characters(codec=None) | st.sampled_from("\x00\u202e\u200f\ufeff😀👨‍👩‍👧<>&*_`[]{}%\n٣٤５"),
    min_size=1,
    max_size=1000,
)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(ODD, min_size=1, max_size=4), upto=st.sampled_from(sorted(ANSWERS)))
def test_whatever_is_typed_at_any_question_is_answered(
    tmp_path: Path, migrated_sqlite: Path, vault: Vault, said: list[str], upto: str
) -> None:
    async def play() -> None:
        path = tmp_path / "odd.db"
        shutil.copy(migrated_sqlite, path)
        async with await Database.open(str(path)) as database, town(database, vault, Clock(NINE)) as there:
            await register(there, "Siti", upto=upto)
            for each in said:
                assert await there.say("Siti", f" {each}"), each
            assert await count(database, inbox, inbox.c.state == "failed") == 0

    asyncio.run(play())


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


# ------------------------------------------------------------------------------------------------ what is never kept

NIK = "3372011203900001"


@pytest.mark.parametrize(
    "heard",
    [
        Heard(text=f"nik saya {NIK}"),
        Heard(text="3372 0112 0390 0001"),
        Heard(text="33.72.01.120390.0001 ya bu"),
        Heard(text="３３７２０１１２０３９００００１"),
        Heard(start=NIK),
        Heard(contact=Contact(NIK, own=False)),
    ],
    ids=str,
)
async def test_sixteen_digits_reach_neither_inbox_nor_session_nor_outbox_nor_log(
    sqlite_database: Database, vault: Vault, clock: Clock, heard: Heard
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await register(there, "Siti", upto="consent")
        with capture_logs() as logs:
            said = await there.does("Siti", heard)
            await there.say("Siti", "Bu Siti")
        assert "NIK" in said
        found = await kept(sqlite_database, vault)
        async with sqlite_database.read() as tx:
            clear = [str((await tx.execute(select(table))).all()) for table in tables.SQLModel.metadata.sorted_tables]
        everything = "\n".join([*found.texts, *clear, str(found.sessions), str(found.bodies), str(logs)])
        digits = "".join(c for c in everything.translate({0xFF10 + d: str(d) for d in range(10)}) if c not in " .")
        assert NIK not in digits


async def test_two_phone_numbers_are_kept(sqlite_database: Database, vault: Vault, clock: Clock) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.say("Siti", "0812 0000 7001 / 0857 0000 7002")
        assert any("0812 0000 7001 / 0857 0000 7002" in text for text in (await kept(sqlite_database, vault)).texts)


async def test_no_file_of_the_database_holds_a_word_that_a_person_said_of_themselves(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.hire("Wulandari", "33.72")
        await register(
            there, "alamat-chat-siti", name="Kartikasari", business_name="Warung Mbok Galak", sector="jualan tengkleng"
        )
        await there.say("Wulandari", "[Ambil]")
        await there.say("Wulandari", "[Catat hasil]")
        await there.say("Wulandari", "[Berminat]")
        await there.say("Wulandari", "rumahnya cat biru")
        await there.say("alamat-chat-siti", "kata tetangga Sumarno bisa dicicil ya")
        path = Path(str(sqlite_database.url.database))
        stored = b"".join(file.read_bytes() for file in path.parent.iterdir() if file.name.startswith(path.name))
        assert b"RK-222" in stored, "what is kept in the clear is found this way"
        for said in (
            "Kartikasari",
            "Galak",
            "tengkleng",
            "81200007001",
            "alamat-chat",
            "cat biru",
            "Sumarno",
            "Wulandari",
        ):
            assert said.encode() not in stored, said
