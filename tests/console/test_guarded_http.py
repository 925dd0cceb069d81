"""What strangers may take of the machine before they are known: connections, bytes and time."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import metrics
from bot.channels import telegram_webhook, whatsapp_webhook
from bot.channels.base import Inbound, Notice, PlatformStatus
from bot.console.guarded_http import LARGEST_HEAD, Bounds
from tests.channels.on_platform import served

SECRET = "rahasia"
SIGNED = "X-Hub-Signature-256: sha256=" + "0" * 64
BODY = b'{"entry":[]}'
MANY = 40


class Door:
    """A web server with both webhooks, and connections to it."""

    def __init__(self, port: int, opened: AsyncExitStack) -> None:
        self._port, self._opened = port, opened

    async def says(self, sent: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._opened.callback(writer.close)
        writer.write(sent)
        return reader, writer

    async def answer(self, sent: bytes) -> bytes:
        """All that is answered until the connection is closed; b"" for none."""
        reader, _ = await self.says(sent)
        async with asyncio.timeout(5):
            try:
                return await reader.read()
            except ConnectionResetError:
                return b""

    async def status(self, sent: bytes) -> int:
        reader, _ = await self.says(sent)
        async with asyncio.timeout(5):
            return int((await reader.readline()).split()[1])


@asynccontextmanager
async def door(bounds: Bounds) -> AsyncIterator[Door]:
    async def taken(_: Inbound | PlatformStatus | Notice) -> str:
        return ""

    async def echo(request: Request) -> Response:
        return Response(await request.body())

    routes = [
        *whatsapp_webhook.routes(SECRET, "kata", lambda _: [], taken, lambda _: None),
        telegram_webhook.route(SECRET, lambda _: None, taken, lambda _: None),
        Route("/echo", echo, methods=["POST"]),
    ]
    with socket.create_server(("127.0.0.1", 0)) as listening:
        async with served(routes, listening, bounds), AsyncExitStack() as opened:
            yield Door(listening.getsockname()[1], opened)


def posted(path: str, body: bytes, length: int | None = None, *more: str) -> bytes:
    lines = (f"POST {path} HTTP/1.1", "Host: a", f"Content-Length: {len(body) if length is None else length}", *more)
    return "\r\n".join((*lines, "", "")).encode() + body


def signed(body: bytes = BODY) -> bytes:
    mark = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return posted("/webhook/whatsapp", body, None, f"X-Hub-Signature-256: sha256={mark}")


async def test_of_requests_sent_ahead_of_their_answers_a_few_are_taken_whatever_number_one_packet_holds() -> None:
    """Each takes a hundred times its bytes in memory, and none of a platform's come so."""
    asks = posted("/echo", b"a")
    async with door(Bounds()) as there:
        assert (await there.answer(asks * 2 + posted("/echo", b"b", None, "Connection: close"))).count(b"200 OK") == 3
        assert (await there.answer(asks * 500)).count(b"200 OK") <= 1
        assert await there.status(signed()) == 200


async def test_a_head_of_more_lines_than_anybody_needs_is_refused() -> None:
    async with door(Bounds()) as there:
        assert await there.status(posted("/echo", b"a", None, *["a: b"] * 500)) == 431
        assert await there.status(posted("/echo", b"a", None, *["a: b"] * 50)) == 200


async def test_of_many_half_sent_bodies_so_many_stay_as_there_is_room_and_a_platforms_own_is_taken_all_the_while() -> (
    None
):
    half = posted("/webhook/whatsapp", b"x" * 60_000, 3_000_000, SIGNED)
    async with door(Bounds(bytes=600_000, body=60)) as there:
        held = [await there.says(half) for _ in range(MANY)]
        assert await there.status(signed()) == 200
        refused = [reader for reader, _ in held[: MANY - 10]]
        async with asyncio.timeout(5):
            answers = [await reader.readline() for reader in refused]
        assert {answer.split()[1] for answer in answers if answer} == {b"503"}
        assert await there.status(signed()) == 200


async def test_of_many_connections_the_oldest_that_say_nothing_give_way_to_whoever_has_something_to_say() -> None:
    async with door(Bounds(connections=10, head=60)) as there:
        silent = [await there.says(b"POST /webhook") for _ in range(MANY)]
        assert [await there.status(signed()) for _ in range(3)] == [200] * 3
        async with asyncio.timeout(5):
            assert (await silent[0][0].readline()).split()[1] == b"503"


@pytest.mark.parametrize(
    "slow",
    [
        b"",
        b"POST /webhook/whatsapp HTTP/1.1\r\nHost: a\r\n",
        posted("/webhook/whatsapp", b"{", 1000, SIGNED),
        posted("/webhook/telegram", b"{", 1000, f"X-Telegram-Bot-Api-Secret-Token: {SECRET}"),
        b"\r\n",
        signed() + b"GET /",
        b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
        posted("/no/such/page", b"{", 1000),
    ],
    ids=["nothing", "head", "body", "telegram", "line", "head behind", "chunks", "nowhere"],
)
async def test_who_takes_too_long_over_a_request_is_hung_up_on(slow: bytes) -> None:
    async with door(Bounds(head=0.05, body=0.05)) as there:
        answered = await there.answer(slow)
        assert answered == b"" or b"408 " in answered or answered.startswith(b"HTTP/1.1 404")


async def test_a_connection_that_is_kept_for_the_next_request_is_let_go_without_a_word() -> None:
    async with door(Bounds(connections=8)) as there:
        kept, _ = await there.says(signed())
        async with asyncio.timeout(5):
            first = await kept.readuntil(b"\r\n\r\n")
            for _ in range(8):
                await there.says(b"POST /")
            assert await kept.read() == b""
        assert b" 200 " in first


async def test_a_head_without_end_is_not_read_to_its_end() -> None:
    async with door(Bounds()) as there:
        endless = b"GET / HTTP/1.1\r\nX: " + b"a" * LARGEST_HEAD
        assert b" 431 " in await there.answer(endless)
        assert b" 431 " in await there.answer(b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * (LARGEST_HEAD // 5))


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (posted("/webhook/whatsapp", b"{}", 3_000_000), 403),
        (posted("/webhook/whatsapp", b"{}", 3_000_000, "X-Hub-Signature-256: sha256=abc"), 403),
        (posted("/webhook/whatsapp", b"{}", 300_000_000, SIGNED), 413),
        (posted("/webhook/telegram", b"{}", 3_000_000), 403),
    ],
    ids=["unsigned", "no signature", "too large", "no secret"],
)
async def test_what_cannot_be_a_platforms_own_is_refused_before_its_body_has_come(request_: bytes, status: int) -> None:
    async with door(Bounds()) as there:
        assert f" {status} ".encode() in await there.answer(request_)


async def test_a_connection_serves_one_request_after_another_and_many_at_once() -> None:
    async with door(Bounds(head=5, body=5)) as there:
        reader, writer = await there.says(posted("/echo", b"satu") + posted("/echo", b"dua"))
        async with asyncio.timeout(5):
            got = await reader.readuntil(b"dua")
            writer.write(posted("/echo", b"x" * 20_000 + b"tiga"))
            got += await reader.readuntil(b"tiga")
        assert got.count(b"HTTP/1.1 200 OK") == 3


async def test_whoever_does_not_take_an_answer_is_not_waited_for() -> None:
    def given_up() -> float:
        return metrics.REGISTRY.get_sample_value("rangkul_web_refused_total", {"reason": "answer late"}) or 0.0

    before = given_up()
    async with door(Bounds(body=0.5)) as there:
        await there.says(posted("/echo", b"x" * 20_000_000))  # a client reads no more than some 64 KiB ahead
        async with asyncio.timeout(5):
            while given_up() == before:
                await asyncio.sleep(0.01)
