"""From an admin's answers in chat (conversations/dialogues/compose.py) to a stored broadcast, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.broadcasts.text import Content
from bot.channels.base import Inbound, Media
from conversations.dialogues.compose import FILE, NOW
from storage.broadcasts import broadcasts
from storage.broadcasts.audience import Audience
from storage.broadcasts.broadcasts import Plan
from storage.sealing.vault import Vault


def audience_of(answers: Mapping[str, Any]) -> Audience:
    return Audience(
        role="officer" if answers["audience"] == "officers" else "owner",
        regencies=tuple(answers.get("regency") or ()),
        category=answers.get("sector") or "",
        program=answers.get("program") or "",
        status=answers.get("status") or "",
        unfinished=answers["audience"] == "unfinished",
        campaign=answers.get("campaign") or "",
    )


def content_of(answers: Mapping[str, Any], media: Media | None) -> Content:
    """The content of a broadcast. ``media`` is the file of the draft that the answers replace: a chat can neither show
    nor change that file."""
    button = answers.get("button")
    return Content(answers["words"], (button,) if button else (), media)


def start_of(answers: Mapping[str, Any]) -> datetime | None:
    """The moment at which a broadcast is to start; None: as soon as it is approved."""
    return None if answers["when"] == NOW else datetime.fromisoformat(answers["when"])


def answers_of(plan: Plan, content: Content | None) -> dict[str, Any]:
    """The answers that would make this broadcast; ``content`` is None once its words were purged."""
    whom = plan.audience
    of_leads = whom.regencies or whom.category or whom.program or whom.status or whom.campaign
    chosen = "officers" if whom.role == "officer" else "unfinished" if whom.unfinished else "leads"
    return {
        "purpose": plan.purpose,
        "audience": chosen if chosen != "leads" or of_leads else "everyone",
        "regency": list(whom.regencies) or None,
        "sector": whom.category or None,
        "program": whom.program or None,
        "status": whom.status or None,
        "campaign": whom.campaign or None,
        "button": content.buttons[0] if content and content.buttons else None,
        **({"words": content.text} if content else {}),
        **({FILE: content.media.name} if content and content.media else {}),
    }


async def asked_to_change(tx: AsyncConnection, vault: Vault, inbound: Inbound) -> dict[str, Any] | None:
    """The answers of the draft that a pressed button wants to change; None where no such button was pressed or the
    broadcast is no draft any more."""
    press = inbound.heard.pressed
    act, _, number = press.value.partition(":") if press and press.question == "siaran" else ("", "", "")
    if act != "change" or not number.isdecimal():
        return None
    plan = await broadcasts.find(tx, int(number))
    if plan is None or plan.state != "draft":
        return None
    stored = await broadcasts.content(tx, vault, plan.id)
    return answers_of(plan, Content.of(stored) if stored else None)
