"""The history of a lead: one row for each event; an officer's note is sealed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from conversations.engine.world import Visit
from storage import tables
from storage.engine.ids import new_id
from storage.sealing.unreadable import Opening
from storage.sealing.vault import Vault

event = tables.table(tables.LeadEvent)


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
) -> dict[str, Any]:
    """A row of the table ``leadevent`` for the transaction ``tx`` to insert. ``words``: an officer's note, sealed in
    the row."""
    event_id = new_id(tx)
    sealed = vault.seal(words, table="leadevent", column="note", row=event_id) if words else None
    values = {"id": event_id, "lead_id": lead_id, "at": now, "kind": kind, "officer_id": officer_id}
    return {**values, "outcome": outcome, "note": sealed}


async def note(tx: AsyncConnection, noted: dict[str, Any]) -> None:
    """Insert a row that :func:`line` made."""
    await tx.execute(event.insert(), noted)


async def visits(tx: AsyncConnection, opening: Opening, ids: Sequence[int]) -> dict[int, tuple[Visit, ...]]:
    """The outcomes that officers noted of each lead, oldest first; leads without one are left out. Where a note does
    not open, the outcome stands without words."""
    query = select(event).where(event.c.lead_id.in_(ids), event.c.outcome != "").order_by(event.c.id)
    found: dict[int, tuple[Visit, ...]] = {}
    for row in await tx.execute(query):
        words = opening.text(row.note, table="leadevent", column="note", row=row.id) if row.note else ""
        found[row.lead_id] = (*found.get(row.lead_id, ()), Visit(row.outcome, row.at, "", words or ""))
    return found
