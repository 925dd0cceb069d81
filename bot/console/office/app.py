"""The routes of the office's pages, under ``/kantor``."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from bot.app import Product
from bot.console.office import (
    audit_page,
    campaigns,
    composing,
    data_requests,
    door,
    lead_export,
    lead_list,
    lead_page,
    offices,
    rates,
    render,
    report,
    settings,
    steering,
    team,
    today,
)
from bot.console.office.desk import HOME, only
from bot.console.office.guard import Guard
from bot.log import where_in_code

log = structlog.get_logger()

ASSETS = Path(__file__).parents[1] / "assets"
ABOVE = ("coordinator", "admin")  # whoever looks after officers
FOR_A_DAY = {"Cache-Control": "public, max-age=86400"}


def mounted(product: Callable[[], Product | None], *, public_url: str, simulated: bool) -> list[BaseRoute]:
    """The pages, to be added before any route that takes every path. ``product`` gives the running product, None while
    it starts or has ended; ``simulated``: whoever is at this machine may go in as the simulator's officer."""
    app = Starlette(
        routes=[
            Route("/", only(today.page)),
            Route("/calon", only(lead_list.page)),
            Route("/calon/cari", only(lead_list.search), methods=["POST"]),
            Route("/calon/serahkan", only(lead_list.hand, *ABOVE), methods=["POST"]),
            Route("/calon/unduh", only(lead_export.export, *ABOVE), methods=["POST"]),
            Route("/calon/{code}", only(lead_page.page)),
            Route("/calon/{code}/{verb}", only(lead_page.act), methods=["POST"]),
            Route("/tim", only(team.page, *ABOVE)),
            Route("/tim/undang", only(team.invite, *ABOVE), methods=["POST"]),
            Route("/tim/kantor/{office}", only(offices.page, *ABOVE)),
            Route("/tim/kantor/{office}/jam", only(offices.set_hours, *ABOVE), methods=["POST"]),
            Route("/tim/kantor/{office}/data", only(offices.set_details, "admin"), methods=["POST"]),
            Route("/tim/kantor/{office}/wilayah", only(offices.set_regencies, "admin"), methods=["POST"]),
            Route("/tim/kantor/{office}/petugas", only(offices.assign, "admin"), methods=["POST"]),
            Route("/tim/{officer}", only(team.member_page, *ABOVE)),
            Route("/tim/{officer}/serahkan", only(team.hand, *ABOVE), methods=["POST"]),
            Route("/tim/{officer}/libur", only(team.set_leave, *ABOVE), methods=["POST"]),
            Route("/laporan", only(report.page, *ABOVE)),
            Route("/laporan/xlsx", only(report.download, *ABOVE)),
            Route("/pengaturan", only(settings.page, "admin")),
            Route("/pengaturan/kantor", only(settings.offices_page, "admin")),
            Route("/pengaturan/kantor", only(settings.add_office, "admin"), methods=["POST"]),
            Route("/pengaturan/permintaan", only(data_requests.page, "admin")),
            Route("/pengaturan/permintaan", only(data_requests.receive, "admin"), methods=["POST"]),
            Route("/pengaturan/permintaan/selesai", only(data_requests.finish, "admin"), methods=["POST"]),
            Route("/pengaturan/permintaan/cari", only(data_requests.look_up, "admin"), methods=["POST"]),
            Route("/pengaturan/permintaan/hapus", only(data_requests.erase, "admin"), methods=["POST"]),
            Route("/pengaturan/catatan", only(audit_page.page, "admin")),
            Route("/pengaturan/masuk", only(audit_page.sessions_page, "admin")),
            Route("/pengaturan/masuk", only(audit_page.end_session, "admin"), methods=["POST"]),
            Route("/kampanye", only(campaigns.page, *ABOVE)),
            Route("/kampanye/{name}", only(campaigns.one, *ABOVE)),
            Route("/kampanye/{name}/{channel}.svg", only(campaigns.code, *ABOVE)),
            Route("/kampanye/{name}/poster-{size}.{kind}", only(campaigns.poster, *ABOVE)),
            Route("/siaran", only(steering.page, "admin")),
            Route("/siaran/baru", only(composing.blank, "admin")),
            Route("/siaran/baru", only(composing.write, "admin"), methods=["POST"]),
            Route("/siaran/{number}", only(steering.one, "admin")),
            Route("/siaran/{number}", only(steering.treat, "admin"), methods=["POST"]),
            Route("/siaran/{number}/berkas", only(steering.file, "admin")),
            Route("/siaran/{number}/laporan", only(steering.told, "admin")),
            Route("/pengaturan/tarif", only(rates.page, "admin")),
            Route("/pengaturan/tarif", only(rates.enter, "admin"), methods=["POST"]),
            Route("/pengaturan/tarif/akhiri", only(rates.end, "admin"), methods=["POST"]),
            Route("/masuk", door.way_in),
            Route("/masuk/angka", door.show_digits, methods=["POST"]),
            Route("/masuk/sekarang", door.enter_by_digits, methods=["POST"]),
            Route("/masuk/simulator", door.enter_simulated, methods=["POST"]),
            Route("/masuk/{secret}", door.link),
            Route("/masuk/{secret}", door.enter_by_link, methods=["POST"]),
            Route("/keluar", only(door.way_out), methods=["POST"]),
            Route("/berkas/{name}", asset),
        ],
        exception_handlers={HTTPException: _wrong, 500: _broken},
    )
    app.state.product, app.state.public_url, app.state.simulated = product, public_url, simulated
    guarded = Guard(app, public_url=public_url)  # around errors, too
    return [Route(HOME, _with_stroke), Mount(HOME, app=guarded)]


async def _with_stroke(_: Request) -> Response:
    """The first page is at its address with a stroke; pages of others, which take every path, come behind."""
    return RedirectResponse(f"{HOME}/", 308)


async def asset(request: Request) -> Response:
    """A file that pages need; its address bears its version, so that a browser asks for it once."""
    found = _assets().get(request.path_params["name"])
    if found is None:
        raise HTTPException(404)
    body, kind = found
    return Response(body, media_type=kind, headers=FOR_A_DAY)


@cache
def _assets() -> dict[str, tuple[bytes, str]]:
    """The files by name. htmx comes from its package, pinned by hash in requirements."""
    htmx = files("js_lib_htmx") / "static" / "htmx" / "htmx.min.js"
    return {
        "kantor.css": ((ASSETS / "kantor.css").read_bytes(), "text/css"),
        "htmx.js": (htmx.read_bytes(), "text/javascript"),
        "ikon.svg": ((ASSETS / "icon.svg").read_bytes(), "image/svg+xml"),
    }


async def _wrong(_: Request, error: Exception) -> Response:
    """A page for a wrong address, and for whatever else a page refuses."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    why = str(status) if status in (404, 405, 503) else "400"
    return HTMLResponse(render.page("wrong.html", home=HOME, me=None, why=why), status, headers)


async def _broken(_: Request, error: Exception) -> Response:
    log.error("page failed", error=type(error).__name__, where=where_in_code(error))
    return HTMLResponse(render.page("wrong.html", home=HOME, me=None, why="500"), 500)
