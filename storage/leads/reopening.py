"""Ended leads that their owners open again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversations.rules.next_step import NextStep
from conversations.rules.outcomes import TAKEN, TRIED, UNTAKEN

from .following import ANSWERED, FREED, coming_back, has_left
from .lead_events import event
from .leads import ENDED, SUCCESS, lead


async def reopen(tx: AsyncConnection, lead_id: int, step: NextStep, now: datetime) -> None:
    """Open a lead as it was before it ended: with its officer, or free where they have left or nobody had it. It is kept
    as any open lead again, and comes back at this next step."""
    status, officer_id = await _before(tx, lead_id)
    values: dict[str, Any] = {
        "status": status,
        "closed_at": None,
        "erase_at": None,
        "into_id": None,
        **coming_back(step),
        **ANSWERED,
    }
    if officer_id is None or await has_left(tx, officer_id):
        anew = UNTAKEN if status in (TAKEN, TRIED) else status
        values |= {
            "status": anew,
            "officer_id": None,
            "taken_at": None,
            "offered": False,
            "ring_at": now,
            "rung": FREED,
        }
    await tx.execute(update(lead).where(lead.c.id == lead_id).values(**values, changed_at=now))


async def _before(tx: AsyncConnection, lead_id: int) -> tuple[str, int | None]:
    """The last status in which the lead was open, and the officer who has it; of a lead whose end nothing says, as if it
    had just been taken or come in."""
    officer_id = (await tx.execute(select(lead.c.officer_id).where(lead.c.id == lead_id))).scalar_one()
    past = select(event.c.before).where(
        event.c.lead_id == lead_id, event.c.before.is_not(None), event.c.undone_at.is_(None)
    )
    for before in (await tx.execute(past.order_by(event.c.id.desc()))).scalars():
        if before["status"] not in (*ENDED, SUCCESS):
            return before["status"], officer_id
    return (TAKEN if officer_id else UNTAKEN), officer_id
