"""The floor: a parser of HTTP, a template, a call. No dialogue, nothing stored: what is left when all that is useful goes."""

from __future__ import annotations

import asyncio
import sys
from typing import Any, cast

import orjson
import uvloop
from httptools import HttpRequestParser

from bot.channels.wire import Wire

KEYS = [[{"text": f"Pilihan {n}", "callback_data": f"p:{n}"}] for n in range(4)]
WORDS = "Pertanyaan berikutnya, boleh dijawab singkat?"
PATH = f"/bot4242424242:{'A' * 35}/"


class Hook(asyncio.Protocol):
    """A connection of the platform; the parser calls the ``on_`` methods."""

    def __init__(self, wire: Wire) -> None:
        self._wire, self._parser, self._body = wire, HttpRequestParser(self), bytearray()
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        update, self._body = orjson.loads(self._body), bytearray()
        self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        task = asyncio.create_task(self._answer(update))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, update: dict[str, Any]) -> None:
        if query := update.get("callback_query"):
            await self._wire.post(f"{PATH}answerCallbackQuery", orjson.dumps({"callback_query_id": query["id"]}))
        chat = (query or update)["message"]["chat"]["id"]
        message = {"chat_id": chat, "text": WORDS, "reply_markup": {"inline_keyboard": KEYS}}
        await self._wire.post(f"{PATH}sendMessage", orjson.dumps(message))


async def run(api: str, port: int) -> None:
    wire = Wire(api, 256)
    server = await asyncio.get_running_loop().create_server(lambda: Hook(wire), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(run(sys.argv[1], int(sys.argv[2])))
