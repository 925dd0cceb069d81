"""Who pressed or wrote after a copy of a broadcast had reached them: from the outbox and the inbox, without any words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import tables

inbox, outbox, lead = tables.table(tables.Inbox), tables.table(tables.Outbox), tables.table(tables.LeadRow)

ARRIVED = ("sent", "delivered", "read")
NO_WORDS = ("stopped", "blocked", "back", "resumed", "moved")  # what a platform tells of a chat, and nobody wrote
WITHIN = timedelta(days=7)


class Afterwards(NamedTuple):
    """How many persons came back within ``WITHIN`` of the end, and how many of these pressed a button; the codes of
    the latest leads of those who came back last."""

    persons: int
    pressed: int
    codes: tuple[str, ...]


async def afterwards(tx: AsyncConnection, broadcast_id: int, until: datetime, limit: int) -> Afterwards:
    """Who pressed or wrote after their copy, up to ``until``. Takes a second for some hundred thousand copies; counts
    those whose messages are still on record."""
    back = _back(broadcast_id, until).subquery()
    count = select(func.count(), func.coalesce(func.sum(back.c.pressed), 0))
    persons, pressed = (await tx.execute(count.select_from(back))).one()
    theirs = lead.alias()
    newest = select(func.max(theirs.c.id)).where(theirs.c.person_id == back.c.person_id).scalar_subquery()
    some = select(lead.c.code).select_from(back.join(lead, lead.c.id == newest)).order_by(back.c.at.desc(), lead.c.id)
    return Afterwards(persons, pressed, tuple((await tx.execute(some.limit(limit))).scalars()))


def _back(broadcast_id: int, until: datetime) -> Any:
    copy = and_(outbox.c.broadcast_id == broadcast_id, outbox.c.state.in_(ARRIVED), outbox.c.person_id.is_not(None))
    came = and_(inbox.c.person_id == outbox.c.person_id, inbox.c.at > outbox.c.sent_at, inbox.c.at < until)
    return (
        select(
            outbox.c.person_id,
            func.max(inbox.c.at).label("at"),
            func.max(case((inbox.c.kind == "press", 1), else_=0)).label("pressed"),
        )
        .select_from(outbox.join(inbox, came))
        .where(copy, inbox.c.kind.not_in(NO_WORDS))
        .group_by(outbox.c.person_id)
    )
