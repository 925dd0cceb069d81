"""The officers' morning digest: who has not had today's yet, and the leads in it."""

from __future__ import annotations

from collections.abc import Sequence
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
    """An officer whose digest of today is still to be looked at. ``regency``: the first of the officer's, "" for none."""

    id: int
    person_id: int
    regency: str


class Untaken(NamedTuple):
    code: str
    regency: str
    owner_id: int  # a person


async def awaiting(tx: AsyncConnection, today: date) -> list[Awaiting]:
    """Officers at work who want a digest and have not had that of ``today``; without officers who said "berhenti"."""
    query = (
        select(officer.c.id, officer.c.person_id, func.min(regency.c.regency))
        .join(person, person.c.id == officer.c.person_id)
        .outerjoin(regency, regency.c.officer_id == officer.c.id)
        .where(at_work(), officer.c.digest.is_(True), _before(today), person.c.stopped.is_(False))
        .group_by(officer.c.id, officer.c.person_id)
        .order_by(officer.c.id)
    )
    return [Awaiting(row[0], row[1], row[2] or "") for row in await tx.execute(query)]


async def uncontacted_counts(tx: AsyncConnection, officer_ids: Sequence[int]) -> dict[int, int]:
    """How many open leads each officer has whose owners the officer has not reached; officers without any are left out."""
    theirs = lead.c.officer_id.in_(officer_ids) & OPEN & lead.c.contacted_at.is_(None)
    query = select(lead.c.officer_id, func.count()).where(theirs).group_by(lead.c.officer_id)
    return {row[0]: row[1] for row in await tx.execute(query)} if officer_ids else {}


async def begin(tx: AsyncConnection, officer_ids: Sequence[int], today: date) -> set[int]:
    """Note these officers' digest of ``today`` as done, sent or not; the ids of officers whom no other process had noted."""
    mine = update(officer).where(officer.c.id.in_(officer_ids), _before(today)).values(digest_on=today)
    return set((await tx.execute(mine.returning(officer.c.id))).scalars())


def _before(today: date) -> ColumnElement[bool]:
    return officer.c.digest_on.is_(None) | (officer.c.digest_on < today)


class Promised(NamedTuple):
    code: str
    at: datetime


async def promised(tx: AsyncConnection, officer_ids: Sequence[int]) -> dict[int, list[Promised]]:
    """For each officer, the leads of which the officer wants to be reminded, each with its time, earliest first.

    Left out are leads with an outcome noted after the officer asked for the reminder: nothing will come of it.
    """
    outcomes = select(func.count()).where(event.c.lead_id == lead.c.id, event.c.outcome != "").scalar_subquery()
    query = (
        select(officer.c.id, lead.c.code, timer.c.due_at)
        .join_from(officer, lead, lead.c.officer_id == officer.c.id)
        .join(timer, timer.c.lead_id == lead.c.id)
        .where(timer.c.kind == PROMISE, timer.c.person_id == officer.c.person_id)
        .where(officer.c.id.in_(officer_ids), OPEN, timer.c.version == outcomes)
        .order_by(timer.c.due_at)
    )
    found: dict[int, list[Promised]] = {}
    for officer_id, code, at in await tx.execute(query):
        found.setdefault(officer_id, []).append(Promised(code, at))
    return found


async def untaken(tx: AsyncConnection) -> list[Untaken]:
    """Leads that no officer has taken, oldest first; without leads whose owner wants neither messages nor calls."""
    query = (
        select(lead.c.code, lead.c.regency, lead.c.person_id)
        .join(person, person.c.id == lead.c.person_id)
        .where(lead.c.officer_id.is_(None), lead.c.status == "new")
        .where(person.c.stopped.is_(False) | person.c.may_call.is_not(False))
        .order_by(lead.c.id)
    )
    return [Untaken(*row) for row in await tx.execute(query)]
