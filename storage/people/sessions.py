"""Sessions: where each person stands in a dialogue, sealed; dialogue and question are also stored unsealed, for counting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversations.engine.core import Session, session_from_json, session_to_json
from conversations.rules.form_versions import brought_up
from storage import tables
from storage.engine.bulk_statements import BulkStatement
from storage.engine.upserts import upsert
from storage.sealing.unreadable import Opening
from storage.sealing.vault import Vault, VaultError

conversation, person, address = (tables.table(each) for each in (tables.Conversation, tables.Person, tables.Address))


@dataclass(frozen=True, slots=True)
class Saved:
    """A session to store until ``erase_at``; ``nudge_at`` is when to remind of it, None where nothing is unfinished."""

    person_id: int
    session: Session
    nudge_at: datetime | None
    erase_at: datetime


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A registration that was begun and left. ``regency`` is "" when not answered yet; ``nudged``: reminders sent so far."""

    person_id: int
    regency: str
    nudged: int


def opened(vault: Vault, person_id: int, sealed: bytes) -> Session:
    """The session of a person, opened. Raises VaultError when the blob does not open for this person."""
    return _session(vault.open_json(sealed, table="conversation", column="sealed", row=person_id))


def opened_by(opening: Opening, person_id: int, sealed: bytes) -> Session | None:
    """The session of a person, opened, in a reading of many sessions; None where the blob does not open for this person."""
    found = opening.json(sealed, table="conversation", column="sealed", row=person_id)
    try:
        return None if found is None else _session(found)
    except VaultError as error:
        opening.put_aside("conversation", "sealed", person_id, error)
        return None


def _session(found: Any) -> Session:
    """Raises VaultError for a session of a shape that nobody knows: it holds up its own person alone."""
    try:
        return brought_up(session_from_json(found))
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise VaultError(f"a value of conversation.sealed opens, and is no session ({type(error).__name__})") from None


async def at_address(tx: AsyncConnection, vault: Vault, find: bytes) -> Session | None:
    """The session of the person at an address (``find``: its blind index, ``people.find``); None when no session is kept."""
    query = select(conversation.c.person_id, conversation.c.sealed).join(
        address, address.c.person_id == conversation.c.person_id
    )
    row = (await tx.execute(query.where(address.c.find == find))).one_or_none()
    return opened(vault, row.person_id, row.sealed) if row else None


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


async def move(tx: AsyncConnection, vault: Vault, person_id: int, to: int) -> None:
    """Give the session of one person to another, who has none."""
    row = (await tx.execute(select(conversation).where(conversation.c.person_id == person_id))).first()
    if row is not None:
        await forget(tx, [person_id])
        if session := opened_by(Opening(vault), person_id, row.sealed):
            await save(tx, vault, [Saved(to, session, row.nudge_at, row.erase_at)], row.touched_at)


async def forget(tx: AsyncConnection, person_ids: Iterable[int]) -> None:
    await tx.execute(delete(conversation).where(conversation.c.person_id.in_(list(person_ids))))


async def due_for_nudge(tx: AsyncConnection, vault: Vault, now: datetime, limit: int = 100) -> list[Unfinished]:
    """Unfinished registrations to remind of now, locked; without persons who said "berhenti", or no to reminders.

    The caller calls ``nudged`` or ``postponed`` for each, or the registration comes again.
    """
    unwilling = exists().where(person.c.id == conversation.c.person_id, person.c.stopped | person.c.news.is_(False))
    query = select(conversation).where((conversation.c.nudge_at <= now) & ~unwilling).limit(limit)
    opening = Opening(vault)
    found = [
        Unfinished(row.person_id, _regency(opening, row.person_id, row.sealed), row.nudged)
        for row in await tx.execute(query.with_for_update(skip_locked=True))
    ]
    await opening.note(tx)
    return found


def _regency(opening: Opening, person_id: int, sealed: bytes) -> str:
    """The regency of the business, "" when not answered yet or when the session cannot be opened."""
    session = opened_by(opening, person_id, sealed)
    for each in filter(None, (session, session.under if session else None)):
        if regency := each.answers.get("regency"):
            return str(regency)
    return ""


async def nudged(tx: AsyncConnection, person_ids: Sequence[int], again_at: datetime | None) -> None:
    """Note that these persons were reminded just now; ``again_at`` is the time of a further reminder, None for none."""
    if not person_ids:
        return
    theirs = update(conversation).where(conversation.c.person_id.in_(person_ids))
    await tx.execute(theirs.values(nudge_at=again_at, nudged=conversation.c.nudged + 1))


async def postponed(tx: AsyncConnection, until: Mapping[int, datetime]) -> None:
    """Postpone the reminder of each person to a moment of their own."""
    await _POSTPONED.run(tx, until.items())


_POSTPONED = BulkStatement(
    update(conversation).where(conversation.c.person_id == bindparam("who")).values(nudge_at=bindparam("until")),
    *("who", "until"),
)


async def expired(tx: AsyncConnection, now: datetime, limit: int = 100) -> list[int]:
    """Ids of persons whose session has been kept for as long as it may."""
    query = select(conversation.c.person_id).where(conversation.c.erase_at <= now).limit(limit)
    return list((await tx.execute(query)).scalars())
