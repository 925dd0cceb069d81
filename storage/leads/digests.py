"""What the digest of the morning is made of, and who is still to get theirs: a row of the officer remembers the day."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import tables

from .leads import OPEN
from .officers import at_work, officer, regency
from .timers import PROMISE, timer

lead, event, person = (tables.table(each) for each in (tables.LeadRow, tables.LeadEvent, tables.Person))


class Awaiting(NamedTuple):
    """An officer whose morning nobody has looked at. ``regency``: the first of theirs, "" for none."""

    id: int
    person_id: int
    regency: str


class Untaken(NamedTuple):
    code: str
    regency: str
    owner_id: int  # a person


async def awaiting(tx: AsyncConnection, today: date) -> list[Awaiting]:
    """Officers at work who want a digest and have not had that of ``today``; none who wants no messages."""
    query = (
        select(officer.c.id, officer.c.person_id, func.min(regency.c.regency))
        .join(person, person.c.id == officer.c.person_id)
        .outerjoin(regency, regency.c.officer_id == officer.c.id)
        .where(at_work(), officer.c.digest.is_(True), _before(today), person.c.stopped.is_(False))
        .group_by(officer.c.id, officer.c.person_id)
        .order_by(officer.c.id)
    )
    return [Awaiting(row[0], row[1], row[2] or "") for row in await tx.execute(query)]


async def begin(tx: AsyncConnection, officer_id: int, today: date) -> bool:
    """Take this officer's morning of ``today``, with or without a digest; False where somebody else has."""
    mine = update(officer).where(officer.c.id == officer_id, _before(today))
    return bool((await tx.execute(mine.values(digest_on=today))).rowcount)


def _before(today: date) -> ColumnElement[bool]:
    return officer.c.digest_on.is_(None) | (officer.c.digest_on < today)


async def uncontacted(tx: AsyncConnection, officer_id: int) -> frozenset[str]:
    """Codes of an officer's open leads whose owners they have not reached since they took them."""
    query = select(lead.c.code).where(lead.c.officer_id == officer_id, OPEN, lead.c.contacted_at.is_(None))
    return frozenset((await tx.execute(query)).scalars())


async def promised(tx: AsyncConnection, officer_id: int, person_id: int, before: datetime) -> list[str]:
    """Codes of an officer's leads of which they want to be reminded before this moment, in that order.

    Where an outcome was noted since they said so, nothing will come of it.
    """
    outcomes = select(func.count()).where(event.c.lead_id == lead.c.id, event.c.outcome != "").scalar_subquery()
    query = (
        select(lead.c.code)
        .join(timer, timer.c.lead_id == lead.c.id)
        .where(timer.c.kind == PROMISE, timer.c.person_id == person_id, timer.c.due_at < before)
        .where(lead.c.officer_id == officer_id, OPEN, timer.c.version == outcomes)
        .order_by(timer.c.due_at)
    )
    return list((await tx.execute(query)).scalars())


async def untaken(tx: AsyncConnection) -> list[Untaken]:
    """Leads that wait for somebody to take them, oldest first; none whose owner wants neither messages nor calls."""
    query = (
        select(lead.c.code, lead.c.regency, lead.c.person_id)
        .join(person, person.c.id == lead.c.person_id)
        .where(lead.c.officer_id.is_(None), lead.c.status == "new")
        .where(person.c.stopped.is_(False) | person.c.may_call.is_not(False))
        .order_by(lead.c.id)
    )
    return [Untaken(*row) for row in await tx.execute(query)]
