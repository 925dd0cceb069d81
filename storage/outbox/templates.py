"""Message templates of an account: the status and category that the platform last told. Functions take a transaction;
none of them commits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import tables
from storage.engine.upserts import upsert

template = tables.table(tables.TemplateState)

APPROVED = "APPROVED"


@dataclass(frozen=True, slots=True)
class State:
    """State of one message template. ``status`` and ``category`` are the platform's words (the category in small
    letters); "" where the platform said nothing."""

    name: str
    language: str
    status: str = ""
    category: str = ""


async def states(tx: AsyncConnection, account: str) -> dict[tuple[str, str], State]:
    """Every known template of an account, by (name, language)."""
    rows = await tx.execute(select(template).where(template.c.account == account))
    return {(row.name, row.language): State(row.name, row.language, row.status, row.category) for row in rows}


async def usable(tx: AsyncConnection, account: str) -> dict[str, dict[str, str]]:
    """The category of each approved template of an account, by language and then name."""
    query = select(template.c.language, template.c.name, template.c.category).where(
        template.c.account == account, template.c.status == APPROVED
    )
    found: dict[str, dict[str, str]] = {}
    for row in await tx.execute(query):
        found.setdefault(row.language, {})[row.name] = row.category
    return found


async def approved(tx: AsyncConnection, language: str) -> set[str]:
    """The names of the templates in this language that are approved for at least one account."""
    query = select(template.c.name).where(template.c.language == language, template.c.status == APPROVED)
    return set((await tx.execute(query)).scalars())


async def note(tx: AsyncConnection, account: str, told: Iterable[State], now: datetime) -> None:
    """Store template states that the platform told. A status or category that it left out stays as it was."""
    before = await states(tx, account)
    rows = []
    for one in told:
        known = before.get((one.name, one.language), State(one.name, one.language))
        values = {"status": one.status or known.status, "category": (one.category or known.category).lower()}
        rows.append({"account": account, "name": one.name, "language": one.language, "changed_at": now, **values})
    if rows:
        key = ("account", "name", "language")
        await upsert(tx, template, rows, key=key, columns=("status", "category", "changed_at"))
