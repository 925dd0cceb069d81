"""Effects of what an owner says of a lead that was sent: it is noted in the lead's history, and whoever has it hears of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.mail import cards
from bot.turns.stale import Stale
from bot.turns.turn_context import Handler, TurnContext, own_lead_of
from conversations.dialogues import officer as officer_words
from conversations.engine import effects as e
from conversations.engine.core import Say, Text
from conversations.engine.world import Lead
from conversations.rules import next_step
from conversations.rules.outcomes import REOPENED, WITHDRAWN
from conversations.rules.workdays import next_step_at
from storage.leads import following, lead_events, leads, reopening

CHECKED = frozenset({"registered", "paid"})  # what an officer checks on the next working day


async def owner_said(w: TurnContext, effect: e.OwnerSaid) -> None:
    """Nothing of the lead's state follows from an owner's word alone; whoever has the lead is to check it."""
    lead_id, lead = await _own(w, effect.code)
    await _noted(w, lead_id, lead.code, lead_events.SAID, f"said_{effect.what}")
    if effect.what in CHECKED:
        at = next_step_at(w.now, w.services.knowledge.working_days(lead.answers.get("regency")))
        await following.come_back(w.tx, {lead_id: next_step.NextStep(at, next_step.CALL)})
    await _shown(w, lead_id)
    if effect.what in CHECKED or not lead.contacted:
        await _told(w, lead_id, lead, Text(f"notice.said_{effect.what}", {"code": lead.code}))


async def give_up(w: TurnContext, effect: e.GiveUp) -> None:
    """The owner gives their lead up. They open it again by writing; those above may, too."""
    lead_id, lead = await _own(w, effect.code)
    was = await following.state(w.tx, lead_id)
    await following.move(w.tx, lead_id, WITHDRAWN, w.now)
    await _noted(w, lead_id, lead.code, lead_events.GIVEN_UP, "given_up", was)
    await _shown(w, lead_id)
    await _told(w, lead_id, lead, Text("notice.given_up", {"code": lead.code}))


async def reopen(w: TurnContext, effect: e.Reopen) -> None:
    lead_id, lead = await own_lead_of(w, effect.code)
    if lead.owner_id != w.person_id or lead.status not in REOPENED:
        raise Stale(effect.code)
    was = await following.state(w.tx, lead_id)
    step = next_step.first(lead.answers, w.now, w.services.knowledge.working_days(lead.answers.get("regency")))
    await reopening.reopen(w.tx, lead_id, step, w.now)
    await _noted(w, lead_id, lead.code, lead_events.REOPENED, "reopened", was)
    _, after = await own_lead_of(w, effect.code)
    await cards.redraw(w.mail, {lead_id: after})
    if after.officer_id is not None:
        await _told(w, lead_id, after, Text("notice.reopened", {"code": lead.code}))


async def _own(w: TurnContext, code: str) -> tuple[int, Lead]:
    lead_id, lead = await own_lead_of(w, code)
    if lead.owner_id != w.person_id or not lead.is_open:
        raise Stale(code)
    return lead_id, lead


async def _noted(
    w: TurnContext, lead_id: int, code: str, kind: str, outcome: str, was: dict[str, Any] | None = None
) -> None:
    noted = lead_events.line(w.tx, w.services.vault, lead_id, kind, w.now, outcome=outcome, before=was)
    await lead_events.note(w.tx, noted)
    w.audit(outcome, code)


async def _shown(w: TurnContext, lead_id: int) -> None:
    found = (await leads.by_ids(w.tx, w.services.vault, [lead_id])).leads
    await cards.redraw(w.mail, found, moved=False)


async def _told(w: TurnContext, lead_id: int, lead: Lead, said: Text) -> None:
    """Tell whoever has the lead, or else those of its office."""
    told = [person_id for _, person_id in await w.mail.who_has(lead) if person_id != w.person_id]
    say = Say(said, (officer_words.show_button(lead.code),))
    await w.mail.tell(told, say, "notice", lead_id=lead_id)


HANDLERS: Mapping[type, Handler] = {
    e.OwnerSaid: owner_said,
    e.GiveUp: give_up,
    e.Reopen: reopen,
}
