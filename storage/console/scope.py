"""Which leads somebody sees on the pages, and the parts into which these are counted: conditions of SQL, no rows."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, or_, true
from sqlalchemy.sql.elements import literal_column

from conversations.engine.world import Officer
from conversations.rules.outcomes import REGISTERED
from storage.leads.leads import OPEN, lead

Part = Literal["untaken", "late", "due", "unpaid"]
PARTS: tuple[Part, ...] = ("untaken", "late", "due", "unpaid")


def seen_by(officer: Officer) -> ColumnElement[bool]:
    """The leads whose data this officer may see (``rules/office_rights.py``): of the regencies that they look after, and
    what they hold or are handed; all of them where they look after all."""
    if officer.area is None:
        return true()
    theirs = (lead.c.officer_id == officer.id, lead.c.offered_to == officer.id)
    return or_(lead.c.regency.in_(officer.area), *theirs)


def worked_by(officer: Officer) -> ColumnElement[bool]:
    """The leads whose next steps are this officer's business: their own; for those above, all that they see."""
    return lead.c.officer_id == officer.id if officer.role == "officer" else seen_by(officer)


def part(name: Part, officer: Officer, now: datetime, midnight: datetime) -> ColumnElement[bool]:
    """One part of the open leads: not taken yet; overdue; due later today (before ``midnight``); waiting for the first
    contribution."""
    if name == "untaken":
        return OPEN & lead.c.officer_id.is_(None) & seen_by(officer)
    mine = OPEN & worked_by(officer)
    if name == "late":
        return mine & (lead.c.next_at <= now)
    if name == "due":
        return mine & (lead.c.next_at > now) & (lead.c.next_at < midnight)
    return mine & (lead.c.status == literal_column(f"'{REGISTERED}'"))
