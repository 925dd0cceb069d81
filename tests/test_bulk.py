"""Reminders and broadcasts leave apart from conversations: fast, at most once, and never before a reply."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.app import Product, assemble, running
from bot.channels.base import Outgoing, SendFailed, Template
from bot.channels.terminal import Terminal
from bot.roles import Role
from bot.serialization import pack
from storage import tables
from storage.engine.database import Database
from storage.engine.ids import new_id
from storage.outbox import claims, messages, rate_limits
from storage.outbox.messages import BULK, Out
from storage.people import people
from storage.people.people import Where
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.test_delivery import Shaky, rows, shaky, until
from tests.town import plain, town

outbox = tables.table(tables.Outbox)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.outbox.sending.FIRST_PAUSE", 0.01)
    monkeypatch.setattr("bot.outbox.bulk.IDLE", 0.02)
    monkeypatch.setattr("bot.outbox.delivery.LOOK_EVERY", 0.05)
    monkeypatch.setattr("bot.turns.writer.SETTLE_WITHIN", 0.001)


async def put(database: Database, vault: Vault, clock: Clock, people_count: int, **more: Any) -> list[Out]:
    """A bulk row for each of so many people, that must not be sent twice."""
    wheres = [Where("terminal", "local", f"pemilik-{number}") for number in range(people_count)]
    async with database.write() as tx:
        made = await people.known(tx, vault, wheres) or await people.make(tx, vault, wheres, clock())
        row = {"repeatable": False, **more}
        out = [
            Out(
                new_id(tx), known.person_id, known.address_id, where, pack(Outgoing("siaran")), "broadcast", BULK, **row
            )
            for where, known in made.items()
        ]
        await messages.put(tx, vault, out, clock(), owner="", lease=timedelta())
    return out


@asynccontextmanager
async def sending(database: Database, vault: Vault, clock: Clock) -> AsyncIterator[tuple[Product, Shaky]]:
    """A process that only sends, over a line that may fail."""
    line = Shaky(clock, lambda *_: None)
    product = assemble(database, vault, None, {line.name: line}, clock, roles=frozenset((Role.DELIVERY,)))
    async with running(product):
        yield product, line


async def states(database: Database) -> Counter[str]:
    return Counter(row.state for row in await rows(database))


async def all_left(database: Database) -> None:
    async def none_pending() -> bool:
        return not {"due", "sending"} & set(await states(database))

    await until(none_pending)


async def test_bulk_leaves_many_at_a_time_each_once(database: Database, vault: Vault, clock: Clock) -> None:
    async with sending(database, vault, clock) as (_, line):
        await put(database, vault, clock, 300)
        await all_left(database)
        assert await states(database) == {"sent": 300}
        assert Counter(who for who, _ in line.tried).most_common(1)[0][1] == 1


async def test_two_processes_share_it_and_nobody_gets_it_twice(
    two_processes: tuple[Database, Database], vault: Vault, clock: Clock
) -> None:
    one, two = two_processes
    async with (
        sending(one, vault, clock) as (_, first),
        sending(two, vault, clock) as (_, second),
    ):
        gate = asyncio.Event()  # until both have begun, however busy the machine is
        for line in (first, second):
            line.closed.update((f"pemilik-{number}", gate) for number in range(300))
        await put(one, vault, clock, 300)
        await until(lambda: bool(first.tried and second.tried))
        gate.set()
        await all_left(one)
        told = Counter(who for line in (first, second) for who, _ in line.tried)
        assert set(told.values()) == {1}
        assert len(told) == 300


async def test_a_reply_leaves_while_bulk_is_stuck(sqlite_database: Database, vault: Vault, clock: Clock) -> None:
    async with town(sqlite_database, vault, clock, kind=Shaky) as there:
        for number in range(500):
            shaky(there).closed[f"pemilik-{number}"] = asyncio.Event()
        await put(sqlite_database, vault, clock, 500)
        await until(lambda: len(shaky(there).tried) >= 100)
        await there.terminal.say("Siti", "halo")
        await until(lambda: "Siti" in there.told)
        for one in shaky(there).closed.values():
            one.set()
        await all_left(sqlite_database)


@pytest.mark.parametrize(
    ("trouble", "repeatable", "state"),
    [
        (SendFailed("cut off", unsure=True), False, "uncertain"),
        (SendFailed("cut off", unsure=True), True, "sent"),
        (ConnectionResetError(), False, "uncertain"),
        (ConnectionResetError(), True, "sent"),
        (SendFailed("slow down", retry_after=0.01), False, "sent"),
        (SendFailed("no answer"), False, "sent"),
        (SendFailed("blocked", gone=True), False, "failed"),
        (SendFailed("window closed", closed=True), False, "parked"),
    ],
)
async def test_a_send_whose_outcome_is_hidden_is_tried_again_only_where_that_does_no_harm(
    sqlite_database: Database, vault: Vault, clock: Clock, trouble: Exception, repeatable: bool, state: str
) -> None:
    async with sending(sqlite_database, vault, clock) as (product, line):
        line.trouble["pemilik-0"].append(trouble)
        await put(sqlite_database, vault, clock, 1, repeatable=repeatable)
        await until(lambda: bool(line.tried) and not product.writer.busy)
        clock.advance(seconds=5)
        await all_left(sqlite_database)
        assert [row.state for row in await rows(sqlite_database)] == [state]


async def test_what_was_in_flight_when_a_process_died_is_uncertain_and_no_more(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with sending(sqlite_database, vault, clock) as (product, line):
        line.closed["pemilik-3"] = asyncio.Event()
        await put(sqlite_database, vault, clock, 10)
        await until(lambda: len(line.tried) == 10)
        assert product.delivery
        for task in list(product.delivery._bulk[0]._tasks):  # as at SIGKILL: nobody waits for the answer
            task.cancel()
    async with sending(sqlite_database, vault, clock) as (_, line):
        await all_left(sqlite_database)
        assert await states(sqlite_database) == {"sent": 9, "uncertain": 1}
        assert line.tried == []


async def test_into_a_line_that_swallows_all_no_more_begin_than_two_seconds_of_pace_and_then_one_at_a_time(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    line, rate = Shaky(clock, lambda *_: None), 50.0
    for number in range(150):
        line.closed[f"pemilik-{number}"] = asyncio.Event()
        line.trouble[f"pemilik-{number}"].append(SendFailed("no answer", unsure=True, silent=True))
    roles = frozenset((Role.DELIVERY,))
    product = assemble(sqlite_database, vault, None, {line.name: line}, clock, roles=roles, rates={line.name: rate})
    async with running(product):
        await put(sqlite_database, vault, clock, 150)
        await until(lambda: len(line.tried) > 2 * rate - 10)
        await asyncio.sleep(0.2)
        begun = len(line.tried)
        assert begun <= 2 * rate
        for who, _ in line.tried[:]:
            line.closed[who].set()
        await until(lambda: len(line.tried) == begun + 1)
        await asyncio.sleep(0.2)
        assert len(line.tried) == begun + 1
        line.trouble.clear()  # it answers again
        for one in line.closed.values():
            one.set()
        await all_left(sqlite_database)
        assert await states(sqlite_database) == {"uncertain": begun, "sent": 150 - begun}


async def test_where_no_answer_comes_at_once_copies_are_not_spent_one_after_another(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    line = Shaky(clock, lambda *_: None)
    for number in range(150):
        line.trouble[f"pemilik-{number}"].append(SendFailed("502, a proxy's", unsure=True, silent=True))
    roles = frozenset((Role.DELIVERY,))
    product = assemble(sqlite_database, vault, None, {line.name: line}, clock, roles=roles, rates={line.name: 50.0})
    async with running(product):
        await put(sqlite_database, vault, clock, 150)
        await until(lambda: bool(line.tried))
        await asyncio.sleep(0.7)
        assert len(line.tried) <= 30, "those that were on their way, and none since"


async def test_two_processes_together_begin_no_more_into_a_line_that_swallows_all(
    postgres_url: str, vault: Vault, clock: Clock
) -> None:
    rate, closed = 20.0, {f"pemilik-{number}": asyncio.Event() for number in range(80)}
    async with await Database.open(postgres_url, clock) as one, await Database.open(postgres_url, clock) as two:
        lines = [Shaky(clock, lambda *_: None) for _ in range(2)]
        for line in lines:
            line.closed = closed
        how: dict[str, Any] = {"roles": frozenset((Role.DELIVERY,)), "rates": {"terminal": rate}}
        first, second = (
            assemble(base, vault, None, {"terminal": line}, clock, **how)
            for base, line in zip((one, two), lines, strict=True)
        )
        await put(one, vault, clock, 80)
        async with running(first), running(second):
            await until(lambda: sum(len(line.tried) for line in lines) > 1.5 * rate)
            await asyncio.sleep(0.5)
            assert sum(len(line.tried) for line in lines) <= 2.3 * rate
            for one_closed in closed.values():
                one_closed.set()


async def test_a_chat_gets_one_bulk_message_a_gap_and_a_reply_at_once(
    sqlite_database: Database, vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Terminal, "limits", replace(Terminal.limits, chat_gap=0.4))
    async with town(sqlite_database, vault, clock, kind=Shaky) as there:
        await there.say("pemilik-0", "halo")
        shaky(there).tried.clear()
        await asyncio.sleep(0.4)
        await put(sqlite_database, vault, clock, 1)
        await put(sqlite_database, vault, clock, 1)
        await until(lambda: len(shaky(there).tried) == 1)
        await there.terminal.say("pemilik-0", "ya")
        await until(lambda: len(shaky(there).tried) == 2)
        await until(lambda: bool(clock.advance(seconds=0.05)) and len(shaky(there).tried) == 3)
        (_, first), (_, reply), (_, second) = shaky(there).tried
        assert reply - first < second - reply
        assert second - reply >= 0.3


async def test_after_its_burst_a_chat_gets_replies_one_a_gap(
    sqlite_database: Database, vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Terminal, "limits", replace(Terminal.limits, chat_gap=0.2, burst=3))
    async with town(sqlite_database, vault, clock, kind=Shaky) as there:
        for said in ("halo", "ya", "Siti Aminah", "Solo", "warung makan"):
            await there.terminal.say("Siti", said)
        await there.quiet()
        moments = [at for _, at in shaky(there).tried]
        assert len(moments) == 5
        assert moments[3] - moments[0] >= 0.19
        assert moments[4] - moments[0] >= 0.39


async def test_when_the_platform_wants_silence_nothing_leaves_and_a_restart_obeys(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with sending(database, vault, clock) as (product, line):
        line.trouble["pemilik-0"].append(SendFailed("flood", retry_after=600, wide=True))
        [row] = await put(database, vault, clock, 1)
        await until(lambda: bool(line.tried) and not product.writer.busy)
    async with database.write() as tx:
        assert (await rate_limits.standing(tx, "terminal:local", clock())).paused == pytest.approx(600, abs=10)
        notice = Out(new_id(tx), row.person_id, row.address_id, row.where, row.body, "notice")
        await messages.put(tx, vault, [notice], clock(), owner="", lease=timedelta())
    async with sending(database, vault, clock) as (product, line):
        await until(lambda: product.delivery is not None and product.delivery.waiting == 1)
        await asyncio.sleep(0.1)
        assert line.tried == []
        assert product.delivery
        assert product.delivery.paces["terminal"].paused > 580


async def test_a_process_that_only_sends_is_woken_by_the_one_that_writes(
    postgres_url: str, vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    terminal = Terminal(clock, lambda who, message: told.append(plain(message)))
    async with await Database.open(postgres_url, clock) as one, await Database.open(postgres_url, clock) as two:
        sending = assemble(two, vault, None, {terminal.name: terminal}, clock, roles=frozenset((Role.DELIVERY,)))
        async with running(sending):
            await until(lambda: sending.delivery is not None and sending.delivery._listening)
            monkeypatch.setattr("bot.outbox.delivery.SWEEP_EVERY", 3600.0)
            monkeypatch.setattr("bot.outbox.bulk.IDLE", 3600.0)
            await asyncio.sleep(1.1)  # the looks that were under way
            [row] = await put(one, vault, clock, 1, repeatable=True)
            await until(lambda: len(told) == 1)
            async with one.write() as tx:
                notice = Out(new_id(tx), row.person_id, row.address_id, row.where, row.body, "notice")
                await messages.put(tx, vault, [notice], clock(), owner="", lease=timedelta())
            await until(lambda: len(told) == 2)


async def test_outside_the_service_window_a_template_leaves_for_as_many_people_as_a_day_allows(
    sqlite_database: Database, vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Terminal, "limits", replace(Terminal.limits, window=timedelta(hours=24)))
    told: list[Outgoing] = []
    terminal = Terminal(clock, lambda who, message: told.append(message))
    product = assemble(
        sqlite_database,
        vault,
        None,
        {"terminal": terminal},
        clock,
        daily={"terminal": 2},
        roles=frozenset((Role.DELIVERY,)),
    )
    body = pack(Outgoing("kabar", template=Template("kabar", "id", "utility")))
    out = await put(sqlite_database, vault, clock, 3)
    async with sqlite_database.write() as tx:
        address = tables.table(tables.Address)
        await tx.execute(update(address).values(heard_at=clock() - timedelta(days=3)))
        for row in out:
            sealed = vault.seal_json(body, table="outbox", column="sealed", row=row.id)
            await tx.execute(update(outbox).where(outbox.c.id == row.id).values(sealed=sealed))
    await put(sqlite_database, vault, clock, 3)  # without a template
    async with running(product):
        await all_left(sqlite_database)
        found = Counter((row.state, row.reason, row.category) for row in await rows(sqlite_database))
        assert found == {
            ("sent", "", "utility"): 2, ("parked", "daily limit", ""): 1, ("parked", "window closed", ""): 3
        }  # fmt: skip
        assert [message.template and message.template.name for message in told] == ["kabar", "kabar"]
        clock.advance(hours=24)
        async with sqlite_database.write() as tx:
            await claims.unpark_due(tx, clock())
            states_now = [row.reason for row in await tx.execute(select(outbox).where(outbox.c.state == "due"))]
        assert states_now == ["daily limit"]
