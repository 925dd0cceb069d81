"""Actions of an admin on a broadcast, in chat or at the command line: estimate, preview, test copy, start.

Everything here runs within the caller's transaction. Actions that need no words (pause, resume, cancel) are in
``storage.broadcasts.broadcasts``; ``pump.py`` does the work of a started broadcast.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.broadcasts import fields as broadcast_fields
from bot.broadcasts import notices
from bot.broadcasts.copies import rendered
from bot.broadcasts.text import Content, parse
from bot.channels.base import Outgoing
from bot.mail.mail import Mail, Services
from bot.serialization import pack
from bot.whatsapp.templates import forms
from conversations.rules.quiet_hours import ZONES
from locales import SOURCE
from storage.broadcasts import audience, broadcasts
from storage.broadcasts.audience import Audience
from storage.broadcasts.broadcasts import NotNow, Plan
from storage.engine.ids import new_id
from storage.outbox import templates
from storage.outbox.messages import NOTICE, Out
from storage.people import people

_WHEN = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d[:.]\d\d)(?: (WIB|WITA|WIT))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AudienceEstimate:
    """The size of a broadcast before it starts: ``by_channel``, persons; ``closed``, those of them outside their
    service window.

    ``waits``: persons who get their copy only once they write, as no template may tell them. ``seconds``: how long
    sending takes at the channels' rates, without pauses for quiet hours. ``days``: how many more days the daily budgets
    stretch sending over (0: none).
    """

    by_channel: Mapping[str, int]
    closed: Mapping[str, int]
    seconds: float
    days: int
    waits: int = 0

    @property
    def count(self) -> int:
        return sum(self.by_channel.values())


async def estimate(tx: AsyncConnection, services: Services, whom: Audience, now: datetime) -> AudienceEstimate:
    """Count the audience exactly. Takes about two seconds for a million persons, so the caller reads outside of a turn
    where possible."""
    rules = services.rules
    windows = {channel: services.limits(channel).window for channel in rules.daily}
    closed_before = {channel: now - window for channel, window in windows.items() if window}
    found = await audience.count(tx, whom, closed_before)
    by_channel = {channel: people_there for channel, (people_there, _) in found.items()}
    closed = {channel: outside for channel, (_, outside) in found.items() if outside}
    seconds = max((n / rules.rates[c] for c, n in by_channel.items() if rules.rates.get(c)), default=0.0)
    tells = {form.name for form in forms() if "knock.broadcast" in form.says}  # for any language falls back to these
    can_tell = tells & await templates.approved(tx, SOURCE)
    told = {channel: outside for channel, outside in closed.items() if can_tell and rules.daily[channel]}
    days = max((math.ceil(outside / rules.daily[c]) - 1 for c, outside in told.items()), default=0)
    return AudienceEstimate(by_channel, closed, seconds, days, waits=sum(closed.values()) - sum(told.values()))


def previews(services: Services, content: Content, role: str = "owner") -> dict[str, Outgoing]:
    """The message as each channel shows it, filled with example values, in the source language. Raises BadText."""
    words = parse(content.checked().text)
    values = broadcast_fields.example(services)
    channels = sorted(services.rules.rates) or ["telegram"]
    return {
        c: replace(rendered(services, content, words, values, role, c, SOURCE), media=content.media) for c in channels
    }


async def try_out(mail: Mail, content: Content, person_id: int, role: str = "owner") -> bool:
    """Send one test copy to an admin's own chat, in their language and with example values; False where they have no chat."""
    chat = (await people.last_chats(mail.tx, mail.services.vault, [person_id])).get(person_id)
    if chat is None:
        return False
    words, where = parse(content.checked().text), chat.where
    values = broadcast_fields.example(mail.services)
    copy = rendered(mail.services, content, words, values, role, where.channel, chat.language)
    body = pack(replace(copy, media=content.media))
    mail.out.append(Out(new_id(mail.tx), person_id, chat.address_id, where, body, "notice", NOTICE, unkept=True))
    return True


async def start(mail: Mail, broadcast_id: int, at: datetime | None = None, size: int | None = None) -> str:
    """Start a draft, now or ``at`` a later time; the broadcast's new state. Other admins are asked where it needs a
    second one.

    ``size`` is the number of persons in the audience, where the caller has just counted them outside of this
    transaction. Raises NotNow when the broadcast is no draft, its words were purged, nobody is in its audience, or
    ``at`` is over.
    """
    plan = await broadcasts.find(mail.tx, broadcast_id, lock=True)
    if plan is None:
        raise NotNow("unknown")
    if size is None:
        size = (await estimate(mail.tx, mail.services, plan.audience, mail.now)).count
    content, approval = await words(mail, plan), mail.services.rules.approval
    state = await broadcasts.start(mail.tx, broadcast_id, size=size, approval=approval, now=mail.now, at=at)
    if state == "waiting":
        await _ask(mail, replace(plan, size=size, state=state, start_at=at), content)
    return state


async def begin(mail: Mail, plan: Plan, size: int) -> None:
    """Begin a scheduled broadcast whose time has come. Where its audience has grown past the number that one admin may
    decide on, ask a second admin."""
    approval = mail.services.rules.approval
    state = await broadcasts.begin(mail.tx, plan.id, size=size, approval=approval, now=mail.now)
    if state == "waiting":
        grown = replace(plan, size=size, state=state)
        await _ask(mail, grown, await words(mail, plan))
        await notices.tell_grown(mail, grown)


async def words(mail: Mail, plan: Plan) -> Content:
    """The content of a broadcast. Raises NotNow once its words were purged."""
    stored = await broadcasts.content(mail.tx, mail.services.vault, plan.id)
    if stored is None:
        raise NotNow("purged", plan.state)
    return Content.of(stored)


async def _ask(mail: Mail, plan: Plan, content: Content) -> None:
    """Send every other admin a test copy and ask for approval: nobody approves words that they have not read."""
    for admin in await notices.others(mail, plan):
        await try_out(mail, content, admin, plan.audience.role)
    await notices.ask_approval(mail, plan)


def when(said: str, now: datetime) -> datetime:
    """A moment from the command line, such as "2026-12-01 09:00 WITA"; without a zone it is WIB.

    >>> when("2026-12-01 09:00 WIT", datetime(2026, 11, 25, 9, tzinfo=ZONES["WIB"])).isoformat()
    '2026-12-01T09:00:00+09:00'

    Raises ValueError when it is no such moment, lies in the past or more than a year ahead.
    """
    match = _WHEN.fullmatch(said.strip())
    if match is None:
        raise ValueError("a time is written so: 2026-12-01 09:00 WIB (or WITA, WIT)")
    zone = ZONES[(match[3] or "WIB").upper()]
    moment = datetime.fromisoformat(f"{match[1]}T{match[2].replace('.', ':')}").replace(tzinfo=zone)
    if not now < moment < now + timedelta(days=365):
        raise ValueError("the time lies in the past, or more than a year ahead")
    return moment
