"""What was said in one chat, as far as its bodies are kept: for the simulator, whose screens live no longer than a process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import tables
from storage.people.people import Where, find
from storage.sealing.unreadable import Opening
from storage.sealing.vault import Vault

inbox, outbox, address, officer = (
    tables.table(tables.Inbox),
    tables.table(tables.Outbox),
    tables.table(tables.Address),
    tables.table(tables.OfficerRow),
)


@dataclass(frozen=True, slots=True)
class ChatLine:
    """One event of the person (``own``) or one message to them, as JSON. ``external_id``: the channel's id of it."""

    at: datetime
    id: int  # ascends with time within a process, as rows are made
    external_id: str
    own: bool
    body: Any


async def of_chat(tx: AsyncConnection, vault: Vault, where: Where, newest: int) -> list[ChatLine] | None:
    """The newest lines of a chat, oldest first; None for an address at which nobody has been.

    None of an officer's, of whose messages nothing is kept. Of a person with another chat on the same account, only what
    they were sent: an event does not say in which of the two it happened.
    """
    theirs = address.c.find == find(vault, where)
    here = (await tx.execute(select(address.c.id, address.c.person_id).where(theirs))).first()
    if here is None:
        return None
    person_id = here.person_id
    works_here = select(exists().where(officer.c.person_id == person_id, officer.c.left_at.is_(None)))
    if (await tx.execute(works_here)).scalar():
        return []
    another = exists().where(
        address.c.person_id == person_id, address.c.account == where.account, address.c.id != here.id
    )
    said = select(inbox.c.id, inbox.c.at, inbox.c.external_id, inbox.c.sealed).where(
        inbox.c.person_id == person_id, inbox.c.account == where.account, inbox.c.sealed.is_not(None), ~another
    )
    told = select(outbox.c.id, outbox.c.sent_at, outbox.c.external_id, outbox.c.sealed).where(
        outbox.c.person_id == person_id,
        outbox.c.address_id == here.id,
        outbox.c.sealed.is_not(None),
        outbox.c.external_id != "",
    )
    events = (await tx.execute(said.order_by(inbox.c.id.desc()).limit(newest))).all()
    messages = (await tx.execute(told.order_by(outbox.c.id.desc()).limit(newest))).all()
    lines = [*_opened(vault, "inbox", events), *_opened(vault, "outbox", messages)]
    return sorted(lines, key=attrgetter("at", "id"))[-newest:]


def _opened(vault: Vault, table: str, rows: Sequence[Any]) -> list[ChatLine]:
    """These rows, oldest first. One that does not open is left out: who reads to answer has noted it."""
    opening, lines = Opening(vault), []
    for row_id, at, external_id, sealed in reversed(rows):
        body = opening.json(sealed, table=table, column="sealed", row=row_id)
        if body is not None:
            lines.append(ChatLine(at, row_id, external_id, table == "inbox", body))
    return lines
