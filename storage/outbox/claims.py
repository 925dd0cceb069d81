"""Who sends which row of the outbox: rows are leased, in order, to one process at a time.

A lease that runs out frees its row: a process that has died strands nothing. What must not be sent twice is then
``uncertain``, for its send may have begun; everything else is sent again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    and_,
    bindparam,
    exists,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import tables
from storage.engine.bulk_statements import BulkStatement, id_in
from storage.people.people import Where
from storage.sealing.vault import Vault

from . import notify
from .messages import BULK, IS_PENDING, Out, outbox, pending

address, broadcast = tables.table(tables.Address), tables.table(tables.Broadcast)

CLOCK_SET_BACK = timedelta(hours=1)  # rows from so far in the future were written by a clock that was wrong
CUT_OFF = "the process that sent it has ended"

_earlier = outbox.alias("earlier")


def _nothing_before(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    """No such row stands before it in its chat. One look at an index for each row; PostgreSQL would turn NOT EXISTS into
    a join over all that is pending.
    """
    behind = (_earlier.c.address_id == outbox.c.address_id, _earlier.c.id < outbox.c.id, pending(_earlier))
    return select(_earlier.c.id).where(*behind, *which).limit(1).correlate(outbox).scalar_subquery().is_(None)


# A chat's replies and notices wait for one another; nothing of it waits for bulk, which waits for all of them.
_FIRST = _nothing_before(_earlier.c.lane < BULK)
_FIRST_OF_ALL = _nothing_before(or_(_earlier.c.lane < BULK, _earlier.c.state == "sending"))
MAY_GO_ON = or_(
    outbox.c.broadcast_id.is_(None),
    # Of one that is done only what waited for its person to write, or for another try, is left.
    exists().where(broadcast.c.id == outbox.c.broadcast_id, broadcast.c.state.in_(("running", "done"))),
)


_NOW, _AHEAD = (bindparam(name, type_=outbox.c.due_at.type) for name in ("now", "ahead"))
_HERE = and_(IS_PENDING, outbox.c.channel == bindparam("channel"), outbox.c.account == bindparam("account"))
# Due, or leased by who is dead; also what a clock that was ahead has dated into the future.
_IS_FREE = or_(
    and_(outbox.c.state == "due", or_(outbox.c.due_at <= _NOW, outbox.c.created_at > _AHEAD)),
    and_(
        outbox.c.state == "sending",
        outbox.c.repeatable,
        or_(outbox.c.lease_until <= _NOW, outbox.c.created_at > _AHEAD),
    ),
)
_ONCE = text(tables.ONCE)  # literal, as the index has it, and as ``pending``
_IS_PARKED = outbox.c.state.in_([literal_column("'parked'")])
_ROWS = select(
    outbox.c.id,
    outbox.c.person_id,
    outbox.c.address_id,
    outbox.c.channel,
    outbox.c.account,
    outbox.c.to,
    outbox.c.sealed,
    outbox.c.kind,
    outbox.c.lane,
    outbox.c.lead_id,
    outbox.c.edits,
    outbox.c.repeatable,
    outbox.c.attempts,
    outbox.c.broadcast_id,
)  # fmt: skip - as ``_leased`` reads them
# Ordered as the index is, and no further: so it gives them at once, however many wait.
_TALK = _ROWS.where(_HERE, outbox.c.lane < BULK, _IS_FREE).order_by(outbox.c.lane, outbox.c.due_at)
_BULK = _ROWS.where(_HERE, outbox.c.lane == BULK, _IS_FREE, MAY_GO_ON).order_by(outbox.c.due_at)
_ANY_TALK, _ANY_BULK = (rows.with_only_columns(outbox.c.id).limit(1) for rows in (_TALK, _BULK))
_HEADS, _COPIES = (
    rows.limit(bindparam("most", type_=Integer)).with_for_update(skip_locked=True, of=outbox)
    for rows in (_TALK.where(_FIRST), _BULK.where(_FIRST_OF_ALL))
)
_ANY_LATE = tuple(
    select(outbox.c.id).where(rows).limit(1)
    for rows in (and_(_ONCE, outbox.c.lease_until <= _NOW), and_(_IS_PARKED, outbox.c.due_at <= _NOW))
)


async def any_due(tx: AsyncConnection, served: Iterable[tuple[str, str]], now: datetime) -> bool:
    """Whether there may be replies or notices to claim. Costs a look at an index, and keeps nobody from writing."""
    return any([(await tx.execute(_ANY_TALK, _asked(*here, now))).first() for here in served])


async def any_bulk(tx: AsyncConnection, channel: str, account: str, now: datetime) -> bool:
    """The same of bulk."""
    return (await tx.execute(_ANY_BULK, _asked(channel, account, now))).first() is not None


async def any_late(tx: AsyncConnection, now: datetime) -> bool:
    """Whether ``expire`` or ``unpark_due`` would find anything."""
    return any([(await tx.execute(rows, {"now": now})).first() for rows in _ANY_LATE])


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
    """Lease replies and notices that are due, or whose lease ran out: whole chats, each from its oldest pending row on.

    ``limit`` chats of each (channel, account) at most.
    """
    rows: list[Any] = []
    for here in served:
        rows += list(await tx.execute(_HEADS, _asked(*here, now, most=limit)))
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
    rows = list(await tx.execute(_COPIES, _asked(channel, account, now, most=limit)))
    return await _leased(tx, vault, rows, owner, now + lease) if rows else []


async def renew(tx: AsyncConnection, ids: Sequence[int], owner: str, until: datetime) -> None:
    """Keep these rows leased to ``owner``, which still waits to send them. A renewal that comes late shortens none."""
    mine = update(outbox).where(outbox.c.id.in_(list(ids)), outbox.c.state == "sending", outbox.c.owner == owner)
    await tx.execute(mine.where(outbox.c.lease_until < until).values(lease_until=until))


async def give_back(tx: AsyncConnection, rows: Sequence[tuple[int, datetime]], owner: str) -> None:
    """These rows, whose send has not begun, are anybody's again, each from its moment on."""
    await _GIVE_BACK.run(tx, [(row_id, owner, at) for row_id, at in sorted(rows)])


async def release(tx: AsyncConnection, owner: str) -> int:
    """Free every lease but ours: for a database that only one process may serve, so that all others are dead.

    How many rows are uncertain now.
    """
    uncertain = await _cut_off(tx, and_(_ONCE, outbox.c.owner != owner))
    dead = update(outbox).where(IS_PENDING, outbox.c.state == "sending", outbox.c.owner != owner)
    await tx.execute(dead.values(state="due", lease_until=None, owner=""))
    return uncertain


async def expire(tx: AsyncConnection, now: datetime) -> int:
    """Rows that must not be repeated and whose lease ran out are uncertain now; how many."""
    return await _cut_off(tx, and_(_ONCE, outbox.c.lease_until <= now))


async def still_wanted(tx: AsyncConnection, ids: Sequence[int]) -> set[int]:
    """Those of these rows that are still to be sent: an erasure or a cancelled broadcast may have ended them since."""
    return set((await tx.execute(_STILL_WANTED, {"ids": ids})).scalars())


async def unpark(tx: AsyncConnection, addresses: Sequence[int], now: datetime) -> None:
    """These people have written: their service window is open, and what waited for that may leave, at once."""
    theirs = update(outbox).where(_IS_PARKED, outbox.c.address_id.in_(list(addresses)))
    found = await tx.execute(theirs.values(state="due", due_at=now, owner="", lease_until=None))
    if found.rowcount:
        await notify.wake(tx)


async def unpark_due(tx: AsyncConnection, now: datetime) -> None:
    """What was put aside until a certain moment, and that has come."""
    late = update(outbox).where(_IS_PARKED, outbox.c.due_at <= now)
    await tx.execute(late.values(state="due", owner="", lease_until=None))


# ------------------------------------------------------------------------------------------------ small things


def _asked(channel: str, account: str, now: datetime, **more: int) -> dict[str, Any]:
    return {"channel": channel, "account": account, "now": now, "ahead": now + CLOCK_SET_BACK, **more}


async def _cut_off(tx: AsyncConnection, rows: ColumnElement[bool]) -> int:
    done = await tx.execute(update(outbox).where(rows).values(state="uncertain", reason=CUT_OFF, lease_until=None))
    return int(done.rowcount)


async def _behind(tx: AsyncConnection, heads: Sequence[Any], now: datetime) -> list[Any]:
    """What stands behind these rows in their chats, up to the first that is not free, or that somebody is changing."""
    ids = {row.id for row in heads}
    pending = await tx.execute(_OF_CHATS, {"ids": list({row.address_id for row in heads})})
    order = [row for row in pending if row.id not in ids]
    if not order:
        return []
    moment = {"now": now, "ahead": now + CLOCK_SET_BACK}
    ours = set((await tx.execute(_LOCKED, {"ids": [row.id for row in order], **moment})).scalars())
    found, stopped = [], set()
    for row in order:
        if row.id not in ours or row.address_id in stopped:
            stopped.add(row.address_id)
        else:
            found.append(row)
    return found


_OF_CHATS = _ROWS.where(IS_PENDING, outbox.c.lane < BULK, id_in(outbox.c.address_id)).order_by(outbox.c.id)
_LOCKED = (
    select(outbox.c.id).where(IS_PENDING, id_in(outbox.c.id), _IS_FREE).with_for_update(skip_locked=True, of=outbox)
)
_STILL_WANTED = select(outbox.c.id).where(id_in(outbox.c.id), outbox.c.state == "sending", MAY_GO_ON)
_LEASE = (
    update(outbox)
    .where(id_in(outbox.c.id))
    .values(state="sending", owner=bindparam("holder"), lease_until=bindparam("until"))
)
_GIVE_BACK = BulkStatement(
    update(outbox)
    .where(outbox.c.id == bindparam("row_id"), outbox.c.state == "sending", outbox.c.owner == bindparam("holder"))
    .values(state="due", owner="", lease_until=None, due_at=bindparam("later")),
    *("row_id", "holder", "later"),
)
_ADDRESSES = select(address.c.id, address.c.sealed, address.c.heard_at).where(id_in(address.c.id))


async def _leased(tx: AsyncConnection, vault: Vault, rows: Sequence[Any], owner: str, until: datetime) -> list[Out]:
    await tx.execute(_LEASE, {"ids": [row.id for row in rows], "holder": owner, "until": until})
    found_at = await tx.execute(_ADDRESSES, {"ids": list({row.address_id for row in rows})})
    chats = {chat: (sealed, heard_at) for chat, sealed, heard_at in found_at}
    found = []
    for row_id, person_id, chat, channel, account, kept_to, kept, *more, broadcast_id in rows:
        sealed, heard_at = chats.get(chat, (b"", None))
        if kept_to is not None:
            to = vault.open(kept_to, table="outbox", column="to", row=row_id)
        elif sealed:
            to = vault.open(sealed, table="address", column="sealed", row=chat)
        else:
            continue  # erased meanwhile; the eraser cancels its rows
        body = vault.open_json(kept, table="outbox", column="sealed", row=row_id)
        row = Out(row_id, person_id, chat, Where(channel, account, to), body, *more)
        row.unkept, row.broadcast_id, row.heard_at, row.leased = kept_to is not None, broadcast_id, heard_at, True
        found.append(row)
    return found
