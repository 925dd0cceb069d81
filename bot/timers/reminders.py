"""Reminders that are due: unfinished registrations, appointments, contributions, promises to officers.

A reminder is an outgoing message that touches no session; its buttons begin something when pressed. A person who said
"berhenti", or no to reminders, gets none; contributions are reminded of only where the owner said yes. Nothing leaves
in quiet hours, and nobody is written to more often in a week than the settings allow; promises to officers aside, who
asked for that very hour.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.mail.mail import Mail, Services
from bot.timers.due import DueLead, each_done, take_due
from bot.timers.look import Look
from bot.timers.row_by_row import row_by_row
from conversations.dialogues import owner_notices
from conversations.rules import reminders
from conversations.rules.outcomes import CLOSED, PAID, REGISTERED
from conversations.rules.promises import apology_at, wants_no_contact
from conversations.rules.quiet_hours import zone
from storage.leads import lead_events, timers
from storage.leads.officers import Roster
from storage.leads.timers import Due
from storage.outbox.messages import BULK, Out
from storage.people import sessions
from storage.people.sessions import Unfinished
from storage.whole_person import opt_outs

NUDGES = 2  # reminders of one unfinished registration; then silence
AGAIN_AFTER = timedelta(days=3)
WEEK = timedelta(days=7)


async def due(tx: AsyncConnection, services: Services, now: datetime, look: Look | None = None) -> list[Out]:
    """The messages of all reminders that are due now; ``now`` is aware. ``look``: learns whether some may be left."""
    mail = Mail(tx, services, now, Roster(tx))
    look = look or Look()
    await _unfinished(mail)
    look.more = False
    for kind, remind in _KINDS.items():
        some = await take_due(mail, kind)
        look.more |= len(some) == timers.AT_ONCE
        await each_done(mail, kind, [each for each in some if each.lead.answers], remind)
    return mail.out


async def _unfinished(mail: Mail) -> None:
    """Remind of unfinished registrations ("Mau dilanjutkan?"), twice at most; a person who writes meanwhile starts the
    time anew."""
    found = await sessions.due_for_nudge(mail.tx, mail.services.vault, mail.now)
    if not found:
        return
    spared = await _spared(mail, [one.person_id for one in found])
    later = {one.person_id: at for one in found if (at := spared(one.person_id, one.regency))}
    await sessions.postponed(mail.tx, later)
    told = [one for one in found if one.person_id not in later]
    failed = await row_by_row(mail, "person", told, lambda one: one.person_id, _nudged)
    await sessions.postponed(mail.tx, {one.person_id: mail.now + timers.UNREADABLE_AGAIN for one in failed})


async def _nudged(mail: Mail, told: Sequence[Unfinished]) -> None:
    await mail.meet(one.person_id for one in told)
    for is_last in (False, True):
        theirs = [one.person_id for one in told if (one.nudged + 1 >= NUDGES) is is_last]
        await mail.tell(theirs, reminders.unfinished(is_last), "nudge", lane=BULK)
        await sessions.nudged(mail.tx, theirs, None if is_last else mail.now + AGAIN_AFTER)


async def _appointments(mail: Mail, due: Sequence[DueLead]) -> None:
    """Remind of calls on a named day, before the call; not once the call may have come, or the day was changed, or the
    owner was reached."""
    world = mail.world()
    named = [(each, begins) for each in due if (begins := _begins(mail, each))]
    owners = [each.lead.owner_id for each, _ in named if each.lead.owner_id]
    willing, spared = await opt_outs.willing(mail.tx, owners, agreed=False), await _spared(mail, owners)
    await mail.meet(willing)
    postponed: list[tuple[Due, datetime]] = []
    held: list[tuple[Due, datetime]] = []
    for each, begins in named:
        lead = each.lead
        owner = lead.owner_id if lead.owner_id in willing else None
        later = spared(owner, lead.answers.get("regency") or "") if owner else None
        if later and later < begins:
            postponed.append((each.timer, later))
            continue
        held += [(each.timer, mail.now)] if lead.officer_id else []
        if owner and later is None:
            await mail.tell([owner], reminders.appointment(lead, world), "reminder", lane=BULK)
    await timers.put_all(mail.tx, timers.APPOINTMENT, postponed)
    await timers.put_all(mail.tx, timers.NAMED, held)


def _begins(mail: Mail, each: DueLead) -> datetime | None:
    """The time of the call that this timer is set for; None where there is nothing left to remind of."""
    begins = reminders.appointment_begins(each.lead.answers)
    if begins is None or begins.toordinal() != each.timer.version or begins <= mail.now:
        return None
    return None if each.lead.status in CLOSED or each.lead.may_call is False or each.contacted else begins


async def _meetings(mail: Mail, due: Sequence[DueLead]) -> None:
    """Remind owners of the meeting that their officer has noted, unless it was put off or called off since; where the
    clock comes late to it, after the quiet hours."""
    world, told = mail.world(), []
    postponed: list[tuple[Due, datetime]] = []
    for each in due:
        lead = each.lead
        here = mail.now.astimezone(zone(lead.answers.get("regency") or ""))
        stands = lead.next_at is not None and int(lead.next_at.timestamp()) == each.timer.version
        if stands and lead.is_open and lead.owner_id and not lead.stopped and lead.next_at and lead.next_at > mail.now:
            if (opening := mail.services.rules.quiet.over(here)) > here:
                postponed.append((each.timer, opening))
                continue
            told.append((lead.owner_id, owner_notices.meeting(lead, lead.next_at, world)))
    await timers.put_all(mail.tx, timers.MEETING, postponed)
    await mail.meet(person_id for person_id, _ in told)
    for person_id, say in told:
        await mail.tell([person_id], say, "reminder", lane=BULK)


async def _asked(mail: Mail, due: Sequence[DueLead]) -> None:
    """Ask owners whether somebody called, where an officer says so and the lead is still open, once of each officer; who
    was told that nobody called yet, or has told us themselves, is not asked as well."""
    before = await lead_events.asked(mail.tx, [each.id for each in due])
    asked = [
        each
        for each in due
        if each.contacted
        and each.lead.officer_id
        and each.lead.is_open
        and each.lead.owner_id
        and not each.lead.stopped
        and (each.id, each.lead.officer_id) not in before
        and not owner_notices.has_answered(each.lead, mail.now)
    ]
    owners = [each.lead.owner_id for each in asked if each.lead.owner_id]
    spared = await _spared(mail, owners)
    await mail.meet(owners)
    postponed: list[tuple[Due, datetime]] = []
    for each in asked:
        owner = each.lead.owner_id or 0
        if later := spared(owner, each.lead.answers.get("regency") or ""):
            postponed.append((each.timer, later))
        else:
            await mail.tell([owner], owner_notices.asked_after(each.lead), "reminder", lane=BULK)
            who = each.lead.officer_id
            asking = lead_events.line(
                mail.tx, mail.services.vault, each.id, lead_events.ASKED, mail.now, officer_id=who
            )
            await lead_events.note(mail.tx, asking)
    await timers.put_all(mail.tx, timers.ASKED, postponed)


async def _unpaid(mail: Mail, due: Sequence[DueLead]) -> None:
    """Ask owners whose registration waits for the first contribution whether they have paid, once; their officer has the
    lead in the list at the same time."""
    waiting = [each for each in due if each.lead.status == REGISTERED and each.lead.owner_id and not each.lead.stopped]
    owners = [each.lead.owner_id for each in waiting if each.lead.owner_id]
    spared = await _spared(mail, owners)
    await mail.meet(owners)
    postponed: list[tuple[Due, datetime]] = []
    for each in waiting:
        owner = each.lead.owner_id or 0
        if later := spared(owner, each.lead.answers.get("regency") or ""):
            postponed.append((each.timer, later))
        else:
            await mail.tell([owner], owner_notices.unpaid(each.lead), "reminder", lane=BULK)
    await timers.put_all(mail.tx, timers.UNPAID, postponed)


async def _contributions(mail: Mail, due: Sequence[DueLead]) -> None:
    """Remind of the month's contribution, for as long as the lead is kept; a reminder too late for its month is left out."""
    paying = [(each, each.lead.owner_id) for each in due if each.lead.status == PAID and each.lead.owner_id]
    owners = [owner for _, owner in paying]
    willing, spared = await opt_outs.willing(mail.tx, owners, agreed=True), await _spared(mail, owners)
    await mail.meet(willing)
    following: list[tuple[Due, datetime]] = []
    for each, owner in paying:
        lead, regency = each.lead, each.lead.answers.get("regency") or ""
        today = mail.now.astimezone(zone(regency)).date()
        wanted = reminders.month_number(today) == each.timer.version and owner in willing
        if wanted and (later := spared(owner, regency)):
            following.append((each.timer, later))
            continue
        if wanted:
            await mail.tell([owner], reminders.contribution(lead, mail.world()), "reminder", lane=BULK)
        at, month = reminders.contribution_at(mail.now, regency, after=each.timer.version)
        following.append((Due(each.id, month), at))
    await timers.put_all(mail.tx, timers.CONTRIBUTION, following)


async def _apologies(mail: Mail, due: Sequence[DueLead]) -> None:
    """Tell the owner, the working day after a promise that nobody kept, with another way to be reached; an officer who
    can keep it now is told together with all else that waits for them (``duties.py``)."""
    knows, quiet = mail.services.knowledge, mail.services.rules.quiet
    broken: list[DueLead] = []
    postponed: list[tuple[Due, datetime]] = []
    for each in due:
        lead = each.lead
        if (
            lead.status in (*CLOSED, "waiting")
            or each.contacted
            or lead.may_call is False
            or wants_no_contact(lead.answers)
        ):
            continue
        here = mail.now.astimezone(zone(lead.answers.get("regency") or ""))
        days = knows.working_days(lead.answers.get("regency"))
        at = quiet.over(max(here, apology_at(lead.answers, lead.created, days)))  # owners may name another day
        broken += [each] if at <= here else []
        postponed += [(each.timer, at)] if at > here else []
    await timers.put_all(mail.tx, timers.APOLOGY, postponed)
    await mail.meet(each.lead.owner_id for each in broken if each.lead.owner_id)
    await timers.put_all(mail.tx, timers.BROKEN, [(each.timer, mail.now) for each in broken])
    for each in broken:
        lead = each.lead
        reminded = [person_id for _, person_id in await mail.who_has(lead) if person_id != lead.owner_id]
        if lead.owner_id and not lead.stopped:  # an apology is owed even to an owner who refused reminders
            say = reminders.apology(lead, reminded=await mail.within_reach(reminded))
            await mail.tell([lead.owner_id], say, "reminder", lane=BULK)


async def _spared(mail: Mail, person_ids: Sequence[int]) -> Callable[[int, str], datetime | None]:
    """Tells, for a person and their regency, until when they must not be written to: for quiet hours, or as the week's
    measure is full; None: they may be written to now."""
    had = await opt_outs.reminded(mail.tx, person_ids, mail.now - WEEK)
    rules = mail.services.rules

    def later(person_id: int, regency: str) -> datetime | None:
        here = mail.now.astimezone(zone(regency))
        if (opening := rules.quiet.over(here)) > here:
            return opening
        return here + timedelta(days=1) if had.get(person_id, 0) >= rules.weekly else None

    return later


_KINDS = {
    timers.APPOINTMENT: _appointments,
    timers.MEETING: _meetings,
    timers.ASKED: _asked,
    timers.UNPAID: _unpaid,
    timers.CONTRIBUTION: _contributions,
    timers.APOLOGY: _apologies,
}
