"""A person is erased: by their own wish in the chat, or by letter or telephone to the office. One way for both."""

from __future__ import annotations

from sqlalchemy import delete

from bot.mail import cards
from bot.mail.mail import Mail
from conversations.dialogues import officer as officer_words
from storage import tables
from storage.broadcasts import recipients
from storage.leads import leads, twins
from storage.outbox import messages
from storage.people import sessions
from storage.whole_person import account_linking

address, person = tables.table(tables.Address), tables.table(tables.Person)


async def erase(mail: Mail, person_id: int, *, keep_person: bool) -> None:
    """Erase all data of a person: leads (counts stay), messages, session, unsent rows; officers' cards say so; then the
    person. ``keep_person``: an officer's own binding is no owner's data, and stays."""
    free, with_theirs = await twins.let_go(mail.tx, person_id, mail.now)
    mine = dict(await leads.forget(mail.tx, person_id, mail.services.vault))
    for lead_id, lead in (await leads.by_ids(mail.tx, mail.services.vault, [*free, *with_theirs])).leads.items():
        await cards.redraw(mail, {lead_id: lead})
    await messages.erase_sent(mail.tx, with_theirs)
    await mail.redraw(
        list(mine),
        lambda lead_id, reader: None if reader == person_id else officer_words.gone_card(mine[lead_id]),
        anew=True,
    )
    await messages.withdraw(mail.tx, list(mine))
    await account_linking.forget(mail.tx, [person_id])
    await sessions.forget(mail.tx, [person_id])
    await messages.forget(mail.tx, [person_id])
    await recipients.forget(mail.tx, [person_id])
    if not keep_person:
        await mail.tx.execute(delete(address).where(address.c.person_id == person_id))
        await mail.tx.execute(delete(person).where(person.c.id == person_id))


async def subjects(mail: Mail, person_id: int) -> tuple[str, ...]:
    """The pseudonyms under which the audit notes an erasure: an older backup may know the person by any of them."""
    theirs = mail.services.vault.pseudonym(person_id)
    return (theirs, *await account_linking.earlier(mail.tx, theirs))
