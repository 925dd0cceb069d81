"""Lists and counts of leads, from their unsealed columns alone: nothing is opened here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.leads.leads import OPEN, lead
from storage.leads.officers import everywhere, looked_after, officer


class Brief(NamedTuple):
    """A lead without its answers: its regency (a Kemendagri code, "" for none), its owner (a person), its officer, and
    whether others may take it though it has one."""

    id: int
    code: str
    regency: str
    owner_id: int | None
    officer_id: int | None = None
    offered: bool = False


class Line(NamedTuple):
    """A lead as the command line lists it. ``place`` as in ``Listed``; ``category`` is the trade's sector, "" for none."""

    id: int
    code: str
    status: str
    created: datetime
    place: str
    category: str
    officer_id: int | None


class Listed(NamedTuple):
    """A lead in a list of untaken leads. ``place``: its district, or its regency where no district was named."""

    code: str
    place: str
    created: datetime


async def held(tx: AsyncConnection, officer_id: int, *, due: datetime | None = None) -> list[Brief]:
    """The leads of this officer that nobody has closed, oldest first; with ``due`` those whose next step is due by then."""
    theirs = (lead.c.officer_id == officer_id) & lead.c.closed_at.is_(None) & _HAS_OWNER
    return await _briefs(tx, theirs if due is None else theirs & (lead.c.next_at <= due))


async def lent(tx: AsyncConnection, officer_id: int) -> list[Brief]:
    """The leads of this officer that others may take meanwhile, oldest first."""
    return await _briefs(tx, (lead.c.officer_id == officer_id) & lead.c.offered.is_(True) & OPEN)


async def untaken(tx: AsyncConnection, regencies: Sequence[str] | None, *, but: int) -> list[Brief]:
    """The leads without an officer, oldest first, of these regencies or (None) of all; without leads of the person
    ``but``."""
    return await _briefs(tx, _waiting(regencies, but))


async def waiting(
    tx: AsyncConnection, regencies: Sequence[str] | None, skip: int, limit: int, *, but: int
) -> tuple[int, list[Listed]]:
    """How many leads have no officer (as ``untaken``), and ``limit`` of these behind the first ``skip``, oldest first."""
    where = _waiting(regencies, but)
    count = (await tx.execute(select(func.count()).select_from(lead).where(where))).scalar_one()
    query = select(lead.c.code, lead.c.district, lead.c.regency, lead.c.created_at).where(where).order_by(lead.c.id)
    rows = await tx.execute(query.offset(skip).limit(limit))
    return count, [Listed(code, district or regency, created) for code, district, regency, created in rows]


async def untaken_of(tx: AsyncConnection, officer_id: int) -> list[Brief]:
    """The untaken leads of the regencies that this officer looks after, oldest first."""
    theirs = select(looked_after.c.regency).where(looked_after.c.officer_id == officer_id)
    of_all = exists().where(officer.c.id == officer_id, everywhere())
    return await _briefs(tx, lead.c.officer_id.is_(None) & OPEN & (lead.c.regency.in_(theirs) | of_all))


async def uncontacted(tx: AsyncConnection, ids: Sequence[int]) -> list[Brief]:
    """Those of these leads that are open and whose owner nobody has reached, oldest first."""
    return await _briefs(tx, lead.c.id.in_(list(ids)) & lead.c.contacted_at.is_(None) & OPEN) if ids else []


class Part(NamedTuple):
    """A part of an officer's open leads: those whose next step is due from ``since`` on and before ``until`` (None: at
    any time), and of this status ("": of any)."""

    since: datetime | None = None
    until: datetime | None = None
    status: str = ""


async def tasks(tx: AsyncConnection, officer_id: int, part: Part, skip: int, limit: int) -> tuple[int, list[int]]:
    """How many leads are in this part of an officer's open ones, and the ids of ``limit`` of these behind the first
    ``skip``, by when their next step is due."""
    where = [lead.c.officer_id == officer_id, OPEN]
    where += [lead.c.next_at >= part.since] if part.since else []
    where += [lead.c.next_at < part.until] if part.until else []
    where += [lead.c.status == part.status] if part.status else []
    total = (await tx.execute(select(func.count()).select_from(lead).where(*where))).scalar_one()
    page = select(lead.c.id).where(*where).order_by(lead.c.next_at, lead.c.id).offset(skip).limit(limit)
    return total, list((await tx.execute(page)).scalars())


async def codes_of(tx: AsyncConnection, lead_ids: Sequence[int]) -> dict[int, str]:
    """The reference code of each of these leads."""
    query = select(lead.c.id, lead.c.code).where(lead.c.id.in_(list(lead_ids)))
    return {row.id: row.code for row in await tx.execute(query)}


async def page(tx: AsyncConnection, after: int, limit: int) -> list[Line]:
    """The next leads behind the id ``after`` whose owner was not erased, oldest first."""
    query = select(
        *(
            lead.c[name]
            for name in ("id", "code", "status", "created_at", "district", "regency", "category", "officer_id")
        )
    )
    rows = await tx.execute(query.where(lead.c.id > after, _HAS_OWNER).order_by(lead.c.id).limit(limit))
    return [
        Line(row.id, row.code, row.status, row.created_at, row.district or row.regency, row.category, row.officer_id)
        for row in rows
    ]


async def open_counts(tx: AsyncConnection, officer_ids: Sequence[int]) -> dict[int, int]:
    """How many open leads each of these officers has; officers without any are left out."""
    query = select(lead.c.officer_id, func.count()).where(lead.c.officer_id.in_(officer_ids), OPEN)
    return {row[0]: row[1] for row in await tx.execute(query.group_by(lead.c.officer_id))}


async def open_codes(tx: AsyncConnection, officer_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The codes of the open leads of each of these officers, oldest first; officers without any are left out."""
    query = select(lead.c.officer_id, lead.c.code).where(lead.c.officer_id.in_(officer_ids), OPEN).order_by(lead.c.id)
    found: dict[int, list[str]] = {}
    for officer_id, code in await tx.execute(query):
        found.setdefault(officer_id, []).append(code)
    return {officer_id: tuple(codes) for officer_id, codes in found.items()}


_HAS_OWNER = lead.c.person_id.is_not(None)


def _waiting(regencies: Sequence[str] | None, but: int) -> ColumnElement[bool]:
    free = lead.c.officer_id.is_(None) & OPEN & (lead.c.person_id != but)
    return free if regencies is None else free & lead.c.regency.in_(regencies)


async def _briefs(tx: AsyncConnection, where: ColumnElement[bool]) -> list[Brief]:
    query = select(lead.c.id, lead.c.code, lead.c.regency, lead.c.person_id, lead.c.officer_id, lead.c.offered)
    return [Brief(*row) for row in await tx.execute(query.where(where).order_by(lead.c.id))]


async def untaken_by_regency(tx: AsyncConnection) -> dict[str, int]:
    """How many leads are untaken, by regency; regencies without any are left out."""
    free = lead.c.officer_id.is_(None) & OPEN
    return {
        row[0]: row[1]
        for row in await tx.execute(select(lead.c.regency, func.count()).where(free).group_by(lead.c.regency))
    }
