"""Quiet hours of many persons at once, by the clock of where each lives."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from conversations.rules.quiet_hours import WIB, WIT, WITA, Quiet, zone
from storage import tables
from storage.leads.officers import looked_after

lead, officer = tables.table(tables.LeadRow), tables.table(tables.OfficerRow)


def awake(quiet: Quiet, now: datetime) -> frozenset[str]:
    """The names of the zones (WIB, WITA, WIT) in which now is no quiet hour and no quiet day."""
    return frozenset(str(z) for z in (WIB, WITA, WIT) if quiet.over(now.astimezone(z)) == now.astimezone(z))


async def asleep(tx: AsyncConnection, quiet: Quiet, ids: Sequence[int], now: datetime) -> set[int]:
    """Those of these persons for whom it is a quiet hour or day, in the zone of their latest lead, or where an officer
    works; in WIB where neither is known."""
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
