"""Recipients of a broadcast, one row a person: written down in chunks, queued a few at a time, counted with the outbox.

A recipient is "planned" until their copy is put into the outbox, then "queued": from there on the state of the copy's
outbox row counts. A copy that nobody began to send can go back to "planned". Erasing a person leaves their recipient
row, without the person.
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

from storage import tables
from storage.engine.bulk_statements import BulkStatement
from storage.outbox.claims import CUT_OFF
from storage.outbox.costs import BILLED_AS
from storage.outbox.messages import IDLE, PENDING

from .audience import Audience, within

recipient, person, outbox, lead = (
    tables.table(tables.Recipient),
    tables.table(tables.Person),
    tables.table(tables.Outbox),
    tables.table(tables.LeadRow),
)

# The state is written into the statement, not bound: with bound values SQLite takes no partial index.
_IS_PLANNED = recipient.c.state.in_([literal_column("'planned'")])


class Planned(NamedTuple):
    """A recipient who is still to get a copy: ``number`` within the broadcast, and the person."""

    number: int
    person_id: int


# ------------------------------------------------------------------------------------------------ writing them down


async def write_down(
    tx: AsyncConnection, broadcast_id: int, audience: Audience, *, after: int, size: int, before: datetime, chunk: int
) -> tuple[int, int] | None:
    """Write down the recipients among the next ``chunk`` persons with an id above ``after``; (id of the last person
    looked at, recipients of the broadcast by now).

    None when no person is left to look at. ``size`` is the number of recipients before; persons who were created after
    ``before`` are left out.
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
    """The next planned recipients of a broadcast with a number above ``after``, by number."""
    query = (
        select(recipient.c.number, recipient.c.person_id)
        .where(recipient.c.broadcast_id == broadcast_id, recipient.c.number > after, _IS_PLANNED)
        .order_by(recipient.c.number)
        .limit(limit)
    )
    return [Planned(row[0], row[1]) for row in await tx.execute(query)]


def some_left(broadcast_id: ColumnElement[int]) -> ColumnElement[bool]:
    """SQL condition: a broadcast still has a planned recipient, or a copy that nobody began to send."""
    idle = exists().where(outbox.c.broadcast_id == broadcast_id, outbox.c.state.in_(IDLE))
    return exists().where(recipient.c.broadcast_id == broadcast_id, _IS_PLANNED) | idle


async def unbegun(tx: AsyncConnection, broadcast_id: int) -> int:
    """How many copies of a broadcast are in the outbox to be sent or being sent."""
    copies = select(func.count()).select_from(outbox).where(outbox.c.broadcast_id == broadcast_id)
    query = copies.where(outbox.c.state.in_(PENDING))
    return int((await tx.execute(query)).scalar_one())


_QUEUE = BulkStatement(
    update(recipient)
    .where(recipient.c.broadcast_id == bindparam("of"), recipient.c.number == bindparam("which"))
    .values(state="queued", outbox_id=bindparam("row")),
    *("of", "which", "row"),
)


async def queue(tx: AsyncConnection, broadcast_id: int, copies: Mapping[int, int]) -> None:
    """Mark recipients as queued. ``copies``: the outbox id of each recipient's copy, by the recipient's number."""
    await _QUEUE.run(tx, [(broadcast_id, number, row) for number, row in copies.items()])


async def skip(tx: AsyncConnection, broadcast_id: int, numbers: Sequence[int], reason: str) -> None:
    """Mark recipients (by number) who get no copy, with the reason: stopped, no_news, unreachable, weekly."""
    await _close(tx, broadcast_id, numbers, "skipped", reason)


async def erased(tx: AsyncConnection, broadcast_id: int, numbers: Sequence[int]) -> None:
    """Mark recipients (by number) whose persons have been erased."""
    theirs = (recipient.c.broadcast_id == broadcast_id) & recipient.c.number.in_(list(numbers))
    await tx.execute(update(recipient).where(theirs).values(state="cancelled", reason="erased", person_id=None))


async def _close(tx: AsyncConnection, broadcast_id: int, numbers: Sequence[int], state: str, reason: str) -> None:
    if numbers:
        theirs = (recipient.c.broadcast_id == broadcast_id) & recipient.c.number.in_(list(numbers))
        await tx.execute(update(recipient).where(theirs).values(state=state, reason=reason))


async def recall(tx: AsyncConnection, broadcast_id: int, until: datetime | None = None) -> None:
    """Take copies that nobody began to send out of the outbox, and set their recipients back to planned.

    With ``until`` also copies that were parked until a moment up to ``until``.
    """
    idle = outbox.c.state == "due"
    await _take_back(tx, broadcast_id, or_(idle, _put_aside(until)) if until else idle)


async def put_aside(tx: AsyncConnection, broadcast_id: int, until: datetime) -> bool:
    """Whether any copy of a broadcast is parked until a moment up to ``until``: for tomorrow's budget, or for another try."""
    query = select(outbox.c.id).where(outbox.c.broadcast_id == broadcast_id, _put_aside(until)).limit(1)
    return (await tx.execute(query)).first() is not None


def _put_aside(until: datetime) -> ColumnElement[bool]:
    return and_(outbox.c.state == "parked", outbox.c.due_at <= until)


async def clear_away(tx: AsyncConnection, broadcast_id: int, limit: int) -> int:
    """Mark up to ``limit`` leftover recipients of a cancelled broadcast as cancelled; how many were found."""
    # Copies that delivery had claimed and gave back on the cancellation, and copies that wait for their person to write.
    idle = select(outbox.c.id).where(outbox.c.broadcast_id == broadcast_id, outbox.c.state.in_(IDLE)).limit(limit)
    taken = await _take_back(tx, broadcast_id, outbox.c.id.in_(idle))
    some = await ahead(tx, broadcast_id, 0, limit)
    await _close(tx, broadcast_id, [one.number for one in some], "cancelled", "")
    return max(taken, len(some))


async def _take_back(tx: AsyncConnection, broadcast_id: int, which: ColumnElement[bool]) -> int:
    """Delete the copies that ``which`` selects and set their recipients back to planned; how many copies.

    Where two persons were merged (account linking), either row may have a copy of its own: a row that has lost its
    person is skipped ("joined"), so that the merged person gets one copy.
    """
    idle = delete(outbox).where(outbox.c.broadcast_id == broadcast_id, which)
    rows = list(await tx.execute(idle.returning(outbox.c.id, outbox.c.person_id)))
    again = update(recipient).where(recipient.c.broadcast_id == broadcast_id, recipient.c.state == "queued")
    for some in _chunks(rows):
        theirs = recipient.c.person_id.in_({row.person_id for row in some if row.person_id is not None})
        of_these = recipient.c.outbox_id.in_([row.id for row in some])
        await tx.execute(again.where(theirs, of_these).values(state="planned", outbox_id=None))
        joined = again.where(recipient.c.person_id.is_(None), of_these)
        await tx.execute(joined.values(state="skipped", reason="joined", outbox_id=None))
    return len(rows)


class Ended(NamedTuple):
    """A copy whose outbox row is being removed, with the state and reason in which that row ended."""

    id: int
    broadcast_id: int
    person_id: int | None
    state: str
    reason: str


async def settle(tx: AsyncConnection, copies: Iterable[Ended]) -> None:
    """Store the final states of copies in their recipient rows, because the outbox rows are removed."""
    rows = [(each.broadcast_id, each.person_id, each.id, each.state, each.reason) for each in copies]
    await _SETTLE.run(tx, [row for row in rows if row[1] is not None])
    await _SETTLE_ERASED.run(tx, [(of, row, state, reason) for of, who, row, state, reason in rows if who is None])


_COPY = update(recipient).where(
    recipient.c.broadcast_id == bindparam("of"),
    recipient.c.outbox_id == bindparam("row"),
    recipient.c.state == "queued",
)
_SETTLED: dict[str, Any] = {"state": bindparam("became"), "reason": bindparam("why"), "outbox_id": None}
_SETTLE = BulkStatement(
    _COPY.where(recipient.c.person_id == bindparam("who")).values(**_SETTLED), *("of", "who", "row", "became", "why")
)
_SETTLE_ERASED = BulkStatement(
    _COPY.where(recipient.c.person_id.is_(None)).values(**_SETTLED), *("of", "row", "became", "why")
)


async def forget(tx: AsyncConnection, person_ids: Sequence[int]) -> None:
    """Remove these persons from every broadcast; their unsent copies are cancelled with the rest of their outbox."""
    theirs = recipient.c.person_id.in_(person_ids)
    await tx.execute(update(recipient).where(theirs, _IS_PLANNED).values(state="cancelled", reason="erased"))
    await tx.execute(update(recipient).where(theirs).values(person_id=None))


# ------------------------------------------------------------------------------------------------ counting


async def progress(tx: AsyncConnection, broadcast_id: int) -> dict[str, int]:
    """How many recipients of a broadcast are in each state (states with none left out): planned, skipped, cancelled,
    and for recipients with a copy in the outbox the state of that row. Counted anew on each call, by two indexes."""
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
    """Recipients of a broadcast counted by state and reason, largest first: (state, reason, number)."""
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
    """The next recipients of a broadcast by number, one row each: number, person_id, code, channel, state, reason,
    sent_at, billed.

    ``code`` is the code of the person's latest lead, ``billed`` as in ``costs.BILLED_AS``; missing values are None or "".
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
            BILLED_AS.label("billed"),
        )
        .select_from(joined)
        .where(recipient.c.broadcast_id == broadcast_id, recipient.c.number > after)
        .order_by(recipient.c.number)
        .limit(limit)
    )
    return (await tx.execute(query)).all()


async def latest_ends(tx: AsyncConnection, broadcast_id: int, since: datetime, limit: int) -> list[str]:
    """The states of the latest copies of a broadcast that ended since a time, newest first: sent, delivered, read,
    failed or uncertain.

    Copies that are uncertain because their process died say nothing about the platform, and are left out.
    """
    found: list[tuple[int, str]] = []
    for state in ("sent", "delivered", "read", "failed", "uncertain"):  # each a range of ix_outbox_broadcast
        query = (
            select(outbox.c.id, outbox.c.state)
            .where(outbox.c.broadcast_id == broadcast_id, outbox.c.state == state, outbox.c.reason != CUT_OFF)
            .where(or_(outbox.c.sent_at.is_(None), outbox.c.sent_at >= since))
            .order_by(outbox.c.id.desc())
            .limit(limit)
        )
        found += [(row[0], row[1]) for row in await tx.execute(query)]
    return [state for _, state in sorted(found, reverse=True)[:limit]]


def _chunks(values: Sequence[Any], size: int = 500) -> Iterable[Sequence[Any]]:
    return (values[start : start + size] for start in range(0, len(values), size))
