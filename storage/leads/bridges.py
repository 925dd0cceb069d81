"""Bridges: an officer and the owner of a lead who write to each other through us, until an evening or until one ends it.

A bridge stands while the officer has the lead, is at work, and each of both may be written to; whatever ends that ends the
bridge, and the clock tells both (``bot/timers/bridges.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversations.engine.world import BridgeSide
from storage import tables
from storage.engine.bulk_statements import id_in

from .leads import OPEN, lead

bridge, officer, person, address = (
    tables.table(tables.Bridge),
    tables.table(tables.OfficerRow),
    tables.table(tables.Person),
    tables.table(tables.Address),
)

AT_ONCE = 200  # bridges that end in one look of the clock


class StandingBridge(NamedTuple):
    """A bridge, with both its persons. ``turned_at``: when its officer turned to it last, None where they have not;
    ``heard_at``: when its owner last heard of it, None where they have not."""

    lead_id: int
    code: str
    officer_id: int
    officer_person: int
    owner: int
    ends_at: datetime
    turned_at: datetime | None
    heard_at: datetime | None


def _has_chat(person_id: ColumnElement[Any]) -> ColumnElement[bool]:
    return exists().where(address.c.person_id == person_id, address.c.reachable)


_JOINED = and_(bridge.c.lead_id == lead.c.id, bridge.c.officer_id == officer.c.id, lead.c.person_id == person.c.id)
_HOLDS = and_(
    lead.c.officer_id == bridge.c.officer_id, OPEN, officer.c.left_at.is_(None), officer.c.absent.is_(False),
    person.c.stopped.is_(False), _has_chat(lead.c.person_id), _has_chat(officer.c.person_id),
)  # fmt: skip
_STANDING = select(
    bridge.c.lead_id, lead.c.code, bridge.c.officer_id, officer.c.person_id, lead.c.person_id,
    bridge.c.ends_at, bridge.c.turned_at, bridge.c.heard_at,
).where(_JOINED, _HOLDS)  # fmt: skip


async def of_people(tx: AsyncConnection, person_ids: Sequence[int], now: datetime) -> dict[int, BridgeSide]:
    """Where the words of each of these persons go: an officer's to the owner whom they turned to last, an owner's to the
    officer of whom they heard last. Persons without a bridge that stands are left out."""
    theirs = or_(lead.c.person_id.in_(person_ids), officer.c.person_id.in_(person_ids))
    latest: dict[int, tuple[datetime, BridgeSide]] = {}
    for row in await tx.execute(_STANDING.where(bridge.c.ends_at > now, theirs).order_by(bridge.c.lead_id)):
        one = StandingBridge(*row)
        for who, at, side in (
            (one.officer_person, one.turned_at, BridgeSide(one.code, officer=True)),
            (one.owner, one.heard_at, BridgeSide(one.code, officer=False)),
        ):
            if at is not None and (who not in latest or latest[who][0] <= at):
                latest[who] = (at, side)
    return {who: side for who, (_, side) in latest.items()}


async def standing(tx: AsyncConnection, lead_id: int, now: datetime, *, lock: bool = True) -> StandingBridge | None:
    """The bridge of this lead, locked until the commit unless it is only looked at; None where none stands."""
    query = _STANDING.where(bridge.c.lead_id == lead_id, bridge.c.ends_at > now)
    row = (await tx.execute(query.with_for_update(of=bridge) if lock else query)).first()
    return StandingBridge(*row) if row else None


async def open_for(
    tx: AsyncConnection, lead_id: int, officer_id: int, ends_at: datetime, now: datetime, *, by_owner: bool
) -> StandingBridge | None:
    """Open the bridge between a lead's officer and its owner, or turn to it where it stands; None where it cannot stand."""
    if not await standing(tx, lead_id, now):
        await end(tx, [lead_id])
        anew = {"lead_id": lead_id, "officer_id": officer_id, "opened_at": now, "ends_at": ends_at}
        await tx.execute(bridge.insert().values(**anew))
    await touch(tx, lead_id, now, heard=by_owner)
    return await standing(tx, lead_id, now)


async def touch(tx: AsyncConnection, lead_id: int, now: datetime, *, heard: bool) -> None:
    """Note that the owner heard of a bridge now, or that its officer turned to it."""
    moment = {"heard_at": now} if heard else {"turned_at": now}
    await tx.execute(update(bridge).where(bridge.c.lead_id == lead_id).values(**moment))


async def answered(tx: AsyncConnection, lead_id: int, now: datetime) -> None:
    """Note that the owner answered: the officer has reached them."""
    unreached = (lead.c.id == lead_id) & lead.c.contacted_at.is_(None)
    await tx.execute(update(lead).where(unreached).values(contacted_at=now))


async def end(tx: AsyncConnection, lead_ids: Sequence[int]) -> None:
    await tx.execute(delete(bridge).where(id_in(bridge.c.lead_id)), {"ids": list(lead_ids)})


class Over(NamedTuple):
    """A bridge that is over. ``owner``: the person, None where they were erased or did not hear of it; ``officer_person``:
    None where the officer has left."""

    lead_id: int
    code: str
    officer_person: int | None
    owner: int | None
    held: bool  # the lead is open, and has an officer
    own: bool  # it is still this officer's


async def take_over(tx: AsyncConnection, now: datetime) -> list[Over]:
    """Remove the bridges that stand no more, ``AT_ONCE`` at most, and give them."""
    stands = _STANDING.with_only_columns(bridge.c.lead_id).correlate(bridge).exists()
    gone = select(bridge.c.lead_id).where((bridge.c.ends_at <= now) | ~stands).order_by(bridge.c.lead_id).limit(AT_ONCE)
    ids = list((await tx.execute(gone.with_for_update(skip_locked=True))).scalars())
    if not ids:
        return []
    query = (
        select(
            bridge.c.lead_id, lead.c.code, officer.c.person_id, lead.c.person_id, bridge.c.heard_at,
            OPEN & lead.c.officer_id.is_not(None), OPEN & (lead.c.officer_id == bridge.c.officer_id),
        )
        .select_from(bridge)
        .outerjoin(lead, lead.c.id == bridge.c.lead_id)
        .outerjoin(officer, (officer.c.id == bridge.c.officer_id) & officer.c.left_at.is_(None))
        .where(id_in(bridge.c.lead_id))
    )  # fmt: skip
    rows = (await tx.execute(query, {"ids": ids})).all()
    await end(tx, ids)
    return [
        Over(at, code or "", theirs, owner if heard else None, bool(held), bool(own))
        for at, code, theirs, owner, heard, held, own in rows
    ]
