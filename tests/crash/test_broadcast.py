"""SIGKILL at random moments of a broadcast, with replies in between: at most one copy each, everybody accounted for, and
progress always what the rows say. ``KILLS=200 pytest tests/crash/test_broadcast.py`` is what docs/operations.md quotes.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.broadcasts.text import Content
from bot.now import now
from bot.outbox.bulk import MOST_HELD
from storage import tables
from storage.broadcasts import broadcasts, recipients
from storage.broadcasts.audience import Audience
from storage.engine.database import Database
from storage.engine.ids import IdSource
from storage.people.people import Where, find
from storage.sealing.vault import Vault, open_key_file
from tests.crash.crowd import NEWS, Crowd, crowd
from tests.crash.test_kill import script

KILLS = int(os.environ.get("KILLS", "3"))
RECIPIENTS = 5_000 if KILLS > 100 else 600
USERS = 6
ENDED = {"sent", "failed", "cancelled", "uncertain"}

outbox = tables.table(tables.Outbox)


async def test_kills_of_the_one_process_send_nobody_two_copies(tmp_path: Path, migrated_sqlite: Path) -> None:
    url = tmp_path / "crash.db"
    url.write_bytes(migrated_sqlite.read_bytes())
    async with crowd(tmp_path, str(url)) as there:
        await invited(there)
        await there.place()
        await broadcast_while_killed(there, random.Random(20261124), pause=1.2)


async def test_kills_of_the_clock_and_of_either_of_two_senders_send_nobody_two_copies(
    tmp_path: Path, postgres_url: str
) -> None:
    async with crowd(tmp_path, postgres_url) as there:
        await invited(there)
        await there.place("web", "clock")
        for _ in range(2):
            await there.place("delivery")
        await broadcast_while_killed(there, random.Random(20261125), pause=2.0)


# ------------------------------------------------------------------------------------------------ what goes on


async def invited(there: Crowd) -> None:
    """So many owners who agreed to news; each has a session, or the clock would erase them."""
    vault, at = Vault(open_key_file(there.key_file)), now()
    ids_of = IdSource(now)
    ids = [ids_of() for _ in range(RECIPIENTS)]
    chats = {i: Where("telegram", "1", f"penerima-{n}") for n, i in enumerate(ids)}
    values = {"created_at": at, "stopped": False, "news": True, "campaign": "", "wrong_codes": 0}
    session = {"sealed": b"", "dialogue": "home", "question": "start", "touched_at": at, "nudged": 0}
    addresses = [
        {"id": i, "person_id": i, "channel": "telegram", "account": "1", "reachable": True, "heard_at": at,
         "sealed": vault.seal(chat.address, table="address", column="sealed", row=i), "find": find(vault, chat)}
        for i, chat in chats.items()
    ]  # fmt: skip
    async with await Database.open(there.url, now) as database, database.write() as tx:
        await tx.execute(tables.table(tables.Person).insert(), [{"id": i, **values} for i in ids])
        await tx.execute(tables.table(tables.Address).insert(), addresses)
        await tx.execute(tables.table(tables.Conversation).insert(), [{"person_id": i, **session} for i in ids])


async def begun(database: Database, vault: Vault, number: int) -> int:
    at = now()
    async with database.write() as tx:
        broadcast_id = await broadcasts.draft(
            tx, vault, name=f"{number}", author_id=None, purpose="news", audience=Audience(),
            content=Content(f"{NEWS}{number}").json(), now=at,
        )  # fmt: skip
        await broadcasts.start(tx, broadcast_id, size=RECIPIENTS, approval=RECIPIENTS, now=at)
    return broadcast_id


async def broadcast_while_killed(there: Crowd, chance: random.Random, pause: float) -> None:
    """One broadcast after another, as long as there are kills to come."""
    vault = Vault(open_key_file(there.key_file))
    owners, finish, kills, started = count(), asyncio.Event(), 0, list[int]()

    async def registers() -> None:
        while not finish.is_set():
            number = next(owners)
            await there.person(f"pemilik-{number}").registers(script(number))

    async with await Database.open(there.url, now, exclusive=False) as database:
        crowd_ = [asyncio.create_task(registers()) for _ in range(USERS)]
        under_way = set[int]()
        while kills < KILLS or await state(database, started[-1]) != "done":
            if not started or await state(database, started[-1]) == "done":
                started.append(await begun(database, vault, len(started)))
            await asyncio.sleep(chance.uniform(0.0, pause))
            if kills < KILLS:
                server = chance.choice(there.servers)
                await server.kill()
                under_way |= await sending(database)
                await progress_is_what_the_rows_say(database, started[-1])
                await server.restart()
                kills += 1
        finish.set()
        async with asyncio.timeout(120):
            await asyncio.gather(*crowd_)
        totals: Counter[str] = Counter()
        for each in started:
            totals.update(await progress_is_what_the_rows_say(database, each))
        async with database.read() as tx:
            copies = list(await tx.execute(select(outbox).where(outbox.c.broadcast_id.is_not(None))))
    print(  # noqa: T201 - figures for a reader
        f"{KILLS} kills, {len(started)} broadcasts to {RECIPIENTS}: {dict(totals)}; {next(owners)} owners registered; "
        f"in flight at kills {len(under_way)}"
    )
    times = Counter(shown.ref for shown in there.shown)
    assert totals.total() >= RECIPIENTS * len(started)
    assert set(totals) <= ENDED
    assert all(times[row.id] == 1 if row.state == "sent" else times[row.id] <= 1 for row in copies)
    of_the_living = [row.id for row in copies if row.state == "uncertain" and not there.was_killed(row.owner)]
    assert of_the_living == [], "uncertain is only what a process held that was killed"
    twice = Counter((shown.to, shown.text) for shown in there.shown if shown.text.startswith(NEWS))
    assert max(twice.values()) == 1
    assert totals["uncertain"] <= MOST_HELD * KILLS


# ------------------------------------------------------------------------------------------------ what must be so


async def state(database: Database, broadcast_id: int) -> str:
    async with database.read() as tx:
        plan = await broadcasts.find(tx, broadcast_id)
    assert plan
    return plan.state


async def sending(database: Database) -> set[int]:
    async with database.read() as tx:
        query = select(outbox.c.id).where(outbox.c.state == "sending", outbox.c.broadcast_id.is_not(None))
        return set((await tx.execute(query)).scalars())


async def progress_is_what_the_rows_say(database: Database, broadcast_id: int) -> Counter[str]:
    """In one look at the database, which on PostgreSQL others change meanwhile."""
    async with database.read() as tx:
        if database.dialect == "postgresql":
            await tx.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        told = Counter(await recipients.progress(tx, broadcast_id))
        by_row: Counter[str] = Counter()
        for of_state, _, number in await recipients.reasons(tx, broadcast_id):
            by_row[of_state] += number
        plan = await broadcasts.find(tx, broadcast_id)
    assert plan
    assert told == by_row
    assert told.total() == (plan.size if plan.planned_through else 0)
    return told


pytestmark = [
    pytest.mark.long,  # tests/test_bulk.py and test_bulk_leases.py keep the same within one process
    pytest.mark.counted,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # sockets whose server was shot
]
