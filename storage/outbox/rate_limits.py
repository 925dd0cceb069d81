"""Rate limit of one bot or number, over all processes and restarts: GCRA, one row of the table ``bucket`` each.

``tat`` (theoretical arrival time) is the moment at which the next message may leave; ``paused_until`` the moment before
which the platform wants silence; ``late`` the messages that left late in the last second, so that another process does
not overfill the second after it. Moments are seconds since 1970: by PostgreSQL's own clock, which is the same for all
processes, and by the process's clock on SQLite, where there is one process.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Double, case, cast, extract, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import tables
from storage.engine.upserts import insert_absent

bucket = tables.table(tables.Bucket)

FURTHEST = 60.0  # seconds that send slots may be taken ahead; a ``tat`` beyond was written by a clock that was wrong
LONGEST_PAUSE = 86_400.0  # seconds; a longer pause was written by a clock that was wrong
LATE_KEPT = 1.5  # seconds for which other processes must know of a message that left late


Late = tuple[float, float]  # the moment of a send slot, and the moment at which its message left


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of a bucket at the moment ``at``: ``ahead``, seconds until the first send slot that was taken;
    ``paused``, seconds for which all must be silent (while paused no slot is taken); ``late``, the messages that
    left late."""

    ahead: float
    paused: float
    at: float = 0.0
    late: list[Late] = field(default_factory=list)


async def reserve(
    tx: AsyncConnection,
    name: str,
    count: int,
    gap: float,
    now: datetime,
    *,
    lead: float = 0.0,
    late: Sequence[Late] = (),
) -> Standing:
    """Take the next ``count`` send slots, ``gap`` seconds apart, after all slots taken before and at least ``lead``
    seconds from now; the bucket's state. ``late`` is told to every process that takes slots in the next second."""
    at = _now(tx, now)
    free = _greatest(tx, _least(tx, bucket.c.tat, at + FURTHEST), at + lead)
    taken = update(bucket).values(tat=case((bucket.c.paused_until > at, bucket.c.tat), else_=free + count * gap))
    found = (await tx.execute(taken.where(bucket.c.name == name).returning(*_standing(at)))).first()
    if found is None:
        await _make(tx, name)
        return await reserve(tx, name, count, gap, now, lead=lead, late=late)
    known: list[Late] = [(place, left) for place, left in found.late if left > found.at - LATE_KEPT]
    if late:  # the update above locked the row until this transaction commits
        known += late
        await tx.execute(update(bucket).where(bucket.c.name == name).values(late=known))
    return Standing(float(found.ahead) - count * gap, _paused(found), found.at, known)


async def standing(tx: AsyncConnection, name: str, now: datetime) -> Standing:
    """The state of a bucket, with no send slot taken."""
    found = (await tx.execute(select(*_standing(_now(tx, now))).where(bucket.c.name == name))).first()
    return Standing(min(max(0.0, float(found.ahead)), FURTHEST), _paused(found)) if found else Standing(0.0, 0.0)


async def pause(tx: AsyncConnection, name: str, seconds: float, now: datetime) -> None:
    """Let nobody send for so many seconds; a longer pause that is running stays."""
    await _make(tx, name)
    until = _greatest(tx, bucket.c.paused_until, _now(tx, now) + min(seconds, LONGEST_PAUSE))
    await tx.execute(update(bucket).where(bucket.c.name == name).values(paused_until=until))


async def advance(tx: AsyncConnection, name: str, seconds: float, now: datetime) -> None:
    """Set the next send to ``seconds`` from now: for the single process of a database, which keeps its send slots in
    memory."""
    await _make(tx, name)
    await tx.execute(update(bucket).where(bucket.c.name == name).values(tat=_now(tx, now) + seconds))


async def _make(tx: AsyncConnection, name: str) -> None:
    await insert_absent(tx, bucket, {"name": name, "tat": 0.0, "paused_until": 0.0, "late": []}, conflict="name")


def _now(tx: AsyncConnection, now: datetime) -> ColumnElement[float]:
    if tx.dialect.name == "postgresql":
        return cast(extract("epoch", func.clock_timestamp()), Double)
    return literal(now.timestamp(), Double)


def _standing(at: ColumnElement[float]) -> tuple[ColumnElement[Any], ...]:
    return (
        (bucket.c.tat - at).label("ahead"),
        (bucket.c.paused_until - at).label("paused"),
        at.label("at"),
        bucket.c.late,
    )


def _paused(found: Any) -> float:
    return min(max(0.0, float(found.paused)), LONGEST_PAUSE)


def _greatest(tx: AsyncConnection, *values: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.greatest(*values) if tx.dialect.name == "postgresql" else func.max(*values)


def _least(tx: AsyncConnection, *values: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.least(*values) if tx.dialect.name == "postgresql" else func.min(*values)
