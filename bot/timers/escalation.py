"""Escalation of leads whose owner nobody has contacted: a step after one working day, and after each further one.

The steps, in working hours of the office: the officer who has the lead is reminded; then the lead is offered to others;
then the coordinators are told. Contact or a closed lead ends the escalation, a new holder begins it anew. A chat that
would get many messages at once gets one about all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.mail import alarms, cards
from bot.mail.mail import Mail, Services
from bot.timers.due import DueLead, each_done, take_due
from bot.timers.row_by_row import row_by_row
from conversations.dialogues import lead_lists
from conversations.dialogues.lead_lists import FEW
from conversations.dialogues.officer import card, lead_button
from conversations.engine.core import Say, Text
from conversations.engine.world import Lead
from conversations.rules.outcomes import CLOSED
from conversations.rules.promises import (
    STALLED_DAYS,
    UNCALLED_DAYS,
    named_day,
    reminder_at,
    stalled_at,
    wants_no_contact,
)
from conversations.rules.quiet_hours import zone
from conversations.rules.workdays import next_step_at
from storage.leads import lead_list, leads, lost_officers, next_steps, officers, timers, viewers
from storage.leads.lead_list import Brief
from storage.leads.officers import Roster
from storage.leads.timers import Due
from storage.outbox.messages import Out

CLOSED_AT_ONCE = 200  # cards
LOST_AT_ONCE = 20  # officers
REMIND, OTHERS, COORDINATORS = range(3)  # the steps until an owner was contacted, one working day each
STALLED = 3  # and afterwards: nothing new was noted for some days


async def offers(tx: AsyncConnection, services: Services, now: datetime) -> list[Out]:
    """Offer leads that became free elsewhere (an officer was removed) to the officers who may take them."""
    mail = Mail(tx, services, now, Roster(tx))
    due = await take_due(mail, timers.OFFER)
    free = [each for each in due if each.lead.officer_id is None and each.lead.is_open]
    await each_done(mail, timers.OFFER, free, _offered)
    return mail.out


async def _offered(mail: Mail, due: Sequence[DueLead]) -> None:
    free = {each.id: each.lead for each in due}
    await cards.redraw(mail, free)
    await cards.offer(mail, _briefs(due), free)
    await begin_anew(mail, free)


async def begin_anew(mail: Mail, free: Mapping[int, Lead]) -> None:
    """Begin the escalation of these leads (by id) anew, as nobody has them any more."""
    holidays = mail.services.knowledge.holidays
    await timers.clear(mail.tx, free, timers.FOLLOW_UP)
    again = [(Due(lead_id, REMIND), reminder_at(lead.answers, mail.now, holidays)) for lead_id, lead in free.items()]
    await timers.put_all(mail.tx, timers.FOLLOW_UP, again)


async def lost(tx: AsyncConnection, services: Services, now: datetime) -> list[Out]:
    """Treat officers whom messages no longer reach (they blocked the bot, or have no account) as absent: their leads
    are offered to others, untaken leads that only they were shown go to those next in line, and the coordinators are told."""
    mail = Mail(tx, services, now, Roster(tx))
    await row_by_row(
        mail, "officer", await lost_officers.lost(tx, services.vault, LOST_AT_ONCE), lambda one: one.id, _lost
    )
    return mail.out


async def _lost(mail: Mail, some: Sequence[lost_officers.Lost]) -> None:
    for one in some:
        await alarms.tell(mail, Text("alarm.lost", {"name": one.name}), but=one.person_id)
        gone = await cards.hand_over(mail, await lead_list.held(mail.tx, one.id))
        freed = (await leads.by_ids(mail.tx, mail.services.vault, [each.id for each in gone])).leads
        await begin_anew(mail, freed)
        untaken = await lead_list.untaken_of(mail.tx, one.id, everywhere=one.role != "officer")
        handed = {each.id for each in gone}
        await cards.pass_on(mail, [each for each in untaken if each.id not in handed], one.role)


async def closings(tx: AsyncConnection, services: Services, now: datetime) -> list[Out]:
    """Empty what officers who left or moved were told of leads that they may no longer see, some at a time."""
    mail = Mail(tx, services, now, Roster(tx))
    due = await timers.take_due(tx, timers.CLOSE, now, limit=1)
    somebody = [each.person_id for each in due if each.person_id is not None]
    for person_id in await row_by_row(mail, "person", somebody, lambda person_id: person_id, _closed):
        await timers.put_of(tx, timers.CLOSE, person_id, now + timers.UNREADABLE_AGAIN)
    return mail.out


async def _closed(mail: Mail, person_ids: Sequence[int]) -> None:
    for person_id in person_ids:
        shown = await viewers.out_of_reach(mail.tx, person_id, CLOSED_AT_ONCE)
        await cards.close(mail, shown)
        if len(shown) == CLOSED_AT_ONCE:
            await timers.put_of(mail.tx, timers.CLOSE, person_id, mail.now)


async def due(tx: AsyncConnection, services: Services, now: datetime) -> list[Out]:
    """Take the escalation steps that are due now; each sets the timer of the next step.

    A lead whose owner was contacted is asked after until it ends. Of an owner whom nobody may call there is nothing to
    remind anybody; the same step comes again, as the owner may take that back. Nor is anybody reminded before the day that
    the owner named.
    """
    mail = Mail(tx, services, now, Roster(tx))
    steps: dict[int, list[DueLead]] = {REMIND: [], OTHERS: [], COORDINATORS: [], STALLED: []}
    later: list[tuple[Due, datetime]] = []
    at = next_step_at(now, services.knowledge.holidays)

    async def sort(mail: Mail, some: Sequence[DueLead]) -> None:
        for each, until in [(each, _waits_until(mail, each, at)) for each in some]:
            if until:
                later.append((each.timer, until))
            else:
                steps[STALLED if each.contacted else each.timer.version].append(each)

    due = await take_due(mail, timers.FOLLOW_UP)
    await each_done(mail, timers.FOLLOW_UP, [one for one in due if one.lead.status not in (*CLOSED, "waiting")], sort)
    steps[STALLED], waiting = await _stalled_now(mail, steps[STALLED])
    later += waiting
    for step, some in steps.items():
        steps[step] = await each_done(mail, timers.FOLLOW_UP, some, _STEPS[step])
    await timers.put_all(tx, timers.FOLLOW_UP, later)
    for step in (REMIND, OTHERS):
        await timers.put(tx, timers.FOLLOW_UP, [each.id for each in steps[step]], at, step + 1)
    for step, following, number in ((COORDINATORS, COORDINATORS, UNCALLED_DAYS), (STALLED, REMIND, STALLED_DAYS)):
        again_at = stalled_at(now, services.knowledge.holidays, number)
        await timers.put(tx, timers.FOLLOW_UP, [each.id for each in steps[step]], again_at, following)
    return mail.out


async def _stalled_now(mail: Mail, due: Sequence[DueLead]) -> tuple[list[DueLead], list[tuple[Due, datetime]]]:
    """Those of these leads, whose owners were contacted, of which nothing new was noted for long; and the timers of the
    others, each for when that would be so."""
    promised, holidays = await next_steps.promised(mail.tx, [each.id for each in due]), mail.services.knowledge.holidays
    stalled: list[DueLead] = []
    waiting: list[tuple[Due, datetime]] = []
    for each in due:
        last = max((visit.at for visit in each.lead.history), default=each.lead.created)
        since = max(last, promised.get(each.id, last))
        at = stalled_at(since.astimezone(_zone(each.lead)), holidays)
        if at > mail.now:
            waiting.append((Due(each.id, REMIND), at))
        else:
            stalled.append(each)
    return stalled, waiting


def _waits_until(mail: Mail, each: DueLead, next_step: datetime) -> datetime | None:
    """When its step comes again, where it is not to be taken now."""
    lead = each.lead
    if lead.may_call is False or wants_no_contact(lead.answers):
        return next_step
    if each.contacted:
        return None
    named = named_day(lead.answers)
    if named and named > mail.now.astimezone(_zone(lead)).date():
        return reminder_at(lead.answers, mail.now, mail.services.knowledge.holidays)
    return None


def _zone(lead: Lead) -> tzinfo:
    return zone(lead.answers.get("regency") or "")


async def _remind(mail: Mail, due: Sequence[DueLead]) -> None:
    """Remind the officer who has each lead; offer leads without an officer to all who may take them."""
    await _offer(mail, due)
    for holder, theirs in (await _by_holder(mail, _briefs(due))).items():
        if len(theirs) >= FEW:
            await mail.tell([holder], lead_lists.many_reminded(len(theirs)), "reminder")
            continue
        for lead_id, code, *_ in theirs:
            reminder = Say(Text("officer.reminder", {"code": code}), (lead_button("note", code),))
            await mail.tell([holder], reminder, "reminder", lead_id=lead_id)


async def _others(mail: Mail, due: Sequence[DueLead]) -> None:
    """Offer each lead to other officers, and tell its officer; where there are no others, the lead stays."""
    await _offer(mail, due)
    gone = await cards.hand_over(mail, [each for each in _briefs(due) if each.officer_id is not None])
    for holder, theirs in (await _by_holder(mail, gone)).items():
        if len(theirs) >= FEW:
            await mail.tell([holder], lead_lists.many_handed_over(len(theirs)), "notice")
            continue
        for lead_id, code, *_ in theirs:
            await mail.tell([holder], Say(Text("officer.handed_over", {"code": code})), "notice", lead_id=lead_id)


async def _coordinators(mail: Mail, due: Sequence[DueLead]) -> None:
    """Tell the coordinators, or where there are none the admins; with the card, as they may take the lead too."""
    above = [person_id for _, person_id in await mail.roster.above()]
    await mail.meet(above)
    for person_id in above:
        theirs = [each for each in due if each.lead.owner_id != person_id]
        if len(theirs) >= FEW:
            for say in lead_lists.many_uncalled([each.lead.code for each in theirs]):
                await mail.tell([person_id], say, "notice")
            continue
        for each in theirs:
            said = Say(Text("officer.nobody_called", {"code": each.lead.code}))
            await mail.tell([person_id], said, "notice", lead_id=each.id)
            await mail.tell([person_id], card(each.lead, mail.world()), "card", lead_id=each.id)


async def _stalled(mail: Mail, due: Sequence[DueLead]) -> None:
    """Ask whoever has each lead, or looks after its regency now, how it goes on: one message for all of theirs."""
    told: dict[int, list[str]] = {}
    for each in due:
        for _, person_id in await mail.who_has(each.lead):
            if person_id != each.lead.owner_id:
                told.setdefault(person_id, []).append(each.lead.code)
    await mail.meet(told)
    for person_id, codes in told.items():
        await mail.tell([person_id], lead_lists.stalled(codes), "reminder")


async def _offer(mail: Mail, due: Sequence[DueLead]) -> None:
    """Offer those of these leads that no officer has."""
    free = [each for each in due if each.lead.officer_id is None]
    await cards.offer(mail, _briefs(free), {each.id: each.lead for each in free})


async def _by_holder(mail: Mail, held: Sequence[Brief]) -> dict[int, list[Brief]]:
    """The leads that an officer has, by the officer's person id; without officers whose chat is not bound."""
    persons = await officers.persons_of(mail.tx, [each.officer_id for each in held])
    found: dict[int, list[Brief]] = {}
    for each in held:
        if each.officer_id in persons:
            found.setdefault(persons[each.officer_id], []).append(each)
    await mail.meet(found)
    return found


def _briefs(due: Iterable[DueLead]) -> list[Brief]:
    return [cards.brief_of(each.id, each.lead) for each in due]


_STEPS = {REMIND: _remind, OTHERS: _others, COORDINATORS: _coordinators, STALLED: _stalled}
