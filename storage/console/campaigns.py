"""The campaigns by which leads came: their names and how many, for those who look after the leads' regencies."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import literal_column

from storage.engine.ids import first_id
from storage.leads.leads import lead


class CampaignLine(NamedTuple):
    """A campaign in the list."""

    name: str
    leads: int


async def listed(
    tx: AsyncConnection, since: datetime, regencies: Collection[str] | None, most: int
) -> list[CampaignLine]:
    """The campaigns of leads that came from ``since`` (aware), of these regencies or (None) of all; those with most
    leads first."""
    nothing: ColumnElement[str] = literal_column("''")
    came = lead.c.id >= first_id(since)
    if regencies is None:
        where = came & (lead.c.campaign > nothing)  # by the index of campaigns alone
    else:
        where = came & lead.c.regency.in_(regencies) & (lead.c.campaign != nothing)  # by that of regencies
    count = func.count()
    query = select(lead.c.campaign, count).where(where).group_by(lead.c.campaign)
    found = await tx.execute(query.order_by(count.desc(), lead.c.campaign).limit(most))
    return [CampaignLine(row[0], row[1]) for row in found]
