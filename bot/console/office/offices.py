"""One office: its hours, which its coordinator may change; its name, regencies and people, which an admin may."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import time
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from bot.console.office import render
from bot.console.office.desk import Desk
from bot.loading import as_it_stands
from conversations.engine.world import Officer
from conversations.rules.opening import DAYS, OddHours, Week, read
from storage.leads import officers, offices
from storage.leads.offices import NotPossible, OfficeLine

LONGEST = 120  # characters of a name, an address, a phone


def own_offices(me: Officer, every: Sequence[OfficeLine]) -> list[OfficeLine]:
    """The offices that somebody looks after: all of them where they look after all."""
    return [one for one in every if me.area is None or one.id == me.office]


def shown(line: OfficeLine, name_of: Callable[[str], str]) -> Mapping[str, Any]:
    """An office as the pages list it."""
    return {"line": line, "hours": said_hours(line.hours), "places": ", ".join(map(name_of, line.regencies))}


def is_id(said: str) -> bool:
    """Whether these words of a form can be an id: any number that a column holds."""
    return said.isascii() and said.isdecimal() and len(said) < 19


def said_hours(week: Week) -> str:
    """Opening hours in words, days of the same hours together.

    >>> from conversations.rules.opening import USUAL
    >>> said_hours(USUAL)
    'Senin–Jumat 08.00–16.00'
    """
    parts: list[tuple[int, int, tuple[time, time]]] = []
    for number, hours in enumerate(week):
        if hours is None:
            continue
        if parts and parts[-1][1] == number - 1 and parts[-1][2] == hours:
            parts[-1] = (parts[-1][0], number, hours)
        else:
            parts.append((number, number, hours))
    return ", ".join(
        f"{_day(first)}{f'–{_day(last)}' if last > first else ''} {hours[0]:%H.%M}–{hours[1]:%H.%M}"
        for first, last, hours in parts
    )


def _day(number: int) -> str:
    return render.words(f"weekday.{DAYS[number]}")


async def page(desk: Desk) -> Response:
    return await _office(desk)


async def _office(desk: Desk, status: int = 200, wrong: str = "", said: str = "") -> HTMLResponse:
    """The page of an office; ``wrong``: what could not be read or is not possible, ``said``: about which office it is."""
    places = desk.services.knowledge.ear.places
    async with desk.product.database.read() as tx:
        every = await offices.listed(tx)
        line = _of(desk, every)
        people = [one for one in await officers.listed(tx, desk.services.vault) if one.role != "admin"]
    taken = {code: one.name for one in every if one.id != line.id for code in one.regencies}
    return desk.page(
        "office.html",
        status,
        line=line,
        hours=said_hours(line.hours),
        days=[(name, line.hours[number]) for number, name in enumerate(DAYS)],
        regencies=[
            (code, places.name(code), code in line.regencies, taken.get(code, "")) for code in places.regencies()
        ],
        above=[one for one in people if one.id in line.coordinators],
        staff=[one for one in people if one.office == line.id and one.id not in line.coordinators],
        others=[one for one in people if one.office != line.id],
        wrong=wrong,
        said=said,
    )


def _of(desk: Desk, every: Sequence[OfficeLine]) -> OfficeLine:
    """The office of the address. Raises HTTPException 404 for one that is not theirs who asks."""
    asked = desk.request.path_params["office"]
    found = next((one for one in own_offices(desk.officer, every) if str(one.id) == asked), None)
    if found is None:
        raise HTTPException(404)
    return found


async def set_hours(desk: Desk) -> Response:
    """Change when an office is open (a form)."""
    try:
        week = _week(await desk.form())
    except OddHours:
        return await _office(desk, 400, "hours")
    async with desk.product.database.write() as tx:
        line = _of(desk, await offices.listed(tx))
        await offices.change(tx, line.id, desk.now, actor=desk.actor, hours=week)
    return await _changed(desk, line)


def _week(form: FormData) -> Week:
    """The hours of a form, with an opening and a closing for each weekday; empty where it does not open. Raises OddHours."""
    said = {day: f"{form.get(f'{day}-from') or ''}-{form.get(f'{day}-until') or ''}" for day in DAYS}
    if any("," in each for each in said.values()):
        raise OddHours("hours are written 08:00-16:00")
    return read(", ".join(f"{day} {hours}" for day, hours in said.items() if hours != "-"))


async def set_details(desk: Desk) -> Response:
    """Change the name, address and phone of an office (a form of an admin)."""
    name, address, phone = [" ".join((await desk.said(each)).split()) for each in ("name", "address", "phone")]
    if not any(letter.isalpha() for letter in name) or max(map(len, (name, address, phone))) > LONGEST:
        return await _office(desk, 400, "details")
    try:
        async with desk.product.database.write() as tx:
            line = _of(desk, await offices.listed(tx))
            by = desk.actor
            await offices.change(tx, line.id, desk.now, actor=by, name=name, address=address, phone=phone)
    except NotPossible:
        return await _office(desk, 409, "same_name", name)
    return await _changed(desk, line)


async def set_regencies(desk: Desk) -> Response:
    """Have an office look after the regencies that are ticked (a form of an admin)."""
    served = desk.services.knowledge.ear.places.regencies()
    ticked = [each for each in (await desk.form()).getlist("regency") if isinstance(each, str)]
    if not set(ticked).issubset(served):
        return await _office(desk, 400, "regencies")
    try:
        async with desk.product.database.write() as tx:
            line = _of(desk, await offices.listed(tx))
            await offices.give(tx, line.id, ticked, desk.now, actor=desk.actor)
    except NotPossible:
        return await _office(desk, 409, "taken")
    return await _changed(desk, line)


async def assign(desk: Desk) -> Response:
    """Have an officer work in an office, or coordinate it (a form of an admin)."""
    officer, coordinator = await desk.said("officer"), bool(await desk.said("coordinator"))
    if not is_id(officer):
        return await _office(desk, 400, "officer")
    async with desk.product.database.write() as tx:
        line = _of(desk, await offices.listed(tx))
        found = [one for one in await officers.listed(tx, desk.services.vault) if str(one.id) == officer]
        done = bool(found) and found[0].role != "admin"
        if done:
            await offices.assign(tx, found[0].id, line.id, desk.now, actor=desk.actor, coordinator=coordinator)
    return await _changed(desk, line) if done else await _office(desk, 409, "officer")


async def _changed(desk: Desk, line: OfficeLine) -> Response:
    """To the page of the office; this process knows the change at once, others within seconds."""
    services = desk.services
    services.knowledge = await as_it_stands(services.knowledge, desk.product.database)
    return desk.go(f"/tim/kantor/{line.id}", "office")
