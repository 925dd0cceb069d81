"""Parting: two persons who were linked by mistake, or by a trick, are two again, each with their chats and leads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import tables
from storage.engine.ids import new_id
from storage.outbox.messages import outbox
from storage.people import audit, sessions
from storage.sealing.vault import Vault

from .account_linking import PARTED

person, address, lead, timer, joining = (
    tables.table(model) for model in (tables.Person, tables.Address, tables.LeadRow, tables.Timer, tables.Joining)
)

BITE = 500


async def part(tx: AsyncConnection, vault: Vault, person_id: int, address_id: int, now: datetime) -> int | None:
    """Undo the latest linking of this person that may still be undone; the id of the person who has this chat from then
    on, None without such a linking.

    The other person gets back what was theirs, and the leads that came since by their channels alone. A no of either
    since then stays a no of both; numbers are forgotten, so that these do not link the two at the next message.
    """
    mine = (joining.c.person_id == person_id) & (joining.c.until > now)
    found = (await tx.execute(select(joining).where(mine).order_by(joining.c.id.desc()).limit(1))).first()
    if found is None:
        return None
    was, other = found.theirs, found.other_id
    both = (await tx.execute(select(person).where(person.c.id == person_id).with_for_update())).mappings().one()
    numberless = {"phone": None, "phone_find": None, "phone_at": None, "parted_at": now}
    await tx.execute(person.insert().values({**both, "id": other, **numberless}))
    await tx.execute(update(person).where(person.c.id == person_id).values(**numberless))
    await tx.execute(delete(joining).where(joining.c.id == found.id))
    chats, theirs = was[address.name], await _leads(tx, person_id, was[lead.name], was[address.name], found.id)
    for table, ids in ((address, chats), (lead, theirs), (joining, was[joining.name])):
        mine = (table.c.person_id == person_id) & table.c.id.in_(ids)
        await tx.execute(update(table).where(mine).values(person_id=other))
    await tx.execute(
        update(timer).where(timer.c.person_id == person_id, timer.c.lead_id.in_(theirs)).values(person_id=other)
    )
    of_chat = (outbox.c.person_id == person_id) & outbox.c.address_id.in_(chats)
    await tx.execute(update(outbox).where(of_chat).values(person_id=other))
    subject, detail = vault.pseudonym(person_id), vault.pseudonym(other)
    proofs = audit.consent.c.id.in_(was[audit.consent.name])
    await tx.execute(update(audit.consent).where(proofs).values(pseudonym=detail))
    await audit.record(tx, at=now, actor="person", act=PARTED, subject=subject, detail=detail)
    if address_id in chats:  # the session stays with the person who wrote
        await sessions.move(tx, vault, person_id, other)
    return other if address_id in chats else person_id


async def _leads(
    tx: AsyncConnection, person_id: int, were: Sequence[int], chats: Sequence[int], since: int
) -> list[int]:
    """The leads that were the other person's, and later ones (ids above ``since``) by a channel that only this person
    uses."""
    of_both = await tx.execute(select(address.c.id, address.c.channel).where(address.c.person_id == person_id))
    channels: dict[bool, set[str]] = {True: set(), False: set()}
    for address_id, channel in of_both:
        channels[address_id in chats].add(channel)
    query = select(lead.c.id).where(lead.c.person_id == person_id, lead.c.id > since)
    later = await tx.execute(query.where(lead.c.channel.in_(channels[True] - channels[False])))
    return [*were, *later.scalars()]


async def alone(tx: AsyncConnection, person_id: int, address_id: int, now: datetime) -> int:
    """Make this chat a person of its own, where its person has other chats too, so that what it is given now is for
    nobody else; the person's id.

    Leads and the session stay with the other chats.
    """
    others = select(address.c.id).where(address.c.person_id == person_id, address.c.id != address_id).limit(1)
    if (await tx.execute(others)).first() is None:
        return person_id
    made = new_id(tx)
    blank = {"created_at": now, "stopped": False, "campaign": "", "wrong_codes": 0, "parted_at": now}
    language = select(person.c.language).where(person.c.id == person_id).scalar_subquery()
    await tx.execute(person.insert().values(id=made, language=language, **blank))
    await tx.execute(update(address).where(address.c.id == address_id).values(person_id=made))
    await tx.execute(update(outbox).where(outbox.c.address_id == address_id).values(person_id=made))
    return made


async def end(tx: AsyncConnection, now: datetime) -> int:
    """Delete the records of linkings that can no longer be undone, ``BITE`` at most; how many were deleted."""
    over = select(joining.c.id).where(joining.c.until <= now).order_by(joining.c.until).limit(BITE)
    return (await tx.execute(delete(joining).where(joining.c.id.in_(over)))).rowcount
