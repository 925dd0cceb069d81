"""The route of the webhook: whoever cannot sign is turned away, all of a body is taken, and no body is an error of ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.channels import whatsapp_webhook
from bot.channels.base import Inbound, PlatformStatus
from storage.sealing.vault import Vault
from tests.channels.driving import Inbox
from tests.channels.fuzzing import as_bytes, browser, fuzz
from tests.channels.on_whatsapp import on_whatsapp, whatsapp
from tests.channels.recorded_whatsapp import BODIES, broken_bodies
from tests.conftest import Clock
from tests.standins.cloud_api import APP_SECRET, VERIFY, CloudApi
from tests.standins.cloud_api_webhooks import signed

PATH = whatsapp_webhook.PATH


@pytest.fixture
async def route() -> AsyncIterator[tuple[httpx.AsyncClient, Inbox]]:
    driver, inbox = whatsapp(CloudApi()), Inbox()
    driver._show_read = lambda *_: None  # type: ignore[method-assign]  # nothing is sent from here
    await driver.start(inbox.receive)
    async with browser(driver.routes()) as client:
        yield client, inbox
    await driver.stop()


async def post(client: httpx.AsyncClient, content: bytes, secret: str = APP_SECRET) -> int:
    return (await client.post(PATH, content=content, headers=signed(content, secret))).status_code


async def test_meta_is_greeted_by_the_word_that_was_agreed(route: tuple[httpx.AsyncClient, Inbox]) -> None:
    client, _ = route
    asked = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "1158201444"}
    answer = await client.get(PATH, params=asked)
    assert (answer.status_code, answer.text) == (200, "1158201444")
    for wrong in ({"hub.verify_token": "salah"}, {"hub.verify_token": "é"}, {"hub.mode": "x"}):
        assert (await client.get(PATH, params=asked | wrong)).status_code == 403
    assert (await client.get(PATH)).status_code == 403


async def test_a_signed_body_is_taken(route: tuple[httpx.AsyncClient, Inbox]) -> None:
    client, inbox = route
    assert await post(client, as_bytes(BODIES["text"])) == 200
    assert inbox.texts == ["halo, mau daftar"]


async def test_everything_in_a_body_is_taken(route: tuple[httpx.AsyncClient, Inbox]) -> None:
    client, inbox = route
    assert await post(client, as_bytes(BODIES["batch"])) == 200
    taken: list[Any] = list(inbox.taken)
    assert sum(isinstance(event, Inbound) for event in taken) == 5
    assert sum(isinstance(event, PlatformStatus) for event in taken) == 2


@pytest.mark.parametrize("headers", [{}, {"X-Hub-Signature-256": ""}, {"X-Hub-Signature-256": "sha256="},
                                     {"X-Hub-Signature-256": "sha256=" + "0" * 64}, {"X-Hub-Signature-256": "é"}])  # fmt: skip
async def test_without_metas_signature_nothing_is_read(
    route: tuple[httpx.AsyncClient, Inbox], headers: dict[str, str]
) -> None:
    client, inbox = route
    latin = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    answer = await client.post(PATH, content=as_bytes(BODIES["text"]), headers=latin)
    assert answer.status_code == 403
    assert inbox.taken == []


async def test_the_signature_is_that_of_the_very_bytes(route: tuple[httpx.AsyncClient, Inbox]) -> None:
    client, inbox = route
    content = as_bytes(BODIES["text"])
    written_anew = content.replace(b"/", b"\\/") + b" "
    answer = await client.post(PATH, content=written_anew, headers=signed(content, APP_SECRET))
    assert answer.status_code == 403
    assert await post(client, content, secret="of another app") == 403
    assert inbox.taken == []


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"", 400), (b"{", 400), (b"[" * 100_000, 400), (b"\xff\xfe", 400), (b" " * (3 << 20) + b"{}", 413), (b"{}", 200),
     (b"[]", 200), (b"null", 200), (b'{"entry": 7}', 200), (b'{"entry": [{"changes": [null]}]}', 200)],
)  # fmt: skip
async def test_what_is_no_event_is_answered_plainly(
    route: tuple[httpx.AsyncClient, Inbox], content: bytes, status: int
) -> None:
    client, inbox = route
    assert await post(client, content) == status
    assert inbox.taken == []


async def test_a_name_that_was_cut_within_an_emoji_holds_back_nothing_that_came_with_it(
    route: tuple[httpx.AsyncClient, Inbox],
) -> None:
    client, inbox = route
    content = as_bytes(BODIES["text"]).replace(b"Aminah", b"\\ud83d").replace(b"daftar", b"daftar \\ud83d")
    assert content.count(b"ud83d") == 2
    assert await post(client, content) == 200
    assert inbox.texts == ["halo, mau daftar \ud83d"]


@pytest.mark.parametrize("trouble", ["away", "broken"])
async def test_when_an_event_cannot_be_stored_meta_is_asked_to_come_again(
    route: tuple[httpx.AsyncClient, Inbox], trouble: str
) -> None:
    client, inbox = route
    setattr(inbox, trouble, 1)
    assert await post(client, as_bytes(BODIES["batch"])) == 503
    inbox.away, inbox.broken = False, 0
    assert await post(client, as_bytes(BODIES["batch"])) == 200


async def test_what_one_person_says_waits_for_what_they_said_before_and_for_nobody_else(
    route: tuple[httpx.AsyncClient, Inbox],
) -> None:
    client, inbox = route
    siti = "ID.13491208655302741918"
    inbox.slow[siti] = asyncio.Event()
    posting = asyncio.create_task(post(client, as_bytes(BODIES["batch"])))
    while "halo" not in inbox.texts:
        await asyncio.sleep(0.001)
    assert {event.address for event in inbox.taken if isinstance(event, Inbound)} == {"ID.13491208655302749999"}
    inbox.slow[siti].set()
    assert await posting == 200
    theirs = [event for event in inbox.taken if isinstance(event, Inbound) and event.address == siti]
    assert [event.heard.text or event.heard.other or event.reach for event in theirs] == [
        "halo, mau daftar", "", "warung saya", "stopped",
    ]  # fmt: skip


@pytest.mark.counted
def test_no_body_whatsoever_is_an_error_of_ours(
    migrated_sqlite: Path, tmp_path: Path, vault: Vault, clock: Clock
) -> None:
    """Mutated bodies go through the whole product: no 5xx, and it still answers afterwards."""
    fuzz(tmp_path / "fuzzed.db", migrated_sqlite, partial(on_whatsapp, vault=vault, clock=clock), broken_bodies(), post)
