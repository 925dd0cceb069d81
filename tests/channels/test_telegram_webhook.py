"""The route of the webhook: whoever has no secret is turned away, and no body is an error of ours."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from starlette.applications import Starlette

from bot.channels import telegram_webhook
from bot.channels.telegram_aiogram import Telegram
from storage import tables
from storage.database import Database
from storage.vault import Vault
from tests.channels import recorded
from tests.channels.driving import SECRET, Inbox
from tests.channels.on_telegram import on_telegram
from tests.conftest import Clock
from tests.standins.bot_api import TOKEN

BODIES = int(os.environ.get("FUZZ_BODIES", "60"))  # FUZZ_BODIES=100000 for the long run of docs/operations.md


def browser(routes: list[Any]) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(Starlette(routes=routes)), base_url="http://bot")


@pytest.fixture
async def route() -> AsyncIterator[tuple[httpx.AsyncClient, Inbox]]:
    driver, inbox = Telegram(TOKEN, mode="webhook", public_url="https://bot", secret=SECRET), Inbox()
    [served_route] = driver.routes()
    assert served_route.path == telegram_webhook.PATH
    driver._receive = inbox.receive  # started without the calls that a start makes
    async with browser([served_route]) as client:
        yield client, inbox


HEADERS = {telegram_webhook.SECRET_HEADER: SECRET}


async def test_an_update_with_the_secret_is_taken(route: tuple[httpx.AsyncClient, Inbox]) -> None:
    client, inbox = route
    answer = await client.post(telegram_webhook.PATH, json=recorded.UPDATES["text"], headers=HEADERS)
    assert answer.status_code == 200
    assert len(inbox.taken) == 1


@pytest.mark.parametrize(
    "headers", [{}, {telegram_webhook.SECRET_HEADER: "salah"}, {telegram_webhook.SECRET_HEADER: "é"}]
)
async def test_without_the_secret_nothing_is_read(
    route: tuple[httpx.AsyncClient, Inbox], headers: dict[str, str]
) -> None:
    client, inbox = route
    latin = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    answer = await client.post(telegram_webhook.PATH, content=b"x" * 10, headers=latin)
    assert answer.status_code == 403
    assert inbox.taken == []


@pytest.mark.parametrize(
    ("method", "content", "status"),
    [
        ("POST", b"", 400),
        ("POST", b"{", 400),
        ("POST", b'"\\ud800"', 400),
        ("POST", b"[" * 100_000, 400),
        ("POST", b"\xff\xfe", 400),
        ("POST", b" " * (1 << 20) + b"{}", 413),
        ("POST", b"{}", 200),
        ("POST", b"[]", 200),
        ("GET", b"", 405),
        ("PUT", b"{}", 405),
        ("DELETE", b"", 405),
    ],
)
async def test_what_is_no_update_is_answered_plainly(
    route: tuple[httpx.AsyncClient, Inbox], method: str, content: bytes, status: int
) -> None:
    client, inbox = route
    answer = await client.request(method, telegram_webhook.PATH, content=content, headers=HEADERS)
    assert answer.status_code == status
    assert inbox.taken == []


async def test_when_an_event_cannot_be_stored_telegram_is_asked_to_come_again(
    route: tuple[httpx.AsyncClient, Inbox],
) -> None:
    client, inbox = route
    inbox.away = True
    answer = await client.post(telegram_webhook.PATH, json=recorded.UPDATES["text"], headers=HEADERS)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1


def test_a_driver_that_polls_serves_nothing() -> None:
    assert Telegram(TOKEN).routes() == []


def test_whoever_sets_no_secret_gets_one_that_only_the_token_gives() -> None:
    assert telegram_webhook.own_secret("1:a") != telegram_webhook.own_secret("1:b")
    address = telegram_webhook.address("https://bot.contoh.id/", TOKEN, SECRET)
    assert address.startswith("https://bot.contoh.id/webhook/telegram?v=")
    assert SECRET not in address


def test_no_body_whatsoever_is_an_error_of_ours(
    migrated_sqlite: Path, tmp_path: Path, vault: Vault, clock: Clock
) -> None:
    """Mutated updates go through the whole product: no 5xx, and it still answers afterwards."""
    path = tmp_path / "fuzzed.db"
    path.write_bytes(migrated_sqlite.read_bytes())

    @asynccontextmanager
    async def everything() -> AsyncIterator[httpx.AsyncClient]:
        async with (
            await Database.open(str(path)) as database,
            on_telegram(database, vault, clock, "webhook", secret=SECRET) as there,
        ):
            await there.say("Budi", "halo")
            before = await sessions(database)
            async with browser(list(there.driver.routes())) as client:
                yield client
            assert before.items() <= (await sessions(database)).items(), "somebody else's session was touched"
            assert await there.say("Siti", "halo") != ""
            assert there.api.problems == []

    with asyncio.Runner() as runner:
        running = everything()
        client = runner.run(running.__aenter__())

        @settings(suppress_health_check=[HealthCheck.too_slow], max_examples=BODIES)
        @given(recorded.broken_updates().map(orjson_or_bytes) | st.binary(max_size=200))
        def check(body: bytes) -> None:
            answer = runner.run(client.post(telegram_webhook.PATH, content=body, headers=HEADERS))
            assert answer.status_code in (200, 400)

        check()
        runner.run(running.__aexit__(None, None, None))


async def sessions(database: Database) -> dict[int, bytes]:
    """Every stored session, as sealed."""
    conversation = tables.table(tables.Conversation)
    async with database.read() as tx:
        return {row.person_id: row.sealed for row in await tx.execute(select(conversation))}


def orjson_or_bytes(update: Any) -> bytes:
    """The update as JSON; numbers that are too large for it as words."""
    return (
        orjson.dumps(update, default=str, option=orjson.OPT_NON_STR_KEYS) if _small(update) else repr(update).encode()
    )


def _small(value: Any) -> bool:
    if isinstance(value, int):
        return -(2**63) <= value < 2**64
    if isinstance(value, dict):
        return all(map(_small, value.values()))
    return all(map(_small, value)) if isinstance(value, list) else True
