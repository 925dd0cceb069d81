"""What is said unasked when its time comes: unfinished registrations, appointments, contributions, promises.

A reminder is an outgoing message that touches no session; its buttons begin something when pressed. Whoever said stop, or
no to reminders, gets none; contributions are reminded of only where somebody said yes. Nothing leaves in quiet hours, and
nobody is written to more often in a week than the settings allow; promises to officers aside, who asked for that very hour.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.mail.mail import Mail, Services
from conversations.dialogues.officer import CLOSED, PAID, card
from conversations.engine.core import Say, Text
from conversations.engine.world import Lead
from conversations.rules import reminders
from conversations.rules.quiet_hours import zone
from storage.leads import leads, officers, timers
from storage.leads.officers import Roster
from storage.leads.timers import Due
from storage.outbox.messages import BULK, Out
from storage.people import sessions
from storage.whole_person import opt_outs

NUDGES = 2  # of one unfinished registration; then silence
AGAIN_AFTER = timedelta(days=3)
WEEK = timedelta(days=7)


async def due(tx: AsyncConnection, services: Services, now: datetime) -> list[Out]:
    """The messages of all reminders that are due now; ``now`` is aware."""
    mail = Mail(tx, services, now, Roster(tx))
    await _unfinished(mail)
    for kind, remind in _KINDS.items():
        for timer in await timers.take_due(tx, kind, now):
            lead = await leads.by_id(tx, services.vault, timer.lead_id)
            if lead is not None and lead.answers:
                await remind(mail, lead, timer)
    return mail.out


async def _unfinished(mail: Mail) -> None:
    """ "Mau dilanjutkan?" twice at most; whoever writes meanwhile has begun anew, and so has its time."""
    for one in await sessions.due_for_nudge(mail.tx, mail.services.vault, mail.now):
        if later := await _later(mail, one.person_id, one.regency):
            await sessions.postponed(mail.tx, one.person_id, later)
            continue
        last = one.nudged + 1 >= NUDGES
        await mail.tell([one.person_id], reminders.unfinished(last), "nudge", lane=BULK)
        await sessions.nudged(mail.tx, [one.person_id], None if last else mail.now + AGAIN_AFTER)


async def _appointment(mail: Mail, lead: Lead, timer: Due) -> None:
    """Before the call on the day that was named; not once it may have come, or was changed, or the owner was reached."""
    world, begins = mail.world(), reminders.appointment_begins(lead.answers)
    if begins is None or begins.toordinal() != timer.version or begins <= mail.now:
        return
    if lead.status in CLOSED or lead.may_call is False or await leads.contacted(mail.tx, timer.lead_id):
        return
    owner = lead.owner_id if await opt_outs.willing(mail.tx, [lead.owner_id or 0], agreed=False) else None
    later = await _later(mail, owner, lead.answers.get("regency") or "") if owner else None
    if later and later < begins:
        await timers.put(mail.tx, timers.APPOINTMENT, [timer.lead_id], later, timer.version)
        return
    if lead.officer_id and (holder := await officers.person_of(mail.tx, lead.officer_id)):
        await mail.tell([holder], reminders.appointment_note(lead, world), "reminder", lead_id=timer.lead_id)
    if owner and later is None:
        await mail.tell([owner], reminders.appointment(lead, world), "reminder", lane=BULK)


async def _contribution(mail: Mail, lead: Lead, timer: Due) -> None:
    """Every month for as long as the lead is kept; what comes too late for its month is left out."""
    regency = lead.answers.get("regency") or ""
    if lead.status != PAID or not lead.owner_id:
        return
    today = mail.now.astimezone(zone(regency)).date()
    this_month = reminders.month_number(today) == timer.version
    wanted = bool(await opt_outs.willing(mail.tx, [lead.owner_id], agreed=True))
    if this_month and wanted and (later := await _later(mail, lead.owner_id, regency)):
        await timers.put(mail.tx, timers.CONTRIBUTION, [timer.lead_id], later, timer.version)
        return
    if this_month and wanted:
        await mail.tell([lead.owner_id], reminders.contribution(lead, mail.world()), "reminder", lane=BULK)
    following = reminders.contribution_at(mail.now, regency, after=timer.version)
    await timers.put(mail.tx, timers.CONTRIBUTION, [timer.lead_id], *following)


async def _promise(mail: Mail, lead: Lead, timer: Due) -> None:
    """The card again, for the officer who wanted it; not where another has the lead, or its outcome was noted since."""
    holder = await officers.person_of(mail.tx, lead.officer_id) if lead.officer_id else None
    if holder is None or holder != timer.person_id or lead.status in CLOSED or len(lead.history) != timer.version:
        return
    await mail.tell([holder], Say(Text("promise.due", {"code": lead.code})), "reminder", lead_id=timer.lead_id)
    await mail.tell([holder], card(lead, mail.world(), lead.officer_id), "card", lead_id=timer.lead_id)


async def _later(mail: Mail, person_id: int, regency: str) -> datetime | None:
    """When this person may be written to, in quiet hours or past the week's measure; None: now."""
    here = mail.now.astimezone(zone(regency))
    rules = mail.services.rules
    if (opening := rules.quiet.over(here)) > here:
        return opening
    had = await opt_outs.reminded(mail.tx, [person_id], mail.now - WEEK)
    return here + timedelta(days=1) if had.get(person_id, 0) >= rules.weekly else None


_KINDS = {timers.APPOINTMENT: _appointment, timers.CONTRIBUTION: _contribution, timers.PROMISE: _promise}
