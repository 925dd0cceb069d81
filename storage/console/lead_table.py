"""The leads of *Calon peserta*: those that somebody may see, narrowed by what they ask for, a page at a time.

Pages go on behind the last line of the one before (keyset), so that none is slower than the first. What the table is
narrowed by are columns in the clear; no lead is opened here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from conversations.engine.world import Officer
from storage.engine.bulk_statements import id_in
from storage.engine.ids import first_id
from storage.leads.leads import lead

from .scope import Part, part, seen_by

BY_STEP: tuple[Part, ...] = ("late", "due")  # parts in the order of their next steps; all else newest first
NOBODY = 0  # instead of an officer's id: untaken


class PageEnd(NamedTuple):
    """Where a page ended: the id of its last lead, and when its next step is due where that is the order."""

    id: int
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LeadFilter:
    """The leads that ``officer`` may see, and wants. ``but``: the person who asks, whose own leads are not shown to them;
    ``midnight``: the end of their day. None, "" and () leave open what they stand for; ``holder`` may be ``NOBODY``;
    ``regencies``: of an office; ``since``, ``until``: aware, of when a lead came."""

    officer: Officer
    but: int
    now: datetime
    midnight: datetime
    part: Part | None = None
    status: str = ""
    regencies: Collection[str] | None = None
    holder: int | None = None
    campaign: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def where(self) -> ColumnElement[bool]:
        """As a condition of a statement; a lead whose owner was erased is never wanted."""
        return and_(*self._wanted(), seen_by(self.officer), self._in_office())

    def _wanted(self) -> list[ColumnElement[bool]]:
        """What is asked for, but for whether it may be seen and where it is."""
        found = [lead.c.person_id.is_not(None), lead.c.person_id != self.but]
        found += [part(self.part, self.officer, self.now, self.midnight)] if self.part else []
        found += [lead.c.status == self.status] if self.status else []
        if self.holder is not None:
            found += [lead.c.officer_id.is_(None) if self.holder == NOBODY else lead.c.officer_id == self.holder]
        found += [lead.c.campaign == self.campaign] if self.campaign else []
        found += [lead.c.id >= first_id(self.since)] if self.since else []
        found += [lead.c.id < first_id(self.until)] if self.until else []
        return found

    def _in_office(self) -> ColumnElement[bool]:
        return lead.c.regency.in_(self.regencies) if self.regencies is not None else lead.c.id.is_not(None)

    def ways(self) -> list[ColumnElement[bool]]:
        """Conditions that together are ``where``, each with an index that has its leads in order: a regency at a time,
        but where somebody's own, untaken ones, or those of a campaign are few by themselves."""
        area = self.officer.area
        mine = self.officer.role == "officer" and self.part not in (None, "untaken")
        if mine or self.holder == self.officer.id:  # whoever has them may see them: no index but that of their own
            return [and_(*self._wanted(), self._in_office())]
        few = self.holder is not None or self.campaign or self.part == "untaken"
        if few or (area is None and self.regencies is None):
            return [self.where]
        wanted = and_(*self._wanted())
        here = set(self.regencies if area is None else area)  # type: ignore[arg-type]  # one of the two is there
        here &= set(here if self.regencies is None else self.regencies)
        ways: list[ColumnElement[bool]] = [wanted & (lead.c.regency == regency) for regency in sorted(here)]
        if area is not None:
            ways += [
                wanted & theirs & lead.c.regency.not_in(here) & self._in_office()
                for theirs in (lead.c.officer_id == self.officer.id, lead.c.offered_to == self.officer.id)
            ]
        return ways


async def page(tx: AsyncConnection, asked: LeadFilter, after: PageEnd | None, limit: int) -> list[PageEnd]:
    """The next ``limit`` leads of a filter behind ``after`` (None: from the first)."""
    some = [_in_order(select(lead.c.id, lead.c.next_at).where(way), asked, after, limit) for way in asked.ways()]
    if not some:
        return []
    if len(some) == 1:
        rows: Sequence[Any] = (await tx.execute(some[0])).all()
    else:  # each way's own first lines, and of these the first
        every = union(*(select(one.subquery()) for one in some)).subquery()
        by = (every.c.next_at, every.c.id) if asked.part in BY_STEP else (every.c.id.desc(),)
        rows = (await tx.execute(select(every).order_by(*by).limit(limit))).all()
    return [PageEnd(row.id, row.next_at if asked.part in BY_STEP else None) for row in rows]


def _in_order(query: Select[Any], asked: LeadFilter, after: PageEnd | None, limit: int) -> Select[Any]:
    if asked.part in BY_STEP:
        if after is not None and after.at is not None:
            behind = (lead.c.next_at > after.at) | (lead.c.id > after.id)
            query = query.where(lead.c.next_at >= after.at, behind)
        return query.order_by(lead.c.next_at, lead.c.id).limit(limit)
    if after is not None:
        query = query.where(lead.c.id < after.id)
    return query.order_by(lead.c.id.desc()).limit(limit)


async def those_of(tx: AsyncConnection, asked: LeadFilter, ids: Sequence[int]) -> list[int]:
    """Those of these ids that are of the filter, in the order given."""
    found = set(
        (await tx.execute(select(lead.c.id).where(id_in(lead.c.id), asked.where), {"ids": list(ids)})).scalars()
    )
    return [each for each in ids if each in found]


async def held_by(tx: AsyncConnection, codes: Sequence[str], officer_id: int) -> int:
    """How many of the leads with these codes this officer has."""
    query = select(func.count()).select_from(lead).where(lead.c.code.in_(codes), lead.c.officer_id == officer_id)
    return (await tx.execute(query)).scalar_one()
