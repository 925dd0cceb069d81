"""SIGKILL at random moments under load: nothing acknowledged is lost, no lead is there twice, nobody is stuck, and every
row of the outbox ends. ``KILLS=200 pytest tests/crash/test_kill.py`` kills as often as the figures in docs/operations.md.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, func, select
from sqlalchemy.exc import OperationalError

from bot.channels.base import Outgoing
from bot.now import now
from bot.office.usual import whole_registration
from bot.outbox.bulk import MOST_HELD
from bot.serialization import pack
from conversations.engine.world import Lead, World
from locales import Catalog
from storage import tables
from storage.engine.database import Database
from storage.engine.ids import new_id
from storage.leads import leads, officers
from storage.outbox import messages
from storage.outbox.messages import BULK, Out
from storage.people import people
from storage.people.people import Where
from storage.sealing.vault import Vault, open_key_file
from tests.crash.crowd import NEWS, Crowd, crowd
from tests.town import known

KILLS = int(os.environ.get("KILLS", "4"))
USERS = 12
OFFICER = "petugas"
ENDED = {"sent", "failed", "cancelled", "uncertain"}

outbox = tables.table(tables.Outbox)


# To each question, besides the usual answers: a crew of one, and a place in the officer's regency.
ANSWERS = {
    "regency": "Klaten",
    "workers": "[1 orang dibayar]",
    "income": "[1 sampai 2 juta]",
    "district": "Delanggu",
    "business_name": "Warung",
}


@cache
def usual_script() -> dict[str, str]:
    """What an owner says by question, from the greeting until the lead is sent; then no to news."""
    said = whole_registration(World(now(), known(), fresh="RK-222222"), ANSWERS)
    return {**said, "news": f"[{Catalog.load().text('news.allow.no')}]"}


def script(number: int) -> list[str]:
    own = {"business_name": f"Warung {number}", "phone": f"08120000{number:04}"}
    return list({**usual_script(), **own}.values())


async def test_kills_of_the_one_process_lose_nothing_and_leave_nobody_stuck(
    tmp_path: Path, migrated_sqlite: Path
) -> None:
    url = tmp_path / "crash.db"
    url.write_bytes(migrated_sqlite.read_bytes())
    async with crowd(tmp_path, str(url)) as there:
        code = await invited(there)
        await there.place()
        await busy_while_killed(there, code, random.Random(20261122), pause=0.25)


@pytest.mark.long
async def test_kills_of_the_writer_and_of_either_of_two_senders_lose_nothing_and_leave_nobody_stuck(
    tmp_path: Path, postgres_url: str
) -> None:
    async with crowd(tmp_path, postgres_url) as there:
        code = await invited(there)
        await there.place("web")
        for _ in range(2):
            await there.place("delivery")
        await busy_while_killed(there, code, random.Random(20261123), pause=0.6)


# ------------------------------------------------------------------------------------------------ what goes on


async def invited(there: Crowd) -> str:
    """The code by which somebody becomes the officer who gets a card of each lead."""
    vault = Vault(open_key_file(there.key_file))
    async with await Database.open(there.url, now) as database, database.write() as tx:
        return await officers.invite(tx, vault, name=OFFICER, role="officer", regencies=("33.10",), now=now())


async def busy_while_killed(there: Crowd, invitation: str, chance: random.Random, pause: float) -> None:
    numbers, finish = count(), asyncio.Event()
    vault = Vault(open_key_file(there.key_file))
    rina = there.person(OFFICER)
    await rina.brings(text=invitation)
    await rina.brings(text="ya")

    async def owners() -> None:
        """One owner after another, as long as there are kills to come."""
        while not finish.is_set():
            number = next(numbers)
            await there.person(f"pemilik-{number}").registers(script(number))

    async with await Database.open(there.url, now, exclusive=False) as database:
        taking = asyncio.create_task(rina.takes_leads())
        crowd_ = [asyncio.create_task(owners()) for _ in range(USERS)]
        in_flight = list[int]()
        for _ in range(KILLS):
            await asyncio.sleep(chance.uniform(0.0, pause))
            with suppress(
                OperationalError
            ):  # SQLite's lock was not ours within five seconds: a busy machine; no news then
                await news(database, vault, there)
            await asyncio.sleep(chance.uniform(0.0, 0.1))
            server = chance.choice(there.servers)
            await server.kill()
            in_flight.append(await bulk_under_way(database))
            await server.restart()
        finish.set()
        async with asyncio.timeout(120):
            await asyncio.gather(*crowd_)
            while {lead.status for lead in await all_leads(database, vault)} != {"taken"}:
                await asyncio.sleep(0.2)
            await all_ended(database)
        taking.cancel()
        rows, stored = await everything(database), await all_leads(database, vault)
    states = Counter(row.state for row in rows)
    print(  # noqa: T201 - figures for a reader
        f"{KILLS} kills, {next(numbers)} owners, {len(rows)} rows: {dict(states)}; "
        f"{len(there.shown)} shown, in flight at kills {sum(in_flight)}"
    )
    assert set(states) <= ENDED
    assert all(there.people[f"pemilik-{number}"].done for number in range(len(stored)))
    each_lead_once_and_as_answered(stored)
    bulk_at_most_once(there, rows)
    assert max(in_flight) <= MOST_HELD * len(there.servers)
    chats_in_order(there, rows)


async def news(database: Database, vault: Vault, there: Crowd) -> None:
    """Two messages that must not be repeated, for each of those who are registering."""
    named = [who for who in there.people if who != OFFICER][-USERS:]
    where = [Where("telegram", "1", who) for who in named]
    async with database.write() as tx:
        known = await people.known(tx, vault, where)
        rows = [
            Out(
                number := new_id(tx), met.person_id, met.address_id, at, pack(Outgoing(f"{NEWS}{number}")), "news",
                BULK, repeatable=False,
            )
            for at, met in known.items() for _ in range(2)
        ]  # fmt: skip
        await messages.put(tx, vault, rows, now(), owner="", lease=timedelta())


# ------------------------------------------------------------------------------------------------ what must be so


async def bulk_under_way(database: Database) -> int:
    async with database.read() as tx:
        query = select(func.count()).select_from(outbox).where(outbox.c.state == "sending", ~outbox.c.repeatable)
        return int((await tx.execute(query)).scalar_one())


async def everything(database: Database) -> Sequence[Row[Any]]:
    async with database.read() as tx:
        return (await tx.execute(select(outbox))).all()


async def all_leads(database: Database, vault: Vault) -> list[Lead]:
    async with database.read() as tx:
        return list((await leads.page(tx, vault, limit=100_000))[0].values())


async def all_ended(database: Database) -> None:
    while any(row.state not in ENDED for row in await everything(database)):
        await asyncio.sleep(0.2)


def each_lead_once_and_as_answered(stored: list[Lead]) -> None:
    named = sorted(lead.answers["business_name"] for lead in stored)
    assert named == sorted(f"Warung {number}" for number in range(len(stored)))
    for lead in stored:
        number = int(lead.answers["business_name"].removeprefix("Warung "))
        assert lead.answers["phone"]["e164"] == f"+628120000{number:04}"
        assert lead.answers["workers"] == [1, 1]
        assert lead.status == "taken"


def bulk_at_most_once(there: Crowd, rows: Sequence[Row[Any]]) -> None:
    times = Counter(shown.ref for shown in there.shown)
    for row in rows:
        if not row.repeatable:
            assert times[row.id] == 1 if row.state == "sent" else times[row.id] <= 1
            assert row.state != "uncertain" or there.was_killed(row.owner), "only what a process held that was killed"


def chats_in_order(there: Crowd, rows: Sequence[Row[Any]]) -> None:
    """Replies and notices of a chat in the order in which they were written. After a crash the last ones, whose receipts
    it took with it, may come again: in that order, too.
    """
    talk = {row.id for row in rows if row.lane != BULK}
    lives: dict[tuple[str, str], list[int]] = defaultdict(list)
    chats: dict[str, list[int]] = defaultdict(list)
    for shown in sorted(there.shown, key=lambda shown: shown.at):
        if shown.ref in talk:
            lives[shown.by, shown.to].append(shown.ref)
            if shown.ref not in chats[shown.to]:
                chats[shown.to].append(shown.ref)
    assert [who for who, refs in chats.items() if refs != sorted(refs)] == []
    assert [who for who, refs in lives.items() if refs != sorted(set(refs))] == [], "nobody repeats what they sent"


pytestmark = [
    pytest.mark.counted,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # sockets whose server was shot
]
