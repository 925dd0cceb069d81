"""Leads that are one business twice: found by their blind indexes, merged, and parted again.

Of two leads that are merged one ends and points to the other, ``into_id``, which goes on. Nothing is copied: what the kept
lead lacks is read from the other each time its card is drawn. So each owner's data stays in their own lead, where they
see, correct and erase it, and parting only takes the pointer away.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversations.engine.world import Lead
from conversations.rules import found_by, twins
from conversations.rules.outcomes import DUPLICATE, TAKEN, UNTAKEN, WITHDRAWN
from conversations.rules.twins import Common
from storage.engine.bulk_statements import id_in
from storage.sealing.vault import Vault

from . import finding, following, lead_events, leads
from .following import JOINED, MERGED
from .leads import lead

_PASSED_OVER = (DUPLICATE, WITHDRAWN)


async def with_alike(tx: AsyncConnection, vault: Vault, lead_id: int, one: Lead, common: Common) -> Lead:
    """This lead with the others that may be the same business (``Lead.alike``), ``twins.MOST`` at most: of these no more
    than their state and their regency."""
    names = (twins.business(one.answers, common), twins.owner(one.answers, common))
    near = await finding.near(tx, vault, one.answers, names) - {lead_id}
    others = (await leads.in_order(tx, vault, sorted(near, reverse=True))).values() if near else ()
    same = [_bare(each) for each in others if _is_close(one, each, common)]
    same.sort(key=lambda each: twins.how_far(each.status), reverse=True)
    return replace(one, alike=tuple(same[: twins.MOST]))


def _is_close(one: Lead, other: Lead, common: Common) -> bool:
    if other.into or other.status in _PASSED_OVER:
        return False
    return twins.close(one.answers, other.answers, common, one_owner=one.owner_id == other.owner_id)


def _bare(one: Lead) -> Lead:
    return replace(one, answers={"regency": found_by.regency(one.answers)}, estimate={}, owner_id=None)


# ------------------------------------------------------------------------------------------------ merging


async def merge(tx: AsyncConnection, vault: Vault, ended: int, kept: int, by: int, now: datetime) -> None:
    """Merge the lead ``ended`` into the lead ``kept`` (ids, both locked): an officer's deed, noted in both histories. What
    had been merged into the one is in the other from now on; where nobody has the kept lead, its officer is that of the
    other."""
    was_ended, was_kept = await following.state(tx, ended), await following.state(tx, kept)
    inside = list((await tx.execute(select(lead.c.id).where(lead.c.into_id == ended))).scalars())
    if was_kept["officer_id"] is None and was_ended["officer_id"] is not None:
        status = TAKEN if was_kept["status"] == UNTAKEN else was_kept["status"]
        holder = {"officer_id": was_ended["officer_id"], "taken_at": now, "status": status, "offered": False, "rung": 0}
        await tx.execute(update(lead).where(lead.c.id == kept).values(**holder, changed_at=now))
    await following.move(tx, ended, DUPLICATE, now)
    await tx.execute(update(lead).where(id_in(lead.c.id)).values(into_id=kept), {"ids": [ended, *inside]})
    merged = lead_events.line(
        tx, vault, ended, MERGED, now, officer_id=by, before={**was_ended, following.INSIDE: inside}
    )
    joined = lead_events.line(tx, vault, kept, JOINED, now, officer_id=by, before=was_kept)
    for event in (merged, joined):
        await lead_events.note(tx, event)


async def let_go(tx: AsyncConnection, person_id: int, now: datetime) -> tuple[list[int], list[int]]:
    """Part the leads of a person who is about to be erased from those of others. What others' leads were merged into an
    open one go on by themselves, from where they stood. Ids of these, and of others' leads into which one of this
    person's is merged: their cards show it still."""
    mine, other = lead.alias(), lead.alias()
    query = select(lead.c.id).where(lead.c.person_id == person_id, leads.OPEN)
    holding = [row.id for row in await tx.execute(query.where(lead.c.id.in_(select(other.c.into_id))))]
    free: list[int] = []
    for kept in holding:
        while (parted := await following.part(tx, kept, now)) is not None:
            free.append(parted)
    with_mine = select(mine.c.into_id).where(mine.c.person_id == person_id, mine.c.into_id.is_not(None))
    kept_by_others = select(lead.c.id).where(lead.c.id.in_(with_mine), lead.c.person_id != person_id)
    return free, list((await tx.execute(kept_by_others)).scalars())
