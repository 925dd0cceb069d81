"""Timers: messages about a lead that are due later, most of all to its owner. A timer that fires too late does nothing:
its job looks at the lead first. When a lead comes back to its officer stands in the lead itself (``following.py``).

``version`` says what held when the timer was set; where that has changed, the job does nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import tables
from storage.engine.ids import new_id

timer = tables.table(tables.Timer)

APPOINTMENT = "appointment"  # the owner named a day for the call; ``version`` is that day (its ordinal)
MEETING = "meeting"  # an officer has noted one; ``version`` is its moment, in seconds
ASKED = "asked"  # the owner is asked whether somebody called
CONTRIBUTION = "contribution"  # an active participant's next month; ``version`` is that month (reminders.month_number)
UNPAID = "unpaid"  # the owner is asked whether the first contribution was paid
APOLOGY = "apology"  # the owner was promised to be contacted by the day before
BROKEN = "broken"  # nobody kept the promise: the office is told, as the owner has been
NAMED = "named"  # the officer is told of the time for the call that the owner named, as the owner has been
CLOSE = "close"  # of a person, not of a lead: their cards of leads that they may see no more are emptied

AT_ONCE = 100  # timers of a kind in one look
UNREADABLE_AGAIN = timedelta(days=1)  # until a timer whose lead does not open fires again


class Due(NamedTuple):
    lead_id: int  # 0 for a timer of a person
    version: int
    person_id: int | None = None  # the person the job is for, where not simply the lead's officer or owner


def row(
    tx: AsyncConnection, kind: str, lead_id: int, due_at: datetime, version: int = 0, person_id: int | None = None
) -> dict[str, object]:
    values = {"id": new_id(tx), "kind": kind, "lead_id": lead_id, "person_id": person_id}
    return {**values, "due_at": due_at, "version": version}


async def put(
    tx: AsyncConnection,
    kind: str,
    lead_ids: Iterable[int],
    due_at: datetime,
    version: int = 0,
    person_id: int | None = None,
) -> None:
    """Set a timer for each of these leads, in place of any earlier timer of the same kind."""
    ids = list(lead_ids)
    await clear(tx, ids, kind)
    if ids:
        await tx.execute(timer.insert(), [row(tx, kind, lead_id, due_at, version, person_id) for lead_id in ids])


async def put_of(tx: AsyncConnection, kind: str, person_id: int, due_at: datetime) -> None:
    """Set a timer of a person, in place of any earlier timer of the same kind."""
    await tx.execute(delete(timer).where(timer.c.person_id == person_id, timer.c.kind == kind))
    values = {"id": new_id(tx), "kind": kind, "lead_id": None, "person_id": person_id, "due_at": due_at, "version": 0}
    await tx.execute(timer.insert().values(values))


async def put_all(tx: AsyncConnection, kind: str, timers: Iterable[tuple[Due, datetime]]) -> None:
    """Set many timers of one kind, each for its own moment; for leads whose timer of this kind was just taken."""
    rows = [row(tx, kind, each.lead_id, due_at, each.version, each.person_id) for each, due_at in timers]
    if rows:
        await tx.execute(timer.insert(), rows)


async def clear(tx: AsyncConnection, lead_ids: Iterable[int], kind: str) -> None:
    await tx.execute(delete(timer).where(timer.c.lead_id.in_(list(lead_ids)), timer.c.kind == kind))


async def take_due(tx: AsyncConnection, kind: str, now: datetime, limit: int = AT_ONCE) -> list[Due]:
    """Take the timers of a kind that are due, oldest first; they are deleted with this transaction."""
    query = select(timer).where(timer.c.kind == kind, timer.c.due_at <= now).order_by(timer.c.due_at).limit(limit)
    rows = (await tx.execute(query.with_for_update(skip_locked=True))).all()
    if rows:
        await tx.execute(delete(timer).where(timer.c.id.in_([r.id for r in rows])))
    return [Due(r.lead_id or 0, r.version, r.person_id) for r in rows]
