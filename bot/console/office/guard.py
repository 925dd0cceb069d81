"""Protection of the office's pages: they answer their own address, obey their own forms, and are framed by nobody.

A browser names in ``Host`` the name that it talks to, and in ``Origin`` whose page sends a form.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.settings import names_this_machine

# Not "no-referrer": with that, browsers name "null" as the origin of our own forms.
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
SAFE = frozenset(("GET", "HEAD"))
LARGEST: Final = 12 << 20  # bytes of a form; the largest has a document of a broadcast in it


class Guard:
    """ASGI middleware in front of ``app``. ``public_url``: the address under which browsers know the pages; "" for
    this machine alone."""

    def __init__(self, app: ASGIApp, *, public_url: str = "") -> None:
        self._app, self._public, self._host = app, public_url, urlsplit(public_url).netloc.lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if not self._is_own(scope["method"], Headers(scope=scope)):
            await PlainTextResponse("bukan untuk alamat ini", 403)(scope, receive, _with_headers(send, self._public))
            return
        if scope["method"] not in SAFE and not _is_small(Headers(scope=scope)):
            await PlainTextResponse("terlalu besar", 413)(scope, receive, _with_headers(send, self._public))
            return
        await self._app(scope, receive, _with_headers(send, self._public))

    def _is_own(self, method: str, headers: Headers) -> bool:
        hosts = set(headers.getlist("host"))
        if len(hosts) != 1:
            return False
        [host] = hosts
        if not (names_this_machine(host) or (self._host and host.lower() == self._host)):
            return False
        origins = set(headers.getlist("origin"))
        if method not in SAFE and not origins and headers.get("sec-fetch-site") != "same-origin":
            return False  # every browser of these years sends one of the two with a form
        return not {urlsplit(origin).netloc.lower() for origin in origins} - {host.lower()}


def _is_small(headers: Headers) -> bool:
    """Whether a form says how long it is, as every browser does, and is not too long: it is read before it is judged."""
    length = headers.get("content-length", "")
    return length.isascii() and length.isdecimal() and len(length) < 12 and int(length) <= LARGEST


def _with_headers(send: Send, public_url: str) -> Send:
    async def sends(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(HEADERS)
            if public_url:
                headers["Strict-Transport-Security"] = "max-age=31536000"
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return sends
