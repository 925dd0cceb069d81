"""Requests about somebody's data that reach the office by letter, telephone or a visit (UU 27/2022), and the person whom
one is about."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversations.engine.world import Lead
from conversations.rules.found_by import Sought
from storage import tables
from storage.engine.ids import new_id
from storage.leads import finding, leads
from storage.leads.leads import lead
from storage.people import people
from storage.sealing.vault import Vault

asked, person, officer = (
    tables.table(tables.DataRequest),
    tables.table(tables.Person),
    tables.table(tables.OfficerRow),
)

KINDS = ("erase", "withdraw", "see", "change", "limit")
WAYS = ("letter", "phone", "visit")
LIMIT = timedelta(hours=72)  # Art. 40 and 41 of UU 27/2022
MOST = 100  # requests in a list, persons of one number


@dataclass(frozen=True, slots=True)
class AskedFor:
    """A request. ``code``: of the lead that it is about, "" where it is about a number or nothing is known; ``left``:
    until it must be done, less than nothing where it is late."""

    id: int
    received_at: datetime
    officer_id: int
    kind: str
    way: str
    code: str
    of_number: bool
    done_at: datetime | None

    def left(self, now: datetime) -> timedelta:
        return self.received_at + LIMIT - now


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """A person to whom a code or number leads, with their leads; ``works_here``: an officer, who stays one. ``channel``:
    where they wrote last."""

    id: int
    since: datetime
    channel: str
    works_here: bool
    leads: tuple[Lead, ...]


async def receive(
    tx: AsyncConnection, vault: Vault, received_at: datetime, officer_id: int, kind: str, way: str, about: Sought
) -> int:
    """Note a request; its id. Of a number only the keyed hash is kept."""
    request_id = new_id(tx)
    values = {"received_at": received_at, "officer_id": officer_id, "kind": kind, "way": way, "code": about.code}
    find = of_number(vault, about.phone) if about.phone else None
    await tx.execute(asked.insert().values(id=request_id, find=find, **values))
    return request_id


def of_number(vault: Vault, number: str) -> bytes:
    return vault.find("datarequest.phone", number)


async def waiting(tx: AsyncConnection) -> list[AskedFor]:
    """The requests that are not done, those first that must be done first."""
    return await _listed(tx, asked.c.done_at.is_(None), asked.c.received_at)


async def done(tx: AsyncConnection) -> list[AskedFor]:
    """The last requests that were done."""
    return await _listed(tx, asked.c.done_at.is_not(None), asked.c.done_at.desc())


async def _listed(tx: AsyncConnection, where: object, order: object) -> list[AskedFor]:
    rows = await tx.execute(select(asked).where(where).order_by(order, asked.c.id).limit(MOST))  # type: ignore[arg-type]
    return [
        AskedFor(
            row.id, row.received_at, row.officer_id, row.kind, row.way, row.code, row.find is not None, row.done_at
        )
        for row in rows
    ]  # fmt: skip


async def finish(tx: AsyncConnection, request_id: int, now: datetime) -> bool:
    """Note a request as done; False where there is no such request, or it is done already."""
    mine = (asked.c.id == request_id) & asked.c.done_at.is_(None)
    return bool((await tx.execute(update(asked).where(mine).values(done_at=now, find=None))).rowcount)


async def finish_erased(tx: AsyncConnection, vault: Vault, gone: FoundPerson, now: datetime) -> None:
    """Note the requests as done for which this person was erased."""
    codes = [each.code for each in gone.leads]
    finds = [of_number(vault, number) for each in gone.leads if (number := _number(each))]
    about = or_(asked.c.code.in_(codes), asked.c.find.in_(finds))
    mine = asked.c.done_at.is_(None) & asked.c.kind.in_(("erase", "withdraw")) & about
    await tx.execute(update(asked).where(mine).values(done_at=now, find=None))


def _number(of: Lead) -> str:
    return str((of.answers.get("phone") or {}).get("e164") or "")


async def persons(tx: AsyncConnection, vault: Vault, about: Sought) -> list[FoundPerson]:
    """The persons to whom this code leads, or this number: as their own, or as that of a lead of theirs."""
    ids = await _persons(tx, vault, about)
    theirs = (await tx.execute(select(lead.c.id, lead.c.person_id).where(lead.c.person_id.in_(ids)))).all()
    opened = (await leads.by_ids(tx, vault, [row.id for row in theirs])).leads
    working = set((await tx.execute(select(officer.c.person_id).where(officer.c.person_id.in_(ids)))).scalars())
    since = await tx.execute(select(person.c.id, person.c.created_at).where(person.c.id.in_(ids)).order_by(person.c.id))
    return [
        FoundPerson(
            row.id,
            row.created_at,
            await people.last_channel(tx, row.id),
            row.id in working,
            tuple(opened[each.id] for each in theirs if each.person_id == row.id and each.id in opened),
        )
        for row in since.all()
    ]


async def _persons(tx: AsyncConnection, vault: Vault, about: Sought) -> Sequence[int]:
    if about.code:
        owner = select(lead.c.person_id).where(lead.c.code == about.code, lead.c.person_id.is_not(None))
        return (await tx.execute(owner)).scalars().all()
    if not about.phone:
        return ()
    own = select(person.c.id).where(person.c.phone_find == vault.find("phone", about.phone)).limit(MOST)
    ids = set((await tx.execute(own)).scalars())
    ids |= set(await finding.owners_of(tx, vault, about.phone, MOST))
    return sorted(ids)


async def lock(tx: AsyncConnection, person_ids: Collection[int]) -> None:
    """Keep others from changing these persons until the commit."""
    await tx.execute(select(person.c.id).where(person.c.id.in_(person_ids)).order_by(person.c.id).with_for_update())
