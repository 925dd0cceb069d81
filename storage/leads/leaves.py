"""Leaves of officers that have their days: those that begin or end now."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from .leads import OPEN, lead
from .officers import officer

AT_ONCE = 20  # officers in one look


class OnLeave(NamedTuple):
    """An officer whose leave begins or ends."""

    id: int
    person_id: int
    role: str


async def planned(tx: AsyncConnection, officer_id: int) -> tuple[datetime | None, datetime | None]:
    """(when the leave of this officer begins, where it is yet to begin; when it ends, where it ends by itself)."""
    query = select(officer.c.absent_from, officer.c.absent_until).where(officer.c.id == officer_id)
    row = (await tx.execute(query)).first()
    return (row.absent_from, row.absent_until) if row else (None, None)


async def beginning(tx: AsyncConnection, now: datetime) -> list[OnLeave]:
    """Officers at work whose leave begins now, locked until the commit."""
    return await _found(tx, officer.c.absent.is_(False) & (officer.c.absent_from <= now))


async def ending(tx: AsyncConnection, now: datetime) -> list[OnLeave]:
    """Officers whose leave ends now, locked until the commit."""
    return await _found(tx, officer.c.absent.is_(True) & (officer.c.absent_until <= now))


async def _found(tx: AsyncConnection, when: Any) -> list[OnLeave]:
    here = officer.c.person_id.is_not(None) & officer.c.left_at.is_(None)
    query = select(officer.c.id, officer.c.person_id, officer.c.role).where(here, when).order_by(officer.c.id)
    return [OnLeave(*row) for row in await tx.execute(query.limit(AT_ONCE).with_for_update(skip_locked=True))]


async def begin(tx: AsyncConnection, officer_id: int) -> None:
    """Begin a leave that was asked for before; its end stands."""
    await tx.execute(update(officer).where(officer.c.id == officer_id).values(absent=True, absent_from=None))


async def waiting(tx: AsyncConnection, officer_id: int, now: datetime) -> tuple[int, int]:
    """How many open leads an officer has, and of how many the next step is overdue."""
    late = func.count().filter(lead.c.next_at <= now)
    query = select(func.count(), late).where(lead.c.officer_id == officer_id, OPEN)
    held, overdue = (await tx.execute(query)).one()
    return held, overdue
