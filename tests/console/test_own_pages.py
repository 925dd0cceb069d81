"""Nobody but whoever sits at this machine presses the simulator's buttons."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import Message
from starlette.websockets import WebSocket

from bot.console.own_pages import OwnPages

OWN = [
    {"Host": "127.0.0.1:8080"},
    {"Host": "localhost:8080", "Origin": "http://localhost:8080"},
    {"Host": "[::1]:8080", "Origin": "http://[::1]:8080"},
    {"Host": "127.0.0.1:8080", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
]
FOREIGN = [
    {"Host": "evil.example", "Origin": "http://evil.example"},
    {"Host": "evil.example"},
    {"Host": "127.0.0.1.evil.example:8080"},
    {"Host": "127.0.0.1:8080", "Origin": "http://evil.example"},
    {"Host": "127.0.0.1:8080", "Origin": "http://127.0.0.1:9000"},
    {"Host": "localhost:8080", "Origin": "http://127.0.0.1:8080"},
    {"Host": "127.0.0.1:8080", "Origin": "null"},
    {"Host": "127.0.0.1:8080", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    {"Host": "rangkul.example.org:8080"},
    {"Host": ""},
    {"Host": "[::1"},
]


def simulator(*, anywhere: bool = False) -> OwnPages:
    async def page(_: Request) -> Response:
        return PlainTextResponse("dua HP")

    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.close()

    routes = [Route("/", page, methods=["GET", "POST"]), Route("/health/ready", page), WebSocketRoute("/ws", socket)]
    return OwnPages(Starlette(routes=routes), elsewhere=("/health/",), anywhere=anywhere)


async def asked(
    headers: dict[str, str], method: str = "GET", path: str = "/", *, anywhere: bool = False
) -> httpx.Response:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(simulator(anywhere=anywhere)), base_url="http://a"
    ) as web:
        return await web.request(method, path, headers=headers)


async def opens(headers: dict[str, str]) -> bool:
    """Whether a websocket is opened."""
    told: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        told.append(message)

    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await simulator()({"type": "websocket", "path": "/ws", "headers": raw}, receive, send)
    return bool(told[0]["type"] == "websocket.accept")


@pytest.mark.parametrize("headers", OWN)
async def test_its_own_page_is_shown_in_no_frame_and_may_open_a_socket(headers: dict[str, str]) -> None:
    shown = await asked(headers)
    assert (shown.status_code, shown.headers["x-frame-options"]) == (200, "DENY")
    assert await opens(headers)


@pytest.mark.parametrize("headers", FOREIGN)
async def test_a_foreign_host_or_origin_is_refused_for_pages_and_sockets(headers: dict[str, str]) -> None:
    assert [(await asked(headers, method)).status_code for method in ("GET", "POST")] == [403] * 2
    assert not await opens(headers)


async def test_where_it_is_meant_for_others_any_name_will_do_but_no_foreign_page() -> None:
    own, foreign = "http://desa.example", "http://evil.example"
    assert (await asked({"Host": "desa.example", "Origin": own}, anywhere=True)).status_code == 200
    assert (await asked({"Host": "desa.example", "Origin": foreign}, anywhere=True)).status_code == 403


async def test_what_is_no_page_is_reached_by_any_name() -> None:
    assert (await asked(FOREIGN[0], path="/health/ready")).status_code == 200
