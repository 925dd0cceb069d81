"""The course of each lead of a span of time: its steps with their moments, from columns in the clear and its history.

Also of leads whose answers are erased: what is left of a lead names nobody, and counts for as long as it is kept
(``RANGKUL_COUNTS_DAYS``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from conversations.rules.funnel import Course
from conversations.rules.outcomes import PAID, REACHED, REGISTERED, WAITING
from storage.engine.bulk_statements import id_in
from storage.engine.ids import first_id

from .lead_events import event
from .leads import lead


async def between(
    tx: AsyncConnection, since: datetime, until: datetime, regencies: Collection[str] | None = None
) -> list[Course]:
    """The leads that came from ``since`` until before ``until`` (aware), of these regencies or (None) of all; without
    those that only wait, of places where nobody works. What was merged counts once, with the steps of both."""
    came = (lead.c.id >= first_id(since)) & (lead.c.id < first_id(until)) & (lead.c.status != WAITING)
    came &= lead.c.into_id.is_(None)
    where = came if regencies is None else came & lead.c.regency.in_(regencies)
    return list((await _found(tx, where, {})).values())


async def of_campaign(
    tx: AsyncConnection, campaign: str, since: datetime, regencies: Collection[str] | None = None
) -> list[Course]:
    """The leads of people who came by a campaign, from ``since`` (aware), counted as by :func:`between`."""
    came = (lead.c.campaign == campaign) & (lead.c.id >= first_id(since)) & (lead.c.status != WAITING)
    came &= lead.c.into_id.is_(None)
    where = came if regencies is None else came & lead.c.regency.in_(regencies)
    return list((await _found(tx, where, {})).values())


async def of(tx: AsyncConnection, ids: Sequence[int]) -> dict[int, Course]:
    """The course of each of these leads, by id."""
    return await _found(tx, id_in(lead.c.id), {"ids": ids})


async def _found(tx: AsyncConnection, where: ColumnElement[bool], parameters: Mapping[str, Any]) -> dict[int, Course]:
    found = {row[0]: Course(*row[1:]) for row in await tx.execute(_COURSES.where(where), parameters)}
    for lead_id, *moments in await tx.execute(_INSIDE.where(where), parameters):
        course = found[lead_id]
        own = (course.taken, course.contacted, course.registered, course.active)
        both: list[Any] = [min(filter(None, each), default=None) for each in zip(own, moments, strict=True)]
        found[lead_id] = Course(*list[Any]([*course[:_TAKEN], *both, course.ended]))
    return found


def _first(noted: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.min(case((noted, event.c.at)), type_=event.c.at.type)


_TAKEN = Course._fields.index("taken")  # the first of the steps
_MOMENTS = (
    _first(event.c.kind.in_(("taken", "handed"))),
    _first(event.c.outcome.in_(REACHED)),
    _first(event.c.outcome == REGISTERED),
    _first(event.c.outcome == PAID),
)
_COURSES = (
    select(
        *(lead.c.id, lead.c.regency, lead.c.category, lead.c.campaign, lead.c.officer_id, lead.c.created_at),
        *_MOMENTS,
        lead.c.closed_at,
    )
    .select_from(lead.outerjoin(event, and_(event.c.lead_id == lead.c.id, event.c.undone_at.is_(None))))
    .group_by(lead.c.id)
    .order_by(lead.c.id)
)
_other = lead.alias()
_INSIDE = (  # the steps of what was merged into a lead
    select(lead.c.id, *_MOMENTS)
    .select_from(
        lead.join(_other, _other.c.into_id == lead.c.id).join(
            event, and_(event.c.lead_id == _other.c.id, event.c.undone_at.is_(None))
        )
    )
    .group_by(lead.c.id)
)
