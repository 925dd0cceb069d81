"""Things to do later about a lead. A timer that comes too late does nothing: its lead is looked at when it is due."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables
from .ids import new_id

timer = tables.table(tables.Timer)

FOLLOW_UP = "follow_up"  # nobody has contacted the owner yet; ``version`` is the step of the ladder
OFFER = "offer"  # show the lead to whoever may take it


def row(kind: str, lead_id: int, due_at: datetime, step: int = 0) -> dict[str, object]:
    return {"id": new_id(), "kind": kind, "lead_id": lead_id, "due_at": due_at, "version": step}


async def put(tx: AsyncConnection, kind: str, lead_ids: Iterable[int], due_at: datetime, step: int = 0) -> None:
    """Set a timer for each of these leads, instead of any of the same kind."""
    ids = list(lead_ids)
    await clear(tx, ids, kind)
    if ids:
        await tx.execute(timer.insert(), [row(kind, lead_id, due_at, step) for lead_id in ids])


async def clear(tx: AsyncConnection, lead_ids: Iterable[int], kind: str) -> None:
    await tx.execute(delete(timer).where(timer.c.lead_id.in_(list(lead_ids)), timer.c.kind == kind))


async def take_due(tx: AsyncConnection, kind: str, now: datetime, limit: int = 100) -> list[tuple[int, int]]:
    """(lead id, step) of the timers that are due; they are gone with this transaction."""
    query = select(timer).where(timer.c.kind == kind, timer.c.due_at <= now).order_by(timer.c.due_at).limit(limit)
    rows = (await tx.execute(query.with_for_update(skip_locked=True))).all()
    await tx.execute(delete(timer).where(timer.c.id.in_([r.id for r in rows])))
    return [(r.lead_id, r.version) for r in rows]
