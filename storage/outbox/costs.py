"""Messages as WhatsApp bills them, counted from the outbox: by month and campaign, for each lead and each broadcast.

A message is of the category that the platform told; where it has not told (yet), of the one that we expect: "service"
within a person's service window, outside it that of its template.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import tables

from .messages import outbox

person, lead = tables.table(tables.Person), tables.table(tables.LeadRow)

CHANNEL = "whatsapp"
_A_MINUTE = 60_000 << 22  # of the ids' milliseconds: what a turn says of a lead has a later id than the lead

_category = case((outbox.c.category != "", outbox.c.category), (outbox.c.outside, "utility"), else_="service")


class MessageCount(NamedTuple):
    """``messages`` of one category that one account sent for one campaign ("" for none)."""

    account: str
    campaign: str
    category: str
    messages: int


def _billed() -> ColumnElement[bool]:
    """What left and is not known to be free."""
    left = outbox.c.state.in_(("sent", "delivered", "read"))
    return and_(outbox.c.channel == CHANNEL, left, or_(outbox.c.billable.is_(None), outbox.c.billable))


BILLED_AS = case((_billed(), _category), else_="")
"""The category that a row of the outbox is billed as, "" for one that is not."""


async def counted(tx: AsyncConnection, since: datetime, until: datetime) -> list[MessageCount]:
    """All billed messages from ``since`` to before ``until``. A card's campaign is its lead's, else its reader's."""
    campaign = func.coalesce(func.nullif(lead.c.campaign, ""), person.c.campaign, "")
    joined = outbox.outerjoin(lead, lead.c.id == outbox.c.lead_id).outerjoin(person, person.c.id == outbox.c.person_id)
    query = (
        select(outbox.c.account, campaign, _category, func.count())
        .select_from(joined)
        .where(_billed(), outbox.c.sent_at >= since, outbox.c.sent_at < until)
        .group_by(outbox.c.account, campaign, _category)
        .order_by(outbox.c.account, campaign, _category)
    )
    return [MessageCount(*row) for row in await tx.execute(query)]


async def of_broadcast(tx: AsyncConnection, broadcast_id: int) -> Counter[str]:
    """Billed copies of a broadcast by category. A message that only announced a waiting copy is nobody's broadcast's."""
    query = select(_category, func.count()).where(_billed(), outbox.c.broadcast_id == broadcast_id).group_by(_category)
    return Counter({row[0]: row[1] for row in await tx.execute(query)})


async def per_lead(tx: AsyncConnection) -> dict[str, Counter[str]]:
    """Billed messages of each lead by category, by its code; leads without any are left out.

    What officers were sent about a lead is the lead's. What its owner was sent is the lead's that they sent next, or
    their last.
    """
    owned: dict[int, list[tuple[int, str]]] = defaultdict(list)
    codes: dict[int, str] = {}
    for row in await tx.execute(select(lead.c.id, lead.c.code, lead.c.person_id).order_by(lead.c.id)):
        codes[row.id] = row.code
        if row.person_id is not None:
            owned[row.person_id].append((row.id, row.code))
    found: dict[str, Counter[str]] = defaultdict(Counter)
    query = select(outbox.c.id, outbox.c.person_id, outbox.c.lead_id, _category).where(_billed())
    for message, person_id, lead_id, category in await tx.execute(query):
        if code := codes.get(lead_id) or _next(owned.get(person_id, ()), message):
            found[code][category] += 1
    return dict(found)


def _next(theirs: Sequence[tuple[int, str]], message: Any) -> str:
    """The first lead that was sent after this message, else the last; "" for nobody's."""
    later = (code for lead_id, code in theirs if message <= lead_id + _A_MINUTE)
    return next(later, theirs[-1][1] if theirs else "")
