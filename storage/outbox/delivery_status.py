"""Delivery status of outbox rows: as our own sending saw it, and as the platform's receipts tell afterwards.

Both may come in any order, and either may be missing. So a row only ever moves forward on one scale, and ends the same
in whichever order its events came: due, sending, uncertain, sent, failed (or parked), delivered, read. A cancelled row
stays cancelled, but for a copy that was being sent at that moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import tables
from storage.engine.bulk_statements import BulkStatement

from .messages import BULK, outbox

address = tables.table(tables.Address)

MOST_AGAIN = 5  # times that a row is sent once more because the platform failed it afterwards
_RANK = {"due": 0, "sending": 1, "uncertain": 2, "sent": 3, "failed": 4, "parked": 4, "delivered": 5, "read": 6}


class AttemptStatus(NamedTuple):
    """The result of one attempt to send an outbox row: the row's next state.

    "due": to be tried again from ``due_at`` on; with a ``lease_until`` by the process that holds the row, without one
    by any process. "parked": waits until its person writes, or for ``due_at``. ``gone``: id of an address that cannot
    be reached any more. ``outside``: the message left as a template, with its person's service window closed.
    """

    id: int
    state: str
    at: datetime
    external_id: str = ""
    reason: str = ""
    due_at: datetime | None = None
    lease_until: datetime | None = None
    gone: int | None = None
    unkept: bool = False
    outside: bool = False
    category: str = ""


@dataclass(frozen=True, slots=True)
class RowStatus:
    """A platform's receipt for an outbox row that the platform had accepted: sent, delivered, read, or failed.

    ``closed``: failed because the person's service window is closed, so the row waits until they write. ``again``:
    failed for a reason that passes, so the row is sent once more from this moment on, a few times at most; ``waits``: as
    often as it takes, for the reason is an operator's to mend, or the whole account's.
    """

    id: int
    state: str
    at: datetime
    external_id: str = ""
    reason: str = ""
    gone: bool = False
    closed: bool = False
    again: datetime | None = None
    waits: bool = False
    category: str = ""
    billable: bool | None = None


_HELD = (outbox.c.id == bindparam("row_id"), outbox.c.state == "sending")
# A copy that was called back ("berhenti") while it was on its way has left all the same; an erased one has no person.
_CALLED_BACK = and_(outbox.c.state == "cancelled", outbox.c.lane == BULK, outbox.c.person_id.is_not(None))
_OPEN = or_(outbox.c.state == "sending", outbox.c.state == "uncertain", _CALLED_BACK)  # IN takes no list of parameters
_ENDED = BulkStatement(
    update(outbox)
    .where(outbox.c.id == bindparam("row_id"), _OPEN)
    .values(
        state=bindparam("new_state"),
        reason=bindparam("why"),
        external_id=bindparam("theirs"),
        sent_at=bindparam("at"),
        outside=bindparam("template"),
        category=bindparam("billed_as"),
        lease_until=None,
    ),
    *("row_id", "new_state", "why", "theirs", "at", "template", "billed_as"),
)
_LATER = update(outbox).where(*_HELD).values(reason=bindparam("why"), due_at=bindparam("at"))
_ONCE_MORE = _LATER.values(attempts=outbox.c.attempts + 1)
_PARKED = BulkStatement(_LATER.values(state="parked", lease_until=None, owner=""), "row_id", "why", "at")
_AGAIN = BulkStatement(_ONCE_MORE.values(lease_until=bindparam("until")), "row_id", "why", "at", "until")
_BACK = BulkStatement(_ONCE_MORE.values(state="due", lease_until=None, owner=""), "row_id", "why", "at")


async def settle(tx: AsyncConnection, settled: Sequence[AttemptStatus]) -> None:
    """Store the results of attempts. The body and address of an ``unkept`` row are erased as soon as the message has left.

    A row that a receipt has moved further meanwhile, or that an erasure has cancelled, is left as it is. A row that
    only its person's "berhenti" has cancelled ends as its receipt says; it is not tried again.
    """
    rows: dict[BulkStatement, list[tuple[Any, ...]]] = {_PARKED: [], _AGAIN: [], _BACK: [], _ENDED: []}
    for s in sorted(settled, key=attrgetter("id")):  # locks are taken in one order, as ``progressed`` takes them
        why, later = s.reason[:200], s.due_at or s.at
        if s.state == "parked":
            rows[_PARKED].append((s.id, why, later))
        elif s.state == "due" and s.lease_until is None:
            rows[_BACK].append((s.id, why, later))
        elif s.state == "due":
            rows[_AGAIN].append((s.id, why, later, s.lease_until))
        else:
            rows[_ENDED].append((s.id, s.state, why, s.external_id, s.at, s.outside, s.category))
    for statement, some in rows.items():  # what has ended last: a row may have failed and left since the last batch
        await statement.run(tx, some)
    left = [s for s in settled if s.state not in ("due", "parked")]
    if unkept := [s.id for s in left if s.unkept]:
        await tx.execute(update(outbox).where(outbox.c.id.in_(unkept)).values(to=None, sealed=None))
    if gone := [s.gone for s in left if s.gone]:
        await tx.execute(update(address).where(address.c.id.in_(gone)).values(reachable=False))


_TOLD_OF = (
    select(
        outbox.c.id,
        outbox.c.state,
        outbox.c.external_id,
        outbox.c.sent_at,
        outbox.c.address_id,
        outbox.c.attempts,
        outbox.c.sealed.is_not(None).label("is_kept"),
    )
    .where(outbox.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(outbox.c.id)
    .with_for_update()
)


async def progressed(tx: AsyncConnection, moved: Sequence[RowStatus]) -> None:
    """Apply receipts to outbox rows: a row never moves back, in whatever order the receipts come."""
    states: dict[int, dict[str, Any]] = {}
    unreachable: set[int] = set()
    for row in await tx.execute(_TOLD_OF, {"ids": [m.id for m in moved]}):
        before = {name: getattr(row, name) for name in ("state", "external_id", "sent_at", "attempts")}
        after = dict(before)
        for one in (m for m in moved if m.id == row.id):
            after |= _changes(after, one, is_kept=row.is_kept)
            if one.gone:
                unreachable.add(row.address_id)
        if after != before:
            states[row.id] = after
    for row_id, values in states.items():
        await tx.execute(update(outbox).where(outbox.c.id == row_id).values(**values))
    if unreachable:
        await tx.execute(update(address).where(address.c.id.in_(unreachable)).values(reachable=False))


def _changes(row: dict[str, Any], one: RowStatus, *, is_kept: bool) -> dict[str, Any]:
    """The columns that a receipt changes in a row; a row whose body is erased cannot be sent once more."""
    values: dict[str, Any] = {"category": one.category, "billable": one.billable} if one.category else {}
    once_more = is_kept and (one.waits or row["attempts"] < MOST_AGAIN)
    again = one.again if one.state == "failed" and once_more else None
    state = "parked" if again or (one.closed and one.state == "failed") else one.state
    if not moves(row["state"], state) or (one.state == "failed" and _is_of_another_attempt(row, one)):
        return values
    values |= {"state": state, "lease_until": None, "external_id": one.external_id or row["external_id"]}
    if state in ("failed", "parked"):
        values["reason"] = one.reason[:200]
        if again:
            values |= {"due_at": again, "attempts": row["attempts"] + 1}
    elif row["sent_at"] is None:
        values["sent_at"] = one.at
    return values


def moves(state: str, told: str) -> bool:
    """Whether a row in ``state`` goes on to the state ``told``.

    >>> moves("sending", "delivered"), moves("read", "delivered"), moves("failed", "read"), moves("cancelled", "read")
    (True, False, True, False)
    """
    return state in _RANK and _RANK.get(told, -1) > _RANK[state]


def _is_of_another_attempt(row: dict[str, Any], one: RowStatus) -> bool:
    """Whether a failure was of an earlier attempt: told twice, it must not end the next one, which began when the
    person wrote."""
    known = row["external_id"]
    return bool(known) and (row["state"] in ("due", "sending") or known != one.external_id)


async def outside_since(tx: AsyncConnection, channel: str, account: str, since: datetime) -> dict[int, datetime]:
    """By address id, when this account last sent a template to that address outside its service window, since ``since``."""
    sent = select(outbox.c.address_id, func.max(outbox.c.sent_at)).where(
        outbox.c.outside, outbox.c.account == account, outbox.c.sent_at >= since, outbox.c.channel == channel
    )
    return {row[0]: row[1] for row in await tx.execute(sent.group_by(outbox.c.address_id))}
