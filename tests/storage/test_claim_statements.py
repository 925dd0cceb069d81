"""Each statement of the claims can be explained on both databases, and goes by its index however much was ever sent."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from storage import tables
from storage.engine.database import Database
from storage.engine.plain_sql import PlainSql
from storage.outbox import claim_statements
from storage.outbox.messages import BULK, NOTICE, outbox
from tests.conftest import Clock

STATEMENTS = {name: found for name, found in vars(claim_statements).items() if isinstance(found, PlainSql)}
PENDING_BY_ACCOUNT, PENDING_BY_CHAT = "ix_outbox_pending", "ix_outbox_chat"
PARKED, LEASED_ONCE, BY_ID = "ix_outbox_parked", "ix_outbox_leased_once", "by id"
INDEXES = {
    "ANY_TALK": {PENDING_BY_ACCOUNT},
    "ANY_BULK": {PENDING_BY_ACCOUNT},
    "ANY_LATE": {LEASED_ONCE, PARKED},
    "UNDER_WAY": {LEASED_ONCE},
    "STILL_WANTED": {BY_ID},
    "CLAIM_CHATS": {PENDING_BY_ACCOUNT, PENDING_BY_CHAT},
    "REST_OF_CHATS": {PENDING_BY_CHAT},
    "LOCK_FREE": {BY_ID},
    "CLAIM_BULK": {PENDING_BY_ACCOUNT, PENDING_BY_CHAT},
    "LEASE": {BY_ID},
    "ADDRESSES": {BY_ID},
    "RENEW": {BY_ID},
    "GIVE_BACK": {BY_ID},
    "FAIL": {BY_ID},
    "EXPIRE": {LEASED_ONCE},
    "EXPIRE_OTHERS": {LEASED_ONCE},
    "FREE_OTHERS": {PENDING_BY_CHAT, PENDING_BY_ACCOUNT},  # either of them
    "UNPARK": {PARKED},
    "UNPARK_DUE": {PARKED},
}


async def _filled(database: Database, clock: Clock) -> None:
    """Mostly what was sent long ago; a little of all that may stand in an outbox besides."""
    later, soon = clock() + timedelta(hours=1), clock() + timedelta(seconds=9)
    leased = {"state": "sending", "owner": "other", "lease_until": soon}
    kinds: list[dict[str, Any]] = [
        {"state": "due", "lane": NOTICE},
        {"state": "due", "lane": BULK, "repeatable": False, "broadcast_id": 7},
        {"state": "parked", "lane": BULK, "repeatable": False, "due_at": later},
        {**leased, "lane": NOTICE},
        {**leased, "lane": BULK, "repeatable": False},
        *[{"state": "sent", "lane": NOTICE}] * 95,
    ]
    plain = {
        "person_id": None, "channel": "terminal", "account": "local", "sealed": b"x", "kind": "notice", "attempts": 0,
        "repeatable": True, "owner": "", "reason": "", "external_id": "", "created_at": clock(), "due_at": clock(),
        "lease_until": None, "broadcast_id": None, "outside": False, "category": "",
    }  # fmt: skip
    rows = [{**plain, "id": n, "address_id": n % 499 + 1, **kinds[n % len(kinds)]} for n in range(10_000)]
    address = {"person_id": 1, "channel": "terminal", "account": "local", "sealed": b"x", "reachable": True}
    async with database.write() as tx:
        for start in range(0, len(rows), 2_000):
            await tx.execute(outbox.insert(), rows[start : start + 2_000])
        chats = [{"id": n, "find": n.to_bytes(16, "big"), **address} for n in range(1, 500)]
        await tx.execute(tables.table(tables.Address).insert(), chats)
    async with database.write() as tx:
        await tx.exec_driver_sql("ANALYZE")


async def _plan(database: Database, statement: PlainSql, values: dict[str, Any]) -> list[str]:
    """How the database goes about this statement, line by line."""
    asked: list[tuple[str, Any]] = []

    def keep(_: object, __: object, text: str, parameters: Any, *___: object) -> None:
        asked.append((text, parameters))

    named = {name: value for name, value in values.items() if f":{name}" in statement.on(database.dialect)}
    async with database.write() as tx:
        event.listen(tx.sync_connection, "before_cursor_execute", keep)
        await statement.run(tx, **named)
        event.remove(tx.sync_connection, "before_cursor_execute", keep)
        await tx.rollback()
    explain = "EXPLAIN QUERY PLAN" if database.dialect == "sqlite" else "EXPLAIN"
    async with database.write() as tx:
        [(text, parameters)] = asked
        return [str(row[-1]) for row in await tx.exec_driver_sql(f"{explain} {text}", parameters)]


def _by(plan: list[str]) -> set[str]:
    """The indexes that it goes by; "everything" where it looks through a whole table that grows."""
    text = "\n".join(plan)
    found = set(re.findall(r"ix_outbox_\w+", text))
    if re.search(r"pk_outbox|pk_address|(outbox|address) USING INTEGER PRIMARY KEY", text):
        found.add(BY_ID)
    if re.search(r"Seq Scan on (outbox|address)|SCAN (outbox|address|earlier)(?! USING INDEX)", text):
        found.add("everything")
    return found


async def test_each_statement_goes_by_its_index_on_both_databases(database: Database, clock: Clock) -> None:
    await _filled(database, clock)
    values = {
        "channel": "terminal", "account": "local", "owner": "me", "reason": "", "most": 9, "ids": [1, 2, 3], "row_id": 1,
        "now": clock(), "ahead": clock() + timedelta(hours=1), "until": clock(), "later": clock(),
    }  # fmt: skip
    plans = {name: await _plan(database, statement, values) for name, statement in STATEMENTS.items()}
    for name, plan in plans.items():
        print(f"\n{STATEMENTS[name].on(database.dialect)}\n", *plan, sep="\n    ")  # noqa: T201 - for whoever reads a failure
    by = {name: _by(plan) for name, plan in plans.items()}
    assert by.keys() == INDEXES.keys()
    assert {name: found for name, found in by.items() if not found or not found <= INDEXES[name]} == {}


def test_a_look_through_all_that_was_ever_sent_would_be_seen() -> None:
    assert "everything" in _by(["Limit", "  ->  Seq Scan on outbox outbox_1"])
    assert "everything" in _by(["SCAN outbox"])
    assert "everything" not in _by(["SCAN outbox USING INDEX ix_outbox_parked"])


@pytest.mark.parametrize("name", STATEMENTS)
def test_each_statement_says_what_it_is_for_and_is_whole_for_each_database(name: str) -> None:
    for_sqlite, for_postgresql = (STATEMENTS[name].on(dialect) for dialect in ("sqlite", "postgresql"))
    assert for_sqlite.startswith("-- ")
    assert "ANY (" not in for_sqlite
    assert "FOR UPDATE" not in for_sqlite
    assert "json_each" not in for_postgresql
    assert {"SELECT", "UPDATE"} & set(for_sqlite.split())
