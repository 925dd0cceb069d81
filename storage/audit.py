"""Proof and trace: consents as given, and who looked at or changed personal data."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables
from .ids import new_id

consent, audit = tables.table(tables.Consent), tables.table(tables.Audit)


async def keep_consent(
    tx: AsyncConnection, *, pseudonym: str, purpose: str, version: str, given: bool, at: datetime, channel: str
) -> None:
    """UU 27/2022 Art. 24: be able to show which text was agreed to, when and where."""
    values = {"id": new_id(), "pseudonym": pseudonym, "purpose": purpose, "version": version, "given": given}
    await tx.execute(consent.insert().values(**values, at=at, channel=channel))


async def record(tx: AsyncConnection, *, at: datetime, actor: str, act: str, subject: str, detail: str = "") -> None:
    """One act upon personal data. ``subject`` is a pseudonym or a lead's code; never a name or a number."""
    values = {"id": new_id(), "at": at, "actor": actor, "act": act, "subject": subject, "detail": detail}
    await tx.execute(audit.insert().values(**values))
