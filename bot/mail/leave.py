"""An officer's leave begins and ends: what is due meanwhile is offered to others too, and what nobody took is theirs again."""

from __future__ import annotations

from bot.mail import cards
from bot.mail.mail import Mail
from conversations.rules.workdays import next_step_at
from storage.leads import lead_list


async def begin(mail: Mail, officer_id: int, role: str) -> None:
    """From now on new leads pass this officer by, and untaken ones are offered to those next in line. Of their own, what
    is due within a working day is offered to others, and the rest as it falls due."""
    mail.roster.forget()
    untaken = await lead_list.untaken_of(mail.tx, officer_id)
    soon = next_step_at(mail.now, mail.services.knowledge.holidays)
    await cards.offer_held(mail, await lead_list.held(mail.tx, officer_id, due=soon))
    await cards.pass_on(mail, untaken, role)


async def end(mail: Mail, officer_id: int, role: str, person_id: int) -> int:
    """What nobody took is this officer's alone again; how many leads wait that they may take."""
    mail.roster.forget()
    await cards.keep_held(mail, await lead_list.lent(mail.tx, officer_id))
    untaken = await lead_list.untaken_of(mail.tx, officer_id)
    return sum(each.owner_id != person_id for each in untaken)
