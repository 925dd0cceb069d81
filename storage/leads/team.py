"""The officers of an office at a glance: who is at work, what each has, what became of it this week. Nothing is opened
but their names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversations.dialogues.team import Member, Workload
from conversations.engine.world import Officer
from conversations.rules.outcomes import PAID
from conversations.rules.quiet_hours import zone
from conversations.rules.workdays import next_step_at
from storage import tables
from storage.sealing.vault import Vault

from .leads import OPEN, lead
from .officers import named, officer, regencies_of

person = tables.table(tables.Person)
MOST_LATE = 3  # leads named of one officer, the longest overdue


async def members(tx: AsyncConnection, vault: Vault, of: Officer) -> list[Member]:
    """The officers whom this coordinator or admin looks after, by name: of their own office, or all."""
    rows = (await tx.execute(select(officer).where(officer.c.left_at.is_(None), officer.c.role == "officer"))).all()
    where = await regencies_of(tx, [row.id for row in rows])
    mine = [row for row in rows if of.oversees(Officer(row.id, "", row.role, where[row.id], office=row.office_id))]
    found = [
        Member(row.id, name, where[row.id], row.person_id is not None, row.absent, row.absent_until)
        for row, name in await named(tx, vault, mine)
    ]
    return sorted(found, key=lambda each: (each.name.casefold(), each.id))


async def figures(
    tx: AsyncConnection, ids: Collection[int], now: datetime, week: datetime, days: Callable[[str], Container[date]]
) -> dict[int, Workload]:
    """What each of these officers has, and what became of what they took since ``week``. Three reads for all of them.
    ``days``: the working days of a regency's office."""
    found = {officer_id: Workload() for officer_id in ids}
    theirs = lead.c.officer_id.in_(list(ids))
    late = func.count().filter(lead.c.next_at <= now)
    query = select(lead.c.officer_id, func.count(), late).where(theirs, OPEN).group_by(lead.c.officer_id)
    for officer_id, held, overdue in await tx.execute(query):
        found[officer_id] = replace(found[officer_id], held=held, late=overdue)
    columns = (lead.c.officer_id, lead.c.regency, lead.c.taken_at, lead.c.contacted_at)
    for officer_id, regency, taken, contacted in await tx.execute(
        select(*columns).where(theirs, lead.c.taken_at >= week)
    ):
        seen = found[officer_id]
        in_time = contacted is not None and contacted <= next_step_at(taken.astimezone(zone(regency)), days(regency))
        found[officer_id] = replace(seen, taken=seen.taken + 1, in_time=seen.in_time + in_time)
    paid = (lead.c.status == PAID) & (lead.c.closed_at >= week)
    active = select(lead.c.officer_id, func.count()).where(theirs, paid).group_by(lead.c.officer_id)
    for officer_id, count in await tx.execute(active):
        found[officer_id] = replace(found[officer_id], active=count)
    return found


async def longest_overdue(tx: AsyncConnection, ids: Collection[int], now: datetime) -> dict[int, list[str]]:
    """The codes of the ``MOST_LATE`` leads of each of these officers whose next step has been due for longest."""
    place = func.row_number().over(partition_by=lead.c.officer_id, order_by=(lead.c.next_at, lead.c.id))
    due = OPEN & lead.c.officer_id.in_(list(ids)) & (lead.c.next_at <= now)
    ranked = select(lead.c.officer_id, lead.c.code, place.label("place")).where(due).subquery()
    query = select(ranked.c.officer_id, ranked.c.code).where(ranked.c.place <= MOST_LATE)
    found: dict[int, list[str]] = {}
    for officer_id, code in await tx.execute(query.order_by(ranked.c.officer_id, ranked.c.place)):
        found.setdefault(officer_id, []).append(code)
    return found


async def overdue(tx: AsyncConnection, regencies: Collection[str] | None, now: datetime) -> int:
    """How many open leads of these regencies, or (None) of all, wait for a step that is overdue."""
    return (await tx.execute(select(func.count()).select_from(lead).where(_overdue(regencies, now)))).scalar_one()


async def overdue_page(
    tx: AsyncConnection, regencies: Collection[str] | None, now: datetime, skip: int, limit: int
) -> list[int]:
    """The ids of ``limit`` of these leads behind the first ``skip``, the longest overdue first."""
    query = select(lead.c.id).where(_overdue(regencies, now)).order_by(lead.c.next_at, lead.c.id)
    return list((await tx.execute(query.offset(skip).limit(limit))).scalars())


def _overdue(regencies: Collection[str] | None, now: datetime) -> ColumnElement[bool]:
    late = OPEN & (lead.c.next_at <= now)
    return late if regencies is None else late & lead.c.regency.in_(regencies)


# ------------------------------------------------------------------------------------------------ the message of the week


class Above(NamedTuple):
    """A coordinator or admin who has not had this week's message yet."""

    id: int
    person_id: int
    role: str
    office: int | None


async def awaiting(tx: AsyncConnection, monday: date) -> list[Above]:
    """Coordinators and admins with a chat who have not had the message of the week that begins on ``monday``; without
    those who said "berhenti"."""
    here = officer.c.person_id.is_not(None) & officer.c.left_at.is_(None) & officer.c.role.in_(("coordinator", "admin"))
    query = (
        select(officer.c.id, officer.c.person_id, officer.c.role, officer.c.office_id)
        .join(person, person.c.id == officer.c.person_id)
        .where(here, _before(monday), person.c.stopped.is_(False))
        .order_by(officer.c.id)
    )
    return [Above(*row) for row in await tx.execute(query)]


async def begin(tx: AsyncConnection, officer_ids: Collection[int], monday: date) -> set[int]:
    """Note this week's message of these officers as done; the ids of those whom no other process had noted."""
    mine = update(officer).where(officer.c.id.in_(list(officer_ids)), _before(monday)).values(week_on=monday)
    return set((await tx.execute(mine.returning(officer.c.id))).scalars())


def _before(monday: date) -> ColumnElement[bool]:
    return officer.c.week_on.is_(None) | (officer.c.week_on < monday)
