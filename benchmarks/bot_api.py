"""A Bot API server that does no more than answer, and quickly: for speed alone.

What the real one would refuse it takes; ``tests/standins/bot_api.py`` is the strict one.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import parse_qsl

import orjson
from httptools import HttpRequestParser

SHOWN = ("sendMessage", "editMessageText")
BOT = {"id": 4242424242, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"


class BotApi:
    """``show(chat, message, at)`` is called with each message as it reaches its chat; ``latency`` is seconds a call."""

    def __init__(self, show: Callable[[int, dict[str, Any], float], None], latency: float = 0.0) -> None:
        self.show, self.latency = show, latency
        self.calls: Counter[str] = Counter()
        self._message = 1000
        self._server: asyncio.Server | None = None

    async def start(self) -> str:
        """Its address."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", 0, backlog=1024)
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"http://{host}:{port}"

    def stop(self) -> None:
        if self._server:
            self._server.close()

    def answer(self, method: str, params: dict[str, Any]) -> bytes:
        """Carry out a call; the body of its answer."""
        self.calls[method] += 1
        if method == "getMe":
            return orjson.dumps({"ok": True, "result": BOT})
        if method == "getWebhookInfo":
            return b'{"ok":true,"result":{"url":"","has_custom_certificate":false,"pending_update_count":0}}'
        if method not in (*SHOWN, "editMessageReplyMarkup"):
            return b'{"ok":true,"result":true}'
        chat = int(params["chat_id"])
        self._message += 1
        message = {
            "message_id": int(params.get("message_id", self._message)),
            "date": int(time.time()),
            "chat": {"id": chat, "type": "private", "first_name": "Siti"},
            "from": BOT,
            "text": params.get("text", "-"),
        }
        markup = params.get("reply_markup")
        if markup:
            markup = orjson.loads(markup) if isinstance(markup, str) else markup
            message |= {"reply_markup": markup} if "inline_keyboard" in markup else {}
        if method in SHOWN:
            self.show(chat, message, time.perf_counter())
        return orjson.dumps({"ok": True, "result": message})


class _Connection(asyncio.Protocol):
    """One connection of a bot; the parser calls the ``on_`` methods."""

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self._parser = HttpRequestParser(self)
        self._path, self._kind, self._body = b"", b"", bytearray()
        self._due: deque[tuple[str, dict[str, Any]]] = deque()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self._path, self._kind, self._body = url, b"", bytearray()

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"content-type":
            self._kind = value

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        method = self._path.partition(b"?")[0].rpartition(b"/")[2].decode()
        self._due.append((method, _params(self._kind, bytes(self._body))))
        if self._api.latency:
            asyncio.get_running_loop().call_later(self._api.latency, self._answer)
        else:
            self._answer()

    def _answer(self) -> None:
        body = self._api.answer(*self._due.popleft())
        if self._transport.is_closing():  # done, but whoever asked has given up waiting
            return
        self._transport.write(_ANSWER % (len(body), body))


def _params(kind: bytes, body: bytes) -> dict[str, Any]:
    if kind.startswith(b"application/json"):
        return dict(orjson.loads(body)) if body else {}
    if kind.startswith(b"multipart/"):
        return dict(_fields(body))
    return dict(parse_qsl(body.decode()))


def _fields(body: bytes) -> list[tuple[str, str]]:
    mark = body[: body.index(b"\r\n")]
    parts = (part.partition(b"\r\n\r\n") for part in body.split(mark)[1:-1])
    return [(head.partition(b'name="')[2].partition(b'"')[0].decode(), value[:-2].decode()) for head, _, value in parts]
