"""A broadcast as it is shown, in a chat or on a page: who wrote it, for whom, how many, when, at what cost, how far."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, tzinfo
from functools import cache

from bot.broadcasts import plans
from bot.broadcasts.answers import answers_of
from bot.broadcasts.plans import AudienceEstimate
from bot.broadcasts.report import why
from bot.broadcasts.text import Content
from bot.mail.mail import Mail
from bot.whatsapp.prices import Prices
from conversations.dialogues.admin import BroadcastView
from conversations.dialogues.compose import FILE
from conversations.rules.quiet_hours import zone
from storage.broadcasts import broadcasts, recipients
from storage.broadcasts.broadcasts import Plan
from storage.leads import officers

BEGUN = ("planning", "running", "paused", "halted", "done", "cancelled")


async def content_of(mail: Mail, plan: Plan) -> Content | None:
    """The content of a broadcast; None once its words were purged."""
    stored = await broadcasts.content(mail.tx, mail.services.vault, plan.id)
    return Content.of(stored) if stored else None


async def seen(mail: Mail, plan: Plan, viewer: int | None, *, full: bool = True) -> BroadcastView:
    """A broadcast for its card, as the officer ``viewer`` (an id) sees it. ``full`` False: only the fields of a list."""
    author = await officers.person_of(mail.tx, plan.author_id) if plan.author_id else None
    named = await officers.names_of(mail.tx, mail.services.vault, [author]) if author else {}
    content = await content_of(mail, plan) if full else None
    answers = answers_of(plan, content)
    broadcast = BroadcastView(
        plan.id, plan.name, plan.state, answers, author=named.get(author or 0, ""),
        own=plan.author_id == viewer, start_at=plan.start_at, reason=why(plan.reason),
        file=answers.get(FILE, ""), quiet_until=_quiet_until(mail, plan),
    )  # fmt: skip
    if not full:
        return broadcast
    if plan.state in BEGUN:
        return replace(broadcast, progress=await recipients.progress(mail.tx, plan.id))
    found = await plans.estimate(mail.tx, mail.services, plan.audience, mail.now)
    return replace(
        broadcast, count=found.count, by_channel=found.by_channel, seconds=found.seconds, days=found.days,
        waits=found.waits, cost=cost(found, mail.now.date()),
    )  # fmt: skip


def _quiet_until(mail: Mail, plan: Plan) -> datetime | None:
    """When a broadcast that goes on, or would start now, really leaves; None in no quiet hour. By the clock of its
    regencies, whichever opens first; without regencies by the office's clock."""
    if plan.state not in ("draft", "waiting", "scheduled", "planning", "running"):
        return None
    begins = max(mail.now, plan.start_at) if plan.start_at else mail.now
    zones: set[tzinfo | None] = {zone(regency) for regency in plan.audience.regencies} or {mail.now.tzinfo}
    opening = min(mail.services.rules.quiet.over(begins.astimezone(each)) for each in zones)
    return opening if opening > begins else None


def cost(found: AudienceEstimate, day: date) -> str | None:
    """US dollars on WhatsApp, with closed windows in the dearest category that a template may be given; None where
    nobody is reached there, "" where a price is not known."""
    there, closed = found.by_channel.get("whatsapp", 0), found.closed.get("whatsapp", 0)
    if not there:
        return None
    amount = _prices().cost({"marketing": closed, "service": there - closed}, day)
    return "" if amount is None else f"US${amount:.2f}"


@cache
def _prices() -> Prices:
    return Prices.load()
