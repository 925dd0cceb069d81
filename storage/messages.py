"""What came in and what goes out: the inbox, whose unique key ends redelivered events, and the outbox."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, delete, func, literal_column, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables
from .ids import first_id
from .people import Where
from .statements import insert_new
from .vault import Vault

inbox, outbox, address = tables.table(tables.Inbox), tables.table(tables.Outbox), tables.table(tables.Address)

BODIES_KEPT = timedelta(days=30)  # docs/privacy.md
CLOCK_SET_BACK = timedelta(hours=1)  # rows from so far in the future were written by a clock that was wrong
PENDING = ("due", "sending")
# Written into the statement, not bound to it: with values that it cannot see, SQLite takes no partial index.
IS_PENDING = outbox.c.state.in_([literal_column(f"'{state}'") for state in PENDING])
REPLY, NOTICE, BULK = 0, 1, 2  # lanes


@dataclass(slots=True)
class Out:
    """A row of the outbox, with its address and its body opened."""

    id: int
    person_id: int | None
    address_id: int
    where: Where
    body: Any
    kind: str
    lane: int = REPLY
    lead_id: int | None = None
    edits: int | None = None
    repeatable: bool = True
    attempts: int = 0
    unkept: bool = False  # its text and address go as soon as it has left
    due_at: datetime | None = None
    broadcast_id: int | None = None
    heard_at: datetime | None = None  # when its person last wrote there: their service window counts from it


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one attempt: the row's next state; ``due_at`` and ``lease_until`` only when it is to be tried again.

    Such a row stays with the process that holds it; a later one that finds it still waits until it is due.
    """

    id: int
    state: str
    at: datetime
    external_id: str = ""
    reason: str = ""
    due_at: datetime | None = None
    lease_until: datetime | None = None
    gone: int | None = None  # the address that cannot be reached any more
    unkept: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """What a platform told of a row after it had taken it: sent, delivered, read, or failed.

    ``closed``: it did not reach its person because their service window is closed; it waits until they write.
    """

    id: int
    state: str
    at: datetime
    external_id: str = ""
    reason: str = ""
    gone: bool = False
    closed: bool = False
    category: str = ""
    billable: bool | None = None


# ------------------------------------------------------------------------------------------------ coming in


async def seen(tx: AsyncConnection, events: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of these (account, external id) that have come in before."""
    query = select(inbox.c.account, inbox.c.external_id).where(
        tuple_(inbox.c.account, inbox.c.external_id).in_(list(events))
    )
    return {(row.account, row.external_id) for row in await tx.execute(query)}


async def take_in(tx: AsyncConnection, rows: Sequence[dict[str, Any]]) -> set[int]:
    """Store these events; the ids of those that were new."""
    return await insert_new(tx, inbox, rows, conflict=("account", "external_id"))


async def unkeep(tx: AsyncConnection, inbox_id: int) -> None:
    """The body of this event is kept elsewhere."""
    await tx.execute(update(inbox).where(inbox.c.id == inbox_id).values(sealed=None))


async def mark_failed(tx: AsyncConnection, inbox_id: int, error: str) -> None:
    await tx.execute(update(inbox).where(inbox.c.id == inbox_id).values(state="failed", error=error[:200]))


# ------------------------------------------------------------------------------------------------ going out


async def put(
    tx: AsyncConnection, vault: Vault, rows: Sequence[Out], now: datetime, *, owner: str, lease: timedelta
) -> None:
    """Write down what is to be sent. With an ``owner`` they are born leased to it: it sends them without a claim."""
    if not rows:
        return
    await tx.execute(
        outbox.insert(),
        [
            {
                "id": row.id,
                "person_id": row.person_id,
                "address_id": row.address_id,
                "channel": row.where.channel,
                "account": row.where.account,
                "to": vault.seal(row.where.address, table="outbox", column="to", row=row.id) if row.unkept else None,
                "sealed": vault.seal_json(row.body, table="outbox", column="sealed", row=row.id),
                "kind": row.kind,
                "lane": row.lane,
                "state": "sending" if owner else "due",
                "due_at": row.due_at or now,
                "lease_until": now + lease if owner else None,
                "owner": owner,
                "attempts": 0,
                "reason": "",
                "repeatable": row.repeatable,
                "edits": row.edits,
                "lead_id": row.lead_id,
                "broadcast_id": row.broadcast_id,
                "outside": False,
                "category": "",
                "external_id": "",
                "created_at": now,
            }
            for row in rows
        ],
    )


async def claim(
    tx: AsyncConnection,
    vault: Vault,
    channels: Iterable[tuple[str, str]],
    now: datetime,
    *,
    owner: str,
    lease: timedelta,
    limit: int,
) -> list[Out]:
    """Lease rows that are due, or whose lease ran out; of each chat only the oldest pending one, so order is kept."""
    first = select(func.min(outbox.c.id)).where(IS_PENDING).group_by(outbox.c.address_id)
    ahead = now + CLOCK_SET_BACK
    due = or_(
        and_(outbox.c.state == "due", or_(outbox.c.due_at <= now, outbox.c.created_at > ahead)),
        and_(outbox.c.state == "sending", or_(outbox.c.lease_until <= now, outbox.c.created_at > ahead)),
    )
    query = (
        select(outbox)
        .where(IS_PENDING, due, tuple_(outbox.c.channel, outbox.c.account).in_(list(channels)), outbox.c.id.in_(first))
        .order_by(outbox.c.lane, outbox.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = list(await tx.execute(query))
    if not rows:
        return []
    await tx.execute(
        update(outbox)
        .where(outbox.c.id.in_([row.id for row in rows]))
        .values(state="sending", owner=owner, lease_until=now + lease)
    )
    return await _opened(tx, vault, rows)


async def renew(tx: AsyncConnection, ids: Sequence[int], owner: str, until: datetime) -> None:
    """Keep these rows leased to ``owner``, which still waits to send them."""
    mine = update(outbox).where(outbox.c.id.in_(list(ids)), outbox.c.state == "sending", outbox.c.owner == owner)
    await tx.execute(mine.values(lease_until=until))


async def release(tx: AsyncConnection, owner: str) -> None:
    """Free every lease but ours: for a database that only one process may serve, so that all others are dead."""
    dead = update(outbox).where(IS_PENDING, outbox.c.state == "sending", outbox.c.owner != owner)
    await tx.execute(dead.values(state="due", lease_until=None, owner=""))


async def _opened(tx: AsyncConnection, vault: Vault, rows: Sequence[Any]) -> list[Out]:
    query = select(address.c.id, address.c.sealed, address.c.heard_at)
    found_at = await tx.execute(query.where(address.c.id.in_([row.address_id for row in rows])))
    sealed = {row.id: (row.sealed, row.heard_at) for row in found_at}
    found = []
    for row in rows:
        if row.to is not None:
            to = vault.open(row.to, table="outbox", column="to", row=row.id)
        elif row.address_id in sealed:
            to = vault.open(sealed[row.address_id][0], table="address", column="sealed", row=row.address_id)
        else:
            continue  # erased meanwhile; the eraser cancels its rows
        body = vault.open_json(row.sealed, table="outbox", column="sealed", row=row.id)
        found.append(
            Out(
                row.id, row.person_id, row.address_id, Where(row.channel, row.account, to), body, row.kind, row.lane,
                row.lead_id, row.edits, row.repeatable, row.attempts, row.to is not None,
                broadcast_id=row.broadcast_id, heard_at=sealed.get(row.address_id, (b"", None))[1],
            )
        )  # fmt: skip
    return found


_MINE = (outbox.c.id == bindparam("row_id"), outbox.c.state == "sending")
_ENDED = (
    update(outbox)
    .where(*_MINE)
    .values(
        state=bindparam("new_state"),
        reason=bindparam("why"),
        external_id=bindparam("theirs"),
        sent_at=bindparam("at"),
        lease_until=None,
    )
)
_AGAIN = (
    update(outbox)
    .where(*_MINE)
    .values(
        reason=bindparam("why"),
        due_at=bindparam("at"),
        lease_until=bindparam("until"),
        attempts=outbox.c.attempts + 1,
    )
)


async def settle(tx: AsyncConnection, settled: Sequence[Settled]) -> None:
    """Write down what became of rows that were being sent. What is not to be kept goes as soon as it has left."""
    ended = [s for s in settled if s.state != "due"]
    if ended:
        rows = [
            {"row_id": s.id, "new_state": s.state, "why": s.reason[:200], "theirs": s.external_id, "at": s.at}
            for s in ended
        ]
        await tx.execute(_ENDED, rows)
    again = [
        {"row_id": s.id, "why": s.reason[:200], "at": s.due_at, "until": s.lease_until}
        for s in settled
        if s.state == "due"
    ]
    if again:
        await tx.execute(_AGAIN, again)
    if unkept := [s.id for s in ended if s.unkept]:
        await tx.execute(update(outbox).where(outbox.c.id.in_(unkept)).values(to=None, sealed=None))
    if gone := [s.gone for s in ended if s.gone]:
        await tx.execute(update(address).where(address.c.id.in_(gone)).values(reachable=False))


_RANK = {"due": 0, "sending": 1, "sent": 2, "delivered": 3, "read": 4}


async def progressed(tx: AsyncConnection, moved: Sequence[Moved]) -> None:
    """Move rows on as platforms tell, whatever order they tell it in: never back, and never from delivered to failed."""
    by_id = {row.id: row for row in await tx.execute(_PROGRESS, {"ids": [m.id for m in moved]})}
    for one in moved:
        row = by_id.get(one.id)
        if row is None or row.state not in _RANK:
            continue
        values: dict[str, Any] = {}
        if one.category:
            values |= {"category": one.category, "billable": one.billable}
        if one.state == "failed" and _RANK[row.state] <= _RANK["sent"]:
            values |= {"state": "parked" if one.closed else "failed", "reason": one.reason[:200], "lease_until": None}
        elif _RANK.get(one.state, 0) > _RANK[row.state]:
            values |= {"state": one.state, "external_id": one.external_id, "lease_until": None}
            values |= {"sent_at": one.at} if row.sent_at is None else {}
        if values:
            await tx.execute(update(outbox).where(outbox.c.id == one.id).values(**values))
        if one.gone:
            await tx.execute(update(address).where(address.c.id == row.address_id).values(reachable=False))


_PROGRESS = select(outbox.c.id, outbox.c.state, outbox.c.sent_at, outbox.c.address_id).where(
    outbox.c.id.in_(bindparam("ids", expanding=True))
)


async def external_id(tx: AsyncConnection, outbox_id: int) -> str:
    """The platform's id of a message that was sent; empty when it never was."""
    return (await tx.execute(select(outbox.c.external_id).where(outbox.c.id == outbox_id))).scalar() or ""


async def cancel(tx: AsyncConnection, person_id: int) -> None:
    """Whatever is unsent to this person goes nowhere, and no body is kept."""
    theirs = outbox.c.person_id == person_id
    await tx.execute(update(outbox).where(theirs, IS_PENDING).values(state="cancelled", lease_until=None))
    await tx.execute(update(outbox).where(theirs).values(sealed=None, to=None, person_id=None))


async def still_wanted(tx: AsyncConnection, ids: Sequence[int]) -> set[int]:
    """Those of these rows that are still to be sent: an erasure may have cancelled them after the claim."""
    query = select(outbox.c.id).where(outbox.c.id.in_(list(ids)), outbox.c.state == "sending")
    return set((await tx.execute(query)).scalars())


async def cards(tx: AsyncConnection, lead_id: int) -> list[tuple[int, int, int]]:
    """The latest card of a lead in each officer's chat: (outbox id, person id, address id)."""
    query = (
        select(func.max(outbox.c.id), outbox.c.person_id, outbox.c.address_id)
        .where(outbox.c.lead_id == lead_id, outbox.c.kind == "card", outbox.c.state.not_in(("failed", "cancelled")))
        .where(outbox.c.person_id.is_not(None))
        .group_by(outbox.c.person_id, outbox.c.address_id)
    )
    return [(row[0], row[1], row[2]) for row in await tx.execute(query)]


async def withdraw(tx: AsyncConnection, lead_ids: Sequence[int]) -> None:
    """What officers were shown of these leads: cards not yet sent go nowhere, and no body is kept."""
    theirs = outbox.c.lead_id.in_(list(lead_ids))
    await tx.execute(update(outbox).where(theirs, IS_PENDING).values(state="cancelled", lease_until=None))
    await tx.execute(update(outbox).where(theirs).values(sealed=None))


async def forget(tx: AsyncConnection, person_id: int) -> None:
    """Erase what a person wrote; that something came in stays, so that a redelivery still ends here."""
    await tx.execute(update(inbox).where(inbox.c.person_id == person_id).values(sealed=None, person_id=None))
    await cancel(tx, person_id)


async def purge(tx: AsyncConnection, before: datetime) -> int:
    """Erase bodies older than this, and rows of the inbox that are three times as old. How many bodies went.

    What could not be sent for so long (its channel was switched off) is not sent any more.
    """
    old = first_id(before)
    came = await tx.execute(update(inbox).where(inbox.c.id < old, inbox.c.sealed.is_not(None)).values(sealed=None))
    late = update(outbox).where(outbox.c.id < old, IS_PENDING)
    await tx.execute(late.values(state="cancelled", reason="too old", lease_until=None))
    left = await tx.execute(
        update(outbox).where(outbox.c.id < old, outbox.c.sealed.is_not(None)).values(sealed=None, to=None)
    )
    await tx.execute(delete(inbox).where(inbox.c.id < first_id(before - 2 * BODIES_KEPT)))
    return int(came.rowcount) + int(left.rowcount)
