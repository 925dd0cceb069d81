"""Leases: one holder at a time of a job that must not run twice, over all processes. A dead holder's lease runs out."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import tables

from .upserts import insert_absent

lease = tables.table(tables.Lease)


async def acquire(tx: AsyncConnection, name: str, holder: str, now: datetime, length: timedelta) -> bool:
    """Take or renew a lease for ``length``; False while another holder has it."""
    await insert_absent(tx, lease, {"name": name, "holder": holder, "until": now}, conflict="name")
    set_back = lease.c.until > now + 2 * length  # no lease lasts so long: a clock that was fast has written it
    free = or_(lease.c.holder == holder, lease.c.until <= now, set_back)
    mine = update(lease).where(lease.c.name == name, free)
    taken = await tx.execute(mine.values(holder=holder, until=now + length))
    return bool(taken.rowcount)


async def release(tx: AsyncConnection, name: str, holder: str) -> None:
    """End a lease that ``holder`` has, so that nobody waits for it to run out."""
    await tx.execute(delete(lease).where(lease.c.name == name, lease.c.holder == holder))


async def is_held(tx: AsyncConnection, name: str, now: datetime) -> bool:
    """Whether any holder has this lease."""
    held = select(lease.c.name).where(lease.c.name == name, lease.c.until > now)
    return (await tx.execute(held)).first() is not None
