"""The outbox: what a turn left to say leaves in order, once where that can be, and never to who is gone."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.app import assemble, running
from bot.channels.base import Outgoing, SendFailed, SendStatus
from bot.channels.terminal import Terminal
from bot.outbox.delivery import Delivery
from bot.outbox.leased_rows import LEASE
from bot.outbox.sending import LONGEST_PAUSE, SOON, backoff
from bot.serialization import pack
from storage import tables
from storage.engine.database import Database
from storage.engine.ids import new_id
from storage.outbox import messages
from storage.outbox.messages import Out
from storage.people.people import Where
from storage.sealing.vault import Vault
from storage.whole_person import old_messages
from tests.conftest import Clock
from tests.owners import register, said_by_question
from tests.town import Town, known, plain, town

outbox, address = tables.table(tables.Outbox), tables.table(tables.Address)


class Shaky(Terminal):
    """A terminal whose line may fail: ``trouble`` holds what each person's next sends end with, ``closed`` whose wait."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.trouble: dict[str, deque[Exception]] = defaultdict(deque)
        self.closed: dict[str, asyncio.Event] = {}
        self.tried: list[tuple[str, float]] = []
        self.on_the_line: dict[str, int] = defaultdict(int)

    async def send(self, address: str, message: Outgoing) -> SendStatus:
        self.tried.append((address, asyncio.get_running_loop().time()))
        assert self.on_the_line[address] == 0, "two messages to one chat at the same time"
        self.on_the_line[address] += 1
        try:
            if address in self.closed:
                await self.closed[address].wait()
            if self.trouble[address]:
                raise self.trouble[address].popleft()
            return await super().send(address, message)
        finally:
            self.on_the_line[address] -= 1


class Elsewhere(Terminal):
    """Another channel than the town's."""

    name = "elsewhere"


def shaky(there: Town) -> Shaky:
    assert isinstance(there.terminal, Shaky)
    return there.terminal


async def rows(database: Database) -> list[Any]:
    async with database.read() as tx:
        return list((await tx.execute(select(outbox).order_by(outbox.c.id))).all())


async def until(so: Callable[[], Awaitable[bool]] | Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while True:
            found = so()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.005)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.outbox.sending.FIRST_PAUSE", 0.01)
    monkeypatch.setattr("bot.outbox.delivery.SWEEP_EVERY", 0.05)
    monkeypatch.setattr("bot.outbox.delivery.LOOK_EVERY", 0.05)


# ------------------------------------------------------------------------------------------------ on its way


async def test_a_reply_is_born_leased_and_leaves_without_a_claim(
    database: Database, vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.outbox.delivery.LOOK_EVERY", 3600.0)
    async with town(database, vault, clock) as there:
        assert await there.say("Siti", "halo")
        [row] = await rows(database)
        assert (row.state, row.owner, row.attempts) == ("sent", there.product.owner, 0)
        assert row.external_id


async def test_messages_to_one_chat_leave_in_order_also_when_sending_fails(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock, kind=Shaky) as there:
        shaky(there).trouble["Siti"].extend([SendFailed("down"), ConnectionResetError(), SendFailed("down again")])
        await asyncio.gather(*(there.terminal.say("Siti", said) for said in ("halo", "ya", "Siti Aminah", "Solo")))
        await there.quiet()
        heads = [plain(message).partition("\n")[0] for message in there.told["Siti"]]
        assert [head.partition(" ")[0] for head in heads] == ["Halo", "Terima", "Baik,", "Baik,"]
        assert [row.attempts for row in await rows(database)] == [3, 0, 0, 0]
        assert {row.state for row in await rows(database)} == {"sent"}


async def test_one_chat_that_cannot_be_reached_holds_up_no_other(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock, kind=Shaky) as there:
        shaky(there).closed["Siti"] = asyncio.Event()
        await there.terminal.say("Siti", "halo")
        await there.terminal.say("Joko", "halo")
        await until(lambda: "Joko" in there.told)
        shaky(there).closed["Siti"].set()
        await there.quiet()
        assert "Siti" in there.told


async def test_a_platform_that_says_when_to_come_again_is_obeyed(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock, kind=Shaky) as there:
        shaky(there).trouble["Siti"].append(SendFailed("slow down", retry_after=0.3))
        await there.say("Siti", "halo")
        (_, first), (_, second) = shaky(there).tried
        assert 0.29 <= second - first < 1.0


async def test_a_restart_still_obeys_it_and_sends_in_order(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock, kind=Shaky) as there:
        shaky(there).trouble["Siti"].append(SendFailed("slow down", retry_after=600))
        await there.terminal.say("Siti", "halo")
        await until(lambda: not there.product.writer.busy and bool(shaky(there).tried))
        await there.terminal.say("Siti", "ya")
        there.product.delivery._chats._tasks.copy().pop().cancel()  # as at SIGKILL: nobody waits the ten minutes
    async with town(sqlite_database, vault, clock, kind=Shaky) as there:
        await asyncio.sleep(0.2)
        assert shaky(there).tried == []
        clock.advance(seconds=601)
        await until(lambda: len(there.told.get("Siti", ())) == 2)
        assert plain(there.told["Siti"][0]).startswith("Halo")


def test_pauses_grow_with_jitter_and_are_short_while_somebody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.outbox.sending.FIRST_PAUSE", 1.0)
    for attempts, expected in ((0, 1), (3, 8), (4, SOON), (19, SOON), (20, LONGEST_PAUSE), (299, LONGEST_PAUSE)):
        found = [backoff(attempts) for _ in range(50)]
        assert 0.75 * expected <= min(found) < max(found) <= 1.25 * expected


@pytest.mark.parametrize(
    ("failures", "state", "reason"),
    [
        ([SendFailed("bad request", permanent=True)], "failed", "bad request"),
        ([ValueError("a mistake of ours")] * 6, "failed", "ValueError"),
        ([SendFailed("down")] * 20, "sent", ""),
    ],
)
async def test_what_can_never_be_sent_is_given_up_and_what_can_is_not(
    sqlite_database: Database,
    vault: Vault,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    failures: list[Exception],
    state: str,
    reason: str,
) -> None:
    monkeypatch.setattr("bot.outbox.sending.SOON", 0.02)
    async with town(sqlite_database, vault, clock, kind=Shaky) as there:
        shaky(there).trouble["Siti"].extend(failures)
        await there.say("Siti", "halo")
        [row] = await rows(sqlite_database)
        assert (row.state, row.reason) == (state, reason)
        assert await there.say("Siti", "ya"), "the next one leaves all the same"


async def test_who_has_blocked_us_is_told_nothing_until_they_write_again(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock, kind=Shaky) as there:
        await there.hire("Rina", "33.72")
        shaky(there).trouble["Rina"].append(SendFailed("blocked", gone=True))
        await register(there, "Siti")
        tried = len(shaky(there).tried)
        await register(there, "Joko")
        assert "Rina" not in [who for who, _ in shaky(there).tried[tried:]]
        assert [row.reason for row in await rows(database) if row.state == "failed"] == ["blocked"]
        assert await there.say("Rina", "/tugas")
        await register(there, "Budi")
        assert "RK-" in there.last("Rina")


async def test_a_long_text_leaves_in_parts_that_end_at_lines(
    sqlite_database: Database, vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Terminal, "limits", replace(Terminal.limits, text=200))
    async with town(sqlite_database, vault, clock) as there:
        await there.say("Siti", "halo")
        parts = there.told["Siti"]
        assert len(parts) > 1
        assert all(len(plain(part)) <= 200 for part in parts)
        assert [bool(part.keys) for part in parts] == [False] * (len(parts) - 1) + [True]
        assert "\n".join(plain(part) for part in parts).startswith("Halo")


# ------------------------------------------------------------------------------------------------ other processes


async def left_behind(database: Database, vault: Vault, clock: Clock, *texts: str, owner: str = "dead") -> None:
    """Rows that a process that is no more had leased to itself, to the only chat there is."""
    async with database.write() as tx:
        [row] = (await tx.execute(select(address))).all()
        where = Where("terminal", "local", vault.open(row.sealed, table="address", column="sealed", row=row.id))
        out = [Out(new_id(tx), row.person_id, row.id, where, pack(Outgoing(text)), "notice") for text in texts]
        await messages.put(tx, vault, out, clock(), owner=owner, lease=timedelta(seconds=60))


async def test_what_a_dead_process_left_is_sent_by_the_next_at_once_on_sqlite_after_the_lease_on_postgresql(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.say("Siti", "halo")
    await left_behind(database, vault, clock, "satu", "dua", "tiga")
    async with town(database, vault, clock) as there:
        if database.dialect == "postgresql":
            await there.product.delivery.claim()
            assert there.told == {}
            clock.advance(seconds=61)
        await until(lambda: len(there.told.get("Siti", ())) == 3)
        assert [plain(message) for message in there.told["Siti"]] == ["satu", "dua", "tiga"]


async def test_two_processes_never_send_the_same_row(
    two_processes: tuple[Database, Database], vault: Vault, clock: Clock
) -> None:
    """Also where the first waits for longer than a lease behind a chat that is slow."""
    one, two = two_processes
    async with (
        town(one, vault, clock, kind=Shaky) as first,
        town(two, vault, clock, kind=Shaky) as second,
    ):
        shaky(first).closed["Siti"] = asyncio.Event()
        for said in ("halo", "ya", "Siti Aminah"):
            await first.terminal.say("Siti", said)
        for _ in range(5):
            clock.advance(seconds=5)
            await first.product.delivery._renew()
            await second.product.delivery.claim()
        shaky(first).closed["Siti"].set()
        await first.quiet()
        await second.quiet()
        assert (len(first.told["Siti"]), second.told) == (3, {})


async def unheard(_: Delivery) -> None:
    """Stands in for a connection over which no process is ever woken."""
    await asyncio.Event().wait()


async def test_what_a_process_whose_clock_is_fast_took_over_is_not_sent_here_too(
    two_processes: tuple[Database, Database], vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.outbox.delivery.SWEEP_EVERY", 3600.0)
    monkeypatch.setattr("bot.outbox.delivery.LOOK_EVERY", 3600.0)
    monkeypatch.setattr(
        "bot.outbox.delivery.Delivery._listen", unheard
    )  # a wake-up would have it claim before its time
    (one, two), fast = two_processes, Clock(clock.now + LEASE)
    async with (
        town(one, vault, clock, kind=Shaky) as slow,
        town(two, vault, fast, kind=Shaky) as other,
    ):
        for line in (shaky(slow), shaky(other)):
            line.closed["Siti"] = asyncio.Event()
        await other.product.delivery.claim()  # its own first look is over
        for said in ("halo", "ya", "Siti Aminah"):
            await slow.terminal.say("Siti", said)
        await until(lambda: slow.product.delivery.waiting == 3 and bool(shaky(slow).tried))
        await other.product.delivery.claim()
        clock.now += LEASE * 0.6
        await slow.product.delivery._renew()
        shaky(slow).closed["Siti"].set()
        await slow.quiet()
        shaky(other).closed["Siti"].set()
        await other.quiet()
        assert (len(slow.told["Siti"]), len(other.told["Siti"])) == (1, 3), "only what was on its way already"


async def test_a_clock_that_was_ahead_strands_nothing(database: Database, vault: Vault, clock: Clock) -> None:
    async with town(database, vault, clock) as there:
        await there.say("Siti", "halo")
    clock.advance(days=400)
    await left_behind(database, vault, clock, "satu")
    await left_behind(database, vault, clock, "dua", owner="")
    clock.advance(days=-400)
    async with town(database, vault, clock) as there:
        await until(lambda: len(there.told.get("Siti", ())) == 2)
        assert [plain(message) for message in there.told["Siti"]] == ["satu", "dua"]


async def test_people_are_answered_while_the_clock_jumps(database: Database, vault: Vault, clock: Clock) -> None:
    async with town(database, vault, clock) as there:
        for said, hours in (("halo", 30), ("ya", -90), ("Siti Aminah", 24 * 20), ("Solo", -24 * 700), ("warung", 1)):
            assert await there.say("Siti", said)
            clock.advance(hours=hours)
            await there.product.clock.tick()
        assert [row.state for row in await rows(database)].count("sent") >= 5


# ------------------------------------------------------------------------------------------------ erased


async def test_a_farewell_leaves_and_then_neither_its_text_nor_its_address_is_kept(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock, kind=Shaky) as there:
        await there.say("Siti", "halo")
        shaky(there).trouble["Siti"].append(SendFailed("down"))
        assert await there.say("Siti", "tidak")
        for row in await rows(database):
            assert (row.sealed, row.to, row.person_id) == (None, None, None)


async def test_an_erasure_cancels_what_has_not_left(database: Database, vault: Vault, clock: Clock) -> None:
    async with town(database, vault, clock, kind=Shaky) as there:
        shaky(there).closed["Siti"] = asyncio.Event()
        for said in ("halo", "bantuan", "bantuan", "tidak"):
            await there.terminal.say("Siti", said)
        shaky(there).closed["Siti"].set()
        await there.quiet()
        assert len(there.told["Siti"]) == 2, "what was on its way, and the farewell"
        assert [row.state for row in await rows(database)].count("cancelled") >= 2


async def test_a_card_that_waits_for_an_officer_is_not_sent_once_its_owner_is_erased(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock, kind=Shaky) as there:
        await there.hire("Rina", "33.72")
        shaky(there).closed["Rina"] = asyncio.Event()
        await there.terminal.say("Rina", "/tugas")
        await register_quietly(there)
        for said in ("hapus data", "ya"):
            await there.terminal.say("Siti", said)
        await asyncio.sleep(0.1)
        shaky(there).closed["Rina"].set()
        await there.quiet()
        told = [plain(message) for message in there.told["Rina"]]
        assert not any("Siti Aminah" in text for text in told)


async def register_quietly(there: Town) -> None:
    """A registration in words alone, without waiting for anybody's messages."""
    for said in said_by_question().values():
        await there.terminal.say("Siti", said.strip("[]"))


async def test_the_edit_of_a_card_names_the_message_that_it_replaces(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        await there.hire("Joko", "33.72")
        await register(there, "Budi")
        await register(there, "Siti")
        shown = {row.id: row for row in await rows(database) if row.kind == "card"}
        await there.say("Rina", "[Ambil]")
        edits = [row for row in await rows(database) if row.kind == "card_edit"]
        assert len(edits) == 2
        for row in edits:
            assert shown[row.edits].lead_id == row.lead_id
            assert shown[row.edits].address_id == row.address_id
        for who in ("Rina", "Joko"):
            sent = next(m for m in reversed(there.told[who]) if m.edits)
            assert sent.edits in {shown[row.edits].external_id for row in edits}


async def test_bodies_go_after_thirty_days_also_of_what_could_never_be_sent(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.say("Siti", "halo")
    await left_behind(database, vault, clock, "satu")
    async with database.write() as tx:
        await old_messages.erase_bodies_out(tx, clock.advance(days=30) - messages.BODIES_KEPT - timedelta(days=30))
        assert all(row.sealed for row in await tx.execute(select(outbox)))
        await old_messages.erase_bodies_out(tx, clock())
        assert not any(row.sealed for row in await tx.execute(select(outbox)))
    assert [row.state for row in await rows(database)] == ["sent", "cancelled"]


async def test_a_stop_ends_soon_though_a_chat_is_stuck(sqlite_database: Database, vault: Vault, clock: Clock) -> None:
    async with asyncio.timeout(8), town(sqlite_database, vault, clock, kind=Shaky) as there:
        shaky(there).closed["Siti"] = asyncio.Event()
        await there.terminal.say("Siti", "halo")
    async with town(sqlite_database, vault, clock, kind=Shaky) as there:
        await until(lambda: "Siti" in there.told)


async def test_a_channel_that_is_not_served_here_waits_for_the_process_that_serves_it(
    postgres_url: str, vault: Vault, clock: Clock
) -> None:
    async with await Database.open(postgres_url, clock) as one, await Database.open(postgres_url, clock) as two:
        async with town(one, vault, clock) as there:
            await there.say("Siti", "halo")
        deaf = assemble(two, vault, known(), {Elsewhere.name: Elsewhere(clock, lambda *_: None)}, clock)
        await left_behind(two, vault, clock, "satu")
        clock.advance(seconds=61)
        async with running(deaf):
            await deaf.delivery.claim()
            async with town(one, vault, clock) as there:
                await until(lambda: "Siti" in there.told)
