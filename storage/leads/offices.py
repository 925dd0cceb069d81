"""Offices: which regencies each looks after, when it opens, who coordinates it; what an admin changes.

A regency is one office's at most. Whoever looks after other regencies than before loses and gains sight of leads at once:
the clock empties the cards that they may no longer see, and untaken leads are shown to those who may take them now.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversations.rules.offices import Office, Offices
from conversations.rules.opening import Week, opened, stored
from storage import tables
from storage.engine.ids import new_id
from storage.people import audit

from . import following, timers
from .leads import OPEN, lead
from .officers import officer, regency

office, of_office = tables.table(tables.OfficeRow), tables.table(tables.OfficeRegency)


class NotPossible(Exception):  # noqa: N818 - its message is all that is shown
    """Raised for a change that contradicts what stands; the message is one line for whoever asked."""


@dataclass(frozen=True, slots=True)
class OfficeLine:
    """One office in the lists of the command line and the pages. ``coordinators``: officer ids."""

    id: int
    name: str
    code: str
    hours: Week
    address: str
    phone: str
    regencies: tuple[str, ...]
    coordinators: tuple[int, ...]
    officers: int  # how many officers are of this office


async def known(tx: AsyncConnection) -> Offices:
    """The offices as conversations know them, one row a regency."""
    columns = (of_office.c.regency, office.c.name, office.c.code, of_office.c.confidence, of_office.c.checked_on)
    query = select(*columns, office.c.id, office.c.hours, office.c.address, office.c.phone).join(
        office, office.c.id == of_office.c.office_id
    )
    rows = await tx.execute(query.order_by(of_office.c.regency))
    return Offices(tuple(Office(*row[:6], opened(row.hours), row.address, row.phone) for row in rows))


async def listed(tx: AsyncConnection) -> list[OfficeLine]:
    """All offices, by name."""
    where: dict[int, tuple[str, ...]] = {}
    for office_id, code in await tx.execute(select(of_office.c.office_id, of_office.c.regency).order_by("regency")):
        where[office_id] = (*where.get(office_id, ()), code)
    people = select(officer.c.office_id, officer.c.id, officer.c.role).where(
        officer.c.office_id.is_not(None), officer.c.left_at.is_(None)
    )
    above: dict[int, tuple[int, ...]] = {}
    counts: dict[int, int] = {}
    for office_id, officer_id, role in await tx.execute(people.order_by(officer.c.id)):
        if role == "coordinator":
            above[office_id] = (*above.get(office_id, ()), officer_id)
        else:
            counts[office_id] = counts.get(office_id, 0) + 1
    return [
        OfficeLine(
            row.id, row.name, row.code, opened(row.hours), row.address, row.phone,
            where.get(row.id, ()), above.get(row.id, ()), counts.get(row.id, 0),
        )
        for row in await tx.execute(select(office).order_by(office.c.name))
    ]  # fmt: skip


async def one(tx: AsyncConnection, office_id: int) -> OfficeLine | None:
    """This office; None where there is none."""
    return next((each for each in await listed(tx) if each.id == office_id), None)


async def add(tx: AsyncConnection, name: str, regencies: Sequence[str], now: datetime, *, actor: str) -> int:
    """A new office that opens at the usual hours and looks after these regencies, which no other office may have; its id.
    Raises NotPossible."""
    await _lock(tx)
    await _unused(tx, name)
    office_id = new_id(tx)
    await tx.execute(office.insert().values(id=office_id, name=name, code="", address="", phone=""))
    await audit.record(tx, at=now, actor=actor, act="office added", subject=f"office:{office_id}")
    await give(tx, office_id, regencies, now, actor=actor)
    return office_id


async def change(
    tx: AsyncConnection,
    office_id: int,
    now: datetime,
    *,
    actor: str,
    name: str | None = None,
    hours: Week | None = None,
    address: str | None = None,
    phone: str | None = None,
) -> None:
    """Change what is given of an office. Raises NotPossible."""
    await _lock(tx)
    if name is not None:
        await _unused(tx, name, but=office_id)
    given = {"name": name, "hours": stored(hours) if hours else None, "address": address, "phone": phone}
    values = {column: value for column, value in given.items() if value is not None}
    if values:
        await tx.execute(update(office).where(office.c.id == office_id).values(**values))
        detail = ",".join(values)
        await audit.record(tx, at=now, actor=actor, act="office changed", subject=f"office:{office_id}", detail=detail)


async def give(tx: AsyncConnection, office_id: int, regencies: Collection[str], now: datetime, *, actor: str) -> None:
    """Have an office look after these regencies, and no others. Raises NotPossible where another office has one of them:
    it is taken from there first, so that none moves by mistake."""
    await _lock(tx)
    query = select(of_office.c.regency, of_office.c.office_id, office.c.name).join(
        office, office.c.id == of_office.c.office_id
    )
    holders = {row.regency: row for row in await tx.execute(query)}
    for code in sorted(set(regencies) & holders.keys()):
        if holders[code].office_id != office_id:
            raise NotPossible(f"regency {code} is looked after by {holders[code].name}: take it from there first")
    before = {code for code, row in holders.items() if row.office_id == office_id}
    gone, new = before - set(regencies), set(regencies) - before
    if not gone and not new:
        return
    await tx.execute(delete(of_office).where(of_office.c.regency.in_(gone)))
    made = [
        {"regency": code, "office_id": office_id, "confidence": "A", "checked_on": now.date()} for code in sorted(new)
    ]
    if made:
        await tx.execute(of_office.insert(), made)
    detail = ",".join([*(f"-{code}" for code in sorted(gone)), *(f"+{code}" for code in sorted(new))])
    await audit.record(tx, at=now, actor=actor, act="office changed", subject=f"office:{office_id}", detail=detail)
    theirs = select(officer.c.person_id).where(officer.c.office_id == office_id, officer.c.person_id.is_not(None))
    await _seen_anew(tx, list((await tx.execute(theirs)).scalars()), gone | new, now)


async def assign(
    tx: AsyncConnection, officer_id: int, office_id: int, now: datetime, *, actor: str, coordinator: bool = False
) -> bool:
    """Have an officer work in an office: they look after its regencies from now on, and no longer after any of their own;
    with ``coordinator`` they coordinate it. False where there is no such officer."""
    here = officer.c.left_at.is_(None) & (officer.c.id == officer_id)
    row = (await tx.execute(select(officer.c.person_id, officer.c.office_id, officer.c.role).where(here))).first()
    if row is None:
        return False
    before = set(await _regencies(tx, row.office_id))
    own = delete(regency).where(regency.c.officer_id == officer_id).returning(regency.c.regency)
    before |= set((await tx.execute(own)).scalars())
    role = "coordinator" if coordinator else "officer" if row.role == "coordinator" else row.role
    await tx.execute(update(officer).where(here).values(office_id=office_id, role=role))
    subject, detail = f"officer:{officer_id}", f"office:{office_id} {role}"
    await audit.record(tx, at=now, actor=actor, act="assigned", subject=subject, detail=detail)
    after = set(await _regencies(tx, office_id))
    await _seen_anew(tx, [row.person_id] if row.person_id else [], before | after, now)
    return True


async def _regencies(tx: AsyncConnection, office_id: int | None) -> Sequence[str]:
    return (await tx.execute(select(of_office.c.regency).where(of_office.c.office_id == office_id))).scalars().all()


async def _seen_anew(tx: AsyncConnection, persons: Collection[int], codes: Collection[str], now: datetime) -> None:
    """Have the cards of these persons looked over, and the untaken leads of these regencies shown to who may take them."""
    for person_id in persons:
        await timers.put_of(tx, timers.CLOSE, person_id, now)
    free = select(lead.c.id).where(lead.c.officer_id.is_(None), OPEN, lead.c.regency.in_(codes))
    await following.show_again(tx, (await tx.execute(free)).scalars().all(), now)


async def _unused(tx: AsyncConnection, name: str, *, but: int | None = None) -> None:
    others = await tx.execute(select(office.c.name).where(office.c.id != (but or 0)))
    if name.casefold() in {each.casefold() for each in others.scalars()}:  # SQLite's lower() knows only ASCII
        raise NotPossible(f"there is an office called {name!r} already")


async def _lock(tx: AsyncConnection) -> None:
    """One change of offices at a time: two that give out the same regency meet here."""
    await tx.execute(select(office.c.id).order_by(office.c.id).with_for_update())
