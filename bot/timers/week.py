"""The message of the week to coordinators and admins: on the first working morning, once, last week in ten lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta, tzinfo

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.mail.mail import Mail, Services
from bot.timers.row_by_row import row_by_row
from conversations.dialogues.team import week_message
from conversations.engine.world import Officer
from conversations.rules.funnel import Funnel, funnels
from conversations.rules.quiet_hours import in_zones_between, zone
from conversations.rules.workdays import is_first_workday
from storage.leads import courses, officers, team
from storage.leads.officers import Roster
from storage.leads.team import Above
from storage.outbox.messages import Out

FROM, UNTIL = time(8), time(12)
AT_ONCE = 20  # coordinators and admins in one look
KIND = "digest"  # Outbox.kind
_WEEK = timedelta(days=7)


async def due(tx: AsyncConnection, services: Services, now: datetime) -> list[Out]:
    """The messages of the week of those whose Monday morning it is (or the first working morning after it)."""
    mornings = in_zones_between(FROM, UNTIL, now)
    if not mornings:
        return []
    today = now.astimezone(next(iter(mornings))).date()  # the zones are two hours apart, so all have the same date
    monday = today - timedelta(days=today.weekday())
    waiting = await team.awaiting(tx, monday)
    if not waiting:
        return []
    where = await officers.regencies_of(tx, [one.id for one in waiting])
    days = services.knowledge.working_days
    theirs = [
        one
        for one in waiting
        if _zone(where[one.id]) in mornings and is_first_workday(today, days(next(iter(where[one.id]), None)))
    ][:AT_ONCE]
    begun = await team.begin(tx, [one.id for one in theirs], monday)
    mail = Mail(tx, services, now, Roster(tx))

    async def tell(mail: Mail, some: Sequence[Above]) -> None:
        await mail.meet([one.person_id for one in some])
        for one in some:
            await _tell(mail, one, where[one.id])

    await row_by_row(mail, "officer", [one for one in theirs if one.id in begun], lambda one: one.id, tell)
    for row in mail.out:
        row.unkept = True  # it names leads whose owners may be erased
    return mail.out


def _zone(regencies: Sequence[str]) -> tzinfo:
    return zone(regencies[0] if regencies else "")


async def _tell(mail: Mail, one: Above, regencies: tuple[str, ...]) -> None:
    here = mail.now.astimezone(_zone(regencies))
    this = here.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=here.weekday())
    me = Officer(one.id, "", one.role, regencies, office=one.office)
    days = mail.services.knowledge.working_days
    whole = funnels(await courses.between(mail.tx, this - _WEEK, this, me.area), days).get("", Funnel())
    members = await team.members(mail.tx, mail.services.vault, me)
    longest = await team.longest_overdue(mail.tx, [each.id for each in members], mail.now)
    late = [(each.name, longest[each.id]) for each in members if each.id in longest]
    overdue = await team.overdue(mail.tx, me.area, mail.now)
    said = week_message((this - _WEEK).date(), whole, overdue, late)
    await mail.tell([one.person_id], said, KIND)
