"""Viewers: who may see which lead now, and messages in chats of persons who may no longer see the lead."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from conversations.engine.world import Officer
from storage import tables
from storage.outbox.messages import NAMES_A_LEAD, Shown, naming, outbox, shown

from .officers import everywhere, looked_after, officer, regencies_of

lead = tables.table(tables.LeadRow)
_COLUMNS = (officer.c.id, officer.c.person_id, officer.c.role, officer.c.office_id)


async def viewers(tx: AsyncConnection, person_ids: Iterable[int]) -> dict[int, Officer]:
    """The officers among these persons, by person id, without their names."""
    here = officer.c.person_id.in_(set(person_ids)) & officer.c.left_at.is_(None)
    rows = (await tx.execute(select(*_COLUMNS).where(here))).all()
    where = await regencies_of(tx, [row.id for row in rows]) if rows else {}
    return {row.person_id: Officer(row.id, "", row.role, where[row.id], office=row.office_id) for row in rows}


async def out_of_reach(tx: AsyncConnection, person_id: int, limit: int) -> list[Shown]:
    """Messages in this person's chats that name leads which they may no longer see, cards, lists and others, oldest
    first.

    ``dialogues/officer.in_reach`` says which leads an officer may see.
    """
    of_area = exists().where(looked_after.c.officer_id == officer.c.id, looked_after.c.regency == lead.c.regency)
    has = officer.c.id.in_((lead.c.officer_id, lead.c.offered_to))
    sees = or_(everywhere(), has, of_area.correlate(officer, lead))
    may = exists().where(officer.c.person_id == person_id, officer.c.left_at.is_(None), sees).correlate(lead)
    theirs = (outbox.c.person_id == person_id) & NAMES_A_LEAD
    named = naming(theirs, theirs).subquery()
    query = select(*shown(named.c.lead_id)).join(named, named.c.outbox_id == outbox.c.id)
    query = query.join(lead, lead.c.id == named.c.lead_id).where(~may, lead.c.person_id != person_id)
    return [Shown(*row) for row in await tx.execute(query.order_by(outbox.c.id).limit(limit))]
