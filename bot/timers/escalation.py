"""The ladder of leads whose next step is due: what is not done climbs, a rung each working day.

The rungs: whoever has the lead is reminded (a lead that nobody has is offered again); the lead is offered to others too,
and stays its officer's until one takes it; the coordinators of its office are told; then the admins. Whatever is noted
of the lead sets a new next step, and the ladder begins anew. Everybody gets one message, however many leads are due.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Container, Iterable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.mail import alarms, cards
from bot.mail.mail import Mail, Services
from bot.timers import duties
from bot.timers.duties import Duties, Duty, by_holder
from bot.timers.look import ADMINS, COORDINATORS, OFFERED, OTHERS, REMIND, Look, Overdue, rung_now
from bot.timers.row_by_row import row_by_row
from conversations.dialogues import lead_lists
from conversations.dialogues.officer import card
from conversations.engine.core import Text
from conversations.engine.world import Lead
from conversations.rules.promises import UNCALLED_DAYS, named_day, reminder_at, stalled_at, wants_no_contact
from conversations.rules.quiet_hours import zone
from conversations.rules.workdays import next_step_at
from storage.leads import following, lead_events, lead_list, leads, lost_officers, timers, viewers
from storage.leads.following import FREED
from storage.leads.lead_list import Brief
from storage.leads.officers import Roster
from storage.outbox.messages import Out

CLOSED_AT_ONCE = 200  # cards
LOST_AT_ONCE = 20  # officers


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
        untaken = await lead_list.untaken_of(mail.tx, one.id)
        await cards.offer_held(mail, await lead_list.held(mail.tx, one.id))
        await cards.pass_on(mail, untaken, one.role)


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


async def due(tx: AsyncConnection, services: Services, now: datetime, look: Look | None = None) -> list[Out]:
    """Take the rungs that are due now, and set when each lead is looked at next.

    Of an owner whom nobody may call there is nothing to remind anybody; the same rung comes again, as the owner may take
    that back. Nor is anybody reminded before the day that the owner named. A lead that does not open comes another day.
    ``look``: what earlier transactions of the same look have told.
    """
    mail = Mail(tx, services, now, Roster(tx))
    look = look or Look()
    steps = await following.due(tx, now)
    found = await leads.by_ids(tx, services.vault, [step.lead_id for step in steps]) if steps else leads.ByIds({})
    unreadable = now + timers.UNREADABLE_AGAIN
    rings = {step.lead_id: (unreadable, step.rung) for step in steps if step.lead_id in found.unreadable}
    places: dict[int, int] = {}  # the rung to take now, by lead id

    async def sort(mail: Mail, some: Sequence[Overdue]) -> None:
        for each in some:
            if until := _waits_until(mail, each):
                rings[each.id] = until, each.step.rung
            else:
                places[each.id] = await rung_now(mail, each.step.rung, each.lead.officer_id)

    owed: Duties = {}
    await duties.of_promises(mail, owed)
    opened = [Overdue(step, found.leads[step.lead_id]) for step in steps if step.lead_id in found.leads]
    await look.begin(tx, now, len(steps), opened)
    failed = await row_by_row(mail, "lead", opened, lambda one: one.id, sort)
    for rung, climb in _RUNGS.items():
        some = [each for each in opened if places.get(each.id) == rung and each not in failed]
        climbs = partial(climb, look)
        failed += (wrong := await row_by_row(mail, "lead", some, lambda one: one.id, climbs))
        for told in (rung, OFFERED):
            look.has_told((each.person_id for each in mail.out), told)
        rings |= {each.id: _next_ring(mail, each, rung) for each in some if each not in wrong}
    failed += await _tell(look, mail, owed, [each for each in opened if each not in failed], places)
    rings |= {each.id: (unreadable, each.step.rung) for each in failed}
    await following.ring_again(tx, rings)
    return mail.out


async def _tell(
    look: Look, mail: Mail, owed: Duties, done: Sequence[Overdue], places: Mapping[int, int]
) -> list[Overdue]:
    """Tell whoever has these leads, each in one message with what they are ``owed`` besides; the leads of persons for
    whom that failed."""
    for person_id, theirs in (await by_holder(mail, [each for each in done if places.get(each.id) == REMIND])).items():
        owed.setdefault(person_id, Duty()).due = theirs
    for person_id, theirs in (await by_holder(mail, [each for each in done if each.id in look.lent])).items():
        owed.setdefault(person_id, Duty()).lent = theirs
    failed = await row_by_row(mail, "person", list(owed.items()), lambda one: one[0], partial(duties.tell, look))
    for rung in (REMIND, OTHERS):
        look.has_told((each.person_id for each in mail.out), rung)
    return [each for _, duty in failed for each in (*duty.due, *duty.lent)]


def _next_ring(mail: Mail, each: Overdue, rung: int) -> tuple[datetime, int]:
    """When a lead is looked at next after this rung, and for which rung: from the third on in one morning, whatever the
    lead's zone, so that those above are told of all at once, once a day."""
    holidays, here = _days(mail, each.lead), mail.now.astimezone(_zone(each.lead))
    if rung == FREED:
        again = reminder_at(each.lead.answers, mail.now, holidays)  # they have just been shown it
        return max(each.lead.next_at or again, again), REMIND
    if rung == ADMINS:
        return stalled_at(mail.now, holidays, UNCALLED_DAYS), COORDINATORS
    return (next_step_at(here, holidays) if rung == REMIND else stalled_at(mail.now, holidays, 1)), rung + 1


def _waits_until(mail: Mail, each: Overdue) -> datetime | None:
    """When its rung comes again, where it is not to be taken now."""
    lead, holidays = each.lead, _days(mail, each.lead)
    if each.step.rung == FREED:
        return None
    if lead.may_call is False or wants_no_contact(lead.answers):
        above = each.step.rung >= COORDINATORS
        return stalled_at(mail.now, holidays, 1) if above else next_step_at(mail.now, holidays)
    named = named_day(lead.answers)
    if not lead.contacted and named and named > mail.now.astimezone(_zone(lead)).date():
        return reminder_at(lead.answers, mail.now, holidays)
    return None


def _zone(lead: Lead) -> tzinfo:
    return zone(lead.answers.get("regency") or "")


def _days(mail: Mail, lead: Lead) -> Container[date]:
    """The working days of a lead's office."""
    return mail.services.knowledge.working_days(lead.answers.get("regency"))


async def _freed(look: Look, mail: Mail, due: Sequence[Overdue]) -> None:
    """Offer leads that became free (their officer was removed, or gave them back) to the officers who may take them, but
    for whoever gave each back."""
    free = {each.id: each.lead for each in due if each.lead.officer_id is None}
    await cards.redraw(mail, free)
    gave = await lead_events.released_by(mail.tx, list(free))
    some = [each._replace(officer_id=gave.get(each.id)) for each in _briefs(due) if each.id in free]
    await cards.offer(mail, some, free, await look.many(mail))


async def _remind(look: Look, mail: Mail, due: Sequence[Overdue]) -> None:
    """Offer leads without an officer to all who may take them; whoever has one is told together with the rest."""
    await _offer(look, mail, due)


async def _others(look: Look, mail: Mail, due: Sequence[Overdue]) -> None:
    """Offer each lead to others too; its officer is told together with the rest. Where there are no others, nobody is
    told."""
    await _offer(look, mail, due)
    held = [brief for brief in _briefs(due) if brief.officer_id is not None]
    look.lent |= {each.id for each in await cards.offer_held(mail, held, await look.many(mail))}


async def _coordinators(look: Look, mail: Mail, due: Sequence[Overdue]) -> None:
    """Tell the coordinators of each lead's office; of an office without one at work, the admins."""
    await _above(look, mail, due, _over, COORDINATORS)


async def _admins(look: Look, mail: Mail, due: Sequence[Overdue]) -> None:
    """Tell the admins, unless they were told in place of coordinators."""
    await _above(look, mail, due, _over_coordinators, ADMINS)


async def _over(mail: Mail, regency: str) -> list[int]:
    return [person_id for _, person_id in await mail.roster.above(regency)]


async def _over_coordinators(mail: Mail, regency: str) -> list[int]:
    told = await _over(mail, regency)
    return [person_id for _, person_id in await mail.roster.admins() if person_id not in told]


async def _above(
    look: Look, mail: Mail, due: Sequence[Overdue], over: Callable[[Mail, str], Awaitable[list[int]]], rung: int
) -> None:
    """Tell the persons who are ``over`` a regency of its leads that nobody sees to, in one message; of a single one with
    its card."""
    found: dict[int, list[Overdue]] = {}
    for each in due:
        for person_id in await over(mail, each.regency):
            if each.lead.owner_id != person_id:
                found.setdefault(person_id, []).append(each)
    await mail.meet(found)
    who = await viewers.viewers(mail.tx, found)
    told = {regency: await over(mail, regency) for regency in look.regencies(rung)}
    for person_id, theirs in found.items():
        if not look.tells(person_id, rung):
            continue
        count = look.count(rung, area={regency for regency, persons in told.items() if person_id in persons})
        said = lead_lists.overdue([each.lead.code for each in theirs], count)
        await mail.tell([person_id], said, "notice", lead_id=_only(theirs))
        if len(theirs) == 1:
            await mail.tell(
                [person_id], card(theirs[0].lead, mail.world(), who.get(person_id)), "card", lead_id=theirs[0].id
            )


async def _offer(look: Look, mail: Mail, due: Sequence[Overdue]) -> None:
    """Offer those of these leads that no officer has."""
    free = [each for each in due if each.lead.officer_id is None]
    await cards.offer(mail, _briefs(free), {each.id: each.lead for each in free}, await look.many(mail))


def _only(theirs: Sequence[Overdue]) -> int | None:
    """The id of the lead that a message names, where it names a single one: it is emptied with the right to that lead."""
    return theirs[0].id if len(theirs) == 1 else None


def _briefs(due: Iterable[Overdue]) -> list[Brief]:
    return [cards.brief_of(each.id, each.lead) for each in due]


_RUNGS = {FREED: _freed, REMIND: _remind, OTHERS: _others, COORDINATORS: _coordinators, ADMINS: _admins}
