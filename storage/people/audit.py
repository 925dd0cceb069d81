"""Consents as given, and the audit log: who looked at or changed personal data."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import tables
from storage.engine.ids import new_id

consent, audit = tables.table(tables.Consent), tables.table(tables.Audit)


def consent_row(
    tx: AsyncConnection, *, pseudonym: str, purpose: str, version: str, given: bool, at: datetime, channel: str
) -> dict[str, Any]:
    """A row of the table ``consent`` (UU 27/2022 Art. 24: be able to show which text was agreed to, when and where)."""
    values = {"id": new_id(tx), "pseudonym": pseudonym, "purpose": purpose, "version": version}
    return {**values, "given": given, "at": at, "channel": channel}


def audit_row(
    tx: AsyncConnection, *, at: datetime, actor: str, act: str, subject: str, detail: str = ""
) -> dict[str, Any]:
    """A row of the table ``audit``: one act upon personal data. ``subject`` is a pseudonym or a lead's code; never a
    name or a number."""
    return {"id": new_id(tx), "at": at, "actor": actor, "act": act, "subject": subject, "detail": detail}


async def record(tx: AsyncConnection, *, at: datetime, actor: str, act: str, subject: str, detail: str = "") -> None:
    """Add an :func:`audit_row` to the audit log."""
    await tx.execute(audit.insert(), audit_row(tx, at=at, actor=actor, act=act, subject=subject, detail=detail))


async def proofs_of(tx: AsyncConnection, subject: str, *, now_of: str) -> None:
    """Give the consents of the pseudonym ``subject`` to ``now_of``, because both have turned out to be one person."""
    await tx.execute(update(consent).where(consent.c.pseudonym == subject).values(pseudonym=now_of))
