"""Tables of broadcasts and their recipients."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from . import columns


class Broadcast(SQLModel, table=True):
    """One message to many persons. ``sealed`` holds its words, buttons and file; audience and words are frozen at the
    start.

    States: draft, waiting (for a second admin), scheduled, planning, running, paused, done, cancelled, halted.
    """

    id: int = columns.row_id()
    name: str  # for admins; names nobody
    state: str = Field(default="draft", index=True)
    author_id: int | None = columns.ref()  # officer; None: from the command line
    approved_by: str = ""  # "officer:<id>" or "cli"
    purpose: str = "news"  # news | reminder: what its recipients must have agreed to
    audience: dict[str, Any] | None = columns.json()
    sealed: bytes | None = columns.sealed()
    size: int = 0  # recipients once planned
    planned_through: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))  # a person id
    start_at: datetime | None = columns.moment()
    created_at: datetime = columns.moment(nullable=False)
    started_at: datetime | None = columns.moment()  # persons created later are not in the audience
    resumed_at: datetime | None = columns.moment()  # failures before this moment no longer count towards a halt
    ended_at: datetime | None = columns.moment()
    reason: str = ""  # why the broadcast was halted or refused


class Recipient(SQLModel, table=True):
    """A recipient of a broadcast; while queued, the state of their copy stands in its outbox row.

    States: planned, queued (has an outbox row), skipped (``reason``), cancelled; after the outbox row is removed, the
    state in which that row ended. Erasing the person empties ``person_id``.
    """

    broadcast_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    number: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    person_id: int | None = columns.ref(index=True)
    state: str = "planned"
    reason: str = ""
    outbox_id: int | None = columns.ref()

    __table_args__ = (
        UniqueConstraint("broadcast_id", "person_id"),
        columns.partial_index("ix_recipient_planned", "broadcast_id", "number", where=columns.state_in("planned")),
    )
