"""Following leads up: who has a lead, how far it has come, when it comes back; every change can be undone for a week.

A lead that has an officer may be ``offered``: others may take it meanwhile, and it stays the officer's until one does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversations.rules import twins
from conversations.rules.next_step import NextStep
from conversations.rules.outcomes import TAKEN, TRIED, UNDO_WITHIN, UNTAKEN, WAITING
from storage.engine.bulk_statements import BulkStatement, id_in

from .lead_events import event
from .leads import ACTIVE_KEPT, CLOSED_KEPT, ENDED, OPEN, SUCCESS, lead, officer

AT_ONCE = 100  # leads in one look of the clock
FREED = -1  # the rung of a lead that became free, and that others are to be shown at once
MOMENTS = ("taken_at", "contacted_at", "closed_at", "erase_at", "next_at", "ring_at")
STATE = ("status", "officer_id", *MOMENTS, "next_reason", "rung", "offered", "into_id")
"""The columns of a lead that following it up changes, and that undoing puts back."""
HANDED = "handed"  # the event of a lead that went to another officer
MERGED, JOINED = "merged", "joined"  # the events of a merging: of the lead that ended, and of the one that goes on
INSIDE = "inside"  # beside the state of the one that ended: ids of leads that had been merged into it
ANSWERED: Mapping[str, Any] = {"offered_to": None, "offered_until": None}  # handed to nobody, or no longer


def coming_back(step: NextStep | None) -> dict[str, Any]:
    """The columns of a lead's next step; of None, a lead that comes back no more."""
    if step is None:
        return {"next_at": None, "ring_at": None, "next_reason": "", "rung": 0}
    return {"next_at": step.at, "ring_at": step.at, "next_reason": step.reason, "rung": 0}


async def take(tx: AsyncConnection, lead_id: int, officer_id: int, step: NextStep, now: datetime) -> bool:
    """Give a lead to an officer, unless somebody has it and it is not offered; whether the officer got it."""
    to_have = lead.c.officer_id.is_(None) | (lead.c.offered.is_(True) & (lead.c.officer_id != officer_id))
    mine = update(lead).where(lead.c.id == lead_id, to_have, OPEN)
    status = case((lead.c.status.in_((UNTAKEN, TRIED)), TAKEN), else_=lead.c.status)
    values = {"officer_id": officer_id, "taken_at": now, "status": status, "offered": False, "changed_at": now}
    return bool((await tx.execute(mine.values(**values, **ANSWERED, **coming_back(step)))).rowcount)


async def move(
    tx: AsyncConnection,
    lead_id: int,
    status: str,
    now: datetime,
    *,
    contacted: bool = False,
    step: NextStep | None = None,
) -> None:
    """Set a lead's status; a closed lead comes back no more, and gets the day on which it is erased. ``step``: the next
    step of an open lead; None keeps the one it has."""
    values: dict[str, Any] = {"status": status, "changed_at": now, "closed_at": None, "erase_at": None}
    if status in ENDED or status == SUCCESS:
        kept = ACTIVE_KEPT if status == SUCCESS else CLOSED_KEPT
        values |= {"closed_at": now, "erase_at": now + kept, "offered": False, **ANSWERED, **coming_back(None)}
    elif step:
        values |= {"offered": False, **coming_back(step)}
    if contacted:
        values["contacted_at"] = now
    await tx.execute(update(lead).where(lead.c.id == lead_id).values(**values))


async def come_back(tx: AsyncConnection, steps: Mapping[int, NextStep]) -> None:
    """Set the next steps of these open leads, by id; the ladder begins anew."""
    await _COMES_BACK.run(tx, [(lead_id, step.at, step.reason) for lead_id, step in steps.items()])


_COMES_BACK = BulkStatement(
    update(lead)
    .where(lead.c.id == bindparam("which"))
    .values(next_at=bindparam("at"), ring_at=bindparam("at"), next_reason=bindparam("why"), rung=0),
    *("which", "at", "why"),
)


async def free(tx: AsyncConnection, ids: Sequence[int], now: datetime) -> None:
    """Take these leads from their officers for good. Status and history stay; only a lead that its officer has taken and
    not yet reached anybody of is new again. It comes back at once."""
    status = case((lead.c.status.in_((TAKEN, TRIED)), UNTAKEN), else_=lead.c.status)
    anew = {"officer_id": None, "taken_at": None, "offered": False, "status": status, "changed_at": now, "ring_at": now}
    await tx.execute(update(lead).where(id_in(lead.c.id)).values(**anew, **ANSWERED, rung=FREED), {"ids": list(ids)})


async def show_again(tx: AsyncConnection, ids: Sequence[int], now: datetime) -> None:
    """Have these untaken leads shown again, to whoever may take them now."""
    await tx.execute(update(lead).where(id_in(lead.c.id)).values(ring_at=now, rung=FREED), {"ids": list(ids)})


async def offer(tx: AsyncConnection, ids: Iterable[int], *, offered: bool = True) -> None:
    """Let others take these leads, which have an officer; or no longer."""
    await tx.execute(update(lead).where(id_in(lead.c.id)).values(offered=offered), {"ids": list(ids)})


# ------------------------------------------------------------------------------------------------ what is due


class DueStep(NamedTuple):
    """A lead whose next step is due, and how far the ladder has got with it."""

    lead_id: int
    officer_id: int | None
    rung: int
    reason: str


async def due(tx: AsyncConnection, now: datetime) -> list[DueStep]:
    """The leads that the clock is to look at now, ``AT_ONCE`` at most, locked until the commit."""
    some = select(lead.c.id, lead.c.officer_id, lead.c.rung, lead.c.next_reason).where(OPEN, lead.c.ring_at <= now)
    rows = await tx.execute(some.order_by(lead.c.ring_at).limit(AT_ONCE).with_for_update(skip_locked=True))
    return [DueStep(*row) for row in rows]


async def counted(tx: AsyncConnection, now: datetime) -> dict[tuple[int | None, str, int], int]:
    """How many leads the clock is to look at now, by officer, regency and rung of the ladder."""
    group = (lead.c.officer_id, lead.c.regency, lead.c.rung)
    rows = await tx.execute(select(*group, func.count()).where(OPEN, lead.c.ring_at <= now).group_by(*group))
    return {(row[0], row[1], row[2]): row[3] for row in rows}


async def ring_again(tx: AsyncConnection, rings: Mapping[int, tuple[datetime, int]]) -> None:
    """When the clock looks at each of these leads (by id) next, and the rung of the ladder that is due then."""
    await _RINGS.run(tx, [(lead_id, at, rung) for lead_id, (at, rung) in rings.items()])


_RINGS = BulkStatement(
    update(lead).where(lead.c.id == bindparam("which")).values(ring_at=bindparam("at"), rung=bindparam("step")),
    *("which", "at", "step"),
)

NO_NEXT_STEP = OPEN & (lead.c.next_at.is_(None) | lead.c.ring_at.is_(None))


async def forgotten(tx: AsyncConnection, limit: int = AT_ONCE) -> list[int]:
    """Open leads without a next step, which nothing should ever leave: ids, ``limit`` at most."""
    return list((await tx.execute(select(lead.c.id).where(NO_NEXT_STEP).limit(limit))).scalars())


# ------------------------------------------------------------------------------------------------ undoing


async def state(tx: AsyncConnection, lead_id: int) -> dict[str, Any]:
    """The columns ``STATE`` of a lead as JSON, for the event that is about to change them."""
    return as_json((await tx.execute(select(*(lead.c[name] for name in STATE)).where(lead.c.id == lead_id))).one())


def as_json(row: Iterable[Any]) -> dict[str, Any]:
    """The columns ``STATE`` of a row as JSON."""
    given = zip(STATE, row, strict=True)
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in given}


class Undone(NamedTuple):
    """An event that was undone: its kind ("taken", "outcome", …), its outcome, and the officer whose deed it was.

    ``parted``: the id of the lead that had been merged into this one, and goes on by itself again; else None."""

    kind: str
    outcome: str
    officer_id: int | None
    parted: int | None = None


async def undo(tx: AsyncConnection, lead_id: int, by: int | None, now: datetime) -> Undone | None:
    """Put a lead back to what it was before the last event that can be undone, not older than ``UNDO_WITHIN``. ``by``:
    the officer whose deed it must have been; None: anybody's. A lead whose officer has left since is free. None where there
    is nothing of the kind to undo. A merging is undone within a day."""
    in_time = (event.c.kind != JOINED) | (event.c.at >= now - twins.UNDO_WITHIN)
    of_lead = (event.c.lead_id == lead_id) & event.c.undone_at.is_(None) & event.c.before.is_not(None) & in_time
    query = select(event).where(of_lead).order_by(event.c.id.desc()).limit(1)
    last = (await tx.execute(query)).first()
    if last is None or last.at < now - UNDO_WITHIN or (by is not None and last.officer_id != by):
        return None
    if not await _put_back(tx, lead_id, last.before, now):
        return None
    parted = await part(tx, lead_id, now) if last.kind == JOINED else None
    await tx.execute(update(event).where(event.c.id == last.id).values(undone_at=now))
    if last.kind == JOINED and parted is None:  # its owner was erased since, so nothing is left of it
        return await undo(tx, lead_id, by, now)
    return Undone(last.kind, last.outcome, last.officer_id, parted)


async def undo_moved(tx: AsyncConnection, event_id: int, by: int, now: datetime) -> tuple[list[int], int]:
    """Put back every lead that this officer moved together with that of this event: (their ids, how many stay because
    something was done with them since, or it is too long ago)."""
    moved = (event.c.officer_id == by) & (event.c.kind == HANDED) & event.c.undone_at.is_(None)
    at = select(event.c.at).where(event.c.id == event_id, event.c.officer_id == by).scalar_subquery()
    rows = (await tx.execute(select(event.c.id, event.c.lead_id).where(moved, event.c.at == at))).all()
    back, stay = list[int](), 0
    for row in rows:
        since = select(event.c.id).where(
            event.c.lead_id == row.lead_id, event.c.id > row.id, event.c.before.is_not(None)
        )
        touched = (await tx.execute(since.limit(1))).first() is not None
        if touched or await undo(tx, row.lead_id, by, now) is None:
            stay += 1
        else:
            back.append(row.lead_id)
    return back, stay


async def part(tx: AsyncConnection, kept: int, now: datetime) -> int | None:
    """Let the lead that was merged into this one last go on by itself, from where it stood; its id, None without one."""
    merged = (event.c.kind == MERGED) & event.c.undone_at.is_(None) & (lead.c.into_id == kept)
    query = select(event.c.id, event.c.lead_id, event.c.before).join(lead, lead.c.id == event.c.lead_id)
    last = (await tx.execute(query.where(merged, lead.c.person_id.is_not(None)).order_by(event.c.id.desc()))).first()
    if last is None:
        return None
    state = dict(last.before)
    inside = state.pop(INSIDE)
    await _put_back(tx, last.lead_id, state, now)
    back = update(lead).where(id_in(lead.c.id), lead.c.into_id == kept).values(into_id=last.lead_id)
    await tx.execute(back, {"ids": inside})
    await tx.execute(update(event).where(event.c.id == last.id).values(undone_at=now))
    return int(last.lead_id)


async def _put_back(tx: AsyncConnection, lead_id: int, state: Mapping[str, Any], now: datetime) -> bool:
    """Put a lead back to this state (``STATE`` as JSON), unless its owner has moved to where nobody works."""
    before: dict[str, Any] = {
        name: datetime.fromisoformat(value) if name in MOMENTS and value else value for name, value in state.items()
    }
    if await has_left(tx, before["officer_id"]):
        status = UNTAKEN if before["status"] in (TAKEN, TRIED) else before["status"]
        before |= {"officer_id": None, "taken_at": None, "offered": False, "status": status}
        before |= {"ring_at": now, "rung": FREED}
    going_on = (lead.c.id == lead_id) & (lead.c.status != WAITING)  # its owner has moved to where nobody works
    return bool((await tx.execute(update(lead).where(going_on).values(**before, **ANSWERED, changed_at=now))).rowcount)


async def has_left(tx: AsyncConnection, officer_id: int | None) -> bool:
    left = select(officer.c.id).where(officer.c.id == officer_id, officer.c.left_at.is_not(None))
    return (await tx.execute(left)).first() is not None
