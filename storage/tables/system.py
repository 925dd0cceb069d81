"""What the program keeps of itself: who looked at what, whether the key fits, who holds what."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column
from sqlmodel import Field, SQLModel

from . import columns


class Audit(SQLModel, table=True):
    """Who looked at or changed personal data; neither names nor contents. ``subject`` is a pseudonym or a lead code."""

    id: int = columns.row_id()
    at: datetime = columns.moment(nullable=False)
    actor: str  # person | officer:<id> | cli | clock
    act: str
    subject: str = Field(index=True)
    detail: str = ""


class KeyCheck(SQLModel, table=True):
    """A sealed known value: tells at start whether the key fits this database."""

    id: int = Field(primary_key=True)
    value: bytes = columns.sealed(nullable=False)


class Lease(SQLModel, table=True):
    """One holder at a time of something that must not run twice (the poller of a bot token, the clock)."""

    name: str = Field(primary_key=True)
    holder: str
    until: datetime = columns.moment(nullable=False)


class Unreadable(SQLModel, table=True):
    """A sealed value that did not open when somebody read it; its row was passed over. Gone once the value opens again."""

    place: str = Field(primary_key=True)  # "table.column"
    row_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    why: str  # names nobody
