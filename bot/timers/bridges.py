"""Bridges that are over: the evening has come, the lead has another officer or none, one of the two cannot be written to.
Both are told that the bot answers again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.mail import bridging
from bot.mail.mail import Mail, Services
from bot.timers.row_by_row import row_by_row
from storage.leads import bridges
from storage.leads.bridges import Over
from storage.leads.officers import Roster
from storage.outbox.messages import Out


async def over(tx: AsyncConnection, services: Services, now: datetime) -> list[Out]:
    """End what stands no more; each of both gets one message about it."""
    mail = Mail(tx, services, now, Roster(tx))

    async def tell(mail: Mail, some: Sequence[Over]) -> None:
        for one in some:
            for person_id, said in bridging.over(one):
                about = one.lead_id if person_id == one.officer_person else None
                await mail.tell([person_id], said, "notice", lead_id=about)

    await row_by_row(mail, "lead", await bridges.take_over(tx, now), lambda one: one.lead_id, tell)
    return mail.out
