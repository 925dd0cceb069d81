"""Counts of what happens at the questions of a registration, by day, channel and campaign. No person is in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import tables

askedcount = tables.table(tables.AskedCount)
_KEY = ("day", "question", "channel", "campaign", "event")


class AskedKey(NamedTuple):
    """What a count is of."""

    day: date
    question: str
    channel: str
    campaign: str
    event: str


async def add(tx: AsyncConnection, counts: Mapping[AskedKey, int]) -> None:
    """Add these counts, in the order of their keys: so two processes that count at once wait for each other and never in
    a ring. To be called last in a transaction, as others wait for these rows."""
    if counts:
        rows = [{**key._asdict(), "count": counts[key]} for key in sorted(counts)]
        await tx.execute(_add(tx.dialect.name), rows)


@cache
def _add(dialect: str) -> Any:
    statement = (postgresql if dialect == "postgresql" else sqlite).insert(askedcount)
    more = askedcount.c.count + statement.excluded.count
    return statement.on_conflict_do_update(index_elements=list(_KEY), set_={"count": more})


async def between(tx: AsyncConnection, since: date, until: date) -> Counter[AskedKey]:
    """The counts from a day until before another; each by the first of these days."""
    by = (askedcount.c.question, askedcount.c.channel, askedcount.c.campaign, askedcount.c.event)
    query = select(*by, func.sum(askedcount.c.count)).where(askedcount.c.day >= since, askedcount.c.day < until)
    return Counter({AskedKey(since, *row[:4]): int(row[4]) for row in await tx.execute(query.group_by(*by))})
