"""Handing over: leads that their officer offers to a colleague, who has a working day to agree; leads that are moved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import case, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversations.rules.outcomes import TAKEN, UNTAKEN
from storage.engine.bulk_statements import id_in
from storage.sealing.vault import Vault

from . import lead_events
from .following import ANSWERED, AT_ONCE, HANDED, STATE, as_json
from .lead_events import event
from .leads import OPEN, lead


class Held(NamedTuple):
    """A lead that may be handed over. ``owner_id``: a person; ``state``: what undoing puts back."""

    id: int
    code: str
    officer_id: int | None
    owner_id: int
    state: dict[str, Any]


async def held(tx: AsyncConnection, officer_id: int, *, late: datetime | None = None) -> list[Held]:
    """The open leads of an officer, locked until the commit, earliest next step first; with ``late`` those whose next
    step is due by then."""
    theirs = (lead.c.officer_id == officer_id) & OPEN
    return await _held(tx, theirs if late is None else theirs & (lead.c.next_at <= late))


async def some(tx: AsyncConnection, ids: Sequence[int]) -> list[Held]:
    """Those of these leads that are still open, locked until the commit, earliest next step first."""
    return await _held(tx, lead.c.id.in_(list(ids)) & OPEN)


async def one(tx: AsyncConnection, lead_id: int) -> list[Held]:
    """This lead, where it is still open; else none."""
    return await _held(tx, (lead.c.id == lead_id) & OPEN)


async def _held(tx: AsyncConnection, where: Any) -> list[Held]:
    columns = (lead.c.id, lead.c.code, lead.c.officer_id, lead.c.person_id)
    query = select(*columns, *(lead.c[name].label(f"was_{name}") for name in STATE)).where(where)
    rows = (await tx.execute(query.order_by(lead.c.next_at, lead.c.id).with_for_update())).all()
    return [Held(row[0], row[1], row[2], row[3], as_json(row[len(columns) :])) for row in rows]


async def of_event(tx: AsyncConnection, event_id: int, by: int) -> dict[int, int | None]:
    """Who has each lead that this officer moved together with that of this event, by lead id; the leads are locked until
    the commit."""
    at = select(event.c.at).where(event.c.id == event_id, event.c.officer_id == by).scalar_subquery()
    moved = select(event.c.lead_id).where(event.c.officer_id == by, event.c.kind == HANDED, event.c.at == at)
    query = select(lead.c.id, lead.c.officer_id).where(lead.c.id.in_(moved)).order_by(lead.c.id)
    return {row.id: row.officer_id for row in await tx.execute(query.with_for_update())}


async def offer_to(tx: AsyncConnection, lead_id: int, to: int, until: datetime) -> None:
    """Offer a lead to this officer until then; it stays its holder's meanwhile."""
    await tx.execute(update(lead).where(lead.c.id == lead_id).values(offered_to=to, offered_until=until))


async def give_back(tx: AsyncConnection, ids: Sequence[int]) -> None:
    """Offer these leads to that colleague no longer."""
    await tx.execute(update(lead).where(id_in(lead.c.id)).values(**ANSWERED), {"ids": list(ids)})


async def hand(tx: AsyncConnection, ids: Sequence[int], to: int, now: datetime, ring_at: datetime) -> None:
    """Give these open leads to this officer. Status, history and next step stay; the ladder begins anew, not before
    ``ring_at``: whoever gets them has just been told."""
    status = case((lead.c.status == UNTAKEN, TAKEN), else_=lead.c.status)
    later = case((lead.c.next_at > ring_at, lead.c.next_at), else_=ring_at)
    values = {"officer_id": to, "taken_at": now, "status": status, "offered": False, "changed_at": now}
    mine = update(lead).where(id_in(lead.c.id)).values(**values, **ANSWERED, ring_at=later, rung=0)
    await tx.execute(mine, {"ids": list(ids)})


async def note(
    tx: AsyncConnection, vault: Vault, some: Sequence[Held], kind: str, by: int | None, now: datetime
) -> int:
    """Note in the history of each of these leads (one at least) what this officer did, and what undoing puts back; the id
    of the first event."""
    rows = [lead_events.line(tx, vault, each.id, kind, now, officer_id=by, before=each.state) for each in some]
    await tx.execute(lead_events.event.insert(), rows)
    return int(rows[0]["id"])


class Unanswered(NamedTuple):
    """A lead that was offered to a colleague, who did not answer in time."""

    id: int
    code: str
    holder_id: int
    to: int


async def unanswered(tx: AsyncConnection, now: datetime) -> list[Unanswered]:
    """Leads whose offer to a colleague lapses now, ``AT_ONCE`` at most, locked until the commit."""
    columns = (lead.c.id, lead.c.code, lead.c.officer_id, lead.c.offered_to)
    query = select(*columns).where(lead.c.offered_until <= now).order_by(lead.c.offered_until).limit(AT_ONCE)
    return [Unanswered(*row) for row in await tx.execute(query.with_for_update(skip_locked=True))]


async def lapse(tx: AsyncConnection, officer_id: int, now: datetime) -> None:
    """Let what was offered to this officer, who leaves, lapse at once."""
    await tx.execute(update(lead).where(lead.c.offered_to == officer_id).values(offered_until=now))
