"""Nobody is left waiting: what happens to a lead whose owner has not been contacted for a working day, and another.

The ladder, in working hours of the office: the officer who has it is reminded; then it is offered to the others; then
the coordinators are told. Contact, a closed lead or a new holder ends it or begins it anew.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.mail import cards
from bot.mail.mail import Mail, Services
from conversations.dialogues.officer import CLOSED, card, lead_button
from conversations.engine.core import Say, Text
from conversations.engine.world import Lead
from conversations.rules.workdays import next_step_at
from storage.leads import leads, officers, timers
from storage.leads.officers import Roster
from storage.outbox.messages import Out

REMIND, OTHERS, COORDINATORS = range(3)  # the steps, one working day each


async def offers(tx: AsyncConnection, services: Services, now: datetime) -> list[Out]:
    """Leads that became free elsewhere (an officer was removed): show them to whoever may take them."""
    mail = Mail(tx, services, now, Roster(tx))
    for lead_id, _, _ in await timers.take_due(tx, timers.OFFER, now):
        lead = await leads.by_id(tx, services.vault, lead_id)
        if lead is not None and lead.officer_id is None and lead.status not in CLOSED:
            await cards.redraw(mail, lead_id, lead)
            await cards.offer(mail, lead_id, lead, not_to=lead.owner_id)
            await timers.put(tx, timers.FOLLOW_UP, [lead_id], next_step_at(now, services.knowledge.holidays))
    return mail.out


async def due(tx: AsyncConnection, services: Services, now: datetime) -> list[Out]:
    """The steps that are due now; each sets the timer of the next."""
    mail = Mail(tx, services, now, Roster(tx))
    for lead_id, step, _ in await timers.take_due(tx, timers.FOLLOW_UP, now):
        lead = await leads.by_id(tx, services.vault, lead_id)
        if lead is None or lead.status in CLOSED or lead.status == "waiting" or await leads.contacted(tx, lead_id):
            continue
        if lead.may_call is False:
            continue  # neither messages nor calls: there is nothing to remind anybody of
        await _STEPS[step](mail, lead_id, lead)
        if step < COORDINATORS:
            await timers.put(tx, timers.FOLLOW_UP, [lead_id], next_step_at(now, services.knowledge.holidays), step + 1)
    return mail.out


async def _remind(mail: Mail, lead_id: int, lead: Lead) -> None:
    """The officer who has it; where nobody has, all who might."""
    if lead.officer_id is None:
        await cards.offer(mail, lead_id, lead, not_to=lead.owner_id)
    elif holder := await officers.person_of(mail.tx, lead.officer_id):
        reminder = Say(Text("officer.reminder", {"code": lead.code}), (lead_button("note", lead.code),))
        await mail.tell([holder], reminder, "reminder", lead_id=lead_id)


async def _others(mail: Mail, lead_id: int, lead: Lead) -> None:
    """Offered to the others; whoever had it is told. Where there are no others, it stays."""
    if lead.officer_id is None:
        await cards.offer(mail, lead_id, lead, not_to=lead.owner_id)
        return
    holder = await officers.person_of(mail.tx, lead.officer_id)
    if await cards.hand_over(mail, [lead_id], lead.officer_id) and holder:
        await mail.tell([holder], Say(Text("officer.handed_over", {"code": lead.code})), "notice", lead_id=lead_id)


async def _coordinators(mail: Mail, lead_id: int, lead: Lead) -> None:
    """The coordinators, or where there are none the admins: with the card, for they may take it too."""
    told = [person_id for _, person_id in await mail.roster.above() if person_id != lead.owner_id]
    await mail.tell(told, Say(Text("officer.nobody_called", {"code": lead.code})), "notice", lead_id=lead_id)
    await mail.tell(told, card(lead, mail.world()), "card", lead_id=lead_id)


_STEPS = {REMIND: _remind, OTHERS: _others, COORDINATORS: _coordinators}
