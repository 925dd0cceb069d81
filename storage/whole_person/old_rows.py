"""Retention of rows that name nobody any more, or hardly anybody: the audit, proofs of consent, counts of leads,
officers who left, broadcasts, codes. (Messages: ``old_messages.py``; leads and sessions: their own ``erase_at``.)

Each end removes at most ``BITE`` rows, oldest first, and gives how many; fewer than ``BITE`` means that none is left.
It finds the rows by an index, or in a table that stays small.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, Table, delete, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import tables
from storage.engine.bulk_statements import id_in
from storage.engine.ids import first_id

from .old_messages import BITE

audit, consent, lead, event, officer, regency, invitation, broadcast, recipient, joincode, asked, askedcount = (
    tables.table(model)
    for model in (
        tables.Audit, tables.Consent, tables.LeadRow, tables.LeadEvent, tables.OfficerRow, tables.OfficerRegency,
        tables.Invitation, tables.Broadcast, tables.Recipient, tables.JoinCode,
        tables.DataRequest, tables.AskedCount,
    )
)  # fmt: skip

_OVER = ("done", "cancelled", "halted")


@dataclass(frozen=True, slots=True)
class End:
    """The retention of one table. ``name``: of the table, and of its days in ``Kept`` (``bot/timers/upkeep.py``);
    ``old`` selects the keys of rows from before a moment, ``remove`` removes such rows and gives whether dependent
    rows are left."""

    name: str
    old: Callable[[datetime], Select[Any]]
    remove: Callable[[AsyncConnection, Sequence[Any]], Awaitable[bool | None]]

    async def bite(self, tx: AsyncConnection, before: datetime) -> int:
        """Remove at most ``BITE`` rows; how many, or ``BITE`` where more dependent rows are left than one bite takes."""
        found = (await tx.execute(self.old(before).limit(BITE))).scalars().all()
        hang_on = await self.remove(tx, found) if found else False
        return BITE if hang_on else len(found)

    async def any(self, tx: AsyncConnection, before: datetime) -> bool:
        """Whether there is a row from before this moment."""
        return (await tx.execute(self.old(before).limit(1))).first() is not None


def _by_id(table: Table) -> End:
    """The retention of a table whose ids tell when rows were made."""

    async def remove(tx: AsyncConnection, ids: Sequence[int]) -> None:
        await tx.execute(delete(table).where(id_in(table.c.id)), {"ids": list(ids)})

    return End(
        table.name, lambda before: select(table.c.id).where(table.c.id < first_id(before)).order_by(table.c.id), remove
    )


def _counts(before: datetime) -> Select[Any]:
    """Leads without a person, whose counted columns alone are left."""
    return select(lead.c.id).where(lead.c.id < first_id(before), lead.c.person_id.is_(None)).order_by(lead.c.id)


async def _remove_counts(tx: AsyncConnection, ids: Sequence[int]) -> None:
    await tx.execute(delete(event).where(id_in(event.c.lead_id)), {"ids": list(ids)})
    await tx.execute(delete(lead).where(id_in(lead.c.id)), {"ids": list(ids)})


def _officers(before: datetime) -> Select[Any]:
    """Officers who left, or never came, and who hold no lead."""
    held = exists().where(lead.c.officer_id == officer.c.id, lead.c.person_id.is_not(None))
    invited = exists().where(invitation.c.officer_id == officer.c.id, invitation.c.used_at.is_(None))
    never_came = (
        officer.c.person_id.is_(None) & officer.c.left_at.is_(None) & (officer.c.created_at < before) & ~invited
    )
    return select(officer.c.id).where(or_(officer.c.left_at < before, never_came), ~held).order_by(officer.c.id)


async def _remove_officers(tx: AsyncConnection, ids: Sequence[int]) -> None:
    for table, column in ((regency, "officer_id"), (invitation, "officer_id"), (officer, "id")):
        await tx.execute(delete(table).where(id_in(table.c[column])), {"ids": list(ids)})


def _broadcasts(before: datetime) -> Select[Any]:
    """Broadcasts that ended, and drafts that were never started."""
    over = broadcast.c.state.in_(_OVER) & (broadcast.c.ended_at < before)
    draft = (broadcast.c.state == "draft") & (broadcast.c.created_at < before)
    return select(broadcast.c.id).where(over | draft).order_by(broadcast.c.id)


async def _remove_broadcasts(tx: AsyncConnection, ids: Sequence[int]) -> bool:
    """Remove a bite of the oldest broadcast's recipients; the broadcast itself once it has none. Whether any broadcast
    is left."""
    theirs = (
        select(recipient.c.number).where(recipient.c.broadcast_id == ids[0]).order_by(recipient.c.number).limit(BITE)
    )
    numbers = (await tx.execute(theirs)).scalars().all()
    if numbers:
        some = (recipient.c.broadcast_id == ids[0]) & recipient.c.number.between(numbers[0], numbers[-1])
        await tx.execute(delete(recipient).where(some))
    whole = len(numbers) < BITE
    if whole:
        await tx.execute(delete(broadcast).where(broadcast.c.id == ids[0]))
    return not whole or len(ids) > 1


def _codes(table: Table) -> End:
    """The retention of one-time codes, by the day on which they expire."""

    async def remove(tx: AsyncConnection, finds: Sequence[bytes]) -> None:
        await tx.execute(delete(table).where(table.c.find.in_(finds)))

    return End(table.name, lambda before: select(table.c.find).where(table.c.expires_at < before), remove)


def _asked(before: datetime) -> Select[Any]:
    """Days whose counts of questions are over."""
    return select(askedcount.c.day).where(askedcount.c.day < before.date()).distinct().order_by(askedcount.c.day)


async def _remove_asked(tx: AsyncConnection, days: Sequence[date]) -> None:
    await tx.execute(delete(askedcount).where(askedcount.c.day.in_(days)))


ENDS = (
    _by_id(audit),
    _by_id(consent),
    End("lead", _counts, _remove_counts),
    End("officer", _officers, _remove_officers),
    End("broadcast", _broadcasts, _remove_broadcasts),
    _by_id(asked),
    End("askedcount", _asked, _remove_asked),
    _codes(invitation),
    _codes(joincode),
)
