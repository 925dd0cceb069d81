"""*Hari ini*: what is overdue, what is due, and whether the channels flow. The page asks for itself again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from starlette.responses import Response

from bot.console.office import render
from bot.console.office.desk import Desk
from conversations.engine.knowledge import Knowledge
from conversations.engine.world import Lead, Officer
from conversations.rules.quiet_hours import zone
from storage.console import today
from storage.console.scope import PARTS
from storage.leads import leads

MOST = 20  # overdue leads on the page; the rest is a link


@dataclass(frozen=True, slots=True)
class LateLine:
    """An overdue lead as the list shows it. ``wa``: the address of a chat with its owner, "" without a number."""

    code: str
    name: str
    business: str
    place: str
    regency: str
    officer: str
    reason: str
    at: datetime
    wa: str
    mine: bool


async def page(desk: Desk) -> Response:
    me, now = desk.officer, desk.now
    midnight = end_of_day(me, now)
    async with desk.product.database.read() as tx:
        counts = await today.counts(tx, me, now, midnight)
        ids = await today.overdue(tx, me, now, MOST)
        found = await leads.in_order(tx, desk.services.vault, ids)
        channels = await today.channels(tx, list(desk.product.channels), now)
        talking = await today.talking(tx, now)
    desk.looked += [lead.code for lead in found.values()]
    return desk.page(
        "today.html",
        counts=counts,
        links={name: urlencode({"bagian": name}) for name in PARTS},
        overdue=list(lines(found.values(), desk.services.knowledge, me)),
        channels=[
            {
                "name": one.name,
                "state": "slow" if one.slow else "flows",
                "waits": one.waits,
                "parked": one.parked,
                "quota": 0,
            }
            for one in channels
        ],
        talking=talking,
    )


def end_of_day(officer: Officer, now: datetime) -> datetime:
    """The next midnight on this officer's clock: that of their first regency, WIB for who looks after all."""
    here = now.astimezone(zone(officer.regencies[0] if officer.regencies else ""))
    return here.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def lines(found: Iterable[Lead], knows: Knowledge, me: Officer) -> Iterable[LateLine]:
    """The lines of these leads, each of which has a next step."""
    places = knows.ear.places
    for lead in found:
        answers, regency = lead.answers, lead.answers.get("regency") or ""
        where = answers.get("district") or regency
        number = str((answers.get("phone") or {}).get("e164", ""))
        yield LateLine(
            code=lead.code,
            name=render.owner(answers),
            business=str(answers.get("business_name") or (answers.get("sector") or {}).get("said", "")),
            place=places.name(where) if where else "",
            regency=regency,
            officer=lead.officer,
            reason=lead.next_reason,
            at=lead.next_at or lead.created,
            wa=f"https://wa.me/{number.removeprefix('+')}" if number else "",
            mine=lead.officer_id == me.id,
        )
