"""Tables of persons, their addresses, sessions, linking codes and consents."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel

from . import columns


class Person(SQLModel, table=True):
    """A person who wrote to the bot. Holds no name: names are sealed in the lead and the session."""

    id: int = columns.row_id()
    created_at: datetime = columns.moment(nullable=False)
    stopped: bool = False
    news: bool | None = None
    campaign: str = ""
    wrong_codes: int = 0
    phone: bytes | None = columns.sealed()  # only a number that the channel vouches for
    phone_find: bytes | None = columns.find()
    phone_at: datetime | None = columns.moment()  # last vouched for; a number may be somebody else's later
    language: str | None = None  # code of the language to answer in, chosen or recognized for sure; None: the source
    may_call: bool | None = None  # asked of a person who wants no messages: may the officer ring up all the same?
    parted_at: datetime | None = columns.moment()  # when a link was undone; since then a number alone makes no link


class Address(SQLModel, table=True):
    """An address of a person on one channel, found by a blind index over channel, account and address."""

    id: int = columns.row_id()
    person_id: int = columns.ref(index=True, nullable=False)
    channel: str
    account: str
    sealed: bytes = columns.sealed(nullable=False)
    find: bytes = Field(sa_column=Column(LargeBinary(16), unique=True, nullable=False))
    reachable: bool = True
    heard_at: datetime | None = columns.moment()  # last message from here; the platform's service window counts from it


class Conversation(SQLModel, table=True):
    """The session of a person. ``dialogue`` and ``question`` are unsealed copies, to count how many persons stand where."""

    person_id: int = columns.row_id()
    sealed: bytes = columns.sealed(nullable=False)
    dialogue: str
    question: str
    touched_at: datetime = columns.moment(nullable=False)
    nudge_at: datetime | None = columns.moment(index=True)
    nudged: int = 0
    erase_at: datetime | None = columns.moment(index=True)


class JoinCode(SQLModel, table=True):
    """A one-time linking code, by which a person shows on a second channel that they are the same; only its hash is kept."""

    __tablename__ = "joincode"

    find: bytes = Field(sa_column=Column(LargeBinary(16), primary_key=True))
    person_id: int = columns.ref(index=True, nullable=False)
    expires_at: datetime = columns.moment(nullable=False)


class Joining(SQLModel, table=True):
    """A linking of two persons that can still be undone, with the rows that were the other person's."""

    id: int = columns.row_id()
    person_id: int = columns.ref(index=True, nullable=False)  # the person who stayed
    other_id: int = columns.ref(nullable=False)  # the person who was merged into the first
    until: datetime = columns.moment(index=True, nullable=False)
    theirs: dict[str, Any] = columns.json()  # ids of the other person's rows, by table


class Consent(SQLModel, table=True):
    """Proof of consent (UU 27/2022 Art. 24): which text, when, where, and the answer. Keeps a pseudonym only."""

    id: int = columns.row_id()
    pseudonym: str = Field(index=True)
    purpose: str  # data | news | waiting
    version: str
    given: bool
    at: datetime = columns.moment(nullable=False)
    channel: str
