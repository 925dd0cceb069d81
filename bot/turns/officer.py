"""Effects of an officer's turn: a lead taken, an outcome noted, a next step set, a chat bound, absence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import update

from bot.mail import alarms, cards, leave
from bot.turns.stale import Stale
from bot.turns.turn_context import Handler, TurnContext, lead_of
from conversations.dialogues import lead_lists, owner_notices
from conversations.dialogues import officer as officer_words
from conversations.dialogues.remind_me import officer_zone
from conversations.engine import effects as e
from conversations.engine.core import Field, Say, Text
from conversations.engine.world import Lead
from conversations.rules import next_step
from conversations.rules.outcomes import NOTED, PAID, REGISTERED, status_after
from conversations.rules.quiet_hours import zone
from conversations.rules.reminders import contribution_at, day_before_at
from storage import tables
from storage.leads import following, lead_events, lead_list, leads, officers, timers
from storage.outbox import messages
from storage.whole_person import account_parting

person = tables.table(tables.Person)


async def take_lead(w: TurnContext, effect: e.TakeLead) -> None:
    lead_id, before = await lead_of(w, effect.code)
    officer_id, was = w.visitor.known.officer_id, await following.state(w.tx, lead_id)
    stands = next_step.NextStep(before.next_at, before.next_reason) if before.next_at else None
    days = w.services.knowledge.working_days(before.answers.get("regency"))
    step = next_step.when_taken(before.status, stands, before.answers, w.now, days)
    if officer_id is None or not await following.take(w.tx, lead_id, officer_id, step, w.now):
        raise Stale(effect.code)
    held = await lead_events.last_held(w.tx, lead_id)
    await _event(w, lead_id, "taken", was)
    w.audit("took", effect.code)
    _, lead = await lead_of(w, effect.code)
    await cards.redraw(w.mail, {lead_id: lead})
    await timers.put(w.tx, timers.ASKED, [lead_id], w.now + owner_notices.ASKED_AFTER)
    told = owner_notices.taken(lead, w.mail.world())
    if lead.owner_id and not lead.stopped and told and told != _told_before(w, lead, held):
        await w.mail.tell([lead.owner_id], told, "notice")
    if before.officer_id and (earlier := await officers.person_of(w.tx, before.officer_id)):
        said = Say(Text("card.passed_on", {"code": lead.code, "name": lead.officer}))
        await w.mail.tell([earlier], said, "notice", lead_id=lead_id)


def _told_before(w: TurnContext, lead: Lead, held: lead_events.CameTo | None) -> Say | None:
    """What the owner was told when the same officer took the lead before, and nobody else since; else None."""
    if held is None or held.kind != "taken" or held.officer_id != w.visitor.known.officer_id:
        return None
    return owner_notices.taken(lead, replace(w.mail.world(), now=held.at.astimezone(w.now.tzinfo)))


async def note_outcome(w: TurnContext, effect: e.NoteOutcome) -> None:
    lead_id, lead = await lead_of(w, effect.code)
    if lead.officer_id != w.visitor.known.officer_id or lead.owner_id is None:
        raise Stale(effect.code)
    outcome, was = NOTED[effect.outcome], await following.state(w.tx, lead_id)
    status = status_after(effect.outcome, lead.status)
    await following.move(w.tx, lead_id, status, w.now, contacted=outcome.reached, step=effect.step)
    await _event(w, lead_id, "outcome", was, outcome=effect.outcome)
    await _meeting(w, lead_id, lead.answers.get("regency") or "", effect.step)
    if effect.outcome == PAID:
        first = contribution_at(w.now, lead.answers.get("regency") or "")
        await timers.put(w.tx, timers.CONTRIBUTION, [lead_id], *first)
    if status == REGISTERED and effect.step:
        await timers.clear(w.tx, [lead_id], timers.UNPAID)
        await timers.put(w.tx, timers.UNPAID, [lead_id], effect.step.at)
    w.audit(f"outcome:{effect.outcome}", effect.code)
    _, after = await lead_of(w, effect.code)
    await cards.redraw(w.mail, {lead_id: after}, moved=False)


async def add_note(w: TurnContext, effect: e.AddNote) -> None:
    """Keep an officer's words with what was noted last. They stand in the lead's history, and are erased with it."""
    lead_id, lead = await lead_of(w, effect.code)
    if lead.officer_id != w.visitor.known.officer_id or lead.owner_id is None:
        raise Stale(effect.code)
    await lead_events.add_words(w.tx, w.services.vault, lead_id, effect.words)
    await messages.unkeep(w.tx, w.visitor.inbox_id)
    _, after = await lead_of(w, effect.code)
    await cards.redraw(w.mail, {lead_id: after}, moved=False)


async def come_back(w: TurnContext, effect: e.ComeBack) -> None:
    """Set when a lead comes back to its officer, in place of its next step so far."""
    lead_id, lead = await lead_of(w, effect.code)
    if lead.officer_id != w.visitor.known.officer_id or not lead.is_open:
        raise Stale(effect.code)
    was = await following.state(w.tx, lead_id)
    await following.come_back(w.tx, {lead_id: effect.step})
    await _event(w, lead_id, "next", was)
    await _meeting(w, lead_id, lead.answers.get("regency") or "", effect.step)
    _, after = await lead_of(w, effect.code)
    await cards.redraw(w.mail, {lead_id: after}, moved=False)


async def release_lead(w: TurnContext, effect: e.ReleaseLead) -> None:
    """Give back a lead that was taken by mistake: it is free again, and shown to the others."""
    lead_id, lead = await lead_of(w, effect.code)
    if lead.officer_id is None or lead.officer_id != w.visitor.known.officer_id or not lead.is_open:
        raise Stale(effect.code)
    was = await following.state(w.tx, lead_id)
    await following.free(w.tx, [lead_id], w.now)
    await _event(w, lead_id, "released", was)
    w.audit("released", effect.code)
    _, after = await lead_of(w, effect.code)
    await cards.redraw(w.mail, {lead_id: after})


async def undo(w: TurnContext, effect: e.Undo) -> None:
    """Put a lead back to what it was before the last thing that was done with it: by the officer whose deed it was, or by
    those above, who may take back anybody's."""
    officer = w.visitor.world.officer
    lead_id, lead = await lead_of(w, effect.code)
    if officer is None or lead.owner_id is None:
        raise Stale(effect.code)
    undone = await following.undo(w.tx, lead_id, officer.id if officer.role == "officer" else None, w.now)
    if undone is None:
        w.says.append(Say(Text("undo.nothing", {"code": effect.code})))
        return
    if undone.outcome == PAID:
        await timers.clear(w.tx, [lead_id], timers.CONTRIBUTION)
    w.audit(f"undid:{undone.outcome or undone.kind}", effect.code)
    _, after = await lead_of(w, effect.code)
    step = next_step.NextStep(after.next_at, after.next_reason) if after.next_at else None
    await _meeting(w, lead_id, after.answers.get("regency") or "", step)
    parted = (await leads.by_ids(w.tx, w.services.vault, [undone.parted] if undone.parted else [])).leads
    for each_id, each in {lead_id: after, **parted}.items():
        await cards.redraw(w.mail, {each_id: each})
    what = Text(f"outcome.{undone.outcome}") if undone.outcome else Text(f"undo.{undone.kind}")
    fields: dict[str, Field] = {"code": effect.code, "what": what, "state": officer_words.card_state(after)}
    these = (lead, after, *parted.values())
    concerned = await officers.persons_of(w.tx, [one.officer_id for one in these])
    told = [each for each in concerned.values() if each not in (w.person_id, *(one.owner_id for one in these))]
    await w.mail.tell(told, Say(Text("undo.told", {**fields, "name": officer.name})), "notice", lead_id=lead_id)
    w.says.append(Say(Text("undo.done", fields), (officer_words.show_button(effect.code),)))


async def _meeting(w: TurnContext, lead_id: int, regency: str, step: next_step.NextStep | None) -> None:
    """Have the owner reminded of a meeting, the afternoon before; of one that was put off, only of the new one."""
    await timers.clear(w.tx, [lead_id], timers.MEETING)
    if step is None or step.reason != next_step.APPOINTMENT:
        return
    at = day_before_at(step.at.astimezone(zone(regency)), w.services.rules.quiet)
    if at > w.now:
        await timers.put(w.tx, timers.MEETING, [lead_id], at, int(step.at.timestamp()))


async def _event(w: TurnContext, lead_id: int, kind: str, was: dict[str, Any], *, outcome: str = "") -> None:
    """Note what this officer did with a lead, and what undoing puts back."""
    noted = lead_events.line(
        w.tx, w.services.vault, lead_id, kind, w.now,
        officer_id=w.visitor.known.officer_id, outcome=outcome, before=was,
    )  # fmt: skip
    await lead_events.note(w.tx, noted)


async def bind_officer(w: TurnContext, effect: e.BindOfficer) -> None:
    """Bind this chat to an officer, greet them, and show the waiting leads of their regencies, or how many there are.

    Only this chat becomes the officer's, though other chats be linked with it; the coordinators are told.
    """
    if w.visitor.world.invited is None:
        raise Stale("invitation")
    known = w.visitor.known
    known.person_id = await account_parting.alone(w.tx, known.person_id, known.address_id, w.now)
    before = w.visitor.world.officer
    seen = await lead_list.untaken_of(w.tx, before.id) if before else []
    bound = await officers.bind(w.tx, w.services.vault, w.visitor.world.invited.id, w.person_id, w.now)
    if bound is None:
        raise Stale("invitation")
    w.mail.roster.forget()
    w.audit("bound", f"officer:{bound.id}")
    also = Text("officer.welcome_admin") if bound.role == "admin" else ""
    role = Text(f"role.{bound.role}")
    fields: dict[str, Field] = {"name": bound.name, "role": role, "also": also}
    w.menu = bound.role
    w.reply((Say(Text("officer.welcome", fields)),))
    alarm = Text("alarm.bound", {"name": bound.name, "role": role})
    await alarms.tell(w.mail, alarm, but=w.person_id)
    waiting = await lead_list.untaken_of(w.tx, bound.id)
    await cards.show(w.mail, {w.person_id: [each for each in waiting if each.owner_id != w.person_id]})
    if before:
        await cards.pass_on(w.mail, seen, before.role)


async def list_tasks(w: TurnContext, effect: e.ListTasks) -> None:
    if (officer := w.visitor.world.officer) is None:
        return
    world, page = w.mail.world(), lead_lists.page(effect.page, effect.only, _rows(w))
    since, until = lead_lists.due_between(effect.only, w.now.astimezone(officer_zone(w.visitor.world)))
    part = lead_list.Part(since, until, lead_lists.STATUS.get(effect.only, ""))
    count, ids = await lead_list.tasks(w.tx, officer.id, part, page.skip, page.size)
    if count and not ids:
        page = page.within(count)
        _, ids = await lead_list.tasks(w.tx, officer.id, part, page.skip, page.size)
    found = await leads.in_order(w.tx, w.services.vault, ids)
    untaken = 0
    if not count and not effect.only:
        untaken, _ = await lead_list.waiting(w.tx, officer.area, 0, 0, but=w.person_id)
    w.reply((lead_lists.task_list(count, list(found.values()), page, world, untaken),), names=found)


def _rows(w: TurnContext) -> int:
    """How many rows of choices the channel of this turn shows at most; 0 for any number."""
    return w.services.limits(w.visitor.inbound.channel).rows


async def list_untaken(w: TurnContext, effect: e.ListUntaken) -> None:
    if (officer := w.visitor.world.officer) is None:
        return
    where, page = officer.area, lead_lists.page(effect.page, "", _rows(w))
    count, found = await lead_list.waiting(w.tx, where, page.skip, page.size, but=w.person_id)
    if count and not found:
        page = page.within(count)
        _, found = await lead_list.waiting(w.tx, where, page.skip, page.size, but=w.person_id)
    waiting = [lead_lists.UntakenLead(*each) for each in found]
    w.reply((lead_lists.untaken_list(count, waiting, page, w.mail.world()),))


async def wrong_code(w: TurnContext, effect: e.WrongCode) -> None:
    counted = person.c.wrong_codes + 1
    await w.tx.execute(update(person).where(person.c.id == w.person_id).values(wrong_codes=counted))


async def set_absent(w: TurnContext, effect: e.SetAbsent) -> None:
    if (officer := w.visitor.world.officer) is None:
        return
    w.audit("away" if effect.absent else "back", f"officer:{officer.id}")
    await leave.change(w.mail, officer, w.person_id, effect)


async def set_digest(w: TurnContext, effect: e.SetDigest) -> None:
    if (officer_id := w.visitor.known.officer_id) is not None:
        await officers.set_digest(w.tx, officer_id, effect.wanted)


async def looked_at(w: TurnContext, effect: e.LookedAt) -> None:
    w.audit("looked", effect.code)


HANDLERS: Mapping[type, Handler] = {
    e.TakeLead: take_lead,
    e.NoteOutcome: note_outcome,
    e.AddNote: add_note,
    e.ComeBack: come_back,
    e.ReleaseLead: release_lead,
    e.Undo: undo,
    e.BindOfficer: bind_officer,
    e.WrongCode: wrong_code,
    e.SetAbsent: set_absent,
    e.SetDigest: set_digest,
    e.ListTasks: list_tasks,
    e.ListUntaken: list_untaken,
    e.LookedAt: looked_at,
}
