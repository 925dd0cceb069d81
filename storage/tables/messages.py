"""Tables of the inbox and the outbox, of message templates, and of the rate limits."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, BigInteger, Column, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from . import columns


class Inbox(SQLModel, table=True):
    """An event that came in. (account, external_id) is unique: a redelivered event ends here. ``state``: done | failed."""

    id: int = columns.row_id()
    account: str
    external_id: str
    person_id: int | None = columns.ref(index=True)
    at: datetime = columns.moment(nullable=False)
    kind: str
    state: str = "done"
    error: str = ""
    sealed: bytes | None = columns.sealed()

    __table_args__ = (
        UniqueConstraint("account", "external_id"),
        columns.partial_index("ix_inbox_kept", "id", where=columns.has("sealed")),
    )


ONCE = "state = 'sending' AND NOT repeatable"  # rows that must not be sent twice and may just be leaving


class Outbox(SQLModel, table=True):
    """A message to send. States: due, sending, sent, delivered, read, failed, cancelled, parked, uncertain.

    ``lane``: 0 replies, 1 notices to officers, 2 reminders and broadcasts. Rows of one chat leave in the order of their
    ids, which ascend with time. ``edits`` is the outbox row whose message this message replaces; ``lead_id`` ties a
    card to its lead, ``broadcast_id`` a copy to its broadcast.
    """

    id: int = columns.row_id()
    person_id: int | None = columns.ref(index=True)
    address_id: int = columns.ref(nullable=False)
    channel: str
    account: str
    to: bytes | None = columns.sealed()  # kept only until sent: for a farewell after erasure, or a notice to officers
    sealed: bytes | None = columns.sealed()
    kind: str
    lane: int = 0
    state: str = "due"
    due_at: datetime = columns.moment(nullable=False)
    lease_until: datetime | None = columns.moment()
    owner: str = ""
    attempts: int = 0
    reason: str = ""
    repeatable: bool = True
    edits: int | None = columns.ref()
    lead_id: int | None = columns.ref()
    broadcast_id: int | None = columns.ref()
    external_id: str = ""
    created_at: datetime = columns.moment(nullable=False)
    sent_at: datetime | None = columns.moment()
    outside: bool = False  # sent as a template, with the person's service window closed
    category: str = ""  # as the platform bills it: service, utility, marketing; "" where it bills nothing
    billable: bool | None = None  # as the platform told afterwards

    __table_args__ = (
        columns.partial_index("ix_outbox_chat", "address_id", "id", where=columns.state_in("due", "sending")),
        columns.partial_index("ix_outbox_parked", "address_id", where=columns.state_in("parked")),
        columns.partial_index("ix_outbox_leased_once", "lease_until", where=text(ONCE)),
        columns.partial_index("ix_outbox_broadcast", "broadcast_id", "state", "id", where=columns.has("broadcast_id")),
        columns.partial_index("ix_outbox_outside", "account", "sent_at", where=text("outside")),
        columns.partial_index(
            "ix_outbox_pending", "channel", "account", "lane", "due_at", where=columns.state_in("due", "sending")
        ),
        columns.partial_index("ix_outbox_card", "lead_id", where=columns.has("lead_id")),
        columns.partial_index("ix_outbox_kept", "id", where=columns.has("sealed")),
    )


class LeadNamed(SQLModel, table=True):
    """A lead whose owner a message names beside the one that ``Outbox.lead_id`` ties it to: a list names several."""

    __tablename__ = "leadnamed"
    __table_args__ = {"sqlite_with_rowid": False}

    lead_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    outbox_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False, index=True))


class TemplateState(SQLModel, table=True):
    """The state of a message template that the platform last told: APPROVED, PENDING, REJECTED, PAUSED, DISABLED."""

    __tablename__ = "templatestate"

    account: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    language: str = Field(primary_key=True)
    status: str
    category: str = ""
    changed_at: datetime = columns.moment(nullable=False)


class Bucket(SQLModel, table=True):
    """The rate limit of one bot token or number (GCRA), for all processes, in epoch seconds: ``tat``, the moment from
    which the next message may leave; ``paused_until``, the end of a silence that the platform wants; ``late``, [send
    slot, moment of leaving] of messages that left late in the last second."""

    name: str = Field(primary_key=True)
    tat: float = 0.0
    paused_until: float = 0.0
    late: list[list[float]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
