"""Officers whom messages have ceased to reach: they blocked us, or have no account any more."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.sealing.vault import Vault

from .officers import can_be_told, named, officer


class Lost(NamedTuple):
    """An officer whom messages no longer reach, found by ``lost``."""

    id: int
    person_id: int
    name: str
    role: str


async def lost(tx: AsyncConnection, vault: Vault, limit: int) -> list[Lost]:
    """Officers whom messages have ceased to reach since the last look; marked as such, and unmarked once messages reach
    them."""
    here = officer.c.person_id.is_not(None) & officer.c.left_at.is_(None)
    await tx.execute(update(officer).where(here, officer.c.unreached, can_be_told()).values(unreached=False))
    gone = here & officer.c.unreached.is_not(True) & ~can_be_told()
    rows = (await tx.execute(select(officer).where(gone).order_by(officer.c.id).limit(limit))).all()
    if rows:
        ids = [row.id for row in rows]
        await tx.execute(update(officer).where(officer.c.id.in_(ids)).values(unreached=True))
    return [Lost(row.id, row.person_id, name, row.role) for row, name in await named(tx, vault, rows)]
