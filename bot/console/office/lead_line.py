"""A lead as a row of a table on the pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from bot.console.office import render
from conversations.engine.core import Text as Said
from conversations.engine.knowledge import Knowledge
from conversations.engine.world import Lead


@dataclass(frozen=True, slots=True)
class LeadLine:
    """``reason``, ``at``: the next step, "" and None for none; ``late``: it is overdue; ``open``: it can be handed over."""

    code: str
    name: str
    business: str
    place: str
    regency: str
    status: Markup
    officer: str
    reason: str
    at: datetime | None
    late: bool
    open: bool
    campaign: str
    came: datetime


def lead_line(lead: Lead, knows: Knowledge, now: datetime) -> LeadLine:
    answers = lead.answers
    regency = answers.get("regency") or ""
    where = answers.get("district") or regency
    return LeadLine(
        code=lead.code,
        name=render.owner(answers),
        business=str(answers.get("business_name") or (answers.get("sector") or {}).get("said", "")),
        place=knows.ear.places.name(where) if where else "",
        regency=regency,
        status=render.said(Said(f"status.{lead.status}")),
        officer=lead.officer,
        reason=lead.next_reason,
        at=lead.next_at,
        late=lead.is_open and lead.next_at is not None and lead.next_at <= now,
        open=lead.is_open and lead.status != "waiting",
        campaign=lead.campaign,
        came=lead.created,
    )
