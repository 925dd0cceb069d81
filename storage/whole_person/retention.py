"""Persons of whom nothing is kept any more, neither a session nor a lead nor an officer's row: found and deleted."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import tables
from storage.broadcasts import recipients
from storage.engine.bulk_statements import id_in
from storage.outbox import messages

from . import account_linking

person, address, conversation, lead, officer = (
    tables.table(tables.Person),
    tables.table(tables.Address),
    tables.table(tables.Conversation),
    tables.table(tables.LeadRow),
    tables.table(tables.OfficerRow),
)


async def nobody_among(tx: AsyncConnection, person_ids: Sequence[int]) -> list[int]:
    """Those of these persons who have no session, no lead and no officer's row."""
    query = select(person.c.id).where(id_in(person.c.id), *_NOTHING_KEPT)
    return list((await tx.execute(query, {"ids": list(person_ids)})).scalars()) if person_ids else []


async def nobody_left(tx: AsyncConnection, after: int, limit: int) -> tuple[list[int], int | None]:
    """Of the next ``limit`` persons behind the id ``after``: those with no session, no lead and no officer's row, and
    the id of the last person looked at, None where nobody was left to look at."""
    some = select(person.c.id).where(person.c.id > after).order_by(person.c.id).limit(limit)
    ids = (await tx.execute(some)).scalars().all()
    return (await nobody_among(tx, ids), ids[-1]) if ids else ([], None)


_NOTHING_KEPT = [~exists().where(kept.c.person_id == person.c.id) for kept in (conversation, lead, officer)]


async def forget(tx: AsyncConnection, person_ids: Sequence[int]) -> None:
    """Delete these persons with their addresses, and erase their messages."""
    await account_linking.forget(tx, person_ids)
    await messages.forget(tx, person_ids)
    await recipients.forget(tx, person_ids)
    await tx.execute(delete(address).where(address.c.person_id.in_(person_ids)))
    await tx.execute(delete(person).where(person.c.id.in_(person_ids)))
