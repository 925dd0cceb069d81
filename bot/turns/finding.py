"""An officer looks for leads: the cards of those that fit, as far as the officer may see them; each look is audited."""

from __future__ import annotations

from collections.abc import Mapping

from bot.mail import cards
from bot.turns.turn_context import Handler, TurnContext
from conversations.dialogues.finding import many_found
from conversations.dialogues.lead_lists import MOST_FOUND
from conversations.dialogues.officer import card, in_reach
from conversations.engine import effects as e
from conversations.engine.core import Say, Text
from storage.leads import finding, leads
from storage.outbox import messages


async def find_leads(w: TurnContext, effect: e.FindLeads) -> None:
    """Show at most ``MOST_FOUND`` cards. Where nothing fits, and where the officer may not see what fits, the reply is the
    same. What was looked for names somebody, and is not kept."""
    officer = w.visitor.world.officer
    if officer is None:
        return
    await messages.unkeep(w.tx, w.visitor.inbox_id)
    ids = await finding.search(
        w.tx,
        w.services.vault,
        effect.sought,
        officer_id=officer.id,
        regencies=officer.area,
        but=w.person_id,
    )
    found = await leads.in_order(w.tx, w.services.vault, ids[:MOST_FOUND], with_history=True)
    seen = await cards.with_alike(
        w.mail,
        {each: lead for each, lead in found.items() if in_reach(lead, officer) and lead.owner_id != w.person_id},
    )
    if not seen:
        w.says.append(Say(Text("find.none")))
    for lead_id, lead in seen.items():
        w.visitor.lead_id = lead_id  # each card ends with its lead
        w.reply((card(lead, w.mail.world(), officer),))
        w.audit("looked", lead.code)
    w.visitor.lead_id = None
    if len(ids) > MOST_FOUND:
        w.says.append(many_found(len(ids), finding.MOST))


HANDLERS: Mapping[type, Handler] = {e.FindLeads: find_leads}
