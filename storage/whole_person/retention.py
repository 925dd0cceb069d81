"""Persons of whom nothing is kept any more: neither a session nor a lead nor an office."""

from __future__ import annotations

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import tables
from storage.broadcasts import recipients
from storage.outbox import messages

from . import account_linking

person, address, conversation, lead, officer = (
    tables.table(tables.Person),
    tables.table(tables.Address),
    tables.table(tables.Conversation),
    tables.table(tables.LeadRow),
    tables.table(tables.OfficerRow),
)


async def nobody_left(tx: AsyncConnection, limit: int = 100) -> list[int]:
    """Ids of persons who have no session, no lead and no office."""
    kept = [exists().where(t.c.person_id == person.c.id) for t in (conversation, lead, officer)]
    query = select(person.c.id).where(*(~one for one in kept)).limit(limit)
    return list((await tx.execute(query)).scalars())


async def forget(tx: AsyncConnection, person_id: int) -> None:
    """The last of a person: messages, addresses, the person."""
    await account_linking.forget(tx, person_id)
    await messages.forget(tx, person_id)
    await recipients.forget(tx, person_id)
    await tx.execute(delete(address).where(address.c.person_id == person_id))
    await tx.execute(delete(person).where(person.c.id == person_id))
