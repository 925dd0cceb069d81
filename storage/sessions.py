"""Sessions: where each person is, sealed; with clear copies of dialogue and question, to count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversations.core import Session, session_from_json, session_to_json
from conversations.form import brought_up

from . import tables
from .statements import upsert
from .vault import Vault

conversation, person = tables.table(tables.Conversation), tables.table(tables.Person)


@dataclass(frozen=True, slots=True)
class Saved:
    """A session to be kept until ``erase_at``; ``nudge_at`` is None where nothing is unfinished."""

    person_id: int
    session: Session
    nudge_at: datetime | None
    erase_at: datetime


def opened(vault: Vault, person_id: int, sealed: bytes) -> Session:
    """Raises VaultError when the blob does not open for this person."""
    return brought_up(session_from_json(vault.open_json(sealed, table="conversation", column="sealed", row=person_id)))


async def save(tx: AsyncConnection, vault: Vault, sessions: Iterable[Saved], now: datetime) -> None:
    rows = [
        {
            "person_id": s.person_id,
            "sealed": vault.seal_json(
                session_to_json(s.session), table="conversation", column="sealed", row=s.person_id
            ),
            "dialogue": s.session.dialogue,
            "question": s.session.asked,
            "touched_at": now,
            "nudge_at": s.nudge_at,
            "nudged": 0,
            "erase_at": s.erase_at,
        }
        for s in sessions
    ]
    if rows:
        changed = ("sealed", "dialogue", "question", "touched_at", "nudge_at", "nudged", "erase_at")
        await upsert(tx, conversation, rows, key="person_id", columns=changed)


async def forget(tx: AsyncConnection, person_ids: Iterable[int]) -> None:
    await tx.execute(delete(conversation).where(conversation.c.person_id.in_(list(person_ids))))


async def due_for_nudge(tx: AsyncConnection, now: datetime, limit: int = 100) -> list[int]:
    """Persons whose unfinished registration is to be reminded of; each is marked as reminded. Not who said "berhenti"."""
    stopped = exists().where(person.c.id == conversation.c.person_id, person.c.stopped)
    due = (conversation.c.nudge_at <= now) & ~stopped
    some = select(conversation.c.person_id).where(due).limit(limit)
    # "due" once more for PostgreSQL: of two processes the second looks again at what the first has changed meanwhile.
    marked = update(conversation).where(conversation.c.person_id.in_(some), due).returning(conversation.c.person_id)
    return list((await tx.execute(marked.values(nudge_at=None, nudged=conversation.c.nudged + 1))).scalars())


async def expired(tx: AsyncConnection, now: datetime, limit: int = 100) -> list[int]:
    """Persons whose conversation has been kept for as long as it may."""
    query = select(conversation.c.person_id).where(conversation.c.erase_at <= now).limit(limit)
    return list((await tx.execute(query)).scalars())
