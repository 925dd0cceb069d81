"""Parked messages, which wait until their person writes, because the platform takes no free-form message before."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, case, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import tables
from storage.engine.ids import first_id
from storage.people.people import CHAT, Reached, reached
from storage.sealing.unreadable import Opening, is_noted
from storage.sealing.vault import Vault

from .messages import IS_PARKED, IS_PENDING, outbox

person, address = tables.table(tables.Person), tables.table(tables.Address)
broadcast = tables.table(tables.Broadcast)

WINDOW_CLOSED, DAILY_LIMIT = "window closed", "daily limit"  # why a row is parked
LOOK_BACK = timedelta(days=30)  # bodies are kept no longer, so no older row is parked
MAY_GO_ON = or_(  # "may go on" of claim_statements.py
    outbox.c.broadcast_id.is_(None),
    # Of a broadcast that is done, only copies that waited for their person to write, or for another try, are left.
    exists().where(broadcast.c.id == outbox.c.broadcast_id, broadcast.c.state.in_(("running", "done"))),
)


async def unannounced(
    tx: AsyncConnection, vault: Vault, kind: str, before: datetime, *, but: str, limit: int = 100
) -> list[tuple[int, Reached, bool]]:
    """Persons with parked messages that no message of this ``kind`` has announced: (person id, their chat, whether all
    parked messages of that chat are copies of broadcasts). Copies of broadcasts count only where the broadcast may
    go on.

    Left out are persons who had an announcement since ``before`` or who said "berhenti". Messages parked for the reason
    ``but`` need no announcement.
    """
    newest = (
        select(
            outbox.c.person_id,
            outbox.c.address_id,
            func.max(outbox.c.id).label("row"),
            func.count(case((outbox.c.broadcast_id.is_(None), 1))).label("others"),
        )
        .where(IS_PARKED, outbox.c.person_id.is_not(None), outbox.c.kind != kind, outbox.c.reason != but, MAY_GO_ON)
        .group_by(outbox.c.person_id, outbox.c.address_id)
        .subquery()
    )
    told = (
        select(func.max(outbox.c.id))
        .where(
            outbox.c.person_id == newest.c.person_id,
            outbox.c.address_id == newest.c.address_id,
            outbox.c.kind == kind,
            outbox.c.id >= first_id(before - LOOK_BACK),
        )
        .correlate(newest)
        .scalar_subquery()
    )
    query = (
        select(newest.c.person_id.label("whose"), newest.c.others, *CHAT)
        .select_from(
            newest.join(person, person.c.id == newest.c.person_id).join(address, address.c.id == newest.c.address_id)
        )
        .where(person.c.stopped.is_(False), address.c.reachable, ~is_noted("address.sealed", address.c.id))
        .where((told.is_(None)) | ((told < newest.c.row) & (told < first_id(before))))
        .limit(limit)
    )
    opening = Opening(vault)
    found = [(row.whose, reached(opening, row), row.others == 0) for row in await tx.execute(query)]
    await opening.note(tx)
    return [(person_id, chat, only_copies) for person_id, chat, only_copies in found if chat]


async def on_its_way(tx: AsyncConnection, address_id: int) -> bool:
    """Whether any message to this chat is pending or parked."""
    waits = and_(outbox.c.address_id == address_id, IS_PENDING | IS_PARKED, MAY_GO_ON)
    query = select(outbox.c.id).where(waits).limit(1)
    return (await tx.execute(query)).scalar() is not None
