"""WhatsApp by webhook: plain routes that acknowledge a body once all its events are committed."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from .base import Inbound, Receive, Unavailable
from .whatsapp_reading import Event

PATH = "/webhook/whatsapp"
LARGEST_BODY = 3 << 20  # bytes; Meta says that none is larger
SIGNATURE_HEADER = "X-Hub-Signature-256"

_SIGNATURE = re.compile(r"sha256=[0-9a-f]{64}", re.ASCII)
_CLOSE = {"Connection": "close"}


def routes(
    app_secret: str,
    verify_token: str,
    read: Callable[[Any], Sequence[Event]],
    receive: Receive,
    turned_away: Callable[[str], None],
) -> list[Route]:
    """The routes. GET: Meta checks that we are the one meant. POST: events; 200 once all are committed, 503: come
    again, 403: not Meta."""

    async def greet(request: Request) -> Response:
        asked = request.query_params
        known = hmac.compare_digest(asked.get("hub.verify_token", "").encode(), verify_token.encode())
        if asked.get("hub.mode") != "subscribe" or not known:
            turned_away("verify token")
            return Response(status_code=403)
        return PlainTextResponse(asked.get("hub.challenge", ""))

    async def take(request: Request) -> Response:
        body = await _body(request)
        if body == 403:
            turned_away("no signature")
        if isinstance(body, int):
            return Response(status_code=body, headers=_CLOSE)
        if not signed(body, app_secret, request.headers.get(SIGNATURE_HEADER, "")):
            turned_away("signature")
            return Response(status_code=403)
        try:
            told = _read(body)
        except (ValueError, RecursionError):
            return Response(status_code=400)
        if await _all(read(told), receive):
            return Response()
        return Response(status_code=503, headers={"Retry-After": "1"})

    return [Route(PATH, greet, methods=["GET"]), Route(PATH, take, methods=["POST"])]


def signed(body: bytes | bytearray, app_secret: str, signature: str) -> bool:
    """Whether Meta signed these very bytes: JSON that is parsed and written anew would have another signature."""
    wanted = "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted.encode(), signature.encode("utf-8", "replace"))


async def _all(events: Sequence[Event], receive: Receive) -> bool:
    """Hand all events over: those of one person in their order, people beside each other. True when all were taken.

    Where an event was not taken, the whole body comes again, and events taken before are known by their ids.
    """
    lines: dict[object, list[Event]] = defaultdict(list)
    for event in events:
        lines[event.address if isinstance(event, Inbound) else id(event)].append(event)

    async def one_after_another(line: list[Event]) -> None:
        for event in line:
            await receive(event)

    taken = await asyncio.gather(*map(one_after_another, lines.values()), return_exceptions=True)
    for outcome in taken:
        if isinstance(outcome, BaseException) and not isinstance(outcome, Unavailable):
            raise outcome
    return not any(taken)


def _read(body: bytes | bytearray) -> Any:
    """The JSON of a body. A name that was cut within an emoji must not hold back the rest of the body."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return json.loads(body)  # slower, and takes half of a surrogate pair


async def _body(request: Request) -> bytearray | int:
    """The whole body; or an HTTP status as soon as the body cannot be Meta's: nobody fills our memory."""
    if not _SIGNATURE.fullmatch(request.headers.get(SIGNATURE_HEADER, "")):
        return 403  # Meta signs everything, so an unsigned body need not be read
    length = request.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > LARGEST_BODY:
        return 413
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > LARGEST_BODY:
                return 413
    except ClientDisconnect:
        return 400
    return body
