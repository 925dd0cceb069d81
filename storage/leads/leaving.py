"""An officer who leaves: their leads are free again, and go to those next in line."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.people import audit

from . import following, handing, lead_list, officers
from .officers import Roster, officer


async def leave(tx: AsyncConnection, officer_id: int, now: datetime, *, actor: str) -> int | None:
    """Cut an officer off; how many leads they had, None where there is no such officer.

    The running server offers these leads to others, and those untaken ones that nobody in the officer's role looks
    after any more.
    """
    role = (await tx.execute(select(officer.c.role).where(officer.c.id == officer_id))).scalar()
    if role is None:
        return None
    untaken = await lead_list.untaken_of(tx, officer_id)
    if not await officers.remove(tx, officer_id, now):
        return None
    freed = [each.id for each in await lead_list.held(tx, officer_id)]
    await following.free(tx, freed, now)
    await handing.lapse(tx, officer_id, now)
    alone = await Roster(tx).left_alone([each.regency for each in untaken], role)
    await following.show_again(tx, [each.id for each in untaken if each.regency in alone], now)
    await audit.record(tx, at=now, actor=actor, act="removed", subject=f"officer:{officer_id}")
    return len(freed)
