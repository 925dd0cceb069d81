"""Account linking: two persons on two channels are found to be one, by a number that both channels vouch for or by a
one-time code, and merged.

A number that somebody typed plays no part here: ``person.phone`` holds only what a channel vouches for. Whoever works
here is never made one with anybody: by a code that somebody was talked into typing, a stranger would be that officer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversations.engine.core import Session
from conversations.engine.world import OtherChat
from storage import tables
from storage.engine.ids import new_id
from storage.engine.readable_codes import CodeKind
from storage.outbox.messages import IDLE
from storage.people import audit, sessions
from storage.people.people import last_channel
from storage.people.sessions import Saved
from storage.sealing.unreadable import Opening
from storage.sealing.vault import Vault

person, address, conversation, officer, lead, inbox, outbox, timer, recipient, joincode, joining = (
    tables.table(model)
    for model in (
        tables.Person, tables.Address, tables.Conversation, tables.OfficerRow, tables.LeadRow, tables.Inbox,
        tables.Outbox, tables.Timer, tables.Recipient, tables.JoinCode, tables.Joining,
    )
)  # fmt: skip

LINKING = CodeKind("SB-", 8)  # lives half an hour, and a person has five tries
CODE_LIVES = timedelta(minutes=30)
# A number that nobody pays for any more is given to somebody else after a while (how soon differs by operator): a number
# vouched for longer ago than this proves nothing any more, and only the code remains.
VOUCHED_FOR = timedelta(days=30)
PARTED_WITHIN = timedelta(days=30)  # in which a link made by mistake, or by a trick, can be undone
PARTED = "parted"  # in the audit
ENDING = 3  # last digits of a number, enough for owners to know their own


async def make_code(tx: AsyncConnection, vault: Vault, person_id: int, now: datetime) -> str:
    """A new linking code of this person, which links whoever types it on another channel; an earlier code dies."""
    await tx.execute(delete(joincode).where((joincode.c.person_id == person_id) | (joincode.c.expires_at <= now)))
    code = fresh_code()
    values = {"find": _find(vault, code), "person_id": person_id, "expires_at": now + CODE_LIVES}
    await tx.execute(joincode.insert().values(**values))
    return code


def fresh_code() -> str:
    return LINKING.fresh()


async def given_to(tx: AsyncConnection, vault: Vault, said: str, now: datetime) -> int | None:
    """The person who was given this linking code, None when it is unknown or expired; the code stays good."""
    query = select(joincode.c.person_id).where(joincode.c.find == _find(vault, said), joincode.c.expires_at > now)
    return (await tx.execute(query)).scalar()


async def use_code(tx: AsyncConnection, vault: Vault, said: str) -> None:
    """Delete a linking code that was used."""
    await tx.execute(delete(joincode).where(joincode.c.find == _find(vault, said)))


async def other_side(tx: AsyncConnection, vault: Vault, person_id: int) -> OtherChat | None:
    """The chat in which a linking code was given, as far as the person who typed the code may know it."""
    row = (await tx.execute(select(person).where(person.c.id == person_id))).first()
    if row is None:
        return None
    number = Opening(vault).text(row.phone, table="person", column="phone", row=person_id) if row.phone else ""
    return OtherChat(await last_channel(tx, person_id), row.created_at, (number or "")[-ENDING:])


async def by_phone(tx: AsyncConnection, vault: Vault, phones: Mapping[int, str], now: datetime) -> dict[int, int]:
    """For each person, the other person whose number is the same and was vouched for within ``VOUCHED_FOR``; the
    earliest of several. Persons without such another are left out.

    ``phones``: the number that each person's channel has just shown, by person id. Another process with the same number
    waits until this transaction ends, and sees its result.
    """
    finds = {person_id: vault.find("phone", phone) for person_id, phone in phones.items()}
    if not finds:
        return {}
    if tx.dialect.name == "postgresql":
        for number in sorted({int.from_bytes(found[:8], signed=True) for found in finds.values()}):
            await tx.execute(select(func.pg_advisory_xact_lock(number)))
    query = select(person.c.id, person.c.phone_find).where(
        person.c.phone_find.in_(set(finds.values())),
        person.c.phone_at > now - VOUCHED_FOR,
        person.c.parted_at.is_(None),
    )
    holders: dict[bytes, set[int]] = {}
    for row in await tx.execute(query):
        holders.setdefault(bytes(row.phone_find), set()).add(row.id)
    # A person who shows a number was just stored as a holder of that number, unless the person was once parted.
    others = {
        person_id: holders[find] - {person_id}
        for person_id, find in finds.items()
        if person_id in holders.get(find, ())
    }
    return {person_id: min(found) for person_id, found in others.items() if found}


async def forget(tx: AsyncConnection, person_ids: Sequence[int]) -> None:
    """Delete the linking codes of these persons, and all that is kept for parting them."""
    await tx.execute(delete(joincode).where(joincode.c.person_id.in_(person_ids)))
    await tx.execute(delete(joining).where(joining.c.person_id.in_(person_ids)))


def _find(vault: Vault, code: str) -> bytes:
    return vault.find("join", code.strip().upper())


# ------------------------------------------------------------------------------------------------ becoming one


async def merge(tx: AsyncConnection, vault: Vault, one: int, other: int, how: str, now: datetime) -> int | None:
    """Merge two persons into the earlier one; that person's id. None where the two may not be merged.

    All leads, messages, timers and addresses are that person's. Of two conversations the begun one goes on, of two begun
    ones that of ``one``, who has just written. Whatever either of them declined stays declined. What was the other's is
    written down, so that they can be parted again. An officer is nobody else, whatever number or code says so.
    """
    keep, gone = sorted((one, other))
    query = select(person).where(person.c.id.in_((keep, gone))).order_by(person.c.id).with_for_update()
    rows = (await tx.execute(query)).all()
    if len(rows) < 2 or await works_here(tx, keep, gone):
        return None
    await tx.execute(joining.insert().values(await _theirs(tx, vault, keep, gone, now)))
    for table in (address, lead, inbox, outbox, timer, joining):
        await tx.execute(update(table).where(table.c.person_id == gone).values(person_id=keep))
    await _recipients(tx, keep, gone)
    await forget(tx, [gone])
    await _conversation(tx, vault, keep, gone, one)
    await tx.execute(delete(person).where(person.c.id == gone))
    await tx.execute(update(person).where(person.c.id == keep).values(**_merged(vault, rows, one)))
    subject, detail = vault.pseudonym(keep), vault.pseudonym(gone)
    await audit.proofs_of(tx, detail, now_of=subject)
    await audit.record(tx, at=now, actor="person", act=f"joined:{how}", subject=subject, detail=detail)
    return keep


async def works_here(tx: AsyncConnection, *person_ids: int) -> bool:
    """Whether one of these persons is an officer."""
    return bool((await tx.execute(select(exists().where(officer.c.person_id.in_(person_ids))))).scalar())


async def _theirs(tx: AsyncConnection, vault: Vault, keep: int, gone: int, now: datetime) -> dict[str, Any]:
    """The row for undoing a linking: the ids of the other person's addresses, leads, linkings and consents."""

    proofs = audit.consent.c.pseudonym == vault.pseudonym(gone)
    whose = {table: table.c.person_id == gone for table in (address, lead, joining)} | {audit.consent: proofs}
    theirs = {
        table.name: list((await tx.execute(select(table.c.id).where(condition))).scalars())
        for table, condition in whose.items()
    }
    return {"id": new_id(tx), "person_id": keep, "other_id": gone, "until": now + PARTED_WITHIN, "theirs": theirs}


def _merged(vault: Vault, rows: Sequence[Row[Any]], here: int) -> dict[str, Any]:
    """The merged columns of the person who stays (the first row): no wins over yes; the number that was shown last; the
    language of the person who has just written (id ``here``) where they chose one."""
    first, second = rows
    writing, other = sorted(rows, key=lambda row: row.id != here)
    calls, news = {row.may_call for row in rows}, {row.news for row in rows}
    values = {
        "created_at": min(row.created_at for row in rows),
        "stopped": first.stopped or second.stopped,
        "news": _declined(news),
        "may_call": _declined(calls),
        "campaign": first.campaign or second.campaign,
        "language": writing.language or other.language,
        "wrong_codes": max(row.wrong_codes for row in rows),
        "parted_at": max((row.parted_at for row in rows if row.parted_at), default=None),
    }
    if second.phone and (first.phone_at is None or (second.phone_at and second.phone_at > first.phone_at)):
        number = Opening(vault).text(second.phone, table="person", column="phone", row=second.id)
        if number is not None:  # one that does not open is nobody's any more
            sealed = vault.seal(number, table="person", column="phone", row=first.id)
            values |= {"phone": sealed, "phone_find": second.phone_find, "phone_at": second.phone_at}
    return values


def _declined(answers: set[bool | None]) -> bool | None:
    return False if False in answers else True if True in answers else None


async def _recipients(tx: AsyncConnection, keep: int, gone: int) -> None:
    """Leave one copy of each broadcast that both persons were to get: the copy that has left, or is nearer to it."""
    theirs = select(recipient, outbox.c.state.label("copy")).outerjoin(outbox, outbox.c.id == recipient.c.outbox_id)
    found: dict[int, list[Row[Any]]] = {}
    for row in await tx.execute(theirs.where(recipient.c.person_id.in_((keep, gone)))):
        found.setdefault(row.broadcast_id, []).append(row)
    twice = {broadcast_id: rows for broadcast_id, rows in found.items() if len(rows) > 1}
    for rows in twice.values():
        await _spare(tx, min(rows, key=lambda row: (_NEARNESS.get(row.copy or row.state, 0), -row.person_id)))
    of_gone = update(recipient).where(recipient.c.person_id == gone)
    await tx.execute(of_gone.where(recipient.c.broadcast_id.in_(twice)).values(person_id=None))
    await tx.execute(of_gone.values(person_id=keep))


# How near a copy is to having left, by its state; states that never leave count 0.
_NEARNESS = {"planned": 1, "parked": 2, "due": 3, "sending": 4, "uncertain": 4, "sent": 4, "delivered": 4, "read": 4}


async def _spare(tx: AsyncConnection, row: Row[Any]) -> None:
    """Skip a recipient, and cancel their copy where nobody began to send it."""
    it = (recipient.c.broadcast_id == row.broadcast_id) & (recipient.c.number == row.number)
    spared = update(recipient).where(it, recipient.c.state == "planned")
    await tx.execute(spared.values(state="skipped", reason="joined"))
    idle = (outbox.c.id == row.outbox_id) & outbox.c.state.in_(IDLE)
    called_back = {"state": "cancelled", "reason": "joined", "lease_until": None, "sealed": None, "to": None}
    await tx.execute(update(outbox).where(idle).values(**called_back))


async def _conversation(tx: AsyncConnection, vault: Vault, keep: int, gone: int, here: int) -> None:
    """Keep one session for the merged person: a begun one before one not begun, then that of the person who has just
    written."""
    query = select(conversation).where(conversation.c.person_id.in_((keep, gone)))
    opening = Opening(vault)
    rows = (await tx.execute(query)).all()
    opened = [(row, sessions.opened_by(opening, row.person_id, row.sealed)) for row in rows]
    found = [(row, session) for row, session in opened if session is not None]
    if all(row.person_id == keep for row in rows):
        return
    await sessions.forget(tx, [gone])
    if not found:
        return
    row, session = max(found, key=lambda each: (_begun(each[1]), each[0].person_id == here))
    if row.person_id == gone:
        await sessions.save(tx, vault, [Saved(keep, session, row.nudge_at, row.erase_at)], row.touched_at)


def _begun(session: Session) -> int:
    """How much a person would lose with this session: more for a form that was begun than for a single question; less
    where nothing was said yet."""
    if session.dialogue == "registration" and not session.answers:
        return 0
    return {"home": 1, "registration": 3, "followup": 3}.get(session.dialogue, 2)


async def earlier(tx: AsyncConnection, subject: str) -> list[str]:
    """The pseudonyms of all persons who are merged with this one: an erasure holds for them too, also in older backups."""
    found: list[str] = []
    looking = [subject]
    acts = audit.audit.c.act.like("joined:%") | (audit.audit.c.act == PARTED)
    while looking:
        query = select(audit.audit.c.detail, audit.audit.c.act).where(audit.audit.c.subject.in_(looking), acts)
        latest = {row.detail: row.act for row in await tx.execute(query.order_by(audit.audit.c.id))}
        looking = [name for name, act in latest.items() if act != PARTED and name not in found]
        found += looking
    return found
