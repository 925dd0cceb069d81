"""Leads that were offered to a colleague who has not answered for a working day: they stay their officer's, who is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.mail import cards
from bot.mail.mail import Mail, Services
from bot.timers.row_by_row import row_by_row
from conversations.dialogues import lead_lists
from storage.leads import handing, leads, officers
from storage.leads.handing import Unanswered
from storage.leads.officers import Roster
from storage.outbox.messages import Out


async def unanswered(tx: AsyncConnection, services: Services, now: datetime) -> list[Out]:
    """End what was offered to colleagues who did not answer; each holder gets one message."""
    mail = Mail(tx, services, now, Roster(tx))
    due = await handing.unanswered(tx, now)
    if not due:
        return []
    await handing.give_back(tx, [each.id for each in due])

    async def tell(mail: Mail, some: Sequence[Unanswered]) -> None:
        found = await leads.by_ids(mail.tx, mail.services.vault, [each.id for each in some])
        await cards.redraw(mail, found.leads)
        persons = await officers.persons_of(mail.tx, [each.holder_id for each in some])
        for holder_id, person in persons.items():
            theirs = [each for each in some if each.holder_id == holder_id]
            only = theirs[0].id if len(theirs) == 1 else None
            await mail.tell([person], lead_lists.unanswered([each.code for each in theirs]), "notice", lead_id=only)

    await row_by_row(mail, "lead", due, lambda each: each.id, tell)
    return mail.out
