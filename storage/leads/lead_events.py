"""The history of a lead: one row for each event; an officer's note is sealed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversations.engine.world import Visit
from storage import tables
from storage.engine.ids import new_id
from storage.sealing.unreadable import Opening
from storage.sealing.vault import Vault

event = tables.table(tables.LeadEvent)
SAID, GIVEN_UP, REOPENED = OF_OWNER = ("said", "given_up", "reopened")  # kinds of what an owner does

ASKED = "asked"  # the kind of what the clock does: the owner was asked whether this officer called


def line(
    tx: AsyncConnection,
    vault: Vault,
    lead_id: int,
    kind: str,
    now: datetime,
    *,
    officer_id: int | None = None,
    outcome: str = "",
    words: str = "",
    before: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A row of the table ``leadevent`` for the transaction ``tx`` to insert. ``words``: an officer's note, sealed in
    the row. ``before``: the lead's state that undoing the event puts back (``following.state``)."""
    event_id = new_id(tx)
    sealed = vault.seal(words, table="leadevent", column="note", row=event_id) if words else None
    values = {"id": event_id, "lead_id": lead_id, "at": now, "kind": kind, "officer_id": officer_id}
    return {**values, "outcome": outcome, "note": sealed, "before": before}


async def note(tx: AsyncConnection, noted: dict[str, Any]) -> None:
    """Insert a row that :func:`line` made."""
    await tx.execute(event.insert(), noted)


async def count(tx: AsyncConnection, lead_id: int) -> int:
    """How many events a lead's history has, those counted that were undone."""
    undone = func.count(event.c.undone_at)
    query = select(func.count() + undone).select_from(event).where(event.c.lead_id == lead_id)
    return int((await tx.execute(query)).scalar_one())


async def asked(tx: AsyncConnection, ids: Sequence[int]) -> set[tuple[int, int | None]]:
    """(lead id, officer id) of those of these leads whose owner was asked whether that officer called."""
    query = select(event.c.lead_id, event.c.officer_id).where(event.c.lead_id.in_(ids), event.c.kind == ASKED)
    return {(row.lead_id, row.officer_id) for row in await tx.execute(query)}


async def released_by(tx: AsyncConnection, ids: Sequence[int]) -> dict[int, int | None]:
    """The officer who gave each of these leads back last; leads that nobody gave back are left out."""
    query = select(event.c.lead_id, event.c.officer_id).where(event.c.lead_id.in_(ids), event.c.kind == "released")
    return {row.lead_id: row.officer_id for row in await tx.execute(query.order_by(event.c.id))}


class CameTo(NamedTuple):
    """How a lead came to an officer: taken by ``officer_id``, or "handed" by them."""

    kind: str
    officer_id: int | None
    at: datetime


async def last_held(tx: AsyncConnection, lead_id: int) -> CameTo | None:
    """How a lead came to whoever had it last, whether that was undone or not."""
    query = select(event.c.kind, event.c.officer_id, event.c.at).where(event.c.lead_id == lead_id)
    last = (await tx.execute(query.where(event.c.kind.in_(("taken", "handed"))).order_by(event.c.id.desc()))).first()
    return CameTo(*last) if last else None


async def add_words(tx: AsyncConnection, vault: Vault, lead_id: int, words: str) -> None:
    """Seal an officer's words into the last outcome that was noted of a lead and not undone, in place of any before."""
    noted = (event.c.lead_id == lead_id) & (event.c.outcome != "") & event.c.kind.not_in(OF_OWNER)
    outcomes = noted & event.c.undone_at.is_(None)
    last = (await tx.execute(select(func.max(event.c.id)).where(outcomes))).scalar()
    if last is not None:
        sealed = vault.seal(words, table="leadevent", column="note", row=last)
        await tx.execute(update(event).where(event.c.id == last).values(note=sealed))


async def visits(tx: AsyncConnection, opening: Opening, ids: Sequence[int]) -> dict[int, tuple[Visit, ...]]:
    """The outcomes that officers noted of each lead and did not undo, oldest first; leads without one are left out.
    Where a note does not open, the outcome stands without words."""
    noted = (event.c.outcome != "") & event.c.undone_at.is_(None)
    query = select(event).where(event.c.lead_id.in_(ids), noted).order_by(event.c.id)
    found: dict[int, tuple[Visit, ...]] = {}
    for row in await tx.execute(query):
        words = opening.text(row.note, table="leadevent", column="note", row=row.id) if row.note else ""
        found[row.lead_id] = (*found.get(row.lead_id, ()), Visit(row.outcome, row.at, "", words or ""))
    return found
