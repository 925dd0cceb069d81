"""What an officer and an owner write to each other through us. Nothing of it is kept but the message on its way."""

from __future__ import annotations

from collections.abc import Mapping

from bot.turns.stale import Stale
from bot.turns.turn_context import Handler, TurnContext, lead_of
from conversations.dialogues.letters import reply_button
from conversations.dialogues.officer import lead_button
from conversations.dialogues.registration import shown
from conversations.engine import effects as e
from conversations.engine.core import Say, Scene, Text
from storage.leads import officers
from storage.outbox import messages


async def write_to_owner(w: TurnContext, effect: e.WriteToOwner) -> None:
    """Whether it arrives now, when they write next, or not at all, the officer is told."""
    _, lead = await lead_of(w, effect.code)
    if lead.officer_id is None or lead.officer_id != w.visitor.known.officer_id:
        raise Stale(effect.code)
    await messages.unkeep(w.tx, w.visitor.inbox_id)
    fields = {"code": lead.code, "name": lead.officer, "words": effect.words}
    chats = lead.owner_id is not None and not lead.stopped and await w.mail.has_chat(lead.owner_id)
    if lead.owner_id is None or not chats:
        w.says.append(Say(Text("letter.nobody", {"code": lead.code})))
        return
    await w.mail.tell([lead.owner_id], Say(Text("letter.from_officer", fields), (reply_button(lead.code),)), "notice")
    arrives = await w.mail.within_reach([lead.owner_id])
    w.says.append(Say(Text("letter.sent" if arrives else "letter.waits", {"code": lead.code})))
    w.audit("wrote", lead.code)


async def write_to_officer(w: TurnContext, effect: e.WriteToOfficer) -> None:
    """To whoever has the lead, or looks after its regency now; the owner hears where nobody is."""
    lead_id, lead = await lead_of(w, effect.code)
    if lead.owner_id != w.person_id:
        raise Stale(effect.code)
    await messages.unkeep(w.tx, w.visitor.inbox_id)
    told = [person_id for _, person_id in await w.mail.who_has(lead) if person_id != w.person_id]
    name = shown("name", lead.answers.get("name"), Scene(lead.answers, w.mail.world()))
    said = Text("letter.from_owner", {"code": lead.code, "name": name, "words": effect.words})
    holder = await officers.person_of(w.tx, lead.officer_id) if lead.officer_id else None
    for person_id in told:
        key = lead_button("write" if person_id == holder else "show", lead.code)
        await w.mail.tell([person_id], Say(said, (key,)), "notice", lead_id=lead_id)
    reached = await w.mail.within_reach(told)
    w.says.append(Say(Text("reply.sent" if reached else "human.nobody", {"code": lead.code})))


HANDLERS: Mapping[type, Handler] = {
    e.WriteToOwner: write_to_owner,
    e.WriteToOfficer: write_to_officer,
}
