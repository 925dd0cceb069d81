"""Opt-outs: a person's "berhenti", and their no to reminders and news."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import tables
from storage.outbox.messages import BULK, UNSENT

person, outbox = tables.table(tables.Person), tables.table(tables.Outbox)

_NEVER_LEFT = ("cancelled", "failed")


async def stop(tx: AsyncConnection, person_ids: Sequence[int], *, stopped: bool) -> None:
    """Note that these persons want nothing but direct answers from now on; or, with ``stopped=False``, that they take
    that back, and their answer about calls with it."""
    theirs = person.c.id.in_(person_ids)
    if stopped:
        await tx.execute(update(person).where(theirs).values(stopped=True))
        await cancel(tx, person_ids, "stopped")
    else:
        await tx.execute(update(person).where(theirs).values(stopped=False, may_call=None))


async def cancel(tx: AsyncConnection, person_ids: Sequence[int], reason: str) -> None:
    """Cancel the reminders and copies of broadcasts of these persons that have not left, and erase their bodies.

    Where a message that is being sent just now leaves all the same, its receipt will say so (``delivery_status.py``).
    """
    theirs = outbox.c.person_id.in_(person_ids) & (outbox.c.lane == BULK) & outbox.c.state.in_(UNSENT)
    gone = {"state": "cancelled", "reason": reason, "lease_until": None, "sealed": None, "to": None}
    await tx.execute(update(outbox).where(theirs).values(**gone))


async def willing(tx: AsyncConnection, person_ids: Sequence[int], *, agreed: bool) -> set[int]:
    """Those of these persons who have neither said "berhenti" nor refused reminders; with ``agreed`` only who said yes
    to them."""
    wants = person.c.news.is_(True) if agreed else person.c.news.is_not(False)
    query = select(person.c.id).where(person.c.id.in_(person_ids), person.c.stopped.is_(False), wants)
    return set((await tx.execute(query)).scalars())


async def reminded(tx: AsyncConnection, person_ids: Sequence[int], since: datetime) -> dict[int, int]:
    """How many reminders and broadcasts each person was sent, or is about to be sent, since ``since``; persons with
    none are left out."""
    bulk = outbox.c.person_id.in_(person_ids) & (outbox.c.lane == BULK) & (outbox.c.created_at >= since)
    query = select(outbox.c.person_id, func.count()).where(bulk, outbox.c.state.not_in(_NEVER_LEFT))
    return {row[0]: row[1] for row in await tx.execute(query.group_by(outbox.c.person_id))}
