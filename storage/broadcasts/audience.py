"""Who a broadcast is for: only people who agreed to be written to, narrowed by what stands in the clear."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import ColumnElement, and_, case, exists, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import tables

person, address, conversation, lead, officer, regency = (
    tables.table(tables.Person),
    tables.table(tables.Address),
    tables.table(tables.Conversation),
    tables.table(tables.LeadRow),
    tables.table(tables.OfficerRow),
    tables.table(tables.OfficerRegency),
)

ROLES = ("owner", "officer")
_anywhere, _later = address.alias("anywhere"), address.alias("later")


class BadAudience(Exception):  # noqa: N818 - its message is all that is shown
    """Raised when parts of an audience contradict each other; the message is one line."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Owners, or the officers of these regencies; what is left empty does not narrow.

    ``category`` (sector), ``program``, ``status`` and ``regencies`` are those of one lead of the owner. ``unfinished``:
    has begun to register a business and not sent it; whether they may be written to is asked after the first one, so
    it is mostly another. ``campaign``: came by this link.
    """

    role: str = "owner"
    regencies: tuple[str, ...] = ()
    category: str = ""
    program: str = ""
    status: str = ""
    unfinished: bool = False
    campaign: str = ""

    @classmethod
    def of(cls, stored: Mapping[str, Any] | None) -> Self:
        """What :meth:`json` gave."""
        values = dict(stored or {})
        return cls(**{**values, "regencies": tuple(values.get("regencies", ()))})

    def json(self) -> dict[str, Any]:
        return {**asdict(self), "regencies": list(self.regencies)}

    def checked(self) -> Self:
        """Itself. Raises BadAudience when nobody could ever be in it."""
        of_a_lead = bool(self.regencies or self.category or self.program or self.status)
        if self.role not in ROLES:
            raise BadAudience(f"role: one of {', '.join(ROLES)}")
        if self.unfinished and of_a_lead:
            raise BadAudience("unfinished: nothing is known yet of a business that was not sent in; leave the rest out")
        if self.role == "officer" and (self.unfinished or self.category or self.program or self.status):
            raise BadAudience("officers are chosen by regency only")
        return self


def agreed(role: str) -> ColumnElement[bool]:
    """May be written to: owners who said yes to reminders and news, officers who did not say no; nobody who said stop.

    Officers are told about their work, so they are not asked for a yes; they have the same "berhenti" as anyone.
    """
    news = person.c.news.is_(True) if role == "owner" else person.c.news.is_not(False)
    return and_(news, person.c.stopped.is_(False))


def within(audience: Audience) -> ColumnElement[bool]:
    """The persons of an audience, as a condition on ``person``: agreed, reachable, and all that narrows it."""
    reachable = exists().where(_anywhere.c.person_id == person.c.id, _anywhere.c.reachable)
    narrowed = _officers(audience) if audience.role == "officer" else _owners(audience)
    return and_(agreed(audience.role), *narrowed, reachable)


def _owners(audience: Audience) -> list[ColumnElement[bool]]:
    of_one_lead = [
        column.in_(wanted) if isinstance(wanted, tuple) else column == wanted
        for column, wanted in (
            (lead.c.regency, audience.regencies),
            (lead.c.category, audience.category),
            (lead.c.program, audience.program),
            (lead.c.status, audience.status),
        )
        if wanted
    ]
    parts: list[ColumnElement[bool]] = []
    if of_one_lead:
        parts.append(exists().where(lead.c.person_id == person.c.id, *of_one_lead))
    if audience.campaign:
        parts.append(person.c.campaign == audience.campaign)
    if audience.unfinished:
        begun = conversation.c.nudge_at.is_not(None) | (conversation.c.nudged > 0)  # as reminders know it (sessions.py)
        parts.append(exists().where(conversation.c.person_id == person.c.id, begun))
    return parts


def _officers(audience: Audience) -> list[ColumnElement[bool]]:
    works_here = and_(officer.c.person_id == person.c.id, officer.c.left_at.is_(None))
    parts: list[ColumnElement[bool]] = [exists().where(works_here)]
    if audience.regencies:
        looked_after = and_(regency.c.officer_id == officer.c.id, regency.c.regency.in_(audience.regencies))
        parts.append(exists().where(works_here, looked_after))
    if audience.campaign:
        parts.append(person.c.campaign == audience.campaign)
    return parts


async def count(
    tx: AsyncConnection, audience: Audience, closed_before: Mapping[str, datetime]
) -> dict[str, tuple[int, int]]:
    """For each channel: (people who would be reached there, those of them whose service window is closed), exactly.

    A person counts once, where they wrote last. ``closed_before``: by channel, the time of a last message that is too
    long ago to be written to freely.
    """
    newer = or_(
        _later.c.heard_at > address.c.heard_at,
        and_(_later.c.heard_at == address.c.heard_at, _later.c.id > address.c.id),
    )
    another = exists().where(_later.c.person_id == person.c.id, _later.c.reachable, newer)
    closed = or_(false(), *(and_(address.c.channel == c, address.c.heard_at <= at) for c, at in closed_before.items()))
    query = (
        select(address.c.channel, func.count(), func.sum(case((closed, 1), else_=0)))
        .select_from(person.join(address, address.c.person_id == person.c.id))
        .where(within(audience), address.c.reachable, ~another)
        .group_by(address.c.channel)
    )
    return {row[0]: (row[1], row[2]) for row in await tx.execute(query)}
