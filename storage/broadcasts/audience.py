"""The audience of a broadcast: persons who agreed to be written to, narrowed by columns that are stored unsealed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import ColumnElement, and_, case, exists, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import tables
from storage.leads.officers import looked_after

person, address, conversation, lead, officer = (
    tables.table(tables.Person),
    tables.table(tables.Address),
    tables.table(tables.Conversation),
    tables.table(tables.LeadRow),
    tables.table(tables.OfficerRow),
)

ROLES = ("owner", "officer")
_anywhere, _later = address.alias("anywhere"), address.alias("later")


class BadAudience(Exception):  # noqa: N818 - its message is all that is shown
    """Raised when fields of an audience contradict each other; the exception's text is one line for the user."""


@dataclass(frozen=True, slots=True)
class Audience:
    """The filter of a broadcast: owners, or officers (of ``regencies``); an empty field does not narrow the audience.

    ``category`` (sector), ``program``, ``status`` and ``regencies`` must all hold of one and the same lead of the
    owner. ``unfinished``: owners who began a registration and did not send it. The bot asks for the consent to news
    only after a first registration, so the unfinished one is mostly a further business. ``campaign``: came by the link
    of this campaign.
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
        """The audience from the JSON object of the column ``broadcast.audience`` (see :meth:`json`); None is every owner."""
        values = dict(stored or {})
        return cls(**{**values, "regencies": tuple(values.get("regencies", ()))})

    def json(self) -> dict[str, Any]:
        return {**asdict(self), "regencies": list(self.regencies)}

    def checked(self) -> Self:
        """The audience itself. Raises BadAudience when its fields can never hold of anybody."""
        of_a_lead = bool(self.regencies or self.category or self.program or self.status)
        if self.role not in ROLES:
            raise BadAudience(f"role: one of {', '.join(ROLES)}")
        if self.unfinished and of_a_lead:
            raise BadAudience("unfinished: nothing is known yet of a business that was not sent in; leave the rest out")
        if self.role == "officer" and (self.unfinished or self.category or self.program or self.status):
            raise BadAudience("officers are chosen by regency only")
        return self


def agreed(role: str) -> ColumnElement[bool]:
    """SQL condition on ``person``: persons of this role who may be written to. Owners must have said yes to reminders
    and news, officers must not have said no; a person who said "berhenti" is left out in either role.

    Broadcasts to officers are about their work, so officers are not asked for a yes; their "berhenti" counts like
    anybody's.
    """
    news = person.c.news.is_(True) if role == "owner" else person.c.news.is_not(False)
    return and_(news, person.c.stopped.is_(False))


def within(audience: Audience) -> ColumnElement[bool]:
    """SQL condition on ``person``: the persons of an audience, who agreed, are reachable, and pass each filter."""
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
        begun = conversation.c.nudge_at.is_not(None) | (conversation.c.nudged > 0)  # as sessions.py marks it
        parts.append(exists().where(conversation.c.person_id == person.c.id, begun))
    return parts


def _officers(audience: Audience) -> list[ColumnElement[bool]]:
    works_here = and_(officer.c.person_id == person.c.id, officer.c.left_at.is_(None))
    parts: list[ColumnElement[bool]] = [exists().where(works_here)]
    if audience.regencies:
        there = and_(looked_after.c.officer_id == officer.c.id, looked_after.c.regency.in_(audience.regencies))
        parts.append(exists().where(works_here, there))
    if audience.campaign:
        parts.append(person.c.campaign == audience.campaign)
    return parts


async def count(
    tx: AsyncConnection, audience: Audience, closed_before: Mapping[str, datetime]
) -> dict[str, tuple[int, int]]:
    """For each channel: (persons who would be reached there, how many of these have a closed service window), exactly.

    A person counts once, on the channel where they wrote last. ``closed_before``: by channel, the moment up to which a
    person's last message is too old for the platform to take a free-form message.
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
