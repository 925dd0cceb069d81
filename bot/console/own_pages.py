"""Protection of the simulator: it answers its own page and no other, so that no page of another site presses its buttons.

A browser names in ``Host`` the name that it talks to (a foreign name that was made to point here is still there), and
in ``Origin`` whose page asks, for websockets too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.settings import names_this_machine

UNFRAMED: Final[Mapping[str, str]] = {"X-Frame-Options": "DENY", "Content-Security-Policy": "frame-ancestors 'none'"}


class OwnPages:
    """ASGI middleware in front of ``app``. ``elsewhere``: prefixes of paths that are no pages. ``anywhere``: any
    ``Host`` is allowed."""

    def __init__(self, app: ASGIApp, *, elsewhere: Sequence[str] = (), anywhere: bool = False) -> None:
        self._app, self._elsewhere, self._anywhere = app, tuple(elsewhere), anywhere

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or scope["path"].startswith(self._elsewhere):
            await self._app(scope, receive, send)
        elif self._is_own(Headers(scope=scope)):
            await self._app(scope, receive, _unframed(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await send({"type": "http.response.start", "status": 403, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body"})

    def _is_own(self, headers: Headers) -> bool:
        hosts = set(headers.getlist("host"))
        if len(hosts) != 1 or not (self._anywhere or names_this_machine(*hosts)):
            return False
        if {urlsplit(origin).netloc for origin in headers.getlist("origin")} - hosts:
            return False
        # A link that somebody follows ("navigate") may lead here from another site.
        comes_along = headers.get("sec-fetch-mode", "navigate") != "navigate"
        return not (comes_along and headers.get("sec-fetch-site", "") in ("cross-site", "same-site"))


def _unframed(send: Send) -> Send:
    async def sends(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(UNFRAMED)
        await send(message)

    return sends
