"""Who gets a broadcast, one row each: written down in chunks, put out a little at a time, counted with the outbox.

A recipient is planned until their copy is put into the outbox, then queued: what became of it stands there. A copy
that was put out and not begun can go back to the plan. Whoever is erased leaves a row without a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables
from .audience import Audience, within
from .messages import BULK

recipient, person, outbox, lead = (
    tables.table(tables.Recipient),
    tables.table(tables.Person),
    tables.table(tables.Outbox),
    tables.table(tables.LeadRow),
)

# Written into the statement, not bound to it: with values that it cannot see, SQLite takes no partial index.
_IS_PLANNED = recipient.c.state.in_([literal_column("'planned'")])


class Planned(NamedTuple):
    """One who is to get a copy: their number within the broadcast, and who they are."""

    number: int
    person_id: int


# ------------------------------------------------------------------------------------------------ writing them down


async def write_down(
    tx: AsyncConnection, broadcast_id: int, audience: Audience, *, after: int, size: int, before: datetime, chunk: int
) -> tuple[int, int] | None:
    """Recipients among the next ``chunk`` persons with an id above ``after``; (last id looked at, how many by now).

    None when no person is left to look at. ``size`` is how many there are already; who came after ``before`` is no
    part of it.
    """
    ahead = select(person.c.id).where(person.c.id > after).order_by(person.c.id)
    through = (await tx.execute(ahead.offset(chunk - 1).limit(1))).scalar()
    if through is None:
        through = (await tx.execute(select(func.max(person.c.id)).where(person.c.id > after))).scalar()
    if through is None:
        return None
    number = literal(size, Integer) + func.row_number().over(order_by=person.c.id)
    some = select(literal(broadcast_id), number, person.c.id, literal("planned"), literal("")).where(
        person.c.id > after, person.c.id <= through, person.c.created_at <= before, within(audience)
    )
    columns = ["broadcast_id", "number", "person_id", "state", "reason"]
    written = await tx.execute(recipient.insert().from_select(columns, some))
    return through, size + written.rowcount


# ------------------------------------------------------------------------------------------------ putting them out


async def ahead(tx: AsyncConnection, broadcast_id: int, after: int, limit: int) -> list[Planned]:
    """The next ones who are still planned, by number."""
    query = (
        select(recipient.c.number, recipient.c.person_id)
        .where(recipient.c.broadcast_id == broadcast_id, recipient.c.number > after, _IS_PLANNED)
        .order_by(recipient.c.number)
        .limit(limit)
    )
    return [Planned(row[0], row[1]) for row in await tx.execute(query)]


def some_left(broadcast_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether anybody of a broadcast is still planned, or has a copy that was not begun, as a condition."""
    idle = exists().where(outbox.c.broadcast_id == broadcast_id, outbox.c.state == "due")
    return exists().where(recipient.c.broadcast_id == broadcast_id, _IS_PLANNED) | idle


async def unbegun(tx: AsyncConnection, broadcast_id: int) -> int:
    """How many copies are in the outbox and have not reached their end."""
    pending = outbox.c.state.in_(("due", "sending"))
    query = select(func.count()).select_from(outbox).where(outbox.c.broadcast_id == broadcast_id, pending)
    return int((await tx.execute(query)).scalar_one())


_QUEUE = (
    update(recipient)
    .where(recipient.c.broadcast_id == bindparam("of"), recipient.c.number == bindparam("which"))
    .values(state="queued", outbox_id=bindparam("row"))
)


async def queue(tx: AsyncConnection, broadcast_id: int, copies: Mapping[int, int]) -> None:
    """These have a copy in the outbox now: its id by their number."""
    if copies:
        await tx.execute(_QUEUE, [{"of": broadcast_id, "which": n, "row": row} for n, row in copies.items()])


async def skip(tx: AsyncConnection, broadcast_id: int, numbers: Sequence[int], reason: str) -> None:
    """These get none, for a reason: stopped, no_news, unreachable, weekly."""
    await _close(tx, broadcast_id, numbers, "skipped", reason)


async def erased(tx: AsyncConnection, broadcast_id: int, numbers: Sequence[int]) -> None:
    """These persons are no more."""
    theirs = (recipient.c.broadcast_id == broadcast_id) & recipient.c.number.in_(list(numbers))
    await tx.execute(update(recipient).where(theirs).values(state="cancelled", reason="erased", person_id=None))


async def _close(tx: AsyncConnection, broadcast_id: int, numbers: Sequence[int], state: str, reason: str) -> None:
    if numbers:
        theirs = (recipient.c.broadcast_id == broadcast_id) & recipient.c.number.in_(list(numbers))
        await tx.execute(update(recipient).where(theirs).values(state=state, reason=reason))


async def recall(tx: AsyncConnection, broadcast_id: int) -> None:
    """Copies that were put out and not begun go back to the plan: to be put out again, or never."""
    idle = and_(outbox.c.broadcast_id == broadcast_id, outbox.c.state == "due")
    theirs = [row.person_id for row in await tx.execute(delete(outbox).where(idle).returning(outbox.c.person_id))]
    again = update(recipient).where(recipient.c.broadcast_id == broadcast_id, recipient.c.state == "queued")
    for some in _chunks([person_id for person_id in theirs if person_id is not None]):
        await tx.execute(again.where(recipient.c.person_id.in_(some)).values(state="planned", outbox_id=None))


async def clear_away(tx: AsyncConnection, broadcast_id: int, limit: int) -> int:
    """Mark some who will get none because their broadcast was cancelled; how many were found."""
    await recall(tx, broadcast_id)  # what delivery had claimed and gave back when it saw that
    some = [planned.number for planned in await ahead(tx, broadcast_id, 0, limit)]
    await _close(tx, broadcast_id, some, "cancelled", "")
    return len(some)


async def forget(tx: AsyncConnection, person_id: int) -> None:
    """Take a person out of every broadcast; a copy not yet sent is cancelled with the rest of their outbox."""
    theirs = recipient.c.person_id == person_id
    await tx.execute(update(recipient).where(theirs, _IS_PLANNED).values(state="cancelled", reason="erased"))
    await tx.execute(update(recipient).where(theirs).values(person_id=None))


async def had_lately(tx: AsyncConnection, person_ids: Iterable[int], since: datetime) -> dict[int, int]:
    """How many reminders and broadcasts each of these got, or is about to get, since a time; none: left out."""
    bulk = and_(outbox.c.person_id.in_(list(person_ids)), outbox.c.lane == BULK, outbox.c.created_at >= since)
    query = select(outbox.c.person_id, func.count()).where(bulk, outbox.c.state.not_in(("cancelled", "failed")))
    return {row[0]: row[1] for row in await tx.execute(query.group_by(outbox.c.person_id))}


# ------------------------------------------------------------------------------------------------ counting


async def progress(tx: AsyncConnection, broadcast_id: int) -> dict[str, int]:
    """How many recipients are in each state, those that are none left out: planned, skipped, cancelled, and the states of
    the outbox for those who have a copy there. Counted anew each time, by two indexes."""
    without = select(recipient.c.state, func.count()).where(
        recipient.c.broadcast_id == broadcast_id, recipient.c.state != "queued"
    )
    copies = select(outbox.c.state, func.count()).where(outbox.c.broadcast_id == broadcast_id)
    found: dict[str, int] = {}
    for query in (without.group_by(recipient.c.state), copies.group_by(outbox.c.state)):
        for state, number in await tx.execute(query):
            found[state] = found.get(state, 0) + number
    return found


async def reasons(tx: AsyncConnection, broadcast_id: int) -> list[tuple[str, str, int]]:
    """(state, reason, how many recipients) of a broadcast, most first."""
    of_a_copy = recipient.c.state == "queued"
    state = func.coalesce(outbox.c.state, recipient.c.state)
    reason = func.coalesce(outbox.c.reason, recipient.c.reason)
    copies = recipient.outerjoin(outbox, and_(of_a_copy, outbox.c.id == recipient.c.outbox_id))
    query = (
        select(state, reason, func.count())
        .select_from(copies)
        .where(recipient.c.broadcast_id == broadcast_id)
        .group_by(state, reason)
        .order_by(func.count().desc(), state, reason)
    )
    return [(row[0], row[1], row[2]) for row in await tx.execute(query)]


async def ends(tx: AsyncConnection, broadcast_id: int, *, after: int, limit: int) -> Sequence[Any]:
    """The next recipients by number, with what became of each: number, person_id, code, channel, state, reason, sent_at.

    ``code`` is that of their latest lead; what they have none of is None.
    """
    theirs = lead.alias("theirs")
    latest = select(func.max(theirs.c.id)).where(theirs.c.person_id == recipient.c.person_id).scalar_subquery()
    joined = recipient.outerjoin(
        outbox, and_(recipient.c.state == "queued", outbox.c.id == recipient.c.outbox_id)
    ).outerjoin(lead, lead.c.id == latest)
    query = (
        select(
            recipient.c.number,
            recipient.c.person_id,
            lead.c.code,
            outbox.c.channel,
            func.coalesce(outbox.c.state, recipient.c.state).label("state"),
            func.coalesce(outbox.c.reason, recipient.c.reason).label("reason"),
            outbox.c.sent_at,
        )
        .select_from(joined)
        .where(recipient.c.broadcast_id == broadcast_id, recipient.c.number > after)
        .order_by(recipient.c.number)
        .limit(limit)
    )
    return (await tx.execute(query)).all()


async def latest_ends(tx: AsyncConnection, broadcast_id: int, since: datetime, limit: int) -> list[str]:
    """The states of its latest copies that reached an end since a time: sent, delivered, read or failed."""
    found: list[tuple[int, str]] = []
    for state in ("sent", "delivered", "read", "failed"):  # each a range of ix_outbox_broadcast
        query = (
            select(outbox.c.id, outbox.c.state)
            .where(outbox.c.broadcast_id == broadcast_id, outbox.c.state == state)
            .where(or_(outbox.c.sent_at.is_(None), outbox.c.sent_at >= since))
            .order_by(outbox.c.id.desc())
            .limit(limit)
        )
        found += [(row[0], row[1]) for row in await tx.execute(query)]
    return [state for _, state in sorted(found, reverse=True)[:limit]]


def _chunks(values: Sequence[int], size: int = 500) -> Iterable[Sequence[int]]:
    return (values[start : start + size] for start in range(0, len(values), size))
