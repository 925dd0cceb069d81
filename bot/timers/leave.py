"""Leaves that begin on a day named before, and leaves that end: the officer is at work again by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.mail import leave
from bot.mail.mail import Mail, Services
from bot.timers.row_by_row import row_by_row
from conversations.dialogues import lead_lists
from storage.leads import leaves, officers
from storage.leads.leaves import OnLeave
from storage.leads.officers import Roster
from storage.outbox.messages import Out


async def begin(tx: AsyncConnection, services: Services, now: datetime) -> list[Out]:
    """Begin the leaves whose first day has come."""
    mail = Mail(tx, services, now, Roster(tx))

    async def start(mail: Mail, some: Sequence[OnLeave]) -> None:
        for one in some:
            await leaves.begin(mail.tx, one.id)
            await leave.begin(mail, one.id, one.role)

    await row_by_row(mail, "officer", await leaves.beginning(tx, now), lambda one: one.id, start)
    return mail.out


async def end(tx: AsyncConnection, services: Services, now: datetime) -> list[Out]:
    """End the leaves that are over; each officer is told what waits, in one message."""
    mail = Mail(tx, services, now, Roster(tx))

    async def back(mail: Mail, some: Sequence[OnLeave]) -> None:
        for one in some:
            await officers.set_absent(mail.tx, one.id, False)
            untaken = await leave.end(mail, one.id, one.role, one.person_id)
            held, late = await leaves.waiting(mail.tx, one.id, mail.now)
            await mail.tell([one.person_id], lead_lists.back(held, late, untaken), "notice")

    await row_by_row(mail, "officer", await leaves.ending(tx, now), lambda one: one.id, back)
    return mail.out
