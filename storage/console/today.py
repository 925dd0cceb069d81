"""What *Hari ini* shows: four counts, what is overdue, and how the channels are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from conversations.engine.world import Officer
from storage import tables
from storage.leads.leads import lead
from storage.outbox.messages import IS_PARKED, IS_PENDING

from .scope import PARTS, Part, part

outbox, address, conversation = (
    tables.table(tables.Outbox),
    tables.table(tables.Address),
    tables.table(tables.Conversation),
)

TALKING = timedelta(minutes=10)  # whoever wrote within these is in conversation now
SLOW = timedelta(minutes=2)  # a message that is due for longer shows that a channel does not flow


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """A channel's messages: ``waits`` to leave, of these ``slow`` for too long, ``parked`` until their chat's window opens."""

    name: str
    waits: int = 0
    slow: int = 0
    parked: int = 0


async def counts(tx: AsyncConnection, officer: Officer, now: datetime, midnight: datetime) -> Mapping[Part, int]:
    """How many leads each part has."""
    found: dict[Part, int] = {}
    for name in PARTS:
        query = select(func.count()).select_from(lead).where(part(name, officer, now, midnight))
        found[name] = (await tx.execute(query)).scalar_one()
    return found


async def overdue(tx: AsyncConnection, officer: Officer, now: datetime, most: int) -> list[int]:
    """The ids of the overdue leads, those first that have waited longest; at most ``most``."""
    query = select(lead.c.id).where(part("late", officer, now, now)).order_by(lead.c.next_at, lead.c.id).limit(most)
    return list((await tx.execute(query)).scalars())


async def channels(tx: AsyncConnection, names: list[str], now: datetime) -> list[ChannelLine]:
    """A line for each of these channels."""
    late = func.sum(case((outbox.c.due_at <= now - SLOW, 1), else_=0))
    by_channel = address.c.channel
    joined = outbox.join(address, address.c.id == outbox.c.address_id)
    due = select(by_channel, func.count(), late).select_from(joined).where(IS_PENDING, outbox.c.due_at <= now)
    waits = {row[0]: (row[1], row[2] or 0) for row in await tx.execute(due.group_by(by_channel))}
    parked_query = select(by_channel, func.count()).select_from(joined).where(IS_PARKED).group_by(by_channel)
    parked = {row[0]: row[1] for row in await tx.execute(parked_query)}
    return [ChannelLine(name, *waits.get(name, (0, 0)), parked.get(name, 0)) for name in names]


async def talking(tx: AsyncConnection, now: datetime) -> int:
    """How many people are in a conversation now."""
    query = select(func.count()).select_from(conversation).where(conversation.c.touched_at > now - TALKING)
    return (await tx.execute(query)).scalar_one()
