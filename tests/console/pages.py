"""A town whose office opens its pages in a browser without scripts: an HTTP client that keeps cookies and sends forms."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape

import httpx
from starlette.applications import Starlette

from bot.console.office.app import mounted
from storage.engine.database import Database
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.town import Town, town

ADDRESS = "http://localhost:8080"


@dataclass
class Browser:
    """A browser of one person: ``page`` is the HTML that it shows."""

    client: httpx.AsyncClient
    page: str = ""
    status: int = 0
    path: str = ""

    async def open(self, path: str, **query: str) -> str:
        """Open an address, with all redirects."""
        return self._shows(await self.client.get(path, params=query or None))

    async def send(self, path: str, **fields: str | list[str]) -> str:
        """Send a form as this page would, with its token."""
        token = re.search(r'name="csrf" value="([0-9a-f]+)"', self.page)
        data = {**fields, **({"csrf": token[1]} if token else {})}
        return self._shows(await self.client.post(path, data=data, headers={"Origin": ADDRESS}))

    def _shows(self, response: httpx.Response) -> str:
        self.page, self.status, self.path = response.text, response.status_code, response.url.path
        return self.text

    @property
    def text(self) -> str:
        """The words of the page."""
        body = re.sub(r"(?s)<(script|style).*?</\1>", " ", self.page)
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


@dataclass
class Office:
    """The town, and the browsers of those who work in it."""

    there: Town
    app: Starlette
    _open: list[httpx.AsyncClient] = field(default_factory=list)

    def browser(self) -> Browser:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url=ADDRESS, follow_redirects=True)
        self._open.append(client)
        return Browser(client)

    async def signed_in(self, who: str) -> Browser:
        """A browser in which an officer has signed in by the link that the chat gave."""
        link = re.search(r"(/kantor/masuk/\S+)", await self.there.say(who, "/kantor"))
        assert link
        browser = self.browser()
        await browser.open(link[1])
        await browser.send(link[1])
        assert browser.path == "/kantor/", browser.text
        return browser


@asynccontextmanager
async def office(database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Office]:
    """A running town with pages."""
    async with town(database, vault, clock) as there:
        assert there.product.services
        there.product.services.console = f"{ADDRESS}/kantor"
        app = Starlette(routes=mounted(lambda: there.product, public_url="", simulated=False))
        made = Office(there, app)
        try:
            yield made
        finally:
            for client in made._open:
                await client.aclose()
