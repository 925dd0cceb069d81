"""The audit, a page at a time, newest first. Ids tell when a row was made, so that they serve as the index of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import tables
from storage.engine.ids import first_id

audit = tables.table(tables.Audit)

BACK = timedelta(days=14)  # how far is looked where no day and no subject is named
PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What is looked for: rows by this actor, of this family of acts, about this subject ("" for any), made from
    ``since`` on and before ``until``."""

    since: datetime
    until: datetime
    actor: str = ""
    act: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One act on personal data."""

    id: int
    at: datetime
    actor: str
    act: str
    subject: str
    detail: str


async def page(
    tx: AsyncConnection, by: AuditFilter, below: int | None = None
) -> tuple[Sequence[AuditLine], int | None]:
    """(the newest rows that fit, the id below which the next page begins; None behind the last). ``below``: where this
    page begins."""
    where = [audit.c.id < first_id(by.until)]
    if not by.subject:
        where.append(audit.c.id >= first_id(by.since))
    if below is not None:
        where.append(audit.c.id < below)
    if by.actor:
        where.append(audit.c.actor == by.actor)
    if by.act:
        family = f"{by.act}:"
        where.append(or_(audit.c.act == by.act, (audit.c.act >= family) & (audit.c.act < f"{by.act};")))
    if by.subject:
        where.append(audit.c.subject == by.subject)
    query = select(audit.c.id, audit.c.at, audit.c.actor, audit.c.act, audit.c.subject, audit.c.detail)
    rows = (await tx.execute(query.where(*where).order_by(audit.c.id.desc()).limit(PER_PAGE + 1))).all()
    lines = [AuditLine(*row) for row in rows[:PER_PAGE]]
    return lines, lines[-1].id if len(rows) > PER_PAGE else None
