"""Tables of the program itself: audit log, key check, leases, unreadable values."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Column
from sqlmodel import Field, SQLModel

from . import columns


class Audit(SQLModel, table=True):
    """One act on personal data (looked at, changed), without names or contents. ``subject``: a pseudonym or a lead's code."""

    id: int = columns.row_id()
    at: datetime = columns.moment(nullable=False)
    actor: str  # person | officer:<id> | cli | clock
    act: str
    subject: str = Field(index=True)
    detail: str = ""


class RateRow(SQLModel, table=True):
    """A rate or cut that an admin has entered, over the one of its name that ships (``conversations/rules/rates_over.py``)."""

    __tablename__ = "rate"

    id: int = columns.row_id()
    name: str
    value: int
    source: str
    checked_on: date
    valid_from: date
    valid_to: date | None = None
    confidence: str


class KeyCheck(SQLModel, table=True):
    """The key check: a sealed known value, which tells at start whether the key fits this database."""

    id: int = Field(primary_key=True)
    value: bytes = columns.sealed(nullable=False)


class Lease(SQLModel, table=True):
    """A lease: one holder at a time of a job that must not run twice (the poller of a bot token, the clock)."""

    name: str = Field(primary_key=True)
    holder: str
    until: datetime = columns.moment(nullable=False)


class Unreadable(SQLModel, table=True):
    """A sealed value that did not open when read, so that its row was passed over. Deleted once the value opens again."""

    place: str = Field(primary_key=True)  # "table.column"
    row_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    why: str  # the error, which names nobody


class AskedCount(SQLModel, table=True):
    """How often something happened at a question on a day (WIB), by channel and campaign (``engine/asked.py``). Names
    nobody."""

    __tablename__ = "askedcount"
    __table_args__ = {"sqlite_with_rowid": False}

    day: date = Field(primary_key=True)
    question: str = Field(primary_key=True)  # "dialogue.question"
    channel: str = Field(primary_key=True)
    campaign: str = Field(primary_key=True)
    event: str = Field(primary_key=True)
    count: int
