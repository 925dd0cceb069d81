"""Persons, found by their addresses: made where they are new, locked where several processes write.

Functions take a transaction; none of them commits.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, exists, select
from sqlalchemy import update as sql_update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversations.engine.world import OtherChat
from storage import tables
from storage.engine.bulk_statements import id_in
from storage.engine.ids import new_id
from storage.engine.upserts import insert_new
from storage.sealing.unreadable import NAME, Opening
from storage.sealing.vault import Vault

# A service window is 24 hours: ``heard_at`` to the minute is near enough, and saves a write a turn.
_HEARD_STEP = timedelta(minutes=1)

_VOUCHED_STEP = timedelta(days=1)

person, address, conversation, officer, lead = (
    tables.table(tables.Person),
    tables.table(tables.Address),
    tables.table(tables.Conversation),
    tables.table(tables.OfficerRow),
    tables.table(tables.LeadRow),
)


class Where(NamedTuple):
    """An address on a channel, of the account (bot or number) that talks with the address."""

    channel: str
    account: str
    address: str


@dataclass(slots=True)
class Known:
    """A person as one turn finds them, at the address they wrote from. ``session`` is sealed, None when none is kept."""

    person_id: int
    address_id: int
    stopped: bool = False
    news: bool | None = None
    campaign: str = ""
    language: str = ""  # code of the language that the person chose; "": none chosen, so the source language
    wrong_codes: int = 0
    phone: str = ""
    renumbered: bool = False  # the channel vouches for another number than before
    phone_at: datetime | None = None
    session: bytes | None = None
    officer_id: int | None = None
    officer_role: str = ""
    officer_name: str = ""
    officer_absent: bool = False
    officer_office: int | None = None
    nudged: int = 0
    is_new: bool = False
    has_leads: bool = False
    heard_at: datetime | None = None
    reachable: bool = True
    joined: str = ""  # the person's other channel, when two chats have just been linked
    join_code: str = ""  # result of a linking code: World.join_code
    other: OtherChat | None = None  # the chat in which that linking code was given


def find(vault: Vault, where: Where) -> bytes:
    """The blind index of an address, by which its row is found without being opened."""
    return vault.find("address", f"{where.channel}|{where.account}|{where.address}")


async def known(tx: AsyncConnection, vault: Vault, wheres: Iterable[Where]) -> dict[Where, Known]:
    """The person behind each address that has one. On PostgreSQL their rows are locked, in id order."""
    by_find = {find(vault, where): where for where in wheres}
    found = await _known(tx, vault, by_find)
    return {where: found[key] for key, where in by_find.items() if key in found}


async def make(tx: AsyncConnection, vault: Vault, wheres: Iterable[Where], now: datetime) -> dict[Where, Known]:
    """New persons for these addresses; where another process was first, the person that it made."""
    by_find = {find(vault, where): where for where in wheres}
    made = await _make(tx, vault, by_find, now)
    if raced := {key: where for key, where in by_find.items() if key not in made}:
        made |= await _known(tx, vault, raced)
    return {where: made[key] for key, where in by_find.items()}


# The columns of a person that one query reads, by their names in the row.
_COLUMNS: dict[str, ColumnElement[Any]] = {
    "find": address.c.find,
    "address_id": address.c.id,
    "heard_at": address.c.heard_at,
    "reachable": address.c.reachable,
    "person_id": person.c.id,
    "stopped": person.c.stopped,
    "news": person.c.news,
    "campaign": person.c.campaign,
    "language": person.c.language,
    "wrong_codes": person.c.wrong_codes,
    "phone": person.c.phone,
    "phone_at": person.c.phone_at,
    "session": conversation.c.sealed,
    "nudged": conversation.c.nudged,
    "officer_id": officer.c.id,
    "officer_role": officer.c.role,
    "officer_name": officer.c.name,
    "officer_absent": officer.c.absent,
    "officer_office": officer.c.office_id,
    "has_leads": exists().where(lead.c.person_id == person.c.id),
}
_of_names: Callable[..., Any] = namedtuple
_Found = _of_names("_Found", _COLUMNS)  # to read a row by SQLAlchemy's own names takes six times as long


@cache  # built once: building the query takes longer than running it for a batch
def _query() -> Select[Any]:
    joined = (
        address.join(person, person.c.id == address.c.person_id)
        .outerjoin(conversation, conversation.c.person_id == person.c.id)
        .outerjoin(officer, (officer.c.person_id == person.c.id) & officer.c.left_at.is_(None))
    )
    return (
        select(*(column.label(name) for name, column in _COLUMNS.items()))
        .select_from(joined)
        .where(address.c.find.in_(bindparam("finds", expanding=True)))
        .order_by(person.c.id)
        .with_for_update(of=person)
    )


async def _known(tx: AsyncConnection, vault: Vault, by_find: dict[bytes, Where]) -> dict[bytes, Known]:
    """The person behind each blind index that has one.

    A number that does not open counts as none, and an officer's name that does not open reads ``unreadable.NAME``:
    neither keeps anybody from being answered.
    """
    rows, opening = await tx.execute(_query(), {"finds": list(by_find)}), Opening(vault)
    found = {bytes(row.find): _opened(opening, row) for row in map(_Found._make, rows)}
    await opening.note(tx)
    return found


def _opened(opening: Opening, row: Any) -> Known:
    """A row of ``_query``, opened."""
    name = row.officer_name
    number = opening.text(row.phone, table="person", column="phone", row=row.person_id) if row.phone else ""
    called = opening.text(name, table="officer", column="name", row=row.officer_id) if name else ""
    return Known(
        person_id=row.person_id,
        address_id=row.address_id,
        stopped=row.stopped,
        news=row.news,
        campaign=row.campaign,
        language=row.language or "",
        wrong_codes=row.wrong_codes,
        phone=number or "",
        phone_at=row.phone_at,
        session=row.session,
        officer_id=row.officer_id,
        officer_role=row.officer_role or "",
        officer_name=NAME if called is None else called,
        officer_absent=bool(row.officer_absent),
        officer_office=row.officer_office,
        nudged=row.nudged or 0,
        heard_at=row.heard_at,
        reachable=row.reachable,
        has_leads=bool(row.has_leads),
    )


def address_row(
    tx: AsyncConnection, vault: Vault, where: Where, person_id: int, heard_at: datetime | None
) -> dict[str, Any]:
    """A row of the table ``address`` that makes a person known by this address."""
    row_id = new_id(tx)
    return {
        "id": row_id,
        "person_id": person_id,
        "channel": where.channel,
        "account": where.account,
        "sealed": vault.seal(where.address, table="address", column="sealed", row=row_id),
        "find": find(vault, where),
        "reachable": True,
        "heard_at": heard_at,
    }


async def _make(tx: AsyncConnection, vault: Vault, wanted: dict[bytes, Where], now: datetime) -> dict[bytes, Known]:
    rows = [address_row(tx, vault, where, new_id(tx), now) for where in wanted.values()]
    kept = await insert_new(tx, address, rows, conflict=("find",))
    made = [row for row in rows if row["id"] in kept]
    if made:
        people = [
            {"id": row["person_id"], "created_at": now, "stopped": False, "campaign": "", "wrong_codes": 0}
            for row in made
        ]
        await tx.execute(person.insert(), people)
    return {row["find"]: Known(row["person_id"], row["id"], is_new=True, heard_at=now) for row in made}


async def heard(tx: AsyncConnection, known: Iterable[Known], now: datetime) -> None:
    """Note that these persons wrote just now: their service window restarts, and their addresses are reachable again."""
    stale = [k.address_id for k in known if not k.reachable or k.heard_at is None or now - k.heard_at > _HEARD_STEP]
    if stale:
        await tx.execute(sql_update(address).where(address.c.id.in_(stale)).values(heard_at=now, reachable=True))


async def vouched(
    tx: AsyncConnection, vault: Vault, numbers: Iterable[tuple[Known, str]], now: datetime
) -> list[tuple[Known, str]]:
    """Store the number (E.164) that a channel vouches for as each person's own, at most once a day where it is unchanged.

    The pairs that were stored.
    """
    fresh = [
        (known, phone)
        for known, phone in numbers
        if phone and (known.phone != phone or known.phone_at is None or now - known.phone_at > _VOUCHED_STEP)
    ]
    rows = []
    for known, phone in fresh:
        sealed = vault.seal(phone, table="person", column="phone", row=known.person_id)
        rows.append({"whose": known.person_id, "number": sealed, "hash": vault.find("phone", phone), "at": now})
        known.renumbered = known.phone != phone
        known.phone, known.phone_at = phone, now
    if rows:
        await tx.execute(_VOUCHED, rows)
    return fresh


_VOUCHED = (
    sql_update(person)
    .where(person.c.id == bindparam("whose"))
    .values(phone=bindparam("number"), phone_find=bindparam("hash"), phone_at=bindparam("at"))
)


async def unreachable(tx: AsyncConnection, address_ids: Sequence[int]) -> None:
    """Mark addresses to which nothing can be sent until their person writes again."""
    if address_ids:
        await tx.execute(sql_update(address).where(address.c.id.in_(address_ids)).values(reachable=False))


async def last_channel(tx: AsyncConnection, person_id: int) -> str:
    """The channel that a person used last; "" when the person has no address."""
    query = select(address.c.channel).where(address.c.person_id == person_id).order_by(address.c.heard_at.desc())
    return (await tx.execute(query.limit(1))).scalar() or ""


class Reached(NamedTuple):
    """A chat in which a person can be reached: its address, the time of the person's last message there, and the
    person's language ("": none was chosen)."""

    address_id: int
    where: Where
    heard_at: datetime | None
    language: str = ""


def reached(opening: Opening, row: Any) -> Reached | None:
    """The chat of a row with the columns ``CHAT``, opened; None where the address does not open."""
    opened = opening.text(row.sealed, table="address", column="sealed", row=row.id)
    if opened is None:
        return None
    return Reached(row.id, Where(row.channel, row.account, opened), row.heard_at, row.language or "")


CHAT = (
    *(address.c.id, address.c.person_id, address.c.channel, address.c.account, address.c.sealed, address.c.heard_at),
    person.c.language,
)
"""The columns that :func:`reached` reads, from ``address`` joined with ``person``."""


async def chats(tx: AsyncConnection, vault: Vault, person_ids: Iterable[int]) -> dict[int, list[Reached]]:
    """The chats in which each person can be reached, the last used at the end; persons without one are left out."""
    found: dict[int, list[Reached]] = {}
    opening = Opening(vault)
    for row in await tx.execute(_CHATS, {"ids": list(person_ids)}):
        if chat := reached(opening, row):
            found.setdefault(row.person_id, []).append(chat)
    await opening.note(tx)
    return found


_CHATS = (
    select(*CHAT)
    .join_from(address, person, person.c.id == address.c.person_id)
    .where(id_in(address.c.person_id), address.c.reachable)
    .order_by(address.c.heard_at)
)


async def last_chats(tx: AsyncConnection, vault: Vault, person_ids: Iterable[int]) -> dict[int, Reached]:
    """The chat that each person used last; persons without a reachable chat are left out."""
    found = await chats(tx, vault, person_ids)
    return {person_id: theirs[-1] for person_id, theirs in found.items()}
