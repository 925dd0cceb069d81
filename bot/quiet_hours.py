"""Who must not be disturbed just now, by the clock of where they live: of many people at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from conversations.rules.quiet_hours import WIB, WIT, WITA, Quiet, zone
from storage import tables

lead, officer, looked_after = (
    tables.table(tables.LeadRow),
    tables.table(tables.OfficerRow),
    tables.table(tables.OfficerRegency),
)


def awake(quiet: Quiet, now: datetime) -> frozenset[str]:
    """The zones (WIB, WITA, WIT) in which it is neither night nor a quiet day."""
    return frozenset(str(z) for z in (WIB, WITA, WIT) if quiet.over(now.astimezone(z)) == now.astimezone(z))


async def asleep(tx: AsyncConnection, quiet: Quiet, ids: Sequence[int], now: datetime) -> set[int]:
    """Those for whom it is a quiet hour or day: where their latest lead is, or they work; where that is nowhere, in WIB."""
    zones = awake(quiet, now)
    if len(zones) == 3:
        return set()
    works = select(officer.c.person_id, looked_after.c.regency).join_from(
        officer, looked_after, looked_after.c.officer_id == officer.c.id
    )
    lives = select(lead.c.person_id, lead.c.regency).order_by(lead.c.id)
    found: dict[int, str] = {}
    for query in (works.where(officer.c.person_id.in_(ids)), lives.where(lead.c.person_id.in_(ids))):
        found.update((row.person_id, row.regency) for row in await tx.execute(query))
    return {i for i in ids if str(zone(found.get(i, ""))) not in zones}
