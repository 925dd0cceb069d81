"""Every open lead has a next step: a timer that brings it back. A sweep finds those that have none, whatever forgot it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engine.bulk_statements import id_in

from . import timers
from .leads import OPEN, lead
from .timers import timer

AT_ONCE = 500
STEPS = (timers.FOLLOW_UP, timers.OFFER)  # what brings a lead back, whatever its state


_COMES_BACK = exists().where(timer.c.lead_id == lead.c.id, timer.c.kind.in_(STEPS))
_LOST = select(lead.c.id).where(OPEN, ~_COMES_BACK).order_by(lead.c.id)


async def lost(tx: AsyncConnection, after: int) -> list[int]:
    """Open leads that nothing brings back, ``AT_ONCE`` at most, with ids above ``after``. Looking through all open leads
    takes a while, in which others must be free to write."""
    return list((await tx.execute(_LOST.where(lead.c.id > after).limit(AT_ONCE))).scalars())


async def give(tx: AsyncConnection, lead_ids: Sequence[int], now: datetime) -> int:
    """Set a timer that is due now for those of these leads that are still open and that nothing brings back; how many."""
    found = list((await tx.execute(_LOST.where(id_in(lead.c.id)), {"ids": list(lead_ids)})).scalars())
    await timers.put(tx, timers.FOLLOW_UP, found, now)
    return len(found)


async def promised(tx: AsyncConnection, lead_ids: Sequence[int]) -> dict[int, datetime]:
    """When each of these leads comes back to its officer at their own wish; leads without such a wish are left out."""
    query = select(timer.c.lead_id, timer.c.due_at).where(timer.c.kind == timers.PROMISE, timer.c.lead_id.in_(lead_ids))
    return {row.lead_id: row.due_at for row in await tx.execute(query)} if lead_ids else {}
