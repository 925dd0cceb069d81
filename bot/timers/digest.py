"""The officers' digest: on every working morning, once, what waits for an officer; none where nothing waits.

Sent at half past seven on the officer's own clock, quiet hours or not, for it is about the working day; an officer who
is absent or wants no messages gets none. A morning that a server slept through is made up for until noon.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.mail.mail import Mail, Services
from bot.outbox.service_window import is_open
from bot.timers.row_by_row import row_by_row
from conversations.rules.digest import Agenda, digest
from conversations.rules.quiet_hours import in_zones_between, zone
from conversations.rules.workdays import is_workday
from storage.leads import digests
from storage.leads.digests import Awaiting
from storage.leads.officers import Roster
from storage.outbox.messages import Out
from storage.people import people
from storage.people.people import Reached

FROM, UNTIL = time(7, 30), time(12)
AT_ONCE = 50  # officers in one look, so that no turn waits long for the writer of SQLite
KIND = "digest"  # Outbox.kind


async def due(tx: AsyncConnection, services: Services, now: datetime) -> list[Out]:
    """The digests of officers whose morning it is and who have not had today's; ``now`` is aware."""
    mornings = in_zones_between(FROM, UNTIL, now)
    if not mornings:
        return []
    # The zones are at most two hours apart, so in the morning all have the same date.
    today = now.astimezone(next(iter(mornings))).date()
    days = services.knowledge.working_days
    officers = [
        one
        for one in await digests.awaiting(tx, today)
        if zone(one.regency) in mornings and is_workday(today, days(one.regency))
    ][:AT_ONCE]
    if not officers:
        return []
    mail = Mail(tx, services, now, Roster(tx))
    chats = await people.chats(tx, services.vault, [one.person_id for one in officers])
    begun = await digests.begin(tx, [one.id for one in officers], today)
    told = [one for one in officers if one.id in begun and one.person_id in chats]

    async def tell(mail: Mail, some: Sequence[Awaiting]) -> None:
        agendas = await _agendas(mail, some)
        for one in some:
            await _tell(mail, one, chats[one.person_id][-1], agendas[one.id], now.astimezone(zone(one.regency)))

    await row_by_row(mail, "officer", told, lambda one: one.id, tell)
    for row in mail.out:
        row.unkept = True  # a digest names leads whose owners may be erased
    return mail.out


async def _offered(mail: Mail) -> Mapping[int, Sequence[str]]:
    """For each officer (by id) the codes of untaken leads that they may take; without their own."""
    found: dict[int, list[str]] = defaultdict(list)
    told: dict[str, list[tuple[int, int]]] = {}
    for code, regency, owner_id in await digests.untaken(mail.tx):
        if regency not in told:
            told[regency] = await mail.roster.for_regency(regency)
        for officer_id, person_id in told[regency]:
            if person_id != owner_id:
                found[officer_id].append(code)
    return found


async def _agendas(mail: Mail, told: Sequence[Awaiting]) -> dict[int, Agenda]:
    """The agenda of each officer, by id, read for all of them at once; no lead is opened."""
    if not told:
        return {}
    offered = await _offered(mail)
    coming = await digests.coming(mail.tx, {one.id: _midnight(mail.now, one) for one in told})
    unpaid = await digests.unpaid(mail.tx, [one.id for one in told])
    return {one.id: Agenda(coming.get(one.id, ()), unpaid.get(one.id, 0), offered.get(one.id, ())) for one in told}


def _midnight(now: datetime, one: Awaiting) -> datetime:
    """The end of the day on this officer's clock."""
    here = now.astimezone(zone(one.regency))
    return here.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


async def _tell(mail: Mail, one: Awaiting, chat: Reached, agenda: Agenda, here: datetime) -> None:
    """Put an officer's digest, unless only a closed service window would take it later: the morning's news would come
    in the evening, or days later."""
    say, limits = digest(agenda, here), mail.services.limits(chat.where.channel)
    if say and (is_open(chat.heard_at, mail.now, limits) or await mail.template(say, chat)):
        await mail.put(one.person_id, chat, say, KIND)
