"""Leases of outbox rows: each row is leased, in the order of its chat, to one process at a time.

A lease that runs out frees its row: a process that has died strands nothing. A row that must not be sent twice is then
``uncertain``, for its send may have begun; every other row is sent again. The statements themselves, in plain SQL,
stand in ``claim_statements.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from storage.outbox.claim_statements import (
    ADDRESSES,
    ANY_BULK,
    ANY_LATE,
    ANY_TALK,
    CLAIM_BULK,
    CLAIM_CHATS,
    EXPIRE,
    EXPIRE_OTHERS,
    FAIL,
    FREE_OTHERS,
    GIVE_BACK,
    LEASE,
    LOCK_FREE,
    RENEW,
    REST_OF_CHATS,
    STILL_WANTED,
    UNDER_WAY,
    UNPARK,
    UNPARK_DUE,
)
from storage.people.people import Where
from storage.sealing.unreadable import Opening
from storage.sealing.vault import Vault

from . import notify
from .messages import Out

CLOCK_SET_BACK = timedelta(hours=1)  # rows from so far in the future were written by a clock that was wrong
CUT_OFF = "the process that sent it has ended"
UNREADABLE = "does not open"  # why a row has failed whose body or address cannot be read


async def any_due(tx: AsyncConnection, served: Iterable[tuple[str, str]], now: datetime) -> bool:
    """Whether there may be replies or notices to claim, for any (channel, account) in ``served``. Costs a look at an
    index, and keeps nobody from writing."""
    looks = [(await ANY_TALK.run(tx, **_here(*here), **_moments(now))).first() for here in served]
    return any(found is not None for found in looks)


async def any_bulk(tx: AsyncConnection, channel: str, account: str, now: datetime) -> bool:
    """Whether there may be bulk rows to claim; costs no more than ``any_due``."""
    return (await ANY_BULK.run(tx, **_here(channel, account), **_moments(now))).first() is not None


async def any_late(tx: AsyncConnection, now: datetime) -> bool:
    """Whether ``expire`` or ``unpark_due`` would find a row."""
    return (await ANY_LATE.run(tx, **_moments(now))).first() is not None


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
    """Lease replies and notices that are due, or whose lease ran out: whole chats, each from its oldest pending row on;
    the rows, opened.

    ``limit`` chats of each (channel, account) at most.
    """
    rows: list[Any] = []
    for here in served:
        rows += list(await CLAIM_CHATS.run(tx, **_here(*here), **_moments(now), most=limit))
    if not rows:
        return []
    rows += await _behind(tx, rows, now)
    return await _leased(tx, vault, rows, owner, now + lease)


async def under_way(tx: AsyncConnection, channel: str, account: str) -> int:
    """How many copies of broadcasts all processes together have claimed for this account and heard nothing of yet."""
    return int((await UNDER_WAY.run(tx, **_here(channel, account))).scalar_one())


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
    """Lease bulk rows that are due, of running broadcasts, for chats in which no other row is pending; the rows, opened.

    From then on their send may have begun, so claim no more rows than can leave at once.
    """
    rows = list(await CLAIM_BULK.run(tx, **_here(channel, account), **_moments(now), most=limit))
    return await _leased(tx, vault, rows, owner, now + lease) if rows else []


async def renew(tx: AsyncConnection, ids: Sequence[int], owner: str, until: datetime) -> set[int]:
    """Extend leases that ``owner`` holds on rows not yet sent to ``until``; a renewal that comes late shortens no lease.

    The ids of the rows that still belong to ``owner``. The other rows were cancelled, or their lease ran out and they
    are uncertain or another process's now: ``owner`` must not send them.
    """
    return set((await RENEW.run(tx, ids=ids, owner=owner, until=until)).scalars())


async def give_back(tx: AsyncConnection, rows: Sequence[tuple[int, datetime]], owner: str) -> None:
    """Free rows (id, due from) that ``owner`` has claimed and not begun to send; any process may claim each from its
    time on.

    Also rows that ``expire`` has declared uncertain meanwhile: the process that held them knows that they have not left.
    """
    in_order = sorted(rows)  # every transaction locks rows by ascending id, so no two deadlock
    await GIVE_BACK.run_for_each(tx, [{"row_id": row_id, "later": at, "owner": owner} for row_id, at in in_order])


async def release(tx: AsyncConnection, owner: str) -> int:
    """Free every lease but those of ``owner``, in a database that only one process may serve, so that all others are dead.

    How many rows are uncertain now.
    """
    uncertain = await EXPIRE_OTHERS.run(tx, owner=owner, reason=CUT_OFF)
    await FREE_OTHERS.run(tx, owner=owner)
    return int(uncertain.rowcount)


async def expire(tx: AsyncConnection, now: datetime) -> int:
    """Mark rows as uncertain that must not be repeated and whose lease ran out, or is from a clock that was wrong; how
    many."""
    return int((await EXPIRE.run(tx, **_moments(now), reason=CUT_OFF)).rowcount)


async def still_wanted(tx: AsyncConnection, ids: Sequence[int]) -> set[int]:
    """Those of these leased rows that are still to be sent: an erasure may have cancelled some since they were leased."""
    return set((await STILL_WANTED.run(tx, ids=ids)).scalars())


async def unpark(tx: AsyncConnection, addresses: Sequence[int], now: datetime) -> None:
    """Make the parked rows of these addresses due at once: their persons have written, so their service window is open."""
    if (await UNPARK.run(tx, ids=addresses, now=now)).rowcount:
        await notify.wake(tx)


async def unpark_due(tx: AsyncConnection, now: datetime) -> None:
    """Make parked rows due whose moment (``due_at``) has come."""
    await UNPARK_DUE.run(tx, now=now)


# ------------------------------------------------------------------------------------------------ small things


def _here(channel: str, account: str) -> dict[str, str]:
    return {"channel": channel, "account": account}


def _moments(now: datetime) -> dict[str, datetime]:
    return {"now": now, "ahead": now + CLOCK_SET_BACK}


async def _behind(tx: AsyncConnection, heads: Sequence[Any], now: datetime) -> list[Any]:
    """The rows behind these first rows in their chats, up to the first row that is not free or that another process is
    changing."""
    ids = {row.id for row in heads}
    pending = await REST_OF_CHATS.run(tx, ids=list({row.address_id for row in heads}))
    order = [row for row in pending if row.id not in ids]
    if not order:
        return []
    ours = set((await LOCK_FREE.run(tx, ids=[row.id for row in order], **_moments(now))).scalars())
    found, stopped = [], set()
    for row in order:
        if row.id not in ours or row.address_id in stopped:
            stopped.add(row.address_id)
        else:
            found.append(row)
    return found


async def _leased(tx: AsyncConnection, vault: Vault, rows: Sequence[Any], owner: str, until: datetime) -> list[Out]:
    """The rows, leased to ``owner`` and opened. A row whose body or address does not open fails, and no row waits for it."""
    await LEASE.run(tx, ids=[row.id for row in rows], owner=owner, until=until)
    addresses = await ADDRESSES.run(tx, ids=list({row.address_id for row in rows}))
    chats = {row.id: (row.sealed, row.heard_at) for row in addresses}
    found, broken, opening = [], [], Opening(vault)
    for row_id, person_id, chat, channel, account, kept_to, kept, *more, broadcast_id in rows:
        sealed, heard_at = chats.get(chat, (b"", None))
        if kept_to is not None:
            to = opening.text(kept_to, table="outbox", column="to", row=row_id)
        elif sealed:
            to = opening.text(sealed, table="address", column="sealed", row=chat)
        else:
            continue  # erased meanwhile; the eraser cancels its rows
        body = opening.json(kept, table="outbox", column="sealed", row=row_id)
        if to is None or body is None:
            broken.append(row_id)
            continue
        row = Out(row_id, person_id, chat, Where(channel, account, to), body, *more)
        row.unkept, row.broadcast_id, row.heard_at, row.leased = kept_to is not None, broadcast_id, heard_at, True
        found.append(row)
    if broken:
        await FAIL.run(tx, ids=broken, reason=UNREADABLE)
        await opening.note(tx)
    return found
