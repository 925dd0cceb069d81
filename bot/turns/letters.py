"""A letter of an owner whose lead nobody has. Nothing of it is kept but the message on its way."""

from __future__ import annotations

from collections.abc import Mapping

from bot.turns.stale import Stale
from bot.turns.turn_context import Handler, TurnContext, lead_of
from conversations.dialogues.officer import show_button
from conversations.engine import effects as e
from conversations.engine.core import Say, Text
from storage.outbox import messages


async def write_to_officer(w: TurnContext, effect: e.WriteToOfficer) -> None:
    """To whoever has the lead, or looks after its regency now; the owner hears where nobody is."""
    lead_id, lead = await lead_of(w, effect.code)
    if lead.owner_id != w.person_id:
        raise Stale(effect.code)
    await messages.unkeep(w.tx, w.visitor.inbox_id)
    told = [person_id for _, person_id in await w.mail.who_has(lead) if person_id != w.person_id]
    said = Text("letter.from_owner", {"code": lead.code, "words": effect.words})
    await w.mail.tell(told, Say(said, (show_button(lead.code),)), "notice", lead_id=lead_id)
    reached = await w.mail.within_reach(told)
    w.says.append(Say(Text("reply.sent" if reached else "human.nobody", {"code": lead.code})))


HANDLERS: Mapping[type, Handler] = {
    e.WriteToOfficer: write_to_officer,
}
