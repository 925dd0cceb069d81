"""The way in and out: a link of the chat, six digits, and on the simulator one press.

A link is used up only by the form on its page, so that no preview of a message opens it. Where somebody comes from
before they signed in is remembered in the address, and only within these pages.
"""

from __future__ import annotations

from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.app import Product
from bot.console.office import render
from bot.console.office.desk import HOME, Desk, cookie_name, drop_cookie, set_cookie
from storage.console import sign_in
from storage.people import audit

WAITING = "rangkul_menunggu"  # the cookie of a browser that shows digits


def _product(request: Request) -> Product:
    product: Product | None = request.app.state.product()
    if product is None:
        raise HTTPException(503, headers={"Retry-After": "1"})
    return product


def _page(template: str, status: int = 200, **values: object) -> HTMLResponse:
    return HTMLResponse(render.page(template, home=HOME, me=None, **values), status)


def wanted(path: str) -> str:
    """A path within these pages, to which somebody is led after signing in; the first page for any other.

    >>> wanted("/kantor/tim?hal=2"), wanted("//evil.example"), wanted("/kantor/../x"), wanted("")
    ('/kantor/tim?hal=2', '/kantor', '/kantor', '/kantor')
    """
    inside = path == HOME or path.startswith((f"{HOME}/", f"{HOME}?"))
    safe = all(" " < letter < "\x7f" for letter in path) and ".." not in path and "\\" not in path
    return path if inside and safe else HOME


async def way_in(request: Request) -> Response:
    """The page of whoever is not signed in; with a browser's cookie, the digits that it shows."""
    product, to = _product(request), wanted(request.query_params.get("ke", ""))
    secret = request.cookies.get(cookie_name(request, WAITING), "")
    state = None
    if secret:
        async with product.database.read() as tx:
            state = await sign_in.allowed(tx, product.vault, secret, product.now())
    simulated = request.app.state.simulated
    return _page("door.html", to=to, state=state, digits=_shown(secret) if state is False else "", simulated=simulated)


def _shown(secret: str) -> str:
    digits = secret.rpartition(".")[2]
    return f"{digits[:3]} {digits[3:]}"


async def show_digits(request: Request) -> Response:
    """Begin to show six digits in this browser (a form)."""
    product = _product(request)
    async with product.database.write() as tx:
        made = await sign_in.wait(tx, product.vault, product.now())
    if made is None:
        return _page("door_closed.html", 503, why="many")
    response = RedirectResponse(f"{HOME}/masuk?ke={quote(wanted(await _to(request)))}", 303)
    set_cookie(request, response, made, sign_in.OPEN_FOR.seconds, WAITING)
    return response


async def _to(request: Request) -> str:
    value = (await request.form(max_files=0, max_fields=4)).get("ke", "")
    return value if isinstance(value, str) else ""


async def enter_by_digits(request: Request) -> Response:
    """Go in, after an officer has sent this browser's digits (a form)."""
    return await _enter(request, request.cookies.get(cookie_name(request, WAITING), ""), wanted(await _to(request)))


async def link(request: Request) -> Response:
    """The page of a link: it tells nothing of whose it is, and opens nothing by itself."""
    product, secret = _product(request), request.path_params["secret"]
    async with product.database.read() as tx:
        state = await sign_in.allowed(tx, product.vault, secret, product.now())
    if not state:
        return _page("door_closed.html", 410, why="link")
    return _page("link.html")


async def enter_by_link(request: Request) -> Response:
    """Go in by a link, which is used up (a form)."""
    return await _enter(request, request.path_params["secret"], HOME)


async def _enter(request: Request, secret: str, to: str) -> Response:
    product = _product(request)
    async with product.database.write() as tx:
        entered = await sign_in.enter(tx, product.vault, secret, product.now()) if secret else None
        if entered:
            actor = f"officer:{entered[1]}"
            await audit.record(tx, at=product.now(), actor=actor, act="signed in", subject=actor)
    if entered is None:
        return _page("door_closed.html", 410, why="link")
    response = RedirectResponse(to, 303)
    set_cookie(request, response, entered[0], int(sign_in.SIGNED_IN_FOR.total_seconds()))
    drop_cookie(request, response, WAITING)
    return response


async def enter_simulated(request: Request) -> Response:
    """Go in as an officer of the simulator (a form); there is no other channel, and nobody but this machine."""
    product = _product(request)
    if not request.app.state.simulated:
        raise HTTPException(404)
    async with product.database.write() as tx:
        officer_id = await sign_in.first_above(tx)
        if officer_id is None:
            return _page("door_closed.html", 409, why="nobody")
        cookie = await sign_in.begin(tx, product.vault, officer_id, product.now())
    response = RedirectResponse(HOME, 303)
    set_cookie(request, response, cookie, int(sign_in.SIGNED_IN_FOR.total_seconds()))
    return response


async def way_out(desk: Desk) -> Response:
    """End this session, or with ``everywhere`` all of this officer's (a form)."""
    everywhere = await desk.said("everywhere")
    async with desk.product.database.write() as tx:
        if everywhere:
            await sign_in.leave_everywhere(tx, desk.officer.id)
        else:
            await sign_in.leave(tx, desk.product.vault, desk.request.cookies.get(cookie_name(desk.request), ""))
    response = RedirectResponse(f"{HOME}/masuk", 303)
    drop_cookie(desk.request, response)
    return response
