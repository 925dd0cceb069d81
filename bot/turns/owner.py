"""Effects of an owner's turn: a consent given, a lead sent or changed, a person asked for, everything erased."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import date
from typing import Any

from sqlalchemy import update

from bot.mail import cards, erasing
from bot.turns import own_number
from bot.turns.stale import Stale
from bot.turns.turn_context import Handler, TurnContext, lead_of, own_lead_of
from conversations.dialogues import officer as officer_words
from conversations.dialogues.registration import shown
from conversations.engine import effects as e
from conversations.engine.core import Say, Scene, Text
from conversations.engine.world import Lead
from conversations.rules import next_step
from conversations.rules.promises import apology_at
from conversations.rules.reminders import appointment_at
from locales import SOURCE
from storage import tables
from storage.leads import following, lead_events, leads, officers, timers
from storage.people import audit

person, address = tables.table(tables.Person), tables.table(tables.Address)


# The key of the text that each consent is given to, by purpose.
CONSENTED = {"data": "registration.consent.ask", "waiting": "registration.outside.ask", "news": "news.allow.ask"}


async def give_consent(w: TurnContext, effect: e.GiveConsent) -> None:
    """Store a consent with the text that was shown: its version, and its language where that is not the source."""
    shown_in = w.catalog.language if CONSENTED[effect.purpose] in w.catalog.own else SOURCE
    row = audit.consent_row(
        w.tx,
        pseudonym=w.subject,
        purpose=effect.purpose,
        version=effect.version if shown_in == SOURCE else f"{effect.version} {shown_in}",
        given=effect.given,
        at=w.now,
        channel=w.visitor.inbound.channel,
    )
    w.rows[audit.consent].append(row)


async def submit_lead(w: TurnContext, effect: e.SubmitLead) -> None:
    """Store a lead, and show its card to the officers of its regency; with no officer bound yet it waits for the first."""
    lead_id, rows = leads.rows(
        w.tx,
        w.services.vault,
        person_id=w.person_id,
        code=effect.code,
        answers=effect.answers,
        step=next_step.first(effect.answers, w.now, _days(w, effect.answers)) if effect.status == "new" else None,
        kind=effect.kind,
        estimate=effect.estimate,
        channel=w.visitor.inbound.channel,
        campaign=w.visitor.known.campaign,
        now=w.now,
    )
    for table, some in rows.items():
        w.rows[table] += some
    if effect.status == "new":
        lead = Lead(effect.code, effect.status, w.now, effect.answers, owner_id=w.person_id, estimate=effect.estimate)
        await cards.offer(w.mail, [cards.brief_of(lead_id, lead)], {lead_id: lead})
    if effect.promised:
        at = apology_at(effect.answers, w.now, _days(w, effect.answers))
        w.rows[timers.timer].append(timers.row(w.tx, timers.APOLOGY, lead_id, at))
    if named := appointment_at(effect.answers, w.now, w.services.rules.quiet):
        w.rows[timers.timer].append(timers.row(w.tx, timers.APPOINTMENT, lead_id, *named))


def _days(w: TurnContext, answers: Mapping[str, Any]) -> Container[date]:
    """The working days of the office that a lead with these answers goes to."""
    return w.services.knowledge.working_days(answers.get("regency"))


async def change_lead(w: TurnContext, effect: e.ChangeLead) -> None:
    lead_id, before = await own_lead_of(w, effect.code)
    if before.owner_id != w.person_id:
        raise Stale(effect.code)
    await timers.clear(w.tx, [lead_id], timers.APPOINTMENT)
    if named := appointment_at(effect.answers, w.now, w.services.rules.quiet):
        await timers.put(w.tx, timers.APPOINTMENT, [lead_id], *named)
    free = before.officer_id is None and not before.into and before.status in ("new", "waiting")
    await leads.change(w.tx, w.services.vault, lead_id, effect.answers, effect.kind, effect.estimate, w.now)
    await own_number.spread(w.mail, w.person_id, before, effect.answers)
    if free and effect.status != before.status:
        step = next_step.first(effect.answers, w.now, _days(w, effect.answers))
        await following.move(w.tx, lead_id, effect.status, w.now, step=step)
    _, after = await own_lead_of(w, effect.code)
    if free and (after.status, after.answers["regency"]) != (before.status, before.answers["regency"]):
        await _move(w, lead_id, after)
        return
    goes_on = dict([await lead_of(w, effect.code)])
    await cards.redraw(w.mail, goes_on)
    if after.officer_id and (holder := await officers.person_of(w.tx, after.officer_id)):
        said = Say(Text("card.note_changed", {"code": effect.code, "changes": effect.changes}))
        await w.mail.tell([holder], said, "notice", lead_id=lead_id)


async def _move(w: TurnContext, lead_id: int, lead: Lead) -> None:
    """Move an untaken lead to another regency: the officers there are offered the lead instead of those here."""
    elsewhere = Say(Text("card.elsewhere", {"code": lead.code}))
    await w.mail.redraw([lead_id], lambda _, reader: None if reader == w.person_id else elsewhere)
    if lead.status == "new":
        await cards.offer(w.mail, [cards.brief_of(lead_id, lead)], {lead_id: lead})
        step = next_step.first(lead.answers, w.now, _days(w, lead.answers))
        await following.come_back(w.tx, {lead_id: step})


async def keep_campaign(w: TurnContext, effect: e.KeepCampaign) -> None:
    await w.tx.execute(update(person).where(person.c.id == w.person_id).values(campaign=effect.campaign[:64]))


async def call_human(w: TurnContext, effect: e.CallHuman) -> None:
    """Tell the lead's officer, or where none at work has it the officers of its regency; the owner is told who was
    reached."""
    lead_id, lead = await own_lead_of(w, effect.code)
    told = [person_id for _, person_id in await w.mail.who_has(lead) if person_id != w.person_id]
    fields = {"code": lead.code, "name": shown("name", lead.answers.get("name"), Scene(lead.answers, w.mail.world()))}
    await w.mail.tell(told, Say(Text("notice.wants_human", fields)), "notice", lead_id=lead_id)
    told = [person_id for person_id in told if await w.mail.within_reach([person_id])]
    by_officer = await w.mail.roster.any_with("officer", told)
    w.says.append(
        Say(Text("human.told" if by_officer else "human.told_above" if told else "human.nobody", {"code": lead.code}))
    )


async def report_impostor(w: TurnContext, effect: e.ReportImpostor) -> None:
    """Tell the coordinators at work there, or where there is none the admins; the owner is told where one of them is reached."""
    told = [person_id for _, person_id in await w.mail.roster.above(effect.regency) if person_id != w.person_id]
    place = w.services.knowledge.ear.places.name(effect.regency) if effect.regency else ""
    report = Say(Text("notice.impostor", {"code": effect.code, "place": place}))
    await w.mail.tell(told, report, "notice")
    if await w.mail.within_reach(told):
        w.says.append(Say(Text("impostor.told")))


async def not_called(w: TurnContext, effect: e.NotCalled) -> None:
    """Tell those above, and the officer who has the lead, that its owner says nobody called; the owner is told whom that
    has reached."""
    lead_id, lead = await own_lead_of(w, effect.code)
    if lead.owner_id != w.person_id:
        raise Stale(effect.code)
    above = [person_id for _, person_id in await w.mail.roster.above(lead.answers.get("regency") or "")]
    holder = [person_id for _, person_id in await w.mail.who_has(lead)]
    told = [person_id for person_id in dict.fromkeys((*holder, *above)) if person_id != w.person_id]
    said = Say(Text("notice.not_called", {"code": lead.code}), (officer_words.show_button(lead.code),))
    await w.mail.tell(told, said, "notice", lead_id=lead_id)
    noted = lead_events.line(w.tx, w.services.vault, lead_id, lead_events.SAID, w.now, outcome="said_not_called")
    await lead_events.note(w.tx, noted)
    w.audit("not called", effect.code)
    reached = await w.mail.within_reach(told)
    w.says.append(Say(Text("asked.told" if reached else "human.nobody", {"code": lead.code})))


async def forget_me(w: TurnContext, effect: e.ForgetMe) -> None:
    """Erase a person within the turn; a pseudonymous audit row stays. An officer's own binding is no owner's data, and
    stays."""
    await erasing.erase(w.mail, w.person_id, keep_person=w.visitor.known.officer_id is not None)
    w.forgotten = w.visitor.known.officer_id is None
    for subject in await erasing.subjects(w.mail, w.person_id):
        w.audit(f"erased:{effect.why}", subject)


HANDLERS: Mapping[type, Handler] = {
    e.GiveConsent: give_consent,
    e.SubmitLead: submit_lead,
    e.ChangeLead: change_lead,
    e.KeepCampaign: keep_campaign,
    e.CallHuman: call_human,
    e.ReportImpostor: report_impostor,
    e.NotCalled: not_called,
    e.ForgetMe: forget_me,
}
