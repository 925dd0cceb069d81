"""The outbox for an operator: rows that wait, rows that failed and the reason, without anything that names a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import tables
from storage.engine.ids import first_id

from . import notify
from .messages import BODIES_KEPT, IDLE, outbox

address, broadcast = tables.table(tables.Address), tables.table(tables.Broadcast)

OPEN = ("due", "sending", "parked", "uncertain", "failed")  # states that an operator may have to look at
_MAY_BE_CALLED_BACK = or_(
    outbox.c.state.in_(IDLE), and_(outbox.c.state == "sending", outbox.c.repeatable)
)  # a copy of a broadcast that is being sent cannot be called back


@dataclass(frozen=True, slots=True)
class Item:
    """One outbox row as listed. ``lane``: 0 replies, 1 notices, 2 bulk; ``due_at``: the moment of the next attempt."""

    id: int
    channel: str
    kind: str
    lane: int
    state: str
    created_at: datetime
    due_at: datetime
    attempts: int
    reason: str


async def listed(
    tx: AsyncConnection,
    now: datetime,
    *,
    states: Sequence[str] = OPEN,
    lane: int | None = None,
    older_than: timedelta = timedelta(),
    limit: int,
) -> list[Item]:
    """The oldest outbox rows in these states, oldest first; rows older than 30 days are left out."""
    names = (name for name in Item.__dataclass_fields__)
    query = select(*(outbox.c[name] for name in names)).where(
        outbox.c.state.in_(list(states)),
        outbox.c.id >= first_id(now - BODIES_KEPT),
        outbox.c.created_at <= now - older_than,
    )
    if lane is not None:
        query = query.where(outbox.c.lane == lane)
    return [Item(*row) for row in await tx.execute(query.order_by(outbox.c.id).limit(limit))]


async def retry(tx: AsyncConnection, now: datetime, *, ids: Sequence[int] = (), state: str = "") -> int:
    """Send failed or uncertain outbox rows again, chosen by their ids or all of one state; how many rows.

    Rows whose body is erased and rows to an unreachable address are left out. A broadcast that was done runs again.
    """
    reachable = select(address.c.id).where(address.c.id == outbox.c.address_id, address.c.reachable).exists()
    chosen = and_(
        outbox.c.id.in_(list(ids)) if ids else outbox.c.state == state,
        outbox.c.state.in_(("failed", "uncertain")),
        outbox.c.id >= first_id(now - BODIES_KEPT),
        outbox.c.sealed.is_not(None),
        reachable,
    )
    of = select(outbox.c.broadcast_id).where(chosen, outbox.c.broadcast_id.is_not(None))
    over = update(broadcast).where(broadcast.c.id.in_(of), broadcast.c.state == "done")
    await tx.execute(over.values(state="running", ended_at=None))
    values = {"state": "due", "due_at": now, "owner": "", "lease_until": None, "attempts": 0, "reason": ""}
    done = await tx.execute(update(outbox).where(chosen).values(**values))
    await notify.wake(tx)
    return int(done.rowcount)


async def cancel(tx: AsyncConnection, *, ids: Sequence[int] = (), broadcast_id: int | None = None) -> int:
    """Cancel outbox rows that have not left yet, by their ids or all copies of one broadcast; how many rows."""
    chosen: ColumnElement[bool] = (
        outbox.c.id.in_(list(ids)) if broadcast_id is None else outbox.c.broadcast_id == broadcast_id
    )
    values = {"state": "cancelled", "reason": "by an operator", "lease_until": None}
    done = await tx.execute(update(outbox).where(chosen, _MAY_BE_CALLED_BACK).values(**values))
    return int(done.rowcount)
