"""The officers' morning digest: who has not had today's yet, and the leads in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversations.rules.digest import Coming
from conversations.rules.outcomes import REGISTERED
from storage import tables

from .leads import OPEN
from .officers import at_work, looked_after, officer

lead, person = tables.table(tables.LeadRow), tables.table(tables.Person)


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
        select(officer.c.id, officer.c.person_id, func.min(looked_after.c.regency))
        .join(person, person.c.id == officer.c.person_id)
        .outerjoin(looked_after, looked_after.c.officer_id == officer.c.id)
        .where(at_work(), officer.c.digest.is_(True), _before(today), person.c.stopped.is_(False))
        .group_by(officer.c.id, officer.c.person_id)
        .order_by(officer.c.id)
    )
    return [Awaiting(row[0], row[1], row[2] or "") for row in await tx.execute(query)]


async def begin(tx: AsyncConnection, officer_ids: Sequence[int], today: date) -> set[int]:
    """Note these officers' digest of ``today`` as done, sent or not; the ids of officers whom no other process had noted."""
    mine = update(officer).where(officer.c.id.in_(officer_ids), _before(today)).values(digest_on=today)
    return set((await tx.execute(mine.returning(officer.c.id))).scalars())


def _before(today: date) -> ColumnElement[bool]:
    return officer.c.digest_on.is_(None) | (officer.c.digest_on < today)


async def coming(tx: AsyncConnection, until: Mapping[int, datetime]) -> dict[int, list[Coming]]:
    """For each officer (by id) the open leads whose next step is due before the moment given for the officer, earliest
    first; without leads whose owner wants neither messages nor calls."""
    query = (
        select(lead.c.officer_id, lead.c.code, lead.c.next_at, lead.c.next_reason)
        .join(person, person.c.id == lead.c.person_id)
        .where(lead.c.officer_id.in_(list(until)), OPEN, lead.c.next_at < max(until.values()))
        .where(person.c.stopped.is_(False) | person.c.may_call.is_not(False))
        .order_by(lead.c.next_at, lead.c.id)
    )
    found: dict[int, list[Coming]] = {}
    for officer_id, code, at, reason in await tx.execute(query):
        if at < until[officer_id]:
            found.setdefault(officer_id, []).append(Coming(code, at, reason))
    return found


async def unpaid(tx: AsyncConnection, officer_ids: Sequence[int]) -> dict[int, int]:
    """How many registered owners of each officer have not paid their first contribution; officers without any are left
    out."""
    theirs = lead.c.officer_id.in_(officer_ids) & (lead.c.status == REGISTERED) & lead.c.person_id.is_not(None)
    query = select(lead.c.officer_id, func.count()).where(theirs).group_by(lead.c.officer_id)
    return {row[0]: row[1] for row in await tx.execute(query)}


async def untaken(tx: AsyncConnection) -> list[Untaken]:
    """Leads that no officer has taken, oldest first; without leads whose owner wants neither messages nor calls."""
    query = (
        select(lead.c.code, lead.c.regency, lead.c.person_id)
        .join(person, person.c.id == lead.c.person_id)
        .where(lead.c.officer_id.is_(None), OPEN)
        .where(person.c.stopped.is_(False) | person.c.may_call.is_not(False))
        .order_by(lead.c.id)
    )
    return [Untaken(*row) for row in await tx.execute(query)]
