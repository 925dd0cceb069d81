"""Telegram by webhook: a plain route that acknowledges an update once it is safely ours."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from .base import Inbound, Take, Unavailable
from .telegram import UPDATES, Call
from .telegram_refusals import Api

PATH = "/webhook/telegram"
LARGEST_BODY = 1 << 20  # bytes; a real update stays far below
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header


def own_secret(token: str) -> str:
    """A secret for whoever sets none: nobody without the token can know it."""
    return _mark(token, "webhook secret")


def address(public_url: str, token: str, secret: str) -> str:
    """Where Telegram shall bring updates. It bears a mark of the secret, for Telegram never tells which one it has."""
    return f"{public_url.rstrip('/')}{PATH}?v={_mark(token, secret)[:12]}"


async def register(api: Api, url: str, secret: str) -> None:
    """Tell Telegram where to bring updates, unless it is told already; what waits there stays. Raises Refused."""
    known = await api(Call("getWebhookInfo"))
    if known.get("url") == url and sorted(known.get("allowed_updates", ())) == sorted(UPDATES):
        return
    wishes = {"url": url, "secret_token": secret, "allowed_updates": list(UPDATES), "drop_pending_updates": False}
    await api(Call("setWebhook", wishes))


def route(secret: str, read: Callable[[Any], Inbound | None], receive: Take) -> Route:
    """POST an update. 200: ours, or not for us. 503: come again. 403, 400, 413: not from Telegram."""

    async def take(request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode("latin-1"), secret.encode()):
            return Response(status_code=403)
        try:
            body = await _body(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return Response(status_code=413)
        try:
            update = orjson.loads(body)
        except orjson.JSONDecodeError:
            return Response(status_code=400)
        try:
            if inbound := read(update):
                await receive(inbound)
        except Unavailable:
            return Response(status_code=503, headers={"Retry-After": "1"})
        return Response()

    return Route(PATH, take, methods=["POST"])


async def _body(request: Request) -> bytes | None:
    """The whole body, or None as soon as it is too large: nobody fills our memory."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_BODY:
            return None
    return bytes(body)


def _mark(token: str, words: str) -> str:
    return hmac.new(token.encode(), words.encode(), hashlib.sha256).hexdigest()
