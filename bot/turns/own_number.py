"""A person's own number, known from the channel: when it changes, the person's leads and cards change too.

A person's name and number are the person's, not one lead's: changed in one lead, they are changed in all open leads
that had the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.mail import cards
from bot.mail.mail import Mail
from bot.turns.facts import Arrival
from conversations.dialogues.registration import changed
from conversations.engine.core import Say, Scene, Text
from conversations.engine.world import Lead
from storage.leads import leads, officers

SHOWN, SHARED = VOUCHED = ("channel", "shared")  # sources of a number for which a channel vouches
OF_THE_PERSON = ("name", "phone")  # answers that are the person's, not one lead's


async def follow(mail: Mail, arrived: Sequence[Arrival]) -> None:
    """Write the new number into the leads of each person whose channel says that their number has changed.

    A number that was shared on purpose is not replaced by one that another chat of the same person shows of itself.
    """
    for inbound, _, known in arrived:
        if not (known.renumbered and known.has_leads):
            continue
        shared = inbound.heard.contact is not None and inbound.heard.contact.own
        follows = VOUCHED if shared else (SHOWN,)
        for lead in await _open(mail, known.person_id):
            phone = lead.answers.get("phone") or {}
            if phone.get("source") in follows and phone.get("e164") != known.phone:
                source = SHARED if shared else SHOWN
                await _rewrite(mail, lead, {"phone": {**phone, "e164": known.phone, "source": source}})


async def spread(mail: Mail, person_id: int, before: Lead, answers: Mapping[str, Any]) -> None:
    """Write a name or number that changed in one lead into the person's other open leads that had the same."""
    theirs = {key: answers.get(key) for key in OF_THE_PERSON if answers.get(key) != before.answers.get(key)}
    if not theirs:
        return
    for lead in await _open(mail, person_id):
        same = {key: value for key, value in theirs.items() if lead.answers.get(key) == before.answers.get(key)}
        if same and lead.code != before.code:
            await _rewrite(mail, lead, same)


async def _rewrite(mail: Mail, lead: Lead, values: Mapping[str, Any]) -> None:
    """Write these answers into a lead, redraw its cards, and tell its officer the changes."""
    vault = mail.services.vault
    lead_id, now = (await leads.by_code(mail.tx, vault, [lead.code], lock=True))[lead.code]
    answers = {**now.answers, **values}
    await leads.rewrite(mail.tx, vault, lead_id, answers, mail.now)
    _, after = (await leads.by_code(mail.tx, vault, [lead.code]))[lead.code]
    goes_on = (await leads.by_code(mail.tx, vault, [after.into])).values() if after.into else [(lead_id, after)]
    await cards.redraw(mail, dict(goes_on))
    if after.officer_id and (holder := await officers.person_of(mail.tx, after.officer_id)):
        lines = changed(now.answers, answers, Scene(answers, mail.world()))
        said = Say(Text("card.note_changed", {"code": lead.code, "changes": lines}))
        await mail.tell([holder], said, "notice", lead_id=lead_id)


async def _open(mail: Mail, person_id: int) -> list[Lead]:
    mine = (await leads.of_people(mail.tx, mail.services.vault, [person_id])).get(person_id, ())
    return [lead for lead in mine if lead.is_open]
