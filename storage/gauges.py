"""Figures for monitoring: counts and ages of persons, leads and messages; nothing that names anybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engine.ids import first_id
from storage.outbox.messages import IS_PARKED, IS_PENDING, RESTING, UNSENT
from storage.sealing import unreadable
from storage.whole_person import old_messages

from . import tables

person, lead, outbox = tables.table(tables.Person), tables.table(tables.LeadRow), tables.table(tables.Outbox)

LATELY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of one moment. ``outbox`` by (state, lane): rows that are pending or parked, and rows written in the last
    24 hours.

    ``oldest_due``: by lane, for how many seconds the row that has waited longest is overdue; lanes without such a row
    are left out. ``unreadable``: how many sealed values of each place (``table.column``) do not open.
    ``bodies_overdue``: by table, for how many seconds the oldest body should have been erased.
    """

    people: int
    leads: Mapping[str, int]
    outbox: Mapping[tuple[str, int], int]
    oldest_due: Mapping[int, float]
    unreadable: Mapping[str, int]
    bodies_overdue: Mapping[str, float]


async def figures(tx: AsyncConnection, now: datetime) -> Figures:
    """All figures of this moment. Their cost grows with a day's messages, not with all messages ever sent."""
    people = (await tx.execute(select(func.count()).select_from(person))).scalar_one()
    by_status = select(lead.c.status, func.count()).group_by(lead.c.status)
    leads = {row[0]: row[1] for row in await tx.execute(by_status)}
    broken, bodies = await unreadable.counted(tx), await old_messages.bodies_overdue(tx, now)
    return Figures(people, leads, await _outbox(tx, now), await oldest_due(tx, now), broken, bodies)


async def oldest_due(tx: AsyncConnection, now: datetime) -> dict[int, float]:
    """By lane, for how many seconds the oldest row that should have left is overdue; lanes without such a row are left
    out.

    A row that was tried in vain counts since it was written: each attempt sets a new due time, so that the row would
    never look late. A row that is being sent counts likewise, so that one whose process died is seen as well. Left out
    are chats that the platform wants to rest, which is no outage.
    """
    was_tried = outbox.c.attempts > 0
    since = case((was_tried, outbox.c.created_at), else_=outbox.c.due_at)
    rests = select(outbox.c.address_id).where(IS_PENDING, outbox.c.reason.startswith(RESTING))
    due = (
        select(outbox.c.lane, func.min(since))
        .where(IS_PENDING, or_(was_tried, outbox.c.due_at <= now), outbox.c.address_id.not_in(rests))
        .group_by(outbox.c.lane)
    )
    return {lane: max(0.0, (now.astimezone(UTC) - at).total_seconds()) for lane, at in await tx.execute(due)}


async def _outbox(tx: AsyncConnection, now: datetime) -> dict[tuple[str, int], int]:
    """Rows of the outbox by (state, lane), by three index lookups: pending rows, parked rows, a range of the primary key."""
    found: dict[tuple[str, int], int] = {}
    lately = (outbox.c.id >= first_id(now - LATELY)) & outbox.c.state.not_in(UNSENT)  # ids hold the time
    for rows in (IS_PENDING, IS_PARKED, lately):
        counted = select(outbox.c.state, outbox.c.lane, func.count()).where(rows)
        found |= {(r[0], r[1]): r[2] for r in await tx.execute(counted.group_by(outbox.c.state, outbox.c.lane))}
    return found
