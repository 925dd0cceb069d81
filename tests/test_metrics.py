"""Counting is cheap, and what is counted names nobody; the database's figures are right."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot import metrics
from bot.console.health import TASKS
from bot.metrics import REGISTRY, Gauges
from storage import gauges, tables
from storage.engine.database import Database
from storage.engine.ids import first_id
from storage.gauges import Figures
from storage.outbox import messages
from storage.outbox.messages import RESTING
from tests.conftest import Clock

INBOX = tables.table(tables.Inbox)
LEAD, OUTBOX = tables.table(tables.LeadRow), tables.table(tables.Outbox)


def _value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_turns_are_counted_by_kind_and_outcome_and_timed() -> None:
    before, timed = _value("rangkul_turns_total", kind="text", outcome="done"), _value("rangkul_turn_seconds_count")
    metrics.turn("text", "done", 0.02)
    metrics.turn("text", "failed", 0.02)
    assert _value("rangkul_turns_total", kind="text", outcome="done") == before + 1
    assert _value("rangkul_turn_seconds_count") == timed + 2


def test_batches_and_sends_are_counted() -> None:
    batches, sent = _value("rangkul_batch_turns_sum"), _value("rangkul_sends_total", channel="telegram", result="sent")
    metrics.batch(7)
    metrics.sent("telegram", "sent")
    assert _value("rangkul_batch_turns_sum") == batches + 7
    assert _value("rangkul_sends_total", channel="telegram", result="sent") == sent + 1


def test_no_label_can_hold_what_a_person_wrote() -> None:
    allowed = {"kind", "outcome", "channel", "result", "reason", "le"}
    ours = [m for m in REGISTRY.collect() if m.name.startswith("rangkul_")]
    assert ours
    assert {label for metric in ours for sample in metric.samples for label in sample.labels} <= allowed


async def test_pending_messages_count_at_any_age_and_others_for_a_day(database: Database, clock: Clock) -> None:
    def row(count: int, state: str, age: timedelta) -> dict[str, object]:
        at = clock() - age
        row_id = first_id(at) | count
        where = {"address_id": 1, "channel": "c", "account": "1", "kind": "reply", "lane": 1}
        return {"id": row_id, **where, "state": state, "due_at": at, "created_at": at}

    rows = [
        row(1, "due", timedelta(days=9)),
        row(2, "sending", timedelta(seconds=5)),
        row(3, "sent", timedelta(hours=23)),
        row(4, "failed", timedelta(hours=1)),
        row(5, "sent", timedelta(hours=25)),
        row(7, "parked", timedelta(days=3)),
        row(6, "due", timedelta(hours=-1)),  # not before an hour from now
    ]
    async with database.write() as tx:
        await tx.execute(OUTBOX.insert(), rows)
        lead = {"code": "RK-1", "status": "new", "sealed": b"-", "created_at": clock(), "changed_at": clock()}
        await tx.execute(LEAD.insert().values(id=1, **lead))
    async with database.read() as tx:
        figures = await gauges.figures(tx, clock())
    assert figures.outbox == {("due", 1): 2, ("sending", 1): 1, ("sent", 1): 1, ("failed", 1): 1, ("parked", 1): 1}
    assert figures.oldest_due == {1: timedelta(days=9).total_seconds()}
    assert figures.leads == {"new": 1}


async def test_who_waits_counts_from_when_it_was_written_however_often_it_was_tried(
    database: Database, clock: Clock
) -> None:
    def row(chat: int, lane: int, reason: str, attempts: int = 7) -> dict[str, object]:
        where = {"address_id": chat, "channel": "c", "account": "1", "kind": "reply", "state": "sending"}
        at = {"created_at": clock() - timedelta(seconds=85 + chat), "due_at": clock() + timedelta(seconds=15)}
        return {"id": database.ids(), **where, **at, "lane": lane, "reason": reason, "attempts": attempts}

    rests = row(9, 0, f"{RESTING}: flood")
    rows = [
        row(1, 0, "500"),
        row(2, 1, "no answer"),
        row(3, 2, "not before its time", 0),
        rests,
        {**rests, "id": 7, "reason": ""},
    ]
    async with database.write() as tx:
        await tx.execute(OUTBOX.insert(), rows)
    async with database.read() as tx:
        assert await gauges.oldest_due(tx, clock()) == {0: 86, 1: 87}


async def test_a_body_that_should_be_gone_shows_for_how_long(sqlite_database: Database, clock: Clock) -> None:
    at = clock() - messages.BODIES_KEPT - timedelta(days=3)
    event_ = {"account": "1", "external_id": "1", "at": at, "kind": "text", "sealed": b"x"}
    async with sqlite_database.write() as tx:
        await tx.execute(INBOX.insert().values(id=first_id(at), **event_))
    async with sqlite_database.read() as tx:
        overdue = (await gauges.figures(tx, clock())).bodies_overdue
    assert overdue == {"inbox": pytest.approx(3 * 24 * 3600, abs=1), "outbox": 0.0}


async def test_a_database_that_cannot_be_read_shows_as_such_and_the_rest_is_there(
    sqlite_database: Database, clock: Clock
) -> None:
    async with sqlite_database.write() as tx:
        await tx.exec_driver_sql("DROP TABLE outbox")
    text = (await Gauges(sqlite_database, clock).exposition()).decode()
    assert "rangkul_database_up 0.0" in text
    assert "rangkul_people" not in text
    assert "rangkul_turn_seconds_count" in text


async def test_reading_figures_does_not_read_all_that_was_ever_sent(sqlite_database: Database, clock: Clock) -> None:
    """Each look at the outbox goes by an index, so that a monitor costs the same after a million messages."""
    asked: list[tuple[str, Any]] = []

    def keep(_: object, __: object, statement: str, parameters: Any, *___: object) -> None:
        asked.append((statement, parameters))

    async with sqlite_database.read() as tx:
        event.listen(tx.sync_connection, "before_cursor_execute", keep)
        await gauges.figures(tx, clock())
        plans = [
            row["detail"]
            for statement, parameters in asked[:]
            if "FROM outbox" in statement
            for row in (await tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)).mappings()
        ]
    looks = [plan for plan in plans if "outbox" in plan]
    assert len(looks) == 6
    assert all("INDEX" in plan or "PRIMARY KEY" in plan for plan in looks)


def test_the_handbook_explains_every_metric_and_every_part_of_ready() -> None:
    handbook = (Path(__file__).parents[1] / "docs" / "operations.md").read_text(encoding="utf-8")
    figures = Figures(1, {"new": 1}, {("due", 0): 1}, {0: 1.0}, {"lead.sealed": 1}, {"inbox": 1.0})
    counted = [metric.name for metric in REGISTRY.collect()]
    stock = [metric.name for metric in metrics.families(figures)]
    missing = [name for name in (*counted, *stock) if name.startswith("rangkul_") and name not in handbook]
    assert missing == []
    assert [
        part for part in (*TASKS, "database", "schema", "key", "replies", "receiving") if f"`{part}`" not in handbook
    ] == []
