"""Every table has an end of life; the clock keeps it, a bite at a time, and `rangkul check` says when it does not."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from bot.office.stored_checks import stored
from bot.settings import Settings
from bot.timers import upkeep
from bot.timers.upkeep import Kept, Upkeep
from storage import tables
from storage.engine.database import Database
from storage.engine.ids import first_id
from storage.sealing.vault import Vault
from storage.tables import UtcDateTime
from storage.whole_person import old_messages, old_rows
from storage.whole_person.old_rows import ENDS
from tests.conftest import Clock

PRIVACY = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text(encoding="utf-8")
DAY = timedelta(days=1)
ENDED_OTHERWISE = {
    "inbox": "old_messages", "outbox": "old_messages", "conversation": "erase_at", "person": "retention",
    "address": "retention", "joining": "account_parting", "timer": "taken when due", "unreadable": "look_again",
    "consolesession": "after twelve hours, by the clock", "signin": "after five minutes, by the clock",
    "leadevent": "with its lead", "bridge": "that evening, by the clock", "leadfind": "with its lead",
    "leadnamed": "with its message", "office": "the admins'", "rate": "the admins'", "officeregency": "the admins'",
    "officerregency": "with its officer", "recipient": "with its broadcast",
    "templatestate": "one row a template", "bucket": "one row an account", "lease": "one row a name", "keycheck": "one row",
}  # fmt: skip


def test_every_table_has_an_end_and_stands_on_the_page_about_personal_data() -> None:
    """A new table is red here until it has both."""
    names = {table.name for table in SQLModel.metadata.sorted_tables}
    assert names == {end.name for end in ENDS} | ENDED_OTHERWISE.keys()
    assert {name for name in names if f"`{name}`" not in PRIVACY} == set()
    for end in ENDS:
        assert getattr(Kept(), end.name) >= timedelta()


def test_each_end_that_the_notice_does_not_promise_is_a_setting_and_stands_there_too() -> None:
    days = {name for name in Settings.model_fields if re.fullmatch(r"\w+_days", name)} - {"quiet_days"}
    assert {name for name in days if f"RANGKUL_{name.upper()}" not in PRIVACY} == set()
    shorter = Settings(_env_file=None, **dict.fromkeys(days, 400))  # type: ignore[arg-type]
    assert {getattr(Kept.of(shorter), name) for name in ("came", "went", *(end.name for end in ENDS[:-1]))} == {
        400 * DAY
    }


async def put(database: Database, model: type[SQLModel], at: datetime, number: int = 1, **values: Any) -> list[int]:
    """Rows as if made at this moment; what is not named is filled with something."""
    table = tables.table(model)
    ids = [first_id(at) + each for each in range(number)]
    made = [{**{c.name: _filler(c, at, each) for c in table.c if not c.nullable}, **({"id": i} if "id" in table.c else {}),
             **values} for each, i in enumerate(ids)]  # fmt: skip
    async with database.write() as tx:
        await tx.execute(sa.insert(table), made)
    return ids


def _filler(column: sa.Column[Any], at: datetime, number: int) -> object:
    if isinstance(column.type, UtcDateTime):
        return at
    if isinstance(column.type, sa.LargeBinary):
        return first_id(at).to_bytes(8, "big") + number.to_bytes(8, "big")
    if isinstance(column.type, (sa.Boolean, sa.Float)):
        return 0
    if isinstance(column.type, sa.Date):
        return at.date() + number * DAY
    return number if isinstance(column.type, sa.Integer) else f"{at:%Y%m%d} {number}"


async def left(database: Database, model: type[SQLModel]) -> int:
    async with database.read() as tx:
        return int((await tx.execute(sa.select(sa.func.count()).select_from(tables.table(model)))).scalar_one())


async def fill(database: Database, at: datetime, number: int) -> None:
    """Of each kind so many rows from that moment, and what hangs on them."""
    await put(database, tables.Audit, at, number)
    await put(database, tables.Consent, at, number)
    ids = await put(database, tables.LeadRow, at, number, person_id=None, status="withdrawn")
    for each, lead_id in enumerate(ids):
        await put(database, tables.LeadEvent, at + each * timedelta(milliseconds=1), lead_id=lead_id)
    for officer_id in await put(database, tables.OfficerRow, at, number, left_at=at):
        await put(database, tables.OfficerRegency, at, officer_id=officer_id, regency="33.72")
    await put(database, tables.Invitation, at, number, expires_at=at)
    await put(database, tables.JoinCode, at, number, expires_at=at)
    await put(database, tables.AskedCount, at - number * DAY, number)
    for broadcast_id in await put(database, tables.Broadcast, at, number, state="done", ended_at=at):
        rows = [{"broadcast_id": broadcast_id, "number": each, "state": "sent", "reason": ""} for each in range(25)]
        async with database.write() as tx:
            await tx.execute(sa.insert(tables.table(tables.Recipient)), rows)


ALL = (tables.Audit, tables.Consent, tables.LeadRow, tables.LeadEvent, tables.OfficerRow, tables.OfficerRegency,
       tables.Invitation, tables.JoinCode, tables.Broadcast, tables.Recipient, tables.AskedCount)  # fmt: skip


async def test_what_is_old_ends_and_what_is_new_stays(
    database: Database, vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (old_messages, old_rows):
        monkeypatch.setattr(module, "BITE", 10)
    monkeypatch.setattr(upkeep, "MOST_BITES", 2)
    clock.advance(days=4000)  # ids tell the time since 2024
    await fill(database, clock() - 1830 * DAY, 30)
    await fill(database, clock() - 10 * timedelta(minutes=1), 2)
    told = [each async for each in stored(database, vault, clock(), Kept()) if each.what.startswith("ends")]
    assert [each.level for each in told] == ["wrong"]
    for name in ("audit", "broadcast", "consent", "invitation", "joincode", "lead", "officer"):
        assert name in told[0].what
    clock_keeps = Upkeep(database, vault, Kept())
    for _ in range(60):
        await clock_keeps.tick(clock())
    kept = {model.__tablename__: await left(database, model) for model in ALL}
    assert kept == {
        "audit": 2, "consent": 2, "lead": 2, "leadevent": 2, "officer": 2, "officerregency": 2, "invitation": 2,
        "joincode": 0, "broadcast": 2, "recipient": 50, "askedcount": 2,
    }  # fmt: skip
    told = [each async for each in stored(database, vault, clock(), Kept()) if each.what.startswith("ends")]
    assert [each.level for each in told] == ["ok"]


async def test_an_officer_whom_a_kept_lead_names_stays(sqlite_database: Database, vault: Vault, clock: Clock) -> None:
    [one] = await put(sqlite_database, tables.OfficerRow, clock() - 900 * DAY, left_at=clock() - 800 * DAY)
    await put(sqlite_database, tables.LeadRow, clock() - DAY, person_id=7, officer_id=one, status="declined")
    await Upkeep(sqlite_database, vault, Kept()).tick(clock())
    assert await left(sqlite_database, tables.OfficerRow) == 1


async def test_a_broadcast_that_goes_on_and_a_lead_that_has_a_person_have_no_age(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    clock.advance(days=4000)
    old = clock() - 3000 * DAY
    await put(sqlite_database, tables.Broadcast, old, state="paused")
    await put(sqlite_database, tables.LeadRow, old, person_id=7, status="taken")
    await Upkeep(sqlite_database, vault, Kept()).tick(clock())
    assert await left(sqlite_database, tables.Broadcast) == 1
    assert await left(sqlite_database, tables.LeadRow) == 1
