"""``rangkul serve --only``: the roles spread over processes on one PostgreSQL do together what one process does."""

from __future__ import annotations

import asyncio
import signal
import socket
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from tests.channels.test_serve_telegram import mebibytes, serving
from tests.standins.bot_api import BotApi

SECRET = "rahasia-percobaan"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


async def ready(port: int) -> dict[str, object]:
    """What a process answers at /health/ready once it is."""
    async with aiohttp.ClientSession() as http, asyncio.timeout(60):
        while True:
            try:
                async with http.get(f"http://127.0.0.1:{port}/health/ready") as answer:
                    if answer.status == 200:
                        return dict((await answer.json())["parts"])
            except aiohttp.ClientConnectionError:
                pass
            await asyncio.sleep(0.1)


async def test_web_delivery_and_clock_apart_answer_an_owner_and_each_tells_how_its_own_parts_are(
    tmp_path: Path, postgres_url: str
) -> None:
    settings = {
        "RANGKUL_DATABASE_URL": postgres_url,
        "RANGKUL_TELEGRAM_MODE": "webhook",
        "RANGKUL_PUBLIC_URL": "https://rangkul.invalid",
        "RANGKUL_TELEGRAM_WEBHOOK_SECRET": SECRET,
        "RANGKUL_SIMULATOR": "false",
    }
    async with BotApi() as api, AsyncExitStack() as stack:
        ports, processes = {}, {}
        for role in ("web", "delivery", "clock"):
            ports[role] = free_port()
            processes[role] = await stack.enter_async_context(
                serving(api, tmp_path, role, **settings, RANGKUL_PORT=str(ports[role]))
            )
            if role == "web":
                await ready(ports[role])  # it makes the key that the others find
        parts = {role: set(await ready(port)) for role, port in ports.items()}
        await api.until(lambda: api.updates.webhook.url)
        assert len(api.made("setWebhook")) == 1
        api.updates.leads_to = f"http://127.0.0.1:{ports['web']}/webhook/telegram"
        siti = api.person(7)
        siti.say("halo")
        await api.until(lambda: any(shown.rows for shown in siti.screen), 30)
        siti.tap("Ya, boleh")
        await api.until(lambda: "panggil siapa" in siti.screen[-1].text and not siti.spinning, 30)
        memory = {role: mebibytes(process) for role, process in processes.items()}
        print({role: round(held) for role, held in memory.items()})  # noqa: T201 - figures for a reader
        assert memory["delivery"] < 200
        for process in processes.values():
            process.send_signal(signal.SIGTERM)
        assert [await asyncio.wait_for(process.wait(), 10) for process in processes.values()] == [0, 0, 0]
    assert api.problems == []
    everywhere = {"writer", "database", "schema", "key"}
    assert parts["web"] == everywhere | {"receiving"}
    assert parts["delivery"] == everywhere | {"delivery", "replies"}
    assert parts["clock"] == everywhere | {"clock", "pump"}


@pytest.mark.long
async def test_two_pollers_share_a_token_and_the_second_takes_over(tmp_path: Path, postgres_url: str) -> None:
    more = {"RANGKUL_DATABASE_URL": postgres_url, "RANGKUL_SIMULATOR": "false"}
    async with BotApi() as api, AsyncExitStack() as stack:
        siti = api.person(7)
        siti.say("halo")
        first = await stack.enter_async_context(serving(api, tmp_path, "telegram,delivery", **more))
        await api.until(lambda: any(shown.rows for shown in siti.screen), 60)
        port = free_port()
        await stack.enter_async_context(serving(api, tmp_path, "telegram", "delivery", **more, RANGKUL_PORT=str(port)))
        await ready(port)
        assert [call for call in api.made("getUpdates") if call.status == 409] == [], "both have asked"
        first.send_signal(signal.SIGTERM)
        await first.wait()
        siti.tap("Ya, boleh")
        await api.until(lambda: "panggil siapa" in siti.screen[-1].text, 30)


async def test_what_cannot_run_apart_is_said_in_one_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    async with BotApi() as api, serving(api, tmp_path, "clock") as process:
        assert await asyncio.wait_for(process.wait(), 60) == 2
    [line] = capfd.readouterr().err.splitlines()
    assert line.startswith("rangkul: --only: SQLite takes one process")
