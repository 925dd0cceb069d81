"""The desk: one request of somebody who is signed in, and what every page does with one.

A page is ``async def page(desk) -> Response``; :func:`only` lets in who is signed in and has the role.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from markupsafe import Markup
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.app import Product
from bot.console.office import render
from bot.mail.mail import Mail, Services
from bot.turns import at_desk
from conversations.engine.core import Heard, Say, Session
from conversations.engine.world import Officer
from storage.console import sign_in
from storage.leads.officers import Roster
from storage.people import audit

HOME = "/kantor"
COOKIE = "rangkul_kantor"
ROLES = ("officer", "coordinator", "admin")
MOST_FIELDS, LARGEST_FIELD = 400, 64 << 10  # of a form; a bulk hand-over ticks a page of leads


@dataclass(slots=True)
class Desk:
    """One request of a signed-in officer. ``csrf`` stands in each form; ``looked``: whose personal data the page shows,
    by reference code, for the audit."""

    request: Request
    product: Product
    officer: Officer
    csrf: str
    looked: list[str] = field(default_factory=list)
    _form: FormData | None = None

    @property
    def services(self) -> Services:
        assert self.product.services  # noqa: S101 - narrows the type: a process with pages has them
        return self.product.services

    @property
    def now(self) -> datetime:
        return self.product.now()

    def asked(self, name: str) -> str:
        """A value of the address's query; "" where it is left out."""
        return without_nul(self.request.query_params.get(name, "")).strip()

    async def form(self) -> FormData:
        """The form that was sent. Raises HTTPException 400 for one that is too large."""
        if self._form is None:
            self._form = await self.request.form(max_files=1, max_fields=MOST_FIELDS, max_part_size=LARGEST_FIELD)
        return self._form

    async def said(self, name: str) -> str:
        """A text field of the form; "" where it is left out."""
        value = (await self.form()).get(name, "")
        return without_nul(value).strip() if isinstance(value, str) else ""

    def page(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page of the office, with what each of them shows around."""
        shown = {"me": self.officer, "csrf": self.csrf, "here": self.request.url.path, "home": HOME, "now": self.now}
        shown["done"] = self.done
        return HTMLResponse(render.page(template, **shown, **values), status)

    def go(self, path: str, done: str = "", **values: str) -> RedirectResponse:
        """To another page, after a form: ``done`` names the words ("done.<name>") that are shown there once."""
        query = {**({"ok": done} if done else {}), **values}
        return RedirectResponse(f"{HOME}{path}{'?' + urlencode(query) if query else ''}", 303)

    async def do(
        self, *heard: Heard, session: Session | None = None, about: str = "", seen: int | None = None
    ) -> Markup:
        """Do as in the chat (``bot/turns/at_desk.py``); the words of the reply as HTML. Raises Changed."""
        writer = self.product.writer
        assert writer.turns  # noqa: S101 - narrows the type: a process with pages runs turns
        says, rows = await at_desk.do(
            self.product.database,
            writer.turns,
            self.officer.id,
            heard,
            self.now,
            session=session,
            about=about,
            seen=seen,
        )
        writer.deliver(rows)
        return Markup("<br><br>").join(render.said(say) for say in says if isinstance(say, Say))

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Mail]:
        """A transaction of this page, with the mail that it leaves to send. Await nothing but the database in it."""
        writer = self.product.writer
        assert writer.turns  # noqa: S101 - narrows the type: a process with pages runs turns
        async with self.product.database.write() as tx:
            mail = Mail(tx, self.services, self.now, Roster(tx))
            yield mail
            rows = await writer.turns.put(tx, mail.out, self.now)
        writer.deliver(rows)

    @property
    def actor(self) -> str:
        """This officer in the audit."""
        return f"officer:{self.officer.id}"

    @property
    def done(self) -> str:
        """The words of what a form has just done (:meth:`go`); "" where there are none."""
        try:
            return render.words(f"done.{self.asked('ok')}") if self.asked("ok") else ""
        except render.NoWords:
            return ""

    async def audit(self, act: str, subject: str, detail: str = "") -> None:
        """Note in the audit what this officer does or looks at."""
        async with self.product.database.write() as tx:
            await audit.record(tx, at=self.now, actor=self.actor, act=act, subject=subject, detail=detail)

    async def looked_at(self) -> None:
        """Note every lead whose personal data the page shows."""
        if not self.looked:
            return
        async with self.product.database.write() as tx:
            rows = [
                audit.audit_row(tx, at=self.now, actor=self.actor, act="looked", subject=code, detail="console")
                for code in dict.fromkeys(self.looked)
            ]
            await tx.execute(audit.audit.insert(), rows)


def without_nul(said: str) -> str:
    """Words without the one letter that PostgreSQL stores in no text."""
    return said.replace("\0", "")


Page = Callable[[Desk], Awaitable[Response]]


def only(page: Page, *roles: str) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of a page for these roles (none named: all). Whoever is not signed in is sent to the way in; a form
    without its token is refused."""

    async def endpoint(request: Request) -> Response:
        product: Product | None = request.app.state.product()
        if product is None or product.services is None:
            raise HTTPException(503, headers={"Retry-After": "1"})
        cookie = request.cookies.get(cookie_name(request), "")
        async with product.database.read() as tx:
            officer = await sign_in.signed_in(tx, product.vault, cookie, product.now()) if cookie else None
        if officer is None:
            return _to_the_way_in(request)
        desk = Desk(request, product, officer, token_of(cookie))
        try:
            return await _answered(desk, page, roles)
        finally:
            await request.close()  # the file that came with a form

    return endpoint


async def _answered(desk: Desk, page: Page, roles: tuple[str, ...]) -> Response:
    if desk.request.method == "POST" and not hmac.compare_digest(
        (await desk.said("csrf")).encode(), desk.csrf.encode()
    ):
        return desk.page("denied.html", 403, why="form")
    if roles and desk.officer.role not in roles:
        return desk.page("denied.html", 403, why="role")
    response = await page(desk)
    await desk.looked_at()
    return response


def _to_the_way_in(request: Request) -> Response:
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    there = f"{HOME}/masuk" + (f"?ke={quote(wanted)}" if request.method == "GET" else "")
    if request.headers.get("HX-Request"):  # a part of a page that is asked for again: the whole page goes
        return Response(status_code=204, headers={"HX-Redirect": there})
    return RedirectResponse(there, 303)


def token_of(cookie: str) -> str:
    """The token that the forms of a session carry: other pages can send neither it nor read it."""
    return hashlib.sha256(f"form {cookie}".encode()).hexdigest()[:32]


def is_secure(request: Request) -> bool:
    """Whether the pages are served at a public address, which is always https (a proxy ends TLS before us)."""
    return bool(request.app.state.public_url)


def cookie_name(request: Request, name: str = COOKIE) -> str:
    """The name of a cookie: bound to this very host by its prefix, wherever there is https."""
    return f"__Host-{name}" if is_secure(request) else name


def set_cookie(request: Request, response: Response, value: str, seconds: int, name: str = COOKIE) -> None:
    how: Mapping[str, Any] = {"path": "/", "secure": is_secure(request), "httponly": True, "samesite": "lax"}
    response.set_cookie(cookie_name(request, name), value, max_age=seconds, **how)


def drop_cookie(request: Request, response: Response, name: str = COOKIE) -> None:
    set_cookie(request, response, "", 0, name)
