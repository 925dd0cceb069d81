"""Tables of offices, of officers, their regencies, and the invitations that bind their chats."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, LargeBinary
from sqlmodel import Field, SQLModel

from . import columns


class OfficeRow(SQLModel, table=True):
    """An office of BPJS Ketenagakerjaan. Its coordinators are the officers with that role and this office.

    ``hours``: seven of ["08:00", "16:00"] or None, from Monday on; empty where they are the usual ones
    (``conversations/rules/opening.py``).
    """

    __tablename__ = "office"

    id: int = columns.row_id()
    name: str = Field(unique=True)
    code: str = ""  # internal to BPJSTK, for officers only; "" where not known
    hours: list[Any] | None = columns.json()
    address: str = ""
    phone: str = ""


class OfficeRegency(SQLModel, table=True):
    """A regency that an office looks after, and no other office. ``confidence`` and ``checked_on`` as in
    ``offices.toml``."""

    __tablename__ = "officeregency"

    regency: str = Field(primary_key=True)
    office_id: int = columns.ref(index=True, nullable=False)
    confidence: str = "A"
    checked_on: date


class OfficerRow(SQLModel, table=True):
    """A field officer, coordinator or admin. ``person_id`` is empty until the invitation is used."""

    __tablename__ = "officer"

    id: int = columns.row_id()
    person_id: int | None = Field(default=None, sa_column=Column(BigInteger, unique=True, nullable=True))
    role: str
    office_id: int | None = columns.ref(index=True)
    name: bytes = columns.sealed(nullable=False)
    created_at: datetime = columns.moment(nullable=False)
    left_at: datetime | None = columns.moment()
    absent: bool = False
    absent_from: datetime | None = columns.moment()  # when a leave that was asked for begins
    absent_until: datetime | None = columns.moment()  # when it ends by itself
    unreached: bool | None = None  # True: messages no longer reach the officer, and escalation.py has acted on it
    digest: bool = True  # wants the summary of the morning
    week_on: date | None = None  # Monday of the last week whose message was sent or not needed
    digest_on: date | None = None  # last day, on the officer's own clock, whose digest was sent or not needed


class OfficerRegency(SQLModel, table=True):
    """A regency that an officer looks after in place of those of their office."""

    officer_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    regency: str = Field(primary_key=True)


class Invitation(SQLModel, table=True):
    """A one-time code that binds a chat to an officer; only the code's keyed hash is kept."""

    find: bytes = Field(sa_column=Column(LargeBinary(16), primary_key=True))
    officer_id: int = columns.ref(nullable=False)
    expires_at: datetime = columns.moment(nullable=False)
    used_at: datetime | None = columns.moment()
