"""An officer's leave begins and ends: what is due meanwhile is offered to others too, and what nobody took is theirs again."""

from __future__ import annotations

from bot.mail import cards
from bot.mail.mail import Mail
from conversations.dialogues import lead_lists
from conversations.engine.effects import SetAbsent
from conversations.engine.world import Officer
from conversations.rules.workdays import next_step_at
from storage.leads import lead_list, officers


async def change(mail: Mail, officer: Officer, person_id: int, to: SetAbsent) -> None:
    """Note a leave of this officer, or its end; of one that begins later nothing else is done now. Whoever is back is told
    how many leads wait."""
    absent = officer.absent if to.since is not None else to.absent
    await officers.set_absent(mail.tx, officer.id, absent, since=to.since, until=to.until)
    if officer.absent == absent:
        return
    if absent:
        await begin(mail, officer.id, officer.role)
    elif count := await end(mail, officer.id, officer.role, person_id):
        await mail.tell([person_id], lead_lists.many_untaken(count), "notice")


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
