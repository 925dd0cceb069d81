"""The ends of what came in and what went out: bodies first, the rows themselves much later. All of it a bite at a time.

Each function ends at most ``BITE`` rows, the oldest first, and tells how many: less than a bite means that none is left.
A bite reads as much whatever is stored; between two of them the caller lets others write.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import FromClause, case, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.broadcasts import recipients
from storage.engine.bulk_statements import id_in
from storage.engine.ids import first_id, made_at
from storage.outbox.messages import BODIES_KEPT, IS_UNSENT, inbox, outbox

BITE = 500  # rows; some milliseconds of the writer's time
TOO_OLD = "too old"  # why a row was never sent


async def erase_bodies_in(tx: AsyncConnection, before: datetime) -> int:
    """Erase the bodies of events that came in before this moment."""
    ids = await _ids(tx, inbox, before, with_body=True)
    if ids:
        await tx.execute(_EMPTY_IN, {"ids": ids})
    return len(ids)


async def erase_bodies_out(tx: AsyncConnection, before: datetime) -> int:
    """Erase the bodies and addresses of messages that were written before this moment.

    What could not be sent for so long (its channel was switched off, its person did not write) is not sent any more.
    """
    ids = await _ids(tx, outbox, before, with_body=True)
    if ids:
        await tx.execute(_EMPTY_OUT, {"ids": ids})
    return len(ids)


async def end_in(tx: AsyncConnection, before: datetime) -> int:
    """Remove the rows of events that came in before this moment: redelivered, they would count as new."""
    ids = await _ids(tx, inbox, before)
    if ids:
        await tx.execute(delete(inbox).where(id_in(inbox.c.id)), {"ids": ids})
    return len(ids)


async def end_out(tx: AsyncConnection, before: datetime) -> int:
    """Remove the rows of messages that were written before this moment. What became of the copies of a broadcast stays with
    its recipients."""
    ids = await _ids(tx, outbox, before)
    if not ids:
        return 0
    gone = delete(outbox).where(id_in(outbox.c.id))
    copy = (outbox.c.id, outbox.c.broadcast_id, outbox.c.person_id, outbox.c.state, outbox.c.reason)
    rows = (await tx.execute(gone.returning(*copy), {"ids": ids})).all()
    await recipients.settle(tx, [recipients.Ended(*row) for row in rows if row.broadcast_id is not None])
    return len(ids)


async def bodies_overdue(tx: AsyncConnection, now: datetime) -> dict[str, float]:
    """By table, for how many seconds the oldest body should have been erased; by the same index as that is done."""
    oldest = {rows.name: await _ids(tx, rows, now, with_body=True, most=1) for rows in (inbox, outbox)}
    gone_before = now - BODIES_KEPT
    return {
        name: max(0.0, (gone_before - made_at(ids[0])).total_seconds()) if ids else 0.0 for name, ids in oldest.items()
    }


async def any_left(tx: AsyncConnection, bodies: datetime, came: datetime, went: datetime) -> bool:
    """Whether any of these would find a row: bodies from before one moment, rows that came in or went out before others."""
    looks = ((inbox, bodies, True), (outbox, bodies, True), (inbox, came, False), (outbox, went, False))
    return any([await _ids(tx, rows, before, with_body=body, most=1) for rows, before, body in looks])


async def _ids(
    tx: AsyncConnection, rows: FromClause, before: datetime, *, with_body: bool = False, most: int = 0
) -> Sequence[int]:
    """The oldest rows from before this moment; ``with_body`` by an index that holds no others."""
    query = select(rows.c.id).where(rows.c.id < first_id(before)).order_by(rows.c.id).limit(most or BITE)
    return (await tx.execute(query.where(rows.c.sealed.is_not(None)) if with_body else query)).scalars().all()


_EMPTY_IN = update(inbox).where(id_in(inbox.c.id)).values(sealed=None)


def _unless_sent(value: Any, otherwise: Any) -> Any:
    return case((IS_UNSENT, value), else_=otherwise)


_EMPTY_OUT = (
    update(outbox)
    .where(id_in(outbox.c.id))
    .values(
        {
            "sealed": None,
            "to": None,
            "state": _unless_sent("cancelled", outbox.c.state),
            "reason": _unless_sent(TOO_OLD, outbox.c.reason),
            "lease_until": _unless_sent(None, outbox.c.lease_until),
        }
    )
)
