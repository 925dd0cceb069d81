"""A lead's card in the officers' chats: shown to whoever may take it, redrawn as the lead goes on its way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.mail.mail import Mail
from conversations.dialogues import officer as officer_words
from conversations.engine.core import Say, Text
from conversations.engine.world import Lead
from storage.leads import leads, officers
from storage.people import audit


async def offer(mail: Mail, lead_id: int, lead: Lead, *, but: int | None = None, not_to: int | None = None) -> int:
    """Show a lead to whoever may take it; nobody takes their own (``not_to`` is its owner). How many were told."""
    told = await mail.roster.for_regency(lead.answers.get("regency", ""), but=but)
    others = [person_id for _, person_id in told if person_id != not_to]
    await mail.tell(others, officer_words.card(lead, mail.world()), "card", lead_id=lead_id)
    if others:
        shown_to = ",".join(str(officer_id) for officer_id, person_id in told if person_id != not_to)
        await audit.record(mail.tx, at=mail.now, actor="bot", act="shown", subject=lead.code, detail=shown_to)
    return len(others)


async def redraw(mail: Mail, lead_id: int, lead: Lead, *, moved: bool = True) -> None:
    """The holder's card as it is now; everybody else's says who has it, and no more.

    ``moved`` False: nobody new has it, so only the holder's own card is drawn again.
    """
    holder = await officers.person_of(mail.tx, lead.officer_id) if lead.officer_id else None

    def draw(person_id: int) -> Say | None:
        if lead.officer_id is None or person_id == holder:
            return officer_words.card(lead, mail.world(), lead.officer_id)
        return Say(Text("card.taken_already", {"code": lead.code, "name": lead.officer})) if moved else None

    await mail.redraw(lead_id, draw)


async def hand_over(mail: Mail, lead_ids: Iterable[int], officer_id: int) -> int:
    """Take these leads from an officer and offer them to the others; those that nobody else could take stay. How many went."""
    gone = 0
    for lead_id in lead_ids:
        lead = await leads.by_id(mail.tx, mail.services.vault, lead_id)
        if lead is None or not await mail.roster.for_regency(lead.answers.get("regency", ""), but=officer_id):
            continue
        await leads.free(mail.tx, [lead_id], mail.now)
        freed = replace(lead, officer="", officer_id=None, status="new")
        await redraw(mail, lead_id, freed)
        await offer(mail, lead_id, freed, but=officer_id, not_to=freed.owner_id)
        gone += 1
    return gone
