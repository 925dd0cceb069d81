"""The inbox, whose unique key (account, external id) ends redelivered events, and the outbox: rows put, cancelled, erased."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import tables
from storage.engine.bulk_statements import BulkStatement, id_in
from storage.engine.ids import first_id
from storage.engine.upserts import insert_new
from storage.people.people import Where
from storage.sealing.vault import Vault

from . import notify

inbox, outbox, address = tables.table(tables.Inbox), tables.table(tables.Outbox), tables.table(tables.Address)
leadnamed = tables.table(tables.LeadNamed)
officer, lead = tables.table(tables.OfficerRow), tables.table(tables.LeadRow)

BODIES_KEPT = timedelta(days=30)  # docs/privacy.md
REPLY, NOTICE, BULK = 0, 1, 2  # lanes

HELD_BACK = "held back"  # kind of the reply sent once a flood has ended
RESTING = "the chat must rest"  # begins the reason of a row that waits because the platform slows down this chat alone

# States of outbox rows that are not final. ``claim_statements.py`` and the partial indexes spell these states out.
PENDING = ("due", "sending")  # rows to leave now or at their time, and rows that may be leaving
IDLE = ("due", "parked")  # leased to no process: nobody has begun to send the row
UNSENT = ("due", "sending", "parked")


def _is_in(*states: str) -> ColumnElement[bool]:
    """SQL condition: an outbox row is in one of these states. The states are written into the statement, as in the
    partial indexes: with bound values SQLite takes none of the indexes."""
    return outbox.c.state.in_([literal_column(f"'{state}'") for state in states])


IS_PENDING, IS_PARKED = _is_in(*PENDING), _is_in("parked")
IS_UNSENT = or_(IS_PENDING, IS_PARKED)


@dataclass(slots=True)
class Out:
    """An outbox row, with its address and its body opened."""

    id: int
    person_id: int | None
    address_id: int
    where: Where
    body: Any
    kind: str
    lane: int = REPLY
    lead_id: int | None = None
    edits: int | None = None
    repeatable: bool = True
    attempts: int = 0
    unkept: bool = False  # body and address are erased as soon as the message has left
    due_at: datetime | None = None
    broadcast_id: int | None = None
    # when the person last wrote from this address: the service window counts from then
    heard_at: datetime | None = None
    leased: bool = False  # leased to this process when put, so sent without a claim
    mentions: tuple[int, ...] = ()  # further leads whose owners the body names


# ------------------------------------------------------------------------------------------------ coming in


async def seen(tx: AsyncConnection, events: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of these events (account, external id) that have come in before."""
    query = select(inbox.c.account, inbox.c.external_id).where(
        tuple_(inbox.c.account, inbox.c.external_id).in_(list(events))
    )
    return {(row.account, row.external_id) for row in await tx.execute(query)}


async def take_in(tx: AsyncConnection, rows: Sequence[dict[str, Any]]) -> set[int]:
    """Store events in the inbox; the ids of those that were new."""
    return await insert_new(tx, inbox, rows, conflict=("account", "external_id"))


async def unkeep(tx: AsyncConnection, inbox_id: int) -> None:
    """Erase the body of an inbox event, which is kept elsewhere."""
    await tx.execute(update(inbox).where(inbox.c.id == inbox_id).values(sealed=None))


async def unkeep_since(tx: AsyncConnection, person_id: int, since: datetime) -> None:
    """Erase the bodies of a person's inbox events since a time; the events themselves stay."""
    theirs = (inbox.c.person_id == person_id, inbox.c.at >= since)
    await tx.execute(update(inbox).where(*theirs).values(sealed=None))


async def mark_failed(tx: AsyncConnection, inbox_id: int, error: str) -> None:
    await tx.execute(update(inbox).where(inbox.c.id == inbox_id).values(state="failed", error=error[:200]))


# ------------------------------------------------------------------------------------------------ going out


async def put(
    tx: AsyncConnection, vault: Vault, rows: Sequence[Out], now: datetime, *, owner: str, lease: timedelta
) -> None:
    """Add rows to the outbox.

    With an ``owner`` a row is born leased to that process, and leaves without a claim (``row.leased`` says so), unless
    it is bulk, is due later, or stands behind another process's row of the same chat. A row that must not be repeated
    is bulk.
    """
    if not rows:
        return
    taken = await _of_others(tx, {row.address_id for row in rows}, owner) if owner else set()
    for row in rows:
        row.lane = row.lane if row.repeatable else BULK
        later = row.due_at is not None and row.due_at > now
        row.leased = bool(owner) and row.lane < BULK and not later and row.address_id not in taken
    await _PUT.run(tx, [_values(vault, row, now, owner, now + lease) for row in rows])
    await _MENTION.run(tx, [(lead_id, row.id) for row in rows for lead_id in row.mentions])
    if not all(row.leased for row in rows):
        await notify.wake(tx)


_PUT = BulkStatement(
    outbox.insert().values(attempts=0, reason="", outside=False, category="", external_id=""),
    *("id", "person_id", "address_id", "channel", "account", "to", "sealed", "kind", "lane", "repeatable", "edits"),
    *("lead_id", "broadcast_id", "created_at", "due_at", "state", "owner", "lease_until"),
)


_MENTION = BulkStatement(leadnamed.insert(), "lead_id", "outbox_id")


def _values(vault: Vault, row: Out, now: datetime, owner: str, until: datetime) -> tuple[Any, ...]:
    channel, account, to = row.where
    return (
        *(row.id, row.person_id, row.address_id, channel, account),
        vault.seal(to, table="outbox", column="to", row=row.id) if row.unkept else None,
        vault.seal_json(row.body, table="outbox", column="sealed", row=row.id),
        *(row.kind, row.lane, row.repeatable, row.edits, row.lead_id, row.broadcast_id, now, row.due_at or now),
        *(("sending", owner, until) if row.leased else ("due", "", None)),
    )


async def _of_others(tx: AsyncConnection, addresses: Iterable[int], owner: str) -> set[int]:
    """Those of these chats (address ids) in which another process's row is pending: later rows of the chat wait behind it."""
    waiting = select(outbox.c.address_id).where(IS_PENDING, outbox.c.lane < BULK, outbox.c.owner != owner)
    return set((await tx.execute(waiting.where(outbox.c.address_id.in_(list(addresses))))).scalars())


async def newest(tx: AsyncConnection, before: datetime) -> int:
    """The highest id of an outbox row made before this moment; 0 where there is none."""
    return (await tx.execute(select(func.max(outbox.c.id)).where(outbox.c.id < first_id(before)))).scalar() or 0


class Told(NamedTuple):
    """A message as a platform knows it, with its body."""

    id: int
    address_id: int
    external_id: str
    sealed: bytes


async def told(tx: AsyncConnection, person_ids: Sequence[int], external_ids: Sequence[str]) -> list[Told]:
    """The messages to these people that the platform knows by these ids, as far as their bodies are kept."""
    query = select(outbox.c.id, outbox.c.address_id, outbox.c.external_id, outbox.c.sealed)
    theirs = (outbox.c.person_id.in_(person_ids), outbox.c.external_id.in_(external_ids), outbox.c.sealed.is_not(None))
    return [Told(*row) for row in await tx.execute(query.where(*theirs))]


async def broadcast_of(tx: AsyncConnection, outbox_id: int) -> int | None:
    """The id of the broadcast that an outbox row is a copy of; None for other rows."""
    found: int | None = (await tx.execute(select(outbox.c.broadcast_id).where(outbox.c.id == outbox_id))).scalar()
    return found


async def external_id(tx: AsyncConnection, outbox_id: int) -> str:
    """The platform's id of a message, by its outbox id; "" when the message was never sent."""
    return (await tx.execute(select(outbox.c.external_id).where(outbox.c.id == outbox_id))).scalar() or ""


async def cancel(tx: AsyncConnection, person_ids: Sequence[int]) -> None:
    """Cancel the unsent outbox rows of these persons, and erase the bodies and addresses of all their outbox rows.

    Of an officer it stays known which message was about whose lead, so that it can be emptied later.
    """
    theirs = outbox.c.person_id.in_(person_ids)
    await tx.execute(update(outbox).where(theirs, IS_UNSENT).values(state="cancelled", lease_until=None))
    works_here = exists().where(officer.c.person_id == outbox.c.person_id, officer.c.left_at.is_(None))
    of_another = or_(*(exists(its.where(lead.c.person_id.is_not(None))) for its in (_TIED, _MENTIONED)))
    kept = case((works_here & of_another, outbox.c.person_id), else_=None)
    await tx.execute(update(outbox).where(theirs).values(sealed=None, to=None, person_id=kept))


_TIED = select(lead.c.id).where(lead.c.id == outbox.c.lead_id)
_MENTIONED = (
    select(lead.c.id).join(leadnamed, leadnamed.c.lead_id == lead.c.id).where(leadnamed.c.outbox_id == outbox.c.id)
)


class Shown(NamedTuple):
    """A message in one officer's chat that names a lead, most often its card."""

    lead_id: int
    outbox_id: int
    person_id: int
    address_id: int
    latest: bool  # the latest card of this lead in this chat
    waits: bool  # nobody has begun to send the card


async def cards(tx: AsyncConnection, lead_ids: Sequence[int]) -> list[Shown]:
    """Every card of these leads in officers' chats, by lead."""
    return [Shown(*row) for row in await tx.execute(_CARDS, {"ids": list(lead_ids)})]


_IN_A_CHAT = outbox.c.state.not_in(("failed", "cancelled")) & outbox.c.person_id.is_not(None)
_IS_CARD = (outbox.c.kind == "card") & _IN_A_CHAT
NAMES_A_LEAD = outbox.c.kind.in_(("card", "reply", "notice", "reminder")) & _IN_A_CHAT  # and so perhaps its owner


def shown(lead_id: ColumnElement[int]) -> tuple[ColumnElement[Any], ...]:
    """The columns of ``Shown`` for outbox rows that name the lead of this column."""
    chat = (lead_id, outbox.c.person_id, outbox.c.address_id)
    latest = outbox.c.id == func.max(outbox.c.id).over(partition_by=chat)
    return (lead_id, outbox.c.id, outbox.c.person_id, outbox.c.address_id, latest, outbox.c.state.in_(IDLE))


_CARDS = (
    select(*shown(outbox.c.lead_id))
    .where(outbox.c.lead_id.is_not(None), id_in(outbox.c.lead_id), _IS_CARD)
    .order_by(outbox.c.lead_id, outbox.c.id)
)


async def about(tx: AsyncConnection, lead_ids: Sequence[int]) -> list[Shown]:
    """Every message about these leads in officers' chats, cards, lists and others, by lead."""
    of_leads = naming(outbox.c.lead_id.in_(lead_ids), leadnamed.c.lead_id.in_(lead_ids)).subquery()
    query = select(*shown(of_leads.c.lead_id)).join(of_leads, of_leads.c.outbox_id == outbox.c.id)
    return [
        Shown(*row) for row in await tx.execute(query.where(NAMES_A_LEAD).order_by(of_leads.c.lead_id, outbox.c.id))
    ]


async def had(tx: AsyncConnection, person_ids: Sequence[int], kind: str, since: datetime) -> set[int]:
    """Those of these persons to whom a message of this kind was put since then."""
    query = select(outbox.c.person_id).where(outbox.c.person_id.in_(person_ids), outbox.c.kind == kind)
    return (
        set((await tx.execute(query.where(outbox.c.created_at >= since).distinct())).scalars()) if person_ids else set()
    )


def naming(tied: ColumnElement[bool], mentioned: ColumnElement[bool]) -> CompoundSelect[Any]:
    """Each outbox row with each lead that it names (``lead_id``, ``outbox_id``), of the rows for which ``tied`` holds
    and of the mentions for which ``mentioned`` does."""
    theirs = select(outbox.c.lead_id, outbox.c.id.label("outbox_id")).where(outbox.c.lead_id.is_not(None), tied)
    of_others = select(leadnamed.c.lead_id, leadnamed.c.outbox_id).join(outbox, outbox.c.id == leadnamed.c.outbox_id)
    return union_all(theirs, of_others.where(mentioned))


async def call_back(tx: AsyncConnection, ids: Sequence[int]) -> set[int]:
    """Cancel those of these rows that nobody has begun to send; their ids."""
    idle = update(outbox).where(outbox.c.id.in_(ids), outbox.c.state.in_(IDLE)).returning(outbox.c.id)
    gone = idle.values(state="cancelled", reason="not so any more", sealed=None, to=None)
    return set((await tx.execute(gone)).scalars()) if ids else set()


async def withdraw_office(tx: AsyncConnection, person_id: int) -> None:
    """Cancel this person's unsent digests and rows about leads, which they may no longer see."""
    of_office = outbox.c.lead_id.is_not(None) | (outbox.c.kind == "digest")
    unsent = update(outbox).where(outbox.c.person_id == person_id, of_office, IS_UNSENT)
    await tx.execute(unsent.values(state="cancelled", reason="no office", lease_until=None, sealed=None, to=None))


async def close_cards(tx: AsyncConnection, ids: Sequence[int]) -> None:
    """Mark these cards as closed: they are redrawn once more, empty, and never again."""
    await tx.execute(update(outbox).where(outbox.c.id.in_(ids)).values(kind=CLOSED_CARD))


CLOSED_CARD = "closed"


async def drop_held_back(tx: AsyncConnection, address_id: int) -> None:
    """Cancel the held-back reply in this chat: its person has gone on writing."""
    theirs = update(outbox).where(outbox.c.address_id == address_id, IS_PENDING, outbox.c.kind == HELD_BACK)
    await tx.execute(theirs.where(outbox.c.state == "due").values(state="cancelled", sealed=None, to=None))


async def withdraw(tx: AsyncConnection, lead_ids: Sequence[int]) -> None:
    """Cancel the unsent cards of these leads, and erase the bodies and addresses of all outbox rows that name them."""
    of_leads = naming(outbox.c.lead_id.in_(list(lead_ids)), leadnamed.c.lead_id.in_(list(lead_ids))).subquery()
    theirs = outbox.c.id.in_(select(of_leads.c.outbox_id))
    await tx.execute(update(outbox).where(theirs, IS_UNSENT).values(state="cancelled", lease_until=None))
    await tx.execute(update(outbox).where(theirs).values(sealed=None, to=None))


async def erase_sent(tx: AsyncConnection, lead_ids: Sequence[int]) -> None:
    """Erase the bodies of what has been sent about these leads: it names somebody who is to be forgotten."""
    await tx.execute(update(outbox).where(outbox.c.lead_id.in_(list(lead_ids)), ~IS_UNSENT).values(sealed=None))


async def forget(tx: AsyncConnection, person_ids: Sequence[int]) -> None:
    """Erase what these persons wrote and were sent; the inbox rows stay without body, so that redeliveries still end here."""
    await tx.execute(update(inbox).where(inbox.c.person_id.in_(person_ids)).values(sealed=None, person_id=None))
    await cancel(tx, person_ids)
