"""The route of the webhook: whoever has no secret is turned away, and no body is an error of ours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import httpx
import pytest

from bot.channels import telegram_webhook
from bot.channels.telegram_aiogram import AiogramTelegram
from storage.sealing.vault import Vault
from tests.channels import recorded
from tests.channels.driving import SECRET, Inbox
from tests.channels.fuzzing import browser, fuzz
from tests.channels.on_telegram import on_telegram
from tests.conftest import Clock, nine
from tests.standins.bot_api import TOKEN


@pytest.fixture
async def route() -> AsyncIterator[tuple[httpx.AsyncClient, Inbox]]:
    driver, inbox = AiogramTelegram(TOKEN, mode="webhook", public_url="https://bot", secret=SECRET, clock=nine), Inbox()
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
    assert AiogramTelegram(TOKEN, clock=nine).routes() == []


def test_whoever_sets_no_secret_gets_one_that_only_the_token_gives() -> None:
    assert telegram_webhook.own_secret("1:a") != telegram_webhook.own_secret("1:b")
    address = telegram_webhook.address("https://bot.contoh.id/", TOKEN, SECRET)
    assert address.startswith("https://bot.contoh.id/webhook/telegram?v=")
    assert SECRET not in address


@pytest.mark.counted
def test_no_body_whatsoever_is_an_error_of_ours(
    migrated_sqlite: Path, tmp_path: Path, vault: Vault, clock: Clock
) -> None:
    """Mutated updates go through the whole product: no 5xx, and it still answers afterwards."""

    there = partial(on_telegram, vault=vault, clock=clock, mode="webhook", secret=SECRET)

    async def post(client: httpx.AsyncClient, body: bytes) -> int:
        return (await client.post(telegram_webhook.PATH, content=body, headers=HEADERS)).status_code

    fuzz(tmp_path / "fuzzed.db", migrated_sqlite, there, recorded.broken_updates(), post)
