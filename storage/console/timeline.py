"""What has been done with one lead: who, when, what; what was undone is marked, not left out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.leads import officers
from storage.leads.lead_events import event
from storage.leads.officers import officer
from storage.sealing.unreadable import Opening
from storage.sealing.vault import Vault


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """An event of a lead's history. ``who``: the officer's name, "" for its owner or the clock; ``back``: it can be taken
    back, as far as its kind goes."""

    at: datetime
    kind: str
    outcome: str
    who: str
    officer_id: int | None
    words: str
    undone: bool
    back: bool


async def of(tx: AsyncConnection, vault: Vault, lead_id: int) -> list[TimelineEvent]:
    """The history of a lead, the newest first."""
    rows = (await tx.execute(select(event).where(event.c.lead_id == lead_id).order_by(event.c.id.desc()))).all()
    whose = {row.officer_id for row in rows if row.officer_id is not None}
    people = (await tx.execute(select(officer).where(officer.c.id.in_(whose)))).all() if whose else []
    names = {row.id: name for row, name in await officers.named(tx, vault, people)}
    opening = Opening(vault)
    found = [
        TimelineEvent(
            at=row.at,
            kind=row.kind,
            outcome=row.outcome,
            who=names.get(row.officer_id, ""),
            officer_id=row.officer_id,
            words=(opening.text(row.note, table="leadevent", column="note", row=row.id) if row.note else "") or "",
            undone=row.undone_at is not None,
            back=row.before is not None and row.undone_at is None,
        )
        for row in rows
    ]
    await opening.note(tx)
    return found


def seen(events: list[TimelineEvent]) -> int:
    """What a form carries as ``seen``: how many events there are, those counted twice that were undone
    (``lead_events.count``)."""
    return len(events) + sum(each.undone for each in events)
