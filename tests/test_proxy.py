"""The delivered Caddyfile in a real Caddy, where there is one, before a server of ours that tells what reached it."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

pytestmark = [pytest.mark.long, pytest.mark.skipif(not shutil.which("caddy"), reason="Caddy is not installed")]

CADDYFILE = Path(__file__).parents[1] / "deploy/Caddyfile"
NAME = "bot.example.id"
LATE = 30.0  # seconds; what the proxy ends itself is over before


@dataclass
class Proxied:
    """A proxy at ``port``. ``reached``: the heads of requests that it passed on. ``log``: what it wrote."""

    port: int
    reached: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    async def ask(self, line: str, *, head: str = "", body: bytes = b"", host: str = NAME) -> tuple[int, float]:
        """The status of the answer, 0 when the connection ends without one, and how many seconds it took."""
        return await self.send(f"{line} HTTP/1.1\r\nHost: {host}:{self.port}\r\n{head}\r\n".encode() + body)

    async def send(self, raw: bytes) -> tuple[int, float]:
        began = asyncio.get_running_loop().time()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        told = b""
        with suppress(ConnectionError):
            writer.write(raw)
            told = await asyncio.wait_for(reader.readline(), LATE)
        writer.close()
        return int(told.split()[1]) if told else 0, asyncio.get_running_loop().time() - began


def free_ports(count: int) -> list[int]:
    holders = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports: list[int] = [holder.getsockname()[1] for holder in holders]
    for holder in holders:
        holder.close()
    return ports


@asynccontextmanager
async def proxied(folder: Path, *, is_up: bool = True) -> AsyncIterator[Proxied]:
    """The proxy as delivered, but for its ports and a shorter wait for a server that is down."""
    port, plain, health, down = free_ports(4)
    proxy = Proxied(port)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                proxy.reached.append(head)
                length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
                await reader.readexactly(int(length[1]) if length else 0)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    text = CADDYFILE.read_text(encoding="utf-8").replace("lb_try_duration 10s", "lb_try_duration 300ms")
    file = folder / "Caddyfile"
    file.write_text(text.replace("http:// {", f"http://:{plain} {{").replace(":2020", f":{health}"), encoding="utf-8")
    upstream = server.sockets[0].getsockname()[1] if is_up else down
    caddy = await asyncio.create_subprocess_exec(
        "caddy",
        *("run", "--config", str(file), "--adapter", "caddyfile"),
        env=os.environ
        | {"RANGKUL_PUBLIC_URL": f"http://{NAME}:{port}", "UPSTREAM": f"127.0.0.1:{upstream}"}
        | {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)},
        stderr=asyncio.subprocess.PIPE,
    )
    assert caddy.stderr
    while "serving initial configuration" not in (line := (await caddy.stderr.readline()).decode()):
        assert line, "Caddy ended"
    try:
        yield proxy
    finally:
        caddy.terminate()
        proxy.log += (await caddy.stderr.read()).decode().splitlines()
        await caddy.wait()
        server.close()


async def test_a_strangers_broken_or_endless_body_keeps_nobody_waiting(tmp_path: Path) -> None:
    async with proxied(tmp_path) as proxy:
        for head, body in (
            ("Transfer-Encoding: chunked\r\n", b"zz\r\n"),
            ("Content-Length: 4000000\r\n", bytes(4_000_000)),
        ):
            status, _ = await proxy.ask("POST /webhook/whatsapp", head=head, body=body)
            assert status != 200
            status, took = await proxy.ask("POST /webhook/telegram", head="Content-Length: 2\r\n", body=b"{}")
            assert (status, took < 1) == (200, True)


async def test_whoever_is_slow_over_a_head_is_hung_up_on(tmp_path: Path) -> None:
    async with proxied(tmp_path) as proxy:
        silent, half = await asyncio.gather(proxy.send(b""), proxy.send(b"POST /webhook/whatsapp HTTP/1.1\r\nX"))
        assert max(silent[1], half[1]) < 10
        assert (await proxy.ask("GET /health/ready", head=f"X: {'a' * 40_000}\r\n"))[0] == 431


async def test_nothing_but_webhooks_and_readiness_reaches_us_and_a_caller_cannot_say_where_it_comes_from(
    tmp_path: Path,
) -> None:
    async with proxied(tmp_path) as proxy:
        for path in (
            "/",
            "/metrics",
            "/health/live",
            "/webhook/../metrics",
            "/webhook/other",
            "/_nicegui/x",
            "//metrics",
        ):
            assert (await proxy.ask(f"GET {path}"))[0] == 404
        await proxy.ask("GET /health/ready", host="evil.example")
        assert proxy.reached == []
        spoofed = "X-Forwarded-For: 10.9.8.7\r\nX-Forwarded-Host: evil.example\r\nConnection: x-forwarded-for\r\n"
        assert (await proxy.ask("GET /health/ready", head=spoofed))[0] == 200
    (head,) = proxy.reached
    assert "x-forwarded-for: 127.0.0.1\r\n" in head.lower()
    assert "10.9.8.7" not in head
    assert "evil" not in head


async def test_a_delivery_that_fails_leaves_no_secret_in_the_log(tmp_path: Path) -> None:
    async with proxied(tmp_path, is_up=False) as proxy:
        secret = "X-Telegram-Bot-Api-Secret-Token: rahasia\r\nContent-Length: 2\r\n"
        assert (await proxy.ask("POST /webhook/telegram?v=rahasia", head=secret, body=b"{}"))[0] == 502
    assert [line for line in proxy.log if "http.log.error" in line]
    assert [line for line in proxy.log if "rahasia" in line] == []
