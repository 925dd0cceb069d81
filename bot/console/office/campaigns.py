"""*Kampanye*: the links and codes of a campaign, its posters, and how far those came whom it brought.

A campaign is a name in a link and nothing else: it needs not be kept anywhere before somebody comes by it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from starlette.exceptions import HTTPException
from starlette.responses import Response

from bot.channels.base import Channel, InPublic
from bot.console.office import posters, render
from bot.console.office.desk import Desk
from bot.console.office.offices import own_offices
from bot.console.office.posters import Door, Poster
from conversations.rules.campaign_links import LONGEST, campaign_named, is_campaign, on_telegram, on_whatsapp
from conversations.rules.funnel import STEPS, Funnel, funnels
from storage.console import campaigns
from storage.leads import courses, offices
from storage.leads.offices import OfficeLine

LINKS = {"telegram": on_telegram, "whatsapp": on_whatsapp}
EXAMPLES = {"telegram": "contoh_bot", "whatsapp": "6281100000000"}  # on the simulator, which nobody finds from outside
WITHIN = timedelta(seconds=5)  # a platform that does not say its name in that time is left out for now
LISTED = 100
SINCE = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Found:
    """The ways in of a campaign; ``example``: they lead nowhere, as only the simulator runs."""

    doors: tuple[Door, ...]
    example: bool


async def page(desk: Desk) -> Response:
    """The campaigns by which leads came; ``?nama=`` leads to that of these words."""
    asked, area = desk.asked("nama"), desk.officer.area
    if name := campaign_named(asked):
        return desk.go(f"/kampanye/{name}")
    async with desk.product.database.read() as tx:
        found = await campaigns.listed(tx, desk.now - SINCE, area, LISTED)
    shown = [(line, is_campaign(line.name)) for line in found]
    status = 400 if asked else 200
    return desk.page("campaigns.html", status, campaigns=shown, asked=asked, longest=LONGEST)


async def one(desk: Desk) -> Response:
    """A campaign: its links, codes, posters, and its funnel."""
    name = _name(desk)
    ways = await _ways(desk, name)
    async with desk.product.database.read() as tx:
        found = await courses.of_campaign(tx, name, desk.now - SINCE, desk.officer.area)
        some = own_offices(desk.officer, await offices.listed(tx))
    funnel = funnels(found, desk.services.knowledge.working_days).get("", Funnel())
    office = _office(desk, some)
    return desk.page(
        "campaign.html",
        name=name,
        ways=ways,
        offices=some,
        office=office,
        sizes=tuple(posters.SIZES),
        kinds=tuple(reversed(posters.WAYS)),
        steps=[(step, getattr(funnel, step)) for step in STEPS],
        came=funnel.came,
        hours=funnel.median_hours,
    )


async def code(desk: Desk) -> Response:
    """The code of one link, as a picture."""
    ways = await _ways(desk, _name(desk))
    door = next((door for door in ways.doors if door.channel == desk.request.path_params["channel"]), None)
    if door is None:
        raise HTTPException(404)
    return Response(posters.code_of_link(door.link), media_type="image/svg+xml")


async def poster(desk: Desk) -> Response:
    """A poster, to be kept or printed."""
    name, size, kind = _name(desk), desk.request.path_params["size"], desk.request.path_params["kind"]
    ways = await _ways(desk, name)
    if size not in posters.SIZES or kind not in posters.WAYS or not ways.doors:
        raise HTTPException(404)
    async with desk.product.database.read() as tx:
        office = _office(desk, own_offices(desk.officer, await offices.listed(tx)))
    words = render.words
    lines = (office.name, office.address, office.phone) if office else (desk.services.knowledge.controller,)
    sheet = Poster(
        title=words("poster.title"),
        text=words("poster.text"),
        how=words("poster.how"),
        doors=tuple(Door(words(f"channel.{door.channel}"), door.link, door.shown) for door in ways.doors),
        promise=words("poster.promise"),
        office=tuple(filter(None, lines)),
        stamp=words("poster.example") if ways.example else "",
    )
    drawn = await asyncio.to_thread(posters.drawn, sheet, size, kind)
    headers = {"Content-Disposition": f'attachment; filename="poster-{name}-{size}.{kind}"'}
    return Response(drawn, media_type=posters.WAYS[kind], headers=headers)


def _name(desk: Desk) -> str:
    """The campaign of the address. Raises HTTPException 404 for a name that no link may carry."""
    name = str(desk.request.path_params["name"])
    if not is_campaign(name):
        raise HTTPException(404)
    return name


async def _ways(desk: Desk, campaign: str) -> Found:
    """The ways in, of the channels that this process talks with and that say their names."""
    names = {kind: await _public_name(desk.product.channels.get(kind)) for kind in LINKS}
    example = not any(names.values()) and bool(desk.request.app.state.simulated)
    known = EXAMPLES if example else {kind: name for kind, name in names.items() if name}
    doors = (
        Door(kind, LINKS[kind](name, campaign), f"@{name}" if kind == "telegram" else f"+{name}")
        for kind, name in known.items()
    )
    return Found(tuple(doors), example)


async def _public_name(channel: Channel | None) -> str:
    if channel is None or not isinstance(channel, InPublic):
        return ""
    try:
        return await asyncio.wait_for(channel.public_name(), WITHIN.total_seconds())
    except TimeoutError:
        return ""


def _office(desk: Desk, some: list[OfficeLine]) -> OfficeLine | None:
    """The office whose name a poster bears: that of the address, else their own, else the first."""
    asked = desk.asked("kantor")
    own = (
        [one for one in some if str(one.id) == asked] or [one for one in some if one.id == desk.officer.office] or some
    )
    return own[0] if own else None
