"""The course of each lead of a span of time: its steps with their moments, from columns in the clear and its history.

Also of leads whose answers are erased: what is left of a lead names nobody, and counts for as long as it is kept
(``RANGKUL_COUNTS_DAYS``).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from conversations.rules.funnel import Course
from conversations.rules.outcomes import PAID, REACHED, REGISTERED, WAITING
from storage.engine.ids import first_id

from .lead_events import event
from .leads import lead


async def between(
    tx: AsyncConnection, since: datetime, until: datetime, regencies: Collection[str] | None = None
) -> list[Course]:
    """The leads that came from ``since`` until before ``until`` (aware), of these regencies or (None) of all; without
    those that only wait, of places where nobody works."""
    moments = (
        _first(event.c.kind.in_(("taken", "handed"))),
        _first(event.c.outcome.in_(REACHED)),
        _first(event.c.outcome == REGISTERED),
        _first(event.c.outcome == PAID),
    )
    columns = (lead.c.regency, lead.c.category, lead.c.campaign, lead.c.officer_id, lead.c.created_at)
    there = and_(event.c.lead_id == lead.c.id, event.c.undone_at.is_(None))
    query = (
        select(*columns, *moments)
        .select_from(lead.outerjoin(event, there))
        .where(lead.c.id >= first_id(since), lead.c.id < first_id(until), lead.c.status != WAITING)
        .group_by(lead.c.id)
        .order_by(lead.c.id)
    )
    if regencies is not None:
        query = query.where(lead.c.regency.in_(regencies))
    return [Course(*row) for row in await tx.execute(query)]


def _first(noted: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.min(case((noted, event.c.at)), type_=event.c.at.type)
