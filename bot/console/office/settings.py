"""*Pengaturan*: where an admin finds what is set, asked and seen; and the list of offices."""

from __future__ import annotations

from starlette.responses import HTMLResponse, Response

from bot.console.office.desk import Desk
from bot.console.office.offices import LONGEST, shown
from bot.loading import as_it_stands
from storage.leads import offices
from storage.leads.offices import NotPossible

PAGES = ("kantor", "tarif", "permintaan", "catatan", "masuk")  # below /pengaturan, each with words "settings.<name>"


async def page(desk: Desk) -> Response:
    return desk.page("settings.html", pages=PAGES)


async def offices_page(desk: Desk) -> Response:
    return await _offices(desk)


async def _offices(desk: Desk, status: int = 200, wrong: str = "", said: str = "") -> HTMLResponse:
    async with desk.product.database.read() as tx:
        every = await offices.listed(tx)
    name_of = desk.services.knowledge.ear.places.name
    lines = [shown(each, name_of) for each in every]
    return desk.page("offices.html", status, offices=lines, wrong=wrong, said=said)


async def add_office(desk: Desk) -> Response:
    """A new office, without regencies yet (a form)."""
    name = " ".join((await desk.said("name")).split())
    if not any(letter.isalpha() for letter in name) or len(name) > LONGEST:
        return await _offices(desk, 400, "details")
    try:
        async with desk.product.database.write() as tx:
            office_id = await offices.add(tx, name, [], desk.now, actor=desk.actor)
    except NotPossible:
        return await _offices(desk, 409, "same_name", name)
    services = desk.services
    services.knowledge = await as_it_stands(services.knowledge, desk.product.database)
    return desk.go(f"/tim/kantor/{office_id}", "office_added")
