"""Retention of old messages in the inbox and outbox: bodies are erased first, rows are removed much later, a bite at a
time.

Each function erases or removes at most ``BITE`` rows, oldest first, and gives how many; fewer than ``BITE`` means that
none is left. The cost of a bite does not grow with the tables; between two bites the caller lets others write.
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
from storage.outbox.messages import BODIES_KEPT, IS_UNSENT, inbox, leadnamed, outbox

BITE = 500  # rows; some milliseconds of the writer's time
TOO_OLD = "too old"  # reason of a row that was cancelled unsent


async def erase_bodies_in(tx: AsyncConnection, before: datetime) -> int:
    """Erase the bodies of inbox events that came in before this moment; how many."""
    ids = await _ids(tx, inbox, before, with_body=True)
    if ids:
        await tx.execute(_EMPTY_IN, {"ids": ids})
    return len(ids)


async def erase_bodies_out(tx: AsyncConnection, before: datetime) -> int:
    """Erase the bodies and addresses of outbox rows made before this moment; how many.

    Rows that could not be sent for so long (the channel was switched off, the person did not write) are cancelled.
    """
    ids = await _ids(tx, outbox, before, with_body=True)
    if ids:
        await tx.execute(_EMPTY_OUT, {"ids": ids})
    return len(ids)


async def end_in(tx: AsyncConnection, before: datetime) -> int:
    """Remove inbox rows from before this moment; how many. A redelivered event whose row is gone would count as new."""
    ids = await _ids(tx, inbox, before)
    if ids:
        await tx.execute(delete(inbox).where(id_in(inbox.c.id)), {"ids": ids})
    return len(ids)


async def end_out(tx: AsyncConnection, before: datetime) -> int:
    """Remove outbox rows made before this moment; how many. The final states of copies of a broadcast stay in their
    recipient rows."""
    ids = await _ids(tx, outbox, before)
    if not ids:
        return 0
    await tx.execute(delete(leadnamed).where(id_in(leadnamed.c.outbox_id)), {"ids": ids})
    gone = delete(outbox).where(id_in(outbox.c.id))
    copy = (outbox.c.id, outbox.c.broadcast_id, outbox.c.person_id, outbox.c.state, outbox.c.reason)
    rows = (await tx.execute(gone.returning(*copy), {"ids": ids})).all()
    await recipients.settle(tx, [recipients.Ended(*row) for row in rows if row.broadcast_id is not None])
    return len(ids)


async def bodies_overdue(tx: AsyncConnection, now: datetime) -> dict[str, float]:
    """For inbox and outbox, for how many seconds the oldest body should have been erased; read by the index of the
    erasing."""
    oldest = {rows.name: await _ids(tx, rows, now, with_body=True, most=1) for rows in (inbox, outbox)}
    gone_before = now - BODIES_KEPT
    return {
        name: max(0.0, (gone_before - made_at(ids[0])).total_seconds()) if ids else 0.0 for name, ids in oldest.items()
    }


async def any_left(tx: AsyncConnection, bodies: datetime, came: datetime, went: datetime) -> bool:
    """Whether any function of this module would find a row: bodies from before ``bodies``, inbox rows from before
    ``came``, outbox rows from before ``went``."""
    return bool(await left_in(tx, bodies, came, went))


async def left_in(tx: AsyncConnection, bodies: datetime, came: datetime, went: datetime) -> list[str]:
    """The tables in which any function of this module would find a row."""
    looks = ((inbox, bodies, True), (outbox, bodies, True), (inbox, came, False), (outbox, went, False))
    return [rows.name for rows, before, body in looks if await _ids(tx, rows, before, with_body=body, most=1)]


async def _ids(
    tx: AsyncConnection, rows: FromClause, before: datetime, *, with_body: bool = False, most: int = 0
) -> Sequence[int]:
    """The ids of the oldest rows from before this moment; ``with_body``: only rows with a body, by their partial index."""
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
