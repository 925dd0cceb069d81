"""Who sends which row of the outbox: rows are leased, in order, to one process at a time.

A lease that runs out frees its row: a process that has died strands nothing. What must not be sent twice is then
``uncertain``, for its send may have begun; everything else is sent again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, literal_column, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables
from .messages import BULK, IS_PENDING, Out, outbox, pending
from .people import Where
from .vault import Vault

address, broadcast = tables.table(tables.Address), tables.table(tables.Broadcast)

CLOCK_SET_BACK = timedelta(hours=1)  # rows from so far in the future were written by a clock that was wrong
CUT_OFF = "the process that sent it has ended"

_earlier = outbox.alias("earlier")
_IS_BEHIND = (_earlier.c.address_id == outbox.c.address_id, _earlier.c.id < outbox.c.id, pending(_earlier))
# A chat's replies and notices wait for one another; nothing of it waits for bulk, which waits for all of them.
_FIRST = ~exists().where(*_IS_BEHIND, _earlier.c.lane < BULK)
_FIRST_OF_ALL = ~exists().where(*_IS_BEHIND, or_(_earlier.c.lane < BULK, _earlier.c.state == "sending"))
_MAY_GO_ON = or_(
    outbox.c.broadcast_id.is_(None),
    exists().where(broadcast.c.id == outbox.c.broadcast_id, broadcast.c.state == "running"),
)


async def any_due(tx: AsyncConnection, served: Iterable[tuple[str, str]], now: datetime) -> bool:
    """Whether there may be replies or notices to claim. Costs a look at an index, and keeps nobody from writing."""
    for channel, account in served:
        found = select(outbox.c.id).where(_of(channel, account), outbox.c.lane < BULK, _free(now)).limit(1)
        if (await tx.execute(found)).first():
            return True
    return False


async def any_bulk(tx: AsyncConnection, channel: str, account: str, now: datetime) -> bool:
    """The same of bulk."""
    found = select(outbox.c.id).where(_of(channel, account), outbox.c.lane == BULK, _free(now), _MAY_GO_ON).limit(1)
    return (await tx.execute(found)).first() is not None


async def any_late(tx: AsyncConnection, now: datetime) -> bool:
    """Whether ``expire`` or ``unpark_due`` would find anything."""
    for rows in (_is_cut_off(now), and_(_IS_PARKED, outbox.c.due_at <= now)):
        if (await tx.execute(select(outbox.c.id).where(rows).limit(1))).first():
            return True
    return False


async def claim(
    tx: AsyncConnection,
    vault: Vault,
    served: Iterable[tuple[str, str]],
    now: datetime,
    *,
    owner: str,
    lease: timedelta,
    limit: int,
) -> list[Out]:
    """Lease replies and notices that are due, or whose lease ran out: whole chats, each from its oldest pending row on."""
    rows: list[Any] = []
    for channel, account in served:
        heads = (
            select(outbox)
            .where(_of(channel, account), outbox.c.lane < BULK, _free(now), _FIRST)
            .order_by(outbox.c.lane, outbox.c.due_at)
            .limit(limit - len(rows))
            .with_for_update(skip_locked=True, of=outbox)
        )
        rows += list(await tx.execute(heads)) if len(rows) < limit else []
    if not rows:
        return []
    rows += await _behind(tx, rows, now)
    return await _leased(tx, vault, rows, owner, now + lease)


async def claim_bulk(
    tx: AsyncConnection,
    vault: Vault,
    channel: str,
    account: str,
    now: datetime,
    *,
    owner: str,
    lease: timedelta,
    limit: int,
) -> list[Out]:
    """Lease bulk rows that are due, of broadcasts that run, for chats in which nothing else waits.

    From then on their send may have begun, so claim no more than can leave at once.
    """
    rows = (
        select(outbox)
        .where(_of(channel, account), outbox.c.lane == BULK, _free(now), _MAY_GO_ON, _FIRST_OF_ALL)
        .order_by(outbox.c.due_at, outbox.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=outbox)
    )
    found = list(await tx.execute(rows))
    return await _leased(tx, vault, found, owner, now + lease) if found else []


async def renew(tx: AsyncConnection, ids: Sequence[int], owner: str, until: datetime) -> None:
    """Keep these rows leased to ``owner``, which still waits to send them."""
    mine = update(outbox).where(outbox.c.id.in_(list(ids)), outbox.c.state == "sending", outbox.c.owner == owner)
    await tx.execute(mine.values(lease_until=until))


async def give_back(tx: AsyncConnection, ids: Sequence[int], owner: str, due_at: datetime) -> None:
    """These rows, whose send has not begun, are anybody's again, from ``due_at`` on."""
    mine = update(outbox).where(outbox.c.id.in_(list(ids)), outbox.c.state == "sending", outbox.c.owner == owner)
    await tx.execute(mine.values(state="due", owner="", lease_until=None, due_at=due_at))


async def release(tx: AsyncConnection, owner: str) -> int:
    """Free every lease but ours: for a database that only one process may serve, so that all others are dead.

    How many rows are uncertain now.
    """
    dead = and_(IS_PENDING, outbox.c.state == "sending", outbox.c.owner != owner)
    uncertain = await _cut_off(tx, dead)
    await tx.execute(update(outbox).where(dead).values(state="due", lease_until=None, owner=""))
    return uncertain


async def expire(tx: AsyncConnection, now: datetime) -> int:
    """Rows that must not be repeated and whose lease ran out are uncertain now; how many."""
    return await _cut_off(tx, _is_cut_off(now))


async def still_wanted(tx: AsyncConnection, ids: Sequence[int]) -> set[int]:
    """Those of these rows that are still to be sent: an erasure or a cancelled broadcast may have ended them since."""
    query = select(outbox.c.id).where(outbox.c.id.in_(list(ids)), outbox.c.state == "sending", _MAY_GO_ON)
    return set((await tx.execute(query)).scalars())


async def unpark(tx: AsyncConnection, addresses: Sequence[int], now: datetime) -> None:
    """These people have written: their service window is open, and what waited for that may leave."""
    theirs = update(outbox).where(_IS_PARKED, outbox.c.address_id.in_(list(addresses)))
    await tx.execute(theirs.values(state="due", due_at=now, owner="", lease_until=None))


async def unpark_due(tx: AsyncConnection, now: datetime) -> None:
    """What was put aside until a certain moment, and that has come."""
    late = update(outbox).where(_IS_PARKED, outbox.c.due_at <= now)
    await tx.execute(late.values(state="due", owner="", lease_until=None))


# ------------------------------------------------------------------------------------------------ small things

_IS_PARKED = outbox.c.state.in_([literal_column("'parked'")])  # literal, as in ``pending``


def _of(channel: str, account: str) -> ColumnElement[bool]:
    return and_(IS_PENDING, outbox.c.channel == channel, outbox.c.account == account)


def _free(now: datetime) -> ColumnElement[bool]:
    """Due, or leased by who is dead; also what a clock that was ahead has dated into the future."""
    ahead = outbox.c.created_at > now + CLOCK_SET_BACK
    return or_(
        and_(outbox.c.state == "due", or_(outbox.c.due_at <= now, ahead)),
        and_(outbox.c.state == "sending", outbox.c.repeatable, or_(outbox.c.lease_until <= now, ahead)),
    )


def _is_cut_off(now: datetime) -> ColumnElement[bool]:
    late = and_(outbox.c.state == "sending", outbox.c.lease_until <= now)
    return and_(IS_PENDING, outbox.c.lane == BULK, late, ~outbox.c.repeatable)


async def _cut_off(tx: AsyncConnection, rows: ColumnElement[bool]) -> int:
    lost = update(outbox).where(rows, outbox.c.lane == BULK, ~outbox.c.repeatable)
    done = await tx.execute(lost.values(state="uncertain", reason=CUT_OFF, lease_until=None))
    return int(done.rowcount)


async def _behind(tx: AsyncConnection, heads: Sequence[Any], now: datetime) -> list[Any]:
    """What stands behind these rows in their chats, up to the first that is not free, or that somebody is changing."""
    ids = {row.id for row in heads}
    behind = select(outbox).where(
        IS_PENDING, outbox.c.lane < BULK, outbox.c.address_id.in_({row.address_id for row in heads})
    )
    order = [row for row in await tx.execute(behind.order_by(outbox.c.id)) if row.id not in ids]
    if not order:
        return []
    locked = behind.where(outbox.c.id.in_([row.id for row in order]), _free(now))
    ours = {row.id for row in await tx.execute(locked.with_for_update(skip_locked=True, of=outbox))}
    found, stopped = [], set()
    for row in order:
        if row.id not in ours or row.address_id in stopped:
            stopped.add(row.address_id)
        else:
            found.append(row)
    return found


async def _leased(tx: AsyncConnection, vault: Vault, rows: Sequence[Any], owner: str, until: datetime) -> list[Out]:
    taken = update(outbox).where(outbox.c.id.in_([row.id for row in rows]))
    await tx.execute(taken.values(state="sending", owner=owner, lease_until=until))
    query = select(address.c.id, address.c.sealed, address.c.heard_at)
    found_at = await tx.execute(query.where(address.c.id.in_({row.address_id for row in rows})))
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
                broadcast_id=row.broadcast_id, heard_at=sealed.get(row.address_id, (b"", None))[1], leased=True,
            )
        )  # fmt: skip
    return found
