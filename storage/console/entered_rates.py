"""Rates that an admin has entered, over those of the file. A row that has ended is not changed any more."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversations.rules.rates_over import EnteredRate
from conversations.rules.validity import Terms
from storage import tables
from storage.engine.ids import new_id
from storage.people import audit

row = tables.table(tables.RateRow)


async def known(tx: AsyncConnection) -> list[EnteredRate]:
    """All rows, in the order in which they were entered."""
    found = await tx.execute(select(row).order_by(row.c.id))
    return [
        EnteredRate(
            each.name,
            each.value,
            Terms(each.source, each.checked_on, each.valid_from, each.valid_to, each.confidence),
            each.id,
        )
        for each in found
    ]


async def enter(tx: AsyncConnection, new: EnteredRate, now: datetime, *, actor: str) -> int:
    """Add a row; its id."""
    row_id = new_id(tx)
    terms = new.terms
    await tx.execute(
        row.insert().values(
            id=row_id,
            name=new.name,
            value=new.value,
            source=terms.source,
            checked_on=terms.checked_on,
            valid_from=terms.valid_from,
            valid_to=terms.valid_to,
            confidence=terms.confidence,
        )
    )
    detail = f"{new.name} {new.value} {terms.valid_from}"
    await audit.record(tx, at=now, actor=actor, act="rate added", subject=f"rate:{row_id}", detail=detail)
    return row_id


async def end(tx: AsyncConnection, row_id: int, last: date, today: date, now: datetime, *, actor: str) -> bool:
    """Have a row end on this day, today at the earliest; False where there is none, it begins later, or it has ended."""
    open_ = (row.c.id == row_id) & (row.c.valid_from <= last) & _goes_on(today)
    done = last >= today and bool((await tx.execute(update(row).where(open_).values(valid_to=last))).rowcount)
    if done:
        detail = f"until {last}"
        await audit.record(tx, at=now, actor=actor, act="rate changed", subject=f"rate:{row_id}", detail=detail)
    return done


async def remove(tx: AsyncConnection, row_id: int, today: date, now: datetime, *, actor: str) -> bool:
    """Take a row away that has not begun; False where there is none, or nobody may any more."""
    gone = await tx.execute(delete(row).where(row.c.id == row_id, row.c.valid_from > today))
    if gone.rowcount:
        await audit.record(tx, at=now, actor=actor, act="rate removed", subject=f"rate:{row_id}")
    return bool(gone.rowcount)


def _goes_on(today: date) -> ColumnElement[bool]:
    return or_(row.c.valid_to.is_(None), row.c.valid_to >= today)
