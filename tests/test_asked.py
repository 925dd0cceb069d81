"""What happens at the questions is counted with the turn, once a visit, and of nobody."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import sqlalchemy as sa

from storage import tables
from storage.engine.database import Database
from storage.leads import asked
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.owners import register
from tests.town import town

askedcount = tables.table(tables.AskedCount)


async def counts(database: Database, clock: Clock) -> dict[str, Counter[str]]:
    day = (clock() + timedelta(hours=7)).date()
    async with database.read() as tx:
        found = await asked.between(tx, day, day + timedelta(days=1))
    by_event: dict[str, Counter[str]] = {}
    for key, count in found.items():
        by_event.setdefault(key.event, Counter())[key.question.removeprefix("registration.")] += count
    return by_event


async def test_a_registration_is_shown_and_answers_each_question_once(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        await register(there, "Siti")
        await there.say("Rina", "tugas")
        found = await counts(database, clock)
    assert found["shown"] == found["answered"]
    assert {"consent", "name", "regency", "confirm"} <= found["shown"].keys()
    assert set(found["shown"].values()) == {1}
    assert set(found) == {"shown", "answered"}


async def test_who_stops_is_shown_without_an_answer_and_what_is_not_understood_is_asked_again(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        for said in ("halo", "ya", "qwrt zxcv", "ini bayar berapa?"):
            await there.say("Siti", said)
        found = await counts(sqlite_database, clock)
    [stopped] = (found["shown"] - found["answered"]).keys()
    assert found["again"] == {stopped: 1}
    assert found["help"] == {stopped: 1}


async def test_counts_of_one_day_and_question_are_one_row_and_add_up(database: Database, clock: Clock) -> None:
    keys = [asked.AskedKey(clock().date(), "registration.name", "simulator", "", event) for event in ("shown", "again")]
    for _ in range(3):
        async with database.write() as tx:
            await asked.add(tx, Counter(dict.fromkeys(reversed(keys), 2)))
    async with database.read() as tx:
        rows = (await tx.execute(sa.select(askedcount.c.event, askedcount.c.count).order_by("event"))).all()
    assert [tuple(row) for row in rows] == [("again", 6), ("shown", 6)]
