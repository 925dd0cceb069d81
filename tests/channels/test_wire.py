"""The client that carries calls: kept connections, bounded waits, and never a doubt whether a request went out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from bot.channels import wire as wires
from bot.channels.wire import NoAnswer, Wire

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhalo"
CHUNKED = b"HTTP/1.1 429 Too Many\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nha\r\n2\r\nlo\r\n0\r\n\r\n"
LAST = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nhalo"


class Server:
    """Answers each request with what ``answer`` gives for it; b"" cuts the connection."""

    def __init__(self) -> None:
        self.connections = 0
        self.asked: list[bytes] = []
        self.answer: Callable[[bytes], bytes] = lambda body: OK
        self.url = ""
        self._open: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
                body = await reader.readexactly(length)
                self.asked.append(head + body)
                if not (answer := self.answer(body)):
                    return
                writer.write(answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    def hang_up(self) -> None:
        for writer in self._open:
            writer.close()


@asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    there = Server()
    server = await asyncio.start_server(there.serve, "127.0.0.1", 0)
    there.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield there
    finally:
        there.hang_up()
        server.close()
        await asyncio.sleep(0.01)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as there:
        yield there


@pytest.fixture
async def wire(server: Server) -> AsyncIterator[Wire]:
    made = Wire(server.url, 4, {"X-Mark": "kopi"})
    yield made
    made.close()


async def test_requests_one_after_another_share_a_connection_and_bear_its_headers(server: Server, wire: Wire) -> None:
    for _ in range(3):
        assert await wire.post("/a", b"{}") == (200, b"halo")
    assert server.connections == 1
    assert server.asked[0].startswith(b"POST /a HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"X-Mark: kopi\r\n" in server.asked[0]


async def test_an_answer_in_pieces_is_read_whole(server: Server, wire: Wire) -> None:
    server.answer = lambda body: CHUNKED
    assert await wire.post("/a", b"{}") == (429, b"halo")
    assert await wire.post("/a", b"{}") == (429, b"halo")
    assert server.connections == 1


async def test_no_more_connections_are_opened_than_allowed_and_everybody_is_answered(
    server: Server, wire: Wire
) -> None:
    answers = await asyncio.gather(*(wire.post("/a", str(number).encode()) for number in range(30)))
    assert answers == [(200, b"halo")] * 30
    assert server.connections <= 4


async def test_a_connection_that_the_server_lets_go_is_not_used_again(server: Server, wire: Wire) -> None:
    server.answer = lambda body: LAST
    await wire.post("/a", b"{}")
    assert await wire.post("/a", b"{}") == (200, b"halo")
    assert server.connections == 2
    server.answer = lambda body: OK
    await wire.post("/a", b"{}")
    server.hang_up()
    await asyncio.sleep(0.02)
    assert await wire.post("/a", b"{}") == (200, b"halo")


async def test_a_connection_that_was_idle_for_long_is_not_trusted(
    server: Server, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    await wire.post("/a", b"{}")
    monkeypatch.setattr(wires, "KEPT", -1.0)
    await wire.post("/a", b"{}")
    assert server.connections == 2


async def test_a_request_that_went_out_without_an_answer_is_said_to_be_written(server: Server, wire: Wire) -> None:
    server.answer = lambda body: b""
    with pytest.raises(NoAnswer) as cut:
        await wire.post("/secret", b"{}")
    assert cut.value.written
    assert "secret" not in str(cut.value)


async def test_nobody_waits_longer_than_their_patience_and_the_late_answer_goes_to_nobody_else(
    server: Server, wire: Wire
) -> None:
    server.answer = lambda body: OK[:-1]
    with pytest.raises(NoAnswer) as late:
        await wire.post("/a", b"{}", patience=0.01)
    assert (late.value.written, str(late.value)) == (True, "TimeoutError")
    server.answer = lambda body: OK
    assert await wire.post("/a", b"{}") == (200, b"halo")
    assert server.connections == 2


async def test_what_is_no_http_is_no_answer(server: Server, wire: Wire) -> None:
    server.answer = lambda body: b"halo, ini bukan HTTP\r\n\r\n"
    with pytest.raises(NoAnswer) as odd:
        await wire.post("/a", b"{}")
    assert odd.value.written


async def test_without_a_connection_nothing_was_written(server: Server) -> None:
    unused = Wire("http://127.0.0.1:9", 1)
    with pytest.raises(NoAnswer) as refused:
        await unused.post("/a", b"{}")
    assert not refused.value.written


async def test_after_closing_a_request_still_goes_out_on_a_connection_of_its_own(server: Server, wire: Wire) -> None:
    await wire.post("/a", b"{}")
    wire.close()
    assert await wire.post("/a", b"{}") == (200, b"halo")
    assert server.connections == 2
    wire.open()
    await wire.post("/a", b"{}")
    await wire.post("/a", b"{}")
    assert server.connections == 3
