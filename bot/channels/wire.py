"""An HTTP/1.1 client for POSTs to one server over kept connections: asyncio, with answers parsed by llhttp.

Calls to a platform cost more than all the rest of a turn when a general client carries them: most of that goes into
features that these calls never use (redirects, cookies, compression, proxies). Those are left out here, and nothing
else: names are resolved and both families of addresses tried (RFC 8305), certificates checked, waits bounded.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import Mapping
from types import MappingProxyType
from typing import cast
from urllib.parse import urlsplit

from aiohappyeyeballs import start_connection
from httptools import HttpParserError, HttpResponseParser

KEPT = 15.0  # seconds; a connection that was idle for longer may be dead without anybody having said so
SECOND_FAMILY = 0.25  # seconds until the other family of addresses is tried too (RFC 8305, section 5)


class NoAnswer(Exception):  # noqa: N818 - named for what happened
    """Raised when a request got no answer; its text is the type of the error alone, for URLs hold secrets.

    ``written``: the request was written to the connection, so it may have been carried out all the same.
    """

    def __init__(self, reason: str, *, written: bool) -> None:
        super().__init__(reason)
        self.written = written


class Wire:
    """The client of one server, ``base`` (http or https), with so many connections at most; further requests wait their
    turn.

    ``headers`` go with every request.
    """

    def __init__(self, base: str, connections: int, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        at = urlsplit(base)
        self._host, self._port = at.hostname or "", at.port or (443 if at.scheme == "https" else 80)
        self._secure = at.scheme == "https"
        self._tls: ssl.SSLContext | None = None
        all_of_them = {"Host": at.netloc.rpartition("@")[2], "Accept": "*/*", **headers}
        self._headers = " HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in all_of_them.items())
        self._free = asyncio.Semaphore(connections)
        self._idle: deque[_Line] = deque()
        self._keeps = True

    def open(self) -> None:
        """Keep connections open for the next request from now on."""
        self._keeps = True

    def close(self) -> None:
        """Close idle connections; requests under way end first, and a later request gets a connection of its own."""
        self._keeps = False
        while self._idle:
            self._idle.pop().close()

    async def post(
        self, path: str, body: bytes, *, kind: str = "application/json", connecting: float = 10, patience: float = 30
    ) -> tuple[int, bytes]:
        """Status and content of the answer; ``kind`` is the content type. ``connecting`` and ``patience`` bound the
        waits, in seconds. Raises NoAnswer."""
        written = False
        try:
            async with self._free:
                kept = self._take()
                line = kept if kept else await asyncio.wait_for(self._connected(), connecting)
                written = True
                try:
                    head = f"POST {path}{self._headers}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
                    return await line.ask(head.encode() + body, patience)
                finally:
                    self._put_back(line)
        except (OSError, HttpParserError) as error:  # TimeoutError and ssl.SSLError among them
            raise NoAnswer(type(error).__name__, written=written) from None

    async def _connected(self) -> _Line:
        loop = asyncio.get_running_loop()
        if self._secure and self._tls is None:
            self._tls = ssl.create_default_context()
        addresses = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        connected = await start_connection(addresses, happy_eyeballs_delay=SECOND_FAMILY)
        name = self._host if self._secure else None
        _, line = await loop.create_connection(_Line, sock=connected, ssl=self._tls, server_hostname=name)
        return line

    def _take(self) -> _Line | None:
        """The idle connection that was used last, None for none; connections idle for too long are closed."""
        now = asyncio.get_running_loop().time()
        while self._idle and now - self._idle[0].idle_since > KEPT:
            self._idle.popleft().close()
        while self._idle:
            line = self._idle.pop()
            if line.is_open:
                return line
        return None

    def _put_back(self, line: _Line) -> None:
        if self._keeps and line.is_open and line.is_answered:
            line.idle_since = asyncio.get_running_loop().time()
            self._idle.append(line)
        else:
            line.close()


class _Line(asyncio.Protocol):
    """One connection: one request at a time, until either side closes it. The parser calls the ``on_`` methods."""

    def __init__(self) -> None:
        self.idle_since = 0.0
        self.is_open = False
        self.is_answered = False  # whether the answer is whole, and the server keeps the connection
        self._transport: asyncio.Transport | None = None
        self._parser = HttpResponseParser(self)
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._content: list[bytes] = []

    async def ask(self, request: bytes, patience: float) -> tuple[int, bytes]:
        """Status and content of the answer. Raises OSError or HttpParserError; TimeoutError, which is an OSError, after
        ``patience`` seconds."""
        loop = asyncio.get_running_loop()
        self._answer = loop.create_future()
        self._content, self.is_answered = [], False
        if self._transport is None or not self.is_open:
            raise ConnectionResetError
        self._transport.write(request)
        late = loop.call_later(patience, self._fail, TimeoutError())
        try:
            return await self._answer
        finally:
            late.cancel()

    def close(self) -> None:
        self.is_open = False
        if self._transport:
            self._transport.close()

    # ------------------------------------------------------------------------------------------ asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self.is_open = cast(asyncio.Transport, transport), True  # of uvloop, which inherits nothing

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        self._fail(exc if isinstance(exc, OSError) else ConnectionResetError())

    def data_received(self, data: bytes) -> None:
        if self._answer is None or self._answer.done():
            self.close()  # an answer without a request: some servers send one before they close an idle connection
            return
        try:
            self._parser.feed_data(data)
        except HttpParserError as error:
            self._fail(error)

    # ------------------------------------------------------------------------------------------ the parser's calls

    def on_body(self, body: bytes) -> None:
        self._content.append(body)

    def on_message_complete(self) -> None:
        self.is_answered = self._parser.should_keep_alive()
        if self._answer and not self._answer.done():
            self._answer.set_result((self._parser.get_status_code(), b"".join(self._content)))

    def _fail(self, error: Exception) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(error)
