"""How much there is of everything, for monitoring: counts and ages only, nothing that names anybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engine.ids import first_id
from storage.outbox.messages import IS_PARKED, IS_PENDING, UNSENT
from storage.sealing import unreadable

from . import tables

person, lead, outbox = tables.table(tables.Person), tables.table(tables.LeadRow), tables.table(tables.Outbox)

LATELY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Figures:
    """``outbox`` by (state, lane): all that is pending or parked, and what was written in the last 24 hours.

    ``oldest_due``: by lane, for how many seconds the row that has waited longest is overdue; lanes without one are
    left out. ``unreadable``: how many sealed values of each place (``table.column``) do not open.
    """

    people: int
    leads: Mapping[str, int]
    outbox: Mapping[tuple[str, int], int]
    oldest_due: Mapping[int, float]
    unreadable: Mapping[str, int]


async def figures(tx: AsyncConnection, now: datetime) -> Figures:
    """All figures of this moment. Cost grows with a day's messages, not with all that were ever sent."""
    people = (await tx.execute(select(func.count()).select_from(person))).scalar_one()
    by_status = select(lead.c.status, func.count()).group_by(lead.c.status)
    leads = {row[0]: row[1] for row in await tx.execute(by_status)}
    return Figures(people, leads, await _outbox(tx, now), await oldest_due(tx, now), await unreadable.counted(tx))


async def oldest_due(tx: AsyncConnection, now: datetime) -> dict[int, float]:
    """By lane, how long the oldest row that should have left is overdue, in seconds.

    A row that is being sent counts since it was due: a process that died with it is seen as well.
    """
    due = select(outbox.c.lane, func.min(outbox.c.due_at)).where(IS_PENDING, outbox.c.due_at <= now)
    rows = await tx.execute(due.group_by(outbox.c.lane))
    return {lane: (now.astimezone(UTC) - at).total_seconds() for lane, at in rows}


async def _outbox(tx: AsyncConnection, now: datetime) -> dict[tuple[str, int], int]:
    """Three looks, each by an index: rows of any age that are pending or parked, and a range of the primary key."""
    found: dict[tuple[str, int], int] = {}
    lately = (outbox.c.id >= first_id(now - LATELY)) & outbox.c.state.not_in(UNSENT)  # ids hold the time
    for rows in (IS_PENDING, IS_PARKED, lately):
        counted = select(outbox.c.state, outbox.c.lane, func.count()).where(rows)
        found |= {(r[0], r[1]): r[2] for r in await tx.execute(counted.group_by(outbox.c.state, outbox.c.lane))}
    return found
