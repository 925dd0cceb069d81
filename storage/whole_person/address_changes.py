"""Change of address: a person whom their platform gives another address stays the same person, and parked messages follow."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import tables
from storage.outbox.messages import IDLE, outbox
from storage.people.people import Where, address_row, find, unreachable
from storage.sealing.vault import Vault

person, address = tables.table(tables.Person), tables.table(tables.Address)


async def follow(tx: AsyncConnection, vault: Vault, was: Where, to: Where) -> tuple[int, int] | None:
    """Make the person of the address ``was`` known by the address ``to``; a repeated call changes nothing.

    The ids of two persons to merge, where somebody had already written from the new address; else None. The old address
    stays known, for messages from it may come in late, unless it is a number, which will be somebody else's. The
    person's own number is forgotten: the platform shows the new one when they write.
    """
    old, new = find(vault, was), find(vault, to)
    rows = {bytes(row.find): row for row in await tx.execute(select(address).where(address.c.find.in_([old, new])))}
    if old not in rows:
        return None
    before, after = rows[old], rows.get(new)
    if after:
        await unreachable(tx, [before.id])
        waiting = (outbox.c.address_id == before.id) & outbox.c.state.in_(IDLE)
        await tx.execute(update(outbox).where(waiting).values(address_id=after.id))
        return (before.person_id, after.person_id) if before.person_id != after.person_id else None
    numberless = {"phone": None, "phone_find": None, "phone_at": None}
    await tx.execute(update(person).where(person.c.id == before.person_id).values(**numberless))
    sealed = vault.seal(to.address, table="address", column="sealed", row=before.id)
    await tx.execute(update(address).where(address.c.id == before.id).values(find=new, sealed=sealed))
    if not was.address.isdecimal():
        alias = address_row(tx, vault, was, before.person_id, before.heard_at)
        await tx.execute(address.insert().values(**{**alias, "reachable": False}))
    return None
