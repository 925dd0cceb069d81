"""Messages as WhatsApp bills them, counted from the outbox: by month and campaign, by lead, by broadcast.

A message has the category that the platform told. Until the platform has told one, it has the category to expect:
"service" inside a person's service window, and "utility" for a template outside the window.
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
_A_MINUTE = 60_000 << 22  # a minute as a difference of ids: messages about a lead in its turn have ids above the lead's

_category = case((outbox.c.category != "", outbox.c.category), (outbox.c.outside, "utility"), else_="service")


class MessageCount(NamedTuple):
    """How many messages of one billing category one account sent for one campaign ("": no campaign)."""

    account: str
    campaign: str
    category: str
    messages: int


def _billed() -> ColumnElement[bool]:
    """SQL condition: a WhatsApp message that left and that the platform has not called free."""
    left = outbox.c.state.in_(("sent", "delivered", "read"))
    return and_(outbox.c.channel == CHANNEL, left, or_(outbox.c.billable.is_(None), outbox.c.billable))


BILLED_AS = case((_billed(), _category), else_="")
"""The category that an outbox row is billed as, "" for a row that is not billed."""


async def counted(tx: AsyncConnection, since: datetime, until: datetime) -> list[MessageCount]:
    """All billed messages from ``since`` to before ``until``. A card counts for its lead's campaign, else for its
    reader's."""
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
    """Billed copies of a broadcast by category. A message that only announced a waiting copy counts for no broadcast."""
    query = select(_category, func.count()).where(_billed(), outbox.c.broadcast_id == broadcast_id).group_by(_category)
    return Counter({row[0]: row[1] for row in await tx.execute(query)})


async def per_lead(tx: AsyncConnection) -> dict[str, Counter[str]]:
    """Billed messages of each lead by category, by the lead's code; leads without billed messages are left out.

    Messages to officers about a lead count for that lead. Messages to an owner count for the lead that the owner sent
    in next, or for their last one.
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
    """The code of the first of an owner's leads sent in after this message, else of the last; "" where the owner has none."""
    later = (code for lead_id, code in theirs if message <= lead_id + _A_MINUTE)
    return next(later, theirs[-1][1] if theirs else "")
