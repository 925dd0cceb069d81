"""Tables of the console: who is signed in on its pages, and who is on the way in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column, LargeBinary
from sqlmodel import Field, SQLModel

from . import columns


class ConsoleSession(SQLModel, table=True):
    """A browser that is signed in; ``find`` is the keyed hash of its cookie."""

    __tablename__ = "consolesession"

    find: bytes = Field(sa_column=Column(LargeBinary(16), primary_key=True))
    officer_id: int = Field(sa_column=Column(BigInteger, index=True, nullable=False))
    created_at: datetime = columns.moment(nullable=False)
    expires_at: datetime = columns.moment(index=True, nullable=False)


class DataRequest(SQLModel, table=True):
    """A request about somebody's data (UU 27/2022) that reached the office by letter, telephone or a visit, and that must
    be answered within 3 x 24 hours. It names nobody: ``code`` is a lead's, ``find`` the keyed hash of a number, kept until
    the request is done."""

    __tablename__ = "datarequest"

    id: int = columns.row_id()
    received_at: datetime = columns.moment(nullable=False)
    officer_id: int = columns.ref(nullable=False)
    kind: str
    way: str
    code: str = ""
    find: bytes | None = columns.find(index=False)
    done_at: datetime | None = columns.moment(index=True)


class SignIn(SQLModel, table=True):
    """A way in that is open for minutes: a link that the chat gave to an officer, or a browser that shows six digits until
    an officer sends them. ``find`` is the keyed hash of the link's or the browser's secret, ``digits`` that of the
    digits. Digits that no browser shows are kept likewise, with the officer who sent them, and a secret that nobody has.
    """

    __tablename__ = "signin"

    find: bytes = Field(sa_column=Column(LargeBinary(16), primary_key=True))
    digits: bytes | None = columns.find()
    officer_id: int | None = columns.ref()
    expires_at: datetime = columns.moment(index=True, nullable=False)
