"""Every table, as SQLModel. Clear columns are those we search and count; whatever names a person is sealed.

Sealed columns (``bytes``) are AES-GCM by ``vault.py``, bound to table, column and row; ``*_find`` columns are blind
indexes. All times are UTC, all ids come from ``ids.py``. complete
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    Table,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import JSON
from sqlmodel import Field, SQLModel

# Named constraints, so that Alembic can drop them again on both databases; must precede the first model.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept as UTC on both databases (SQLite has no time zones of its own)."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def bind_processor(self, dialect: Any) -> Any:
        """The rows of a batch share few moments, and to write one costs more than all else of a value."""
        process = super().bind_processor(dialect)
        return process and lru_cache(maxsize=64)(process)

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def _id() -> Any:
    return Field(sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False))


def _ref(*, index: bool = False, nullable: bool = True) -> Any:
    return Field(default=None, sa_column=Column(BigInteger, index=index, nullable=nullable))


def _moment(*, index: bool = False, nullable: bool = True) -> Any:
    return Field(default=None, sa_column=Column(Moment, index=index, nullable=nullable))


def _sealed(*, nullable: bool = True) -> Any:
    return Field(default=None, sa_column=Column(LargeBinary, nullable=nullable))


def _find(*, index: bool = True) -> Any:
    return Field(default=None, sa_column=Column(LargeBinary(16), index=index, nullable=True))


def _json() -> Any:
    return Field(default=None, sa_column=Column(JSON, nullable=True))


def _in(*states: str) -> Any:
    return Column("state").in_(states)


def _has(name: str) -> Any:
    return Column(name).is_not(None)


class Person(SQLModel, table=True):
    """Whoever wrote to us. Holds no name: names live with the lead and the session, sealed."""

    id: int = _id()
    created_at: datetime = _moment(nullable=False)
    stopped: bool = False
    news: bool | None = None
    campaign: str = ""
    wrong_codes: int = 0
    phone: bytes | None = _sealed()  # only a number that the channel vouches for
    phone_find: bytes | None = _find()
    phone_at: datetime | None = _moment()  # when it was last vouched for; a number may be given to somebody else later
    may_call: bool | None = None  # asked of who wants no messages: may the officer ring up all the same?


class Address(SQLModel, table=True):
    """Where a person is reached on one channel. Found by a blind index over channel, account and address."""

    id: int = _id()
    person_id: int = _ref(index=True, nullable=False)
    channel: str
    account: str
    sealed: bytes = _sealed(nullable=False)
    find: bytes = Field(sa_column=Column(LargeBinary(16), unique=True, nullable=False))
    reachable: bool = True
    heard_at: datetime | None = _moment()  # the platform's service window counts from here


class Conversation(SQLModel, table=True):
    """The session of a person. ``dialogue`` and ``question`` are clear copies, to count where people are."""

    person_id: int = _id()
    sealed: bytes = _sealed(nullable=False)
    dialogue: str
    question: str
    touched_at: datetime = _moment(nullable=False)
    nudge_at: datetime | None = _moment(index=True)
    nudged: int = 0
    erase_at: datetime | None = _moment(index=True)


class LeadRow(SQLModel, table=True):
    """A business whose owner wants to be contacted. ``sealed`` holds all answers; the rest is for search and counts."""

    __tablename__ = "lead"

    id: int = _id()
    code: str = Field(unique=True)
    person_id: int | None = _ref(index=True)
    status: str = Field(index=True)
    created_at: datetime = _moment(nullable=False)
    changed_at: datetime = _moment(nullable=False)
    closed_at: datetime | None = _moment()
    erase_at: datetime | None = _moment(index=True)
    channel: str = ""
    campaign: str = ""
    regency: str = Field(default="", index=True)
    district: str = ""
    category: str = ""
    workers_low: int | None = None
    workers_high: int | None = None
    wages: str = ""
    program: str = ""
    bracket_low: int | None = None
    bracket_high: int | None = None
    kind: str = ""  # the indication's kind (conversations/indication.py)
    estimate: dict[str, Any] | None = _json()
    sealed: bytes = _sealed(nullable=False)
    phone_find: bytes | None = _find()
    officer_id: int | None = _ref(index=True)
    taken_at: datetime | None = _moment()
    contacted_at: datetime | None = _moment()


class LeadWord(SQLModel, table=True):
    """A word of a lead's names as a blind index, so that an officer can search by name."""

    lead_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    find: bytes = Field(sa_column=Column(LargeBinary(16), primary_key=True))

    __table_args__ = (Index("ix_leadword_find", "find"),)


class LeadEvent(SQLModel, table=True):
    """What happened to a lead: submitted, changed, taken, handed over, an outcome noted."""

    id: int = _id()
    lead_id: int = _ref(index=True, nullable=False)
    at: datetime = _moment(nullable=False)
    kind: str
    officer_id: int | None = _ref()
    outcome: str = ""
    note: bytes | None = _sealed()


class OfficerRow(SQLModel, table=True):
    """A field officer, coordinator or admin. ``person_id`` is empty until the invitation was used."""

    __tablename__ = "officer"

    id: int = _id()
    person_id: int | None = Field(default=None, sa_column=Column(BigInteger, unique=True, nullable=True))
    role: str
    name: bytes = _sealed(nullable=False)
    created_at: datetime = _moment(nullable=False)
    left_at: datetime | None = _moment()
    absent: bool = False


class OfficerRegency(SQLModel, table=True):
    """Which regencies an officer looks after; a coordinator or admin may have none."""

    officer_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    regency: str = Field(primary_key=True)


class Invitation(SQLModel, table=True):
    """A one-time code that binds a chat to an officer; only its keyed hash is kept."""

    find: bytes = Field(sa_column=Column(LargeBinary(16), primary_key=True))
    officer_id: int = _ref(nullable=False)
    expires_at: datetime = _moment(nullable=False)
    used_at: datetime | None = _moment()


class Inbox(SQLModel, table=True):
    """What came in. (account, external_id) is unique: a redelivered event ends here. ``state``: done | failed."""

    id: int = _id()
    account: str
    external_id: str
    person_id: int | None = _ref(index=True)
    at: datetime = _moment(nullable=False)
    kind: str
    state: str = "done"
    error: str = ""
    sealed: bytes | None = _sealed()

    __table_args__ = (UniqueConstraint("account", "external_id"),)


ONCE = "state = 'sending' AND NOT repeatable"  # what must not be sent twice and may just be leaving


class Outbox(SQLModel, table=True):
    """What goes out. States: due, sending, sent, delivered, read, failed, cancelled, parked, uncertain.

    ``lane``: 0 replies, 1 notices to officers, 2 reminders and broadcasts. Rows of one chat leave in the order of their
    ids, which ascend with time. ``edits`` is the row whose message this one replaces; ``lead_id`` ties a card to its
    lead, ``broadcast_id`` a copy to its broadcast.
    """

    id: int = _id()
    person_id: int | None = _ref(index=True)
    address_id: int = _ref(nullable=False)
    channel: str
    account: str
    to: bytes | None = _sealed()  # only until it has left: a farewell after erasure, what officers are told
    sealed: bytes | None = _sealed()
    kind: str
    lane: int = 0
    state: str = "due"
    due_at: datetime = _moment(nullable=False)
    lease_until: datetime | None = _moment()
    owner: str = ""
    attempts: int = 0
    reason: str = ""
    repeatable: bool = True
    edits: int | None = _ref()
    lead_id: int | None = _ref()
    broadcast_id: int | None = _ref()
    external_id: str = ""
    created_at: datetime = _moment(nullable=False)
    sent_at: datetime | None = _moment()
    outside: bool = False  # sent as a template, with the person's service window closed
    category: str = ""  # as the platform bills it: service, utility, marketing; "" where it bills nothing
    billable: bool | None = None  # as the platform told afterwards

    __table_args__ = (
        Index(
            "ix_outbox_chat",
            "address_id",
            "id",
            sqlite_where=_in("due", "sending"),
            postgresql_where=_in("due", "sending"),
        ),
        Index("ix_outbox_parked", "address_id", sqlite_where=_in("parked"), postgresql_where=_in("parked")),
        Index("ix_outbox_leased_once", "lease_until", sqlite_where=text(ONCE), postgresql_where=text(ONCE)),
        Index(
            "ix_outbox_broadcast",
            "broadcast_id",
            "state",
            "id",
            sqlite_where=_has("broadcast_id"),
            postgresql_where=_has("broadcast_id"),
        ),
        Index(
            "ix_outbox_outside", "account", "sent_at", sqlite_where=text("outside"), postgresql_where=text("outside")
        ),
        Index(
            "ix_outbox_pending",
            "channel",
            "account",
            "lane",
            "due_at",
            sqlite_where=_in("due", "sending"),
            postgresql_where=_in("due", "sending"),
        ),
        Index(
            "ix_outbox_card",
            "lead_id",
            sqlite_where=_has("lead_id"),
            postgresql_where=_has("lead_id"),
        ),
    )


class Timer(SQLModel, table=True):
    """Something to do later. ``version`` guards it: a timer whose lead or person has moved on does nothing."""

    id: int = _id()
    kind: str
    lead_id: int | None = _ref(index=True)
    person_id: int | None = _ref(index=True)
    due_at: datetime = _moment(index=True, nullable=False)
    version: int = 0


class Broadcast(SQLModel, table=True):
    """One message to many. ``sealed`` holds its words, buttons and file; audience and words are frozen at its start.

    States: draft, waiting (for a second admin), scheduled, planning, running, paused, done, cancelled, halted.
    """

    id: int = _id()
    name: str  # for admins; names nobody
    state: str = Field(default="draft", index=True)
    author_id: int | None = _ref()  # officer; None: from the command line
    approved_by: str = ""  # "officer:<id>" or "cli"
    purpose: str = "news"  # news | reminder: what its recipients must have agreed to
    audience: dict[str, Any] | None = _json()
    sealed: bytes | None = _sealed()
    size: int = 0  # recipients once planned
    planned_through: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))  # a person id
    start_at: datetime | None = _moment()
    created_at: datetime = _moment(nullable=False)
    started_at: datetime | None = _moment()  # who came later is not in the audience
    resumed_at: datetime | None = _moment()  # failures before it are no longer held against the broadcast
    ended_at: datetime | None = _moment()
    reason: str = ""  # why it was halted or waits


class Recipient(SQLModel, table=True):
    """Who gets a broadcast; what became of their copy stands in its row of the outbox.

    States: planned, queued (has a row of the outbox), skipped (``reason``), cancelled. ``person_id`` goes at erasure.
    """

    broadcast_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    number: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    person_id: int | None = _ref(index=True)
    state: str = "planned"
    reason: str = ""
    outbox_id: int | None = _ref()

    __table_args__ = (
        UniqueConstraint("broadcast_id", "person_id"),
        Index(
            "ix_recipient_planned",
            "broadcast_id",
            "number",
            sqlite_where=_in("planned"),
            postgresql_where=_in("planned"),
        ),
    )


class JoinCode(SQLModel, table=True):
    """A one-time code by which one person shows on a second channel that they are the same; only its hash is kept."""

    __tablename__ = "joincode"

    find: bytes = Field(sa_column=Column(LargeBinary(16), primary_key=True))
    person_id: int = _ref(index=True, nullable=False)
    expires_at: datetime = _moment(nullable=False)


class TemplateState(SQLModel, table=True):
    """What the platform last said of a message template: APPROVED, PENDING, REJECTED, PAUSED, DISABLED."""

    __tablename__ = "templatestate"

    account: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    language: str = Field(primary_key=True)
    status: str
    category: str = ""
    changed_at: datetime = _moment(nullable=False)


class Consent(SQLModel, table=True):
    """Proof of consent (UU 27/2022 Art. 24): which text, when, where, and the answer. Keeps a pseudonym only."""

    id: int = _id()
    pseudonym: str = Field(index=True)
    purpose: str  # data | news | waiting
    version: str
    given: bool
    at: datetime = _moment(nullable=False)
    channel: str


class Audit(SQLModel, table=True):
    """Who looked at or changed personal data; neither names nor contents. ``subject`` is a pseudonym or a lead code."""

    id: int = _id()
    at: datetime = _moment(nullable=False)
    actor: str  # person | officer:<id> | cli | clock
    act: str
    subject: str = Field(index=True)
    detail: str = ""


class Bucket(SQLModel, table=True):
    """The pace of one bot token or number (GCRA), for all processes: the moment from which the next send is free, and the
    one until which the platform wants silence; [place, when it was taken] of those late in the last second; epoch seconds."""

    name: str = Field(primary_key=True)
    tat: float = 0.0
    paused_until: float = 0.0
    late: list[list[float]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))


class KeyCheck(SQLModel, table=True):
    """A sealed known value: tells at start whether the key fits this database."""

    id: int = Field(primary_key=True)
    value: bytes = _sealed(nullable=False)


class Lease(SQLModel, table=True):
    """One holder at a time of something that must not run twice (the poller of a bot token, the clock)."""

    name: str = Field(primary_key=True)
    holder: str
    until: datetime = _moment(nullable=False)


def table(model: type[SQLModel]) -> Table:
    """The Core table of a model, for set-based statements on the hot path."""
    found = SQLModel.metadata.tables[str(model.__tablename__)]
    assert isinstance(found, Table)  # noqa: S101 - narrows the type for mypy
    return found


# (table, sealed column, column that names the row): everything a key rotation re-seals.
SEALED: tuple[tuple[Table, str, str], ...] = (
    (table(Person), "phone", "id"),
    (table(Address), "sealed", "id"),
    (table(Conversation), "sealed", "person_id"),
    (table(LeadRow), "sealed", "id"),
    (table(LeadEvent), "note", "id"),
    (table(OfficerRow), "name", "id"),
    (table(Inbox), "sealed", "id"),
    (table(Outbox), "to", "id"),
    (table(Outbox), "sealed", "id"),
    (table(Broadcast), "sealed", "id"),
    (table(KeyCheck), "value", "id"),
)
