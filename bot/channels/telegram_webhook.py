"""Telegram by webhook: a plain route that acknowledges an update once it is committed."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from .base import Inbound, Take, Unavailable
from .telegram import UPDATES, Call
from .telegram_refusals import NO_ANSWER, Api, TelegramRefused

PATH = "/webhook/telegram"
LARGEST_BODY = 1 << 20  # bytes; a real update stays far below
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header


def own_secret(token: str) -> str:
    """The webhook secret derived from the token, where an operator sets none: nobody without the token can know it."""
    return _mark(token, "webhook secret")


def address(public_url: str, token: str, secret: str) -> str:
    """The URL to which Telegram brings updates. It bears a mark of the secret, for Telegram never tells which secret it
    has."""
    return f"{public_url.rstrip('/')}{PATH}?v={_mark(token, secret)[:12]}"


@dataclass(frozen=True, slots=True)
class WebhookState:
    """Telegram's state of our webhook: its URL, the kinds of updates, how many wait, its last error."""

    url: str
    allowed: tuple[str, ...]
    waits: int
    last_error: str = ""

    def is_set_to(self, url: str) -> bool:
        return self.url == url and sorted(self.allowed) == sorted(UPDATES)


async def webhook_state(api: Api) -> WebhookState:
    """Telegram's state of our webhook. Raises TelegramRefused, also for an answer of another shape."""
    info = await api(Call("getWebhookInfo"))
    try:
        kinds, waits = tuple(map(str, info.get("allowed_updates", ()))), int(info["pending_update_count"])
        return WebhookState(str(info["url"]), kinds, waits, str(info.get("last_error_message", "")))
    except (LookupError, TypeError, ValueError, AttributeError):
        raise TelegramRefused(NO_ANSWER, "unreadable answer") from None


async def register(api: Api, url: str, secret: str) -> None:
    """Set Telegram's webhook; updates that wait at Telegram stay. Raises TelegramRefused."""
    wishes = {"url": url, "secret_token": secret, "allowed_updates": list(UPDATES), "drop_pending_updates": False}
    await api(Call("setWebhook", wishes))


def route(
    secret: str, read: Callable[[Any], Inbound | None], receive: Take, turned_away: Callable[[str], None]
) -> Route:
    """The route for POSTed updates. 200: committed, or not for us. 503: come again. 403, 400, 413: not from Telegram."""
    return Route(PATH, _Webhook(secret.encode(), read, receive, turned_away), methods=["POST"])


_CLOSE = ((b"connection", b"close"),)  # the rest of the request need not be read
_MORE: Mapping[int, Sequence[tuple[bytes, bytes]]] = {503: ((b"retry-after", b"1"),), 403: _CLOSE, 413: _CLOSE}
_HEADER = SECRET_HEADER.lower().encode()  # as ASGI writes it


class _Webhook:
    """The webhook as plain ASGI: request and response objects would cost more here than all the work."""

    def __init__(
        self, secret: bytes, read: Callable[[Any], Inbound | None], receive: Take, turned_away: Callable[[str], None]
    ) -> None:
        self._secret, self._read, self._receive, self._turned_away = secret, read, receive, turned_away

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = await self._answer(scope, receive)
        more = _MORE.get(status, ())
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0"), *more]})
        await send({"type": "http.response.body"})

    async def _answer(self, scope: Scope, receive: Receive) -> int:
        given = next((value for name, value in scope["headers"] if name == _HEADER), b"")
        if not hmac.compare_digest(given, self._secret):
            self._turned_away("secret")
            return 403
        body = bytearray()
        message: Message = {"more_body": True}
        while message.get("more_body"):
            message = await receive()
            if message["type"] == "http.disconnect":
                return 400
            body += message.get("body", b"")
            if len(body) > LARGEST_BODY:  # refused while it comes in: nobody fills our memory
                return 413
        try:
            update = orjson.loads(body)
        except orjson.JSONDecodeError:
            return 400
        try:
            if inbound := self._read(update):
                await self._receive(inbound)
        except Unavailable:
            return 503
        return 200


def _mark(token: str, words: str) -> str:
    return hmac.new(token.encode(), words.encode(), hashlib.sha256).hexdigest()
