"""Every table, as SQLModel. Columns that are searched and counted are unsealed; every column that names a person is
sealed.

Sealed columns (``bytes``) are AES-GCM by ``vault.py``, bound to table, column and row; ``*_find`` columns are blind
indexes. All times are UTC, all ids come from ``ids.py``.
"""

from __future__ import annotations

from sqlalchemy import Table
from sqlmodel import SQLModel

from .broadcasts import Broadcast, Recipient
from .columns import UtcDateTime
from .console import ConsoleSession, DataRequest, SignIn
from .leads import Bridge, LeadEvent, LeadFind, LeadRow, Timer
from .messages import ONCE, Bucket, Inbox, LeadNamed, Outbox, TemplateState
from .officers import Invitation, OfficeRegency, OfficeRow, OfficerRegency, OfficerRow
from .people import Address, Consent, Conversation, JoinCode, Joining, Person
from .system import AskedCount, Audit, KeyCheck, Lease, RateRow, Unreadable

__all__ = [
    "ONCE",
    "SEALED",
    "Address",
    "AskedCount",
    "Audit",
    "Bridge",
    "Broadcast",
    "Bucket",
    "Consent",
    "ConsoleSession",
    "Conversation",
    "DataRequest",
    "Inbox",
    "Invitation",
    "JoinCode",
    "Joining",
    "KeyCheck",
    "LeadEvent",
    "LeadFind",
    "LeadNamed",
    "LeadRow",
    "Lease",
    "OfficeRegency",
    "OfficeRow",
    "OfficerRegency",
    "OfficerRow",
    "Outbox",
    "Person",
    "RateRow",
    "Recipient",
    "SignIn",
    "TemplateState",
    "Timer",
    "Unreadable",
    "UtcDateTime",
    "table",
]


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
