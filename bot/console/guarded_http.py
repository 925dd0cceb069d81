"""HTTP for strangers, bounded: the number of connections, the bytes, and the time that a head and a body may take.

The sender of a signed event is known only once the whole request is here, so memory, descriptors and time are given to
people whom nobody knows. Where there is no more room, **the connection that has taken longest over a request is
closed**: a platform's request is here within milliseconds, so it always finds room however many hold on to theirs.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot import metrics
from bot.settings import Settings

AHEAD = 4  # requests that a client may send before the first is answered; each takes far more memory than its bytes
HEADERS = 128  # of a request
LARGEST_HEAD = 64 << 10  # bytes; heads of platforms and proxies stay far below


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of a server: ``connections`` at a time; ``bytes`` of all requests not answered yet; seconds for a
    ``head`` and a ``body``.

    The seconds for a body are also those within which an answer must be taken.
    """

    connections: int = 256
    bytes: int = 32 << 20
    head: float = 10.0
    body: float = 10.0

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(settings.web_connections, settings.web_memory << 20, settings.web_head, settings.web_body)


@dataclass(slots=True)
class Room:
    """The room that all connections of a server share. ``waiting``: connections that owe us a request, or the rest of
    one, the longest first."""

    bounds: Bounds
    waiting: dict[GuardedHttp, None] = field(default_factory=dict)
    bytes: int = 0

    def make(self, reason: str, *, of_bytes: bool = False) -> bool:
        """Refuse the slowest connection (with ``of_bytes`` of those that hold bytes); whether there was one."""
        slowest = next((each for each in self.waiting if each.held or not of_bytes), None)
        if slowest:
            slowest.refuse(503, reason)
        return slowest is not None


def guarded(bounds: Bounds) -> type[GuardedHttp]:
    """The protocol class for one server (uvicorn's ``http``), whose connections share one room."""
    return type("Guarded", (GuardedHttp,), {"room": Room(bounds)})


class GuardedHttp(HttpToolsProtocol):
    """One connection. Bytes count as they come, headers included, until their request is complete and answered."""

    room: ClassVar[Room]

    def __init__(self, *args: Any, **how: Any) -> None:
        super().__init__(*args, **how)
        self.held = self._head = 0  # bytes
        self._deadline: asyncio.TimerHandle | None = None
        self._in_head = self._is_whole = True

    # ------------------------------------------------------------------------------------------ what comes

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        super().connection_made(transport)
        if len(self.connections) > self.room.bounds.connections and not self.room.make("connections"):
            self.refuse(503, "connections")
        else:
            self._begin()

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        was_in_head = self._in_head
        if self._is_whole:
            self._begin()
        self.held += len(data)
        self.room.bytes += len(data)
        super().data_received(data)
        if was_in_head and self._in_head and not self._is_whole:
            self._head += len(data)
            if self._head > LARGEST_HEAD:
                self.refuse(431, "head")
        while self.room.bytes > self.room.bounds.bytes and self.room.make("bytes", of_bytes=True):
            pass

    def on_message_begin(self) -> None:
        if len(self.pipeline) >= AHEAD:
            self.refuse(503, "ahead")
            raise ConnectionAbortedError  # so that the parser leaves the rest of these bytes alone
        super().on_message_begin()
        if self._is_whole:  # a further request, within the same bytes
            self._begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if len(self.headers) >= HEADERS:
            self.refuse(431, "head")
            raise ConnectionAbortedError
        super().on_header(name, value)

    def send_400_response(self, msg: str) -> None:
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._in_head = False
        self._until(self.room.bounds.body, "body")

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._in_head = self._is_whole = True
        self._forgotten()
        if self.cycle and self.cycle.response_complete:  # answered before the whole request had come
            self._idle()
            self._until(self.room.bounds.head, "head")

    def handle_websocket_upgrade(self) -> None:
        self._forgotten()
        self._release()
        super().handle_websocket_upgrade()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forgotten()
        self._release()
        super().connection_lost(exc)

    # ------------------------------------------------------------------------------------------ what goes

    def on_response_complete(self) -> None:
        are_more_behind = bool(self.pipeline)
        super().on_response_complete()
        if self._is_whole and not are_more_behind:
            self._idle()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._until(self.room.bounds.body, "answer")

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._is_whole:
            self._no_deadline()

    def refuse(self, status: int, reason: str) -> None:
        """Answer with a status, where an answer is owed and has not begun yet, and close."""
        metrics.refused(reason)
        self._forgotten()
        self._release()
        if self._owes_an_answer:
            self.transport.write(_ANSWERS[status])
        self.transport.close()
        if self.transport.get_write_buffer_size():  # a client that does not read is not waited for
            self.transport.abort()

    # ------------------------------------------------------------------------------------------ inside

    @property
    def _owes_an_answer(self) -> bool:
        """Not to a connection that is only kept for the next request: it would take ours for the answer to that."""
        if self.cycle and self.cycle.response_complete:
            return self._in_head and not self._is_whole
        return self.cycle is None or not self.cycle.response_started

    def _begin(self) -> None:
        """Note that a request has begun, or is expected at once: its head must be here in time."""
        self._is_whole, self._head = False, 0
        self.room.waiting.pop(self, None)
        self.room.waiting[self] = None
        self._until(self.room.bounds.head, "head")

    def _idle(self) -> None:
        """All is answered: keep the connection for a next request, for as long as nobody else needs the room."""
        self._release()
        if not self.transport.is_closing():
            self.room.waiting[self] = None

    def _forgotten(self) -> None:
        self.room.waiting.pop(self, None)
        self._no_deadline()

    def _release(self) -> None:
        self.room.bytes -= self.held
        self.held = 0

    def _until(self, seconds: float, what: str) -> None:
        self._no_deadline()
        self._deadline = self.loop.call_later(seconds, self.refuse, 408, f"{what} late")

    def _no_deadline(self) -> None:
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None


def _answer(line: str) -> bytes:
    again = "Retry-After: 1\r\n" if line.startswith("503") else ""
    return f"HTTP/1.1 {line}\r\n{again}Content-Length: 0\r\nConnection: close\r\n\r\n".encode()


_ANSWERS = {
    408: _answer("408 Request Timeout"),
    431: _answer("431 Request Header Fields Too Large"),
    503: _answer("503 Service Unavailable"),
}
