"""Copies of a broadcast: one message for each recipient, put into the outbox a chunk at a time.

Whether a recipient may get a copy is checked again here, at the last moment before the copy is written: while a
broadcast runs for hours, people say "berhenti", are erased, or get other broadcasts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.broadcasts import fields as broadcast_fields
from bot.broadcasts.fields import Values
from bot.broadcasts.text import Content, Words, parse
from bot.channels.base import Outgoing, Template
from bot.mail.mail import Mail, Services
from bot.quiet_hours import asleep
from bot.render import outgoing
from bot.serialization import pack
from bot.whatsapp.templates import one_line
from conversations.engine.ask import command
from conversations.engine.core import Say, Text
from storage import tables
from storage.broadcasts import recipients
from storage.broadcasts.broadcasts import Plan
from storage.broadcasts.recipients import Planned
from storage.engine.ids import new_id
from storage.leads.officers import Roster
from storage.outbox import messages
from storage.outbox.messages import BULK, IS_PENDING, Out
from storage.people import people
from storage.people.people import Reached
from storage.whole_person import opt_outs

person, address, outbox = tables.table(tables.Person), tables.table(tables.Address), tables.table(tables.Outbox)

WEEK, DAY = timedelta(days=7), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Chunk:
    """The result of :func:`put_next`: ``through``, the last recipient number looked at (None: no planned recipient is
    left behind it); whether some recipients must wait for another hour; whether some were in a turn just then."""

    through: int | None
    some_wait: bool = False
    some_busy: bool = False


def say(content: Content, words: Words, values: Values, role: str) -> Say:
    """A copy as a message; for owners with the line that says how to end broadcasts."""
    filled = {"words": words.filled(values)}
    text = Text("broadcast.to_officer", filled) if role == "officer" else Text("broadcast.to_owner", filled)
    return Say(text, tuple(command(name) for name in content.buttons))


def rendered(
    services: Services, content: Content, words: Words, values: Values, role: str, channel: str, language: str
) -> Outgoing:
    """One copy, without its file: texts are kept so short that a copy is one message on every channel.

    The line how to end broadcasts and the buttons, which we add to the admin's words, are in the recipient's ``language``.
    """
    return outgoing((say(content, words, values, role),), services.catalogs.of(language), services.limits(channel))[0]


async def as_template(
    mail: Mail, content: Content, words: Words, values: Values, role: str, chat: Reached
) -> Template | None:
    """The template that is sent in a copy's place outside the service window: the same words in one line, and a button
    to end broadcasts.

    None where the template could not hold the whole copy (a file, buttons, too many words) or is not approved: then the
    copy waits, and another template tells that something is waiting (``bot/timers/reengagement.py``).
    """
    if content.buttons or content.media:
        return None
    told = say(content, words, values, role)
    template = await mail.template(replace(told, buttons=(command("stop", "", "knock.stop"),)), chat)
    return template if template and template.fields == (one_line(words.filled(values)),) else None


async def put_next(
    tx: AsyncConnection, services: Services, plan: Plan, content: Content, after: int, limit: int, now: datetime
) -> Chunk:
    """Put the copies of the next ``limit`` planned recipients into the outbox, or note why a recipient gets no copy.

    The caller holds the broadcast locked and has seen that it runs. A recipient who is in a turn just now stays
    planned: waiting for that turn here could end in a deadlock with it.
    """
    some = await recipients.ahead(tx, plan.id, after, limit)
    if not some:
        return Chunk(None)
    free = await _free(tx, plan, [one.person_id for one in some])
    where = await people.last_chats(tx, services.vault, [i for i, refused in free.items() if not refused])
    lately = await opt_outs.reminded(tx, list(where), now - WEEK)
    must_wait = await asleep(tx, services.rules.quiet, list(where), now) | await _over_budget(tx, services, where, now)
    skipped: dict[str, list[int]] = {}
    go: list[Planned] = []
    for one in some:
        if one.person_id not in free:
            continue
        reached = one.person_id in where
        capped = lately.get(one.person_id, 0) >= services.rules.weekly
        reason = free[one.person_id] or ("" if reached else "unreachable") or ("weekly" if capped else "")
        if reason:
            skipped.setdefault(reason, []).append(one.number)
        elif one.person_id not in must_wait:
            go.append(one)
    for reason, numbers in skipped.items():
        await recipients.skip(tx, plan.id, numbers, reason)
    await _put(tx, services, plan, content, go, where, now)
    missing = [one for one in some if one.person_id not in free]
    gone = await _gone(tx, [one.person_id for one in missing])
    if erased := [one.number for one in missing if one.person_id in gone]:
        await recipients.erased(tx, plan.id, erased)
    return Chunk(some[-1].number, bool(must_wait), some_busy=len(missing) > len(erased))


async def _put(
    tx: AsyncConnection,
    services: Services,
    plan: Plan,
    content: Content,
    go: list[Planned],
    where: Mapping[int, Reached],
    now: datetime,
) -> None:
    words = parse(content.text)
    role = plan.audience.role
    languages = {one.person_id: where[one.person_id].language for one in go}
    values = await broadcast_fields.of_people(tx, services, languages, role, words.fields)
    nothing = {each: broadcast_fields.unknown(services.catalogs.of(each)) for each in set(languages.values())}
    same: dict[tuple[str, str], object] = {}  # by channel and language: a copy without fields is rendered once for all
    mail = Mail(tx, services, now, Roster(tx))
    rows, copies = [], {}
    for one in go:
        chat = where[one.person_id]
        at, language = chat.where, chat.language
        body = same.get((at.channel, language))
        if body is None:
            fill = values.get(one.person_id, nothing[language])
            copy = rendered(services, content, words, fill, role, at.channel, language)
            if services.limits(at.channel).window:
                copy = replace(copy, template=await as_template(mail, content, words, fill, role, chat))
            body = pack(copy)
            if content.media:
                body["b"] = plan.id  # the file is kept once, with the broadcast
            if not words.fields:
                same[at.channel, language] = body
        row = Out(new_id(tx), one.person_id, chat.address_id, at, body, "broadcast", BULK, repeatable=False)
        row.broadcast_id = plan.id
        rows.append(row)
        copies[one.number] = row.id
    await messages.put(tx, services.vault, rows, now, owner="", lease=timedelta())
    await recipients.queue(tx, plan.id, copies)


async def _free(tx: AsyncConnection, plan: Plan, ids: list[int]) -> dict[int, str]:
    """The reason why each person may get no copy ("" where they may), with their rows locked; persons in a turn or
    erased are left out."""
    query = select(person.c.id, person.c.stopped, person.c.news).where(person.c.id.in_(ids)).order_by(person.c.id)
    found = {}
    for row in await tx.execute(query.with_for_update(read=True, skip_locked=True)):
        refused = row.news is False or (row.news is None and plan.audience.role == "owner")
        found[row.id] = "stopped" if row.stopped else "no_news" if refused else ""
    return found


async def _gone(tx: AsyncConnection, ids: list[int]) -> set[int]:
    """Ids of the persons, among these, who have been erased."""
    there = set((await tx.execute(select(person.c.id).where(person.c.id.in_(ids)))).scalars()) if ids else set()
    return set(ids) - there


async def _over_budget(
    tx: AsyncConnection, services: Services, where: Mapping[int, Reached], now: datetime
) -> set[int]:
    """Persons whose service window is closed and whom the daily budget of their channel leaves for another day."""
    late: set[int] = set()
    for channel, most in services.rules.daily.items():
        window = services.limits(channel).window
        here = {chat.address_id: i for i, chat in where.items() if chat.where.channel == channel}
        if window and here:
            open_ones = and_(address.c.id.in_(list(here)), address.c.heard_at > now - window)
            still_open = set((await tx.execute(select(address.c.id).where(open_ones))).scalars())
            closed = [i for address_id, i in here.items() if address_id not in still_open]
            late.update(closed[max(0, await _left_today(tx, channel, most, now)) :])
    return late


async def _left_today(tx: AsyncConnection, channel: str, most: int, now: datetime) -> int:
    """How many more persons may be written to outside their window today: the daily budget, less those written to in
    the last 24 hours and those whose copies are pending."""
    was = and_(outbox.c.outside, outbox.c.channel == channel, outbox.c.sent_at > now - DAY)
    sent = (await tx.execute(select(func.count(outbox.c.person_id.distinct())).where(was))).scalar_one()
    pending = and_(outbox.c.channel == channel, outbox.c.lane == BULK, IS_PENDING)
    waiting = (await tx.execute(select(func.count()).select_from(outbox).where(pending))).scalar_one()
    return int(most - sent - waiting)
