"""Tables of leads, their histories and their timers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, LargeBinary, String
from sqlmodel import Field, SQLModel

from . import columns


class LeadRow(SQLModel, table=True):
    """A lead: a business whose owner wants to be contacted. ``sealed`` holds all answers; the other columns are for
    counting."""

    __tablename__ = "lead"
    # An officer's list, in its order, and the number of their open leads, from the index alone; then what the office's
    # page of leads is narrowed by, each in the order in which it is shown; then what became of an officer's leads in a
    # week, from the index alone.
    __table_args__ = (
        Index("ix_lead_of_officer", "officer_id", "next_at", "status", "person_id"),
        Index("ix_lead_of_regency", "regency", "status", "id"),
        Index("ix_lead_due_in_regency", "regency", "next_at", "id"),
        Index("ix_lead_of_campaign", "campaign", "id"),
        Index("ix_lead_taken", "officer_id", "taken_at", "contacted_at", "regency"),
        Index("ix_lead_ended", "officer_id", "status", "closed_at"),
    )

    id: int = columns.row_id()
    code: str = Field(unique=True)
    person_id: int | None = columns.ref(index=True)
    status: str = Field(index=True)
    created_at: datetime = columns.moment(nullable=False)
    changed_at: datetime = columns.moment(nullable=False)
    closed_at: datetime | None = columns.moment()
    erase_at: datetime | None = columns.moment(index=True)
    channel: str = ""
    campaign: str = ""
    regency: str = Field(default="", index=True)
    district: str = Field(default="", index=True)
    category: str = ""
    workers_low: int | None = None
    workers_high: int | None = None
    wages: str = ""
    program: str = ""
    bracket_low: int | None = None
    bracket_high: int | None = None
    kind: str = ""  # the indication's kind (conversations/rules/indication.py)
    estimate: dict[str, Any] | None = columns.json()
    sealed: bytes = columns.sealed(nullable=False)
    officer_id: int | None = columns.ref()
    taken_at: datetime | None = columns.moment()
    contacted_at: datetime | None = columns.moment()
    # An open lead has a next step: when it is to be taken, why (conversations/rules/next_step.py), when the clock looks
    # at the lead for it, and how far the ladder has got since it was due (bot/timers/escalation.py).
    next_at: datetime | None = columns.moment(index=True)
    next_reason: str = ""
    ring_at: datetime | None = columns.moment(index=True)
    rung: int = 0
    offered: bool = False  # others may take the lead though it has an officer
    offered_to: int | None = columns.ref(index=True)  # the officer to whom its holder wants to hand it
    offered_until: datetime | None = columns.moment(index=True)  # when that lapses
    into_id: int | None = columns.ref(index=True)  # the lead that this one was merged into


class LeadFind(SQLModel, table=True):
    """A blind index by which a lead is found: the keyed hash of its owner's number, or of one word of a name
    (``rules/found_by.py``). ``regency``: the lead's, so that an officer's search reads no lead of another office."""

    __tablename__ = "leadfind"
    __table_args__ = {"sqlite_with_rowid": False}

    find: bytes = Field(sa_column=Column(LargeBinary(16), primary_key=True))
    regency: str = Field(sa_column=Column(String, primary_key=True))
    lead_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False, index=True))


class LeadEvent(SQLModel, table=True):
    """One event in the history of a lead: submitted, changed, taken, handed over, an outcome noted."""

    id: int = columns.row_id()
    lead_id: int = columns.ref(index=True, nullable=False)
    at: datetime = columns.moment(nullable=False)
    kind: str
    officer_id: int | None = columns.ref()
    outcome: str = ""
    note: bytes | None = columns.sealed()
    before: dict[str, Any] | None = (
        columns.json()
    )  # the lead's state that undoing puts back (storage/leads/following.py)
    undone_at: datetime | None = columns.moment()


class Bridge(SQLModel, table=True):
    """An officer and the owner of a lead who write to each other through us. Of what they write nothing is kept here."""

    lead_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    officer_id: int = columns.ref(index=True, nullable=False)
    opened_at: datetime = columns.moment(nullable=False)
    ends_at: datetime = columns.moment(index=True, nullable=False)
    turned_at: datetime | None = columns.moment()  # when its officer turned to it last
    heard_at: datetime | None = columns.moment()  # when its owner last heard of it


class Timer(SQLModel, table=True):
    """A job that is due later. ``version`` guards the job: where the lead or person has moved on, the job does nothing."""

    id: int = columns.row_id()
    kind: str
    lead_id: int | None = columns.ref(index=True)
    person_id: int | None = columns.ref(index=True)
    due_at: datetime = columns.moment(index=True, nullable=False)
    version: int = 0
