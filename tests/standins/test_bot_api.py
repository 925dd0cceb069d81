"""The stand-in is worth something only where it is as strict as the real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from tests.standins.bot_api import BotApi
from tests.standins.telegram_html import BadMarkup, read


class Client:
    """Calls the server with nothing in between."""

    def __init__(self, api: BotApi, http: aiohttp.ClientSession) -> None:
        self.api, self._http = api, http

    async def call(self, method: str, **params: Any) -> tuple[int, Any]:
        """Status, and the result or the words of the refusal."""
        async with self._http.post(f"{self.api.url}/bot{self.api.token}/{method}", json=params) as answer:
            body = await answer.json()
            return answer.status, body.get("result", body.get("description"))


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with BotApi() as api, aiohttp.ClientSession() as http:
        yield Client(api, http)


async def test_nobody_is_written_to_before_they_wrote_or_after_they_blocked(client: Client) -> None:
    siti = client.api.person(7)
    assert await client.call("sendMessage", chat_id=7, text="halo") == (400, "Bad Request: chat not found")
    siti.say("halo")
    assert (await client.call("sendMessage", chat_id=7, text="halo"))[0] == 200
    siti.block()
    assert (await client.call("sendMessage", chat_id=7, text="halo"))[0] == 403


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"text": "<b>halo", "parse_mode": "HTML"}, "Can't find end tag"),
        ({"text": "a < b", "parse_mode": "HTML"}, "Unsupported start tag"),
        ({"text": "<b>a</i>", "parse_mode": "HTML"}, "Unexpected end tag"),
        ({"text": "<b></b> ", "parse_mode": "HTML"}, "message text is empty"),
        ({"text": "a" * 4097}, "message is too long"),
        ({"txt": "halo"}, "missing"),
        ({"text": 7}, "not of type String"),
        ({"text": "?", "reply_markup": {"inline_keyboard": [[{"text": "Ya"}]]}}, "exactly one action"),
        ({"text": "?", "reply_markup": {"inline_keyboard": [[{"text": "Ya", "callback_data": "é" * 33}]]}}, "66 bytes"),
        ({"text": "?", "reply_markup": {"inline_keyboard": [[{"text": "Ya", "url": "contoh"}]]}}, "BUTTON_URL_INVALID"),
    ],
)
async def test_what_the_real_server_would_refuse_is_refused(client: Client, params: dict[str, Any], words: str) -> None:
    client.api.person(7).say("halo")
    status, said = await client.call("sendMessage", chat_id=7, **params)
    assert status == 400
    assert words in said


async def test_an_update_comes_until_a_higher_offset_confirms_it(client: Client) -> None:
    number = client.api.person(7).say("halo")
    for _ in range(2):
        _, updates = await client.call("getUpdates", timeout=0)
        assert [update["update_id"] for update in updates] == [number]
    assert await client.call("getUpdates", offset=number + 1, timeout=0) == (200, [])
    assert client.api.updates.pending == {}


async def test_a_second_poller_ends_the_first_and_a_webhook_ends_both(client: Client) -> None:
    first = asyncio.create_task(client.call("getUpdates", timeout=10))
    second = asyncio.create_task(client.call("getUpdates", timeout=10))
    done, _ = await asyncio.wait([first, second], return_when=asyncio.FIRST_COMPLETED)
    assert [task.result()[0] for task in done] == [409]
    client.api.person(7).say("halo")
    assert {(await task)[0] for task in (first, second)} == {200, 409}
    await client.call("setWebhook", url="https://bot.contoh.id/hook")
    assert (await client.call("getUpdates", timeout=0))[0] == 409


async def test_a_webhook_is_called_until_it_takes_each_update_one_chat_in_order(client: Client) -> None:
    came: list[tuple[int, str]] = []
    answers = iter([500, 503])

    async def hook(request: web.Request) -> web.Response:
        update = await request.json()
        came.append((update["message"]["chat"]["id"], update["message"]["text"]))
        assert request.headers["X-Telegram-Bot-Api-Secret-Token"] == "rahasia"
        return web.Response(status=next(answers, 200))

    app = web.Application()
    app.router.add_post("/hook", hook)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    assert await client.call("setWebhook", url=url, secret_token="rahasia") == (200, True)
    for text in ("satu", "dua"):
        client.api.person(7).say(text)
    await client.api.taken()
    assert came == [(7, "satu"), (7, "satu"), (7, "satu"), (7, "dua")]
    await runner.cleanup()


async def test_a_button_is_answered_once_it_is_pressed_and_not_before(client: Client) -> None:
    siti = client.api.person(7)
    siti.say("halo")
    await client.call(
        "sendMessage", chat_id=7, text="?", reply_markup={"inline_keyboard": [[{"text": "Ya", "callback_data": "a"}]]}
    )
    assert (await client.call("answerCallbackQuery", callback_query_id="1"))[0] == 400
    siti.tap("ya")
    [callback] = siti.spinning
    assert await client.call("answerCallbackQuery", callback_query_id=callback, text="Baik") == (200, True)
    assert (siti.toasts, siti.spinning) == (["Baik"], set())
    with pytest.raises(LookupError):
        siti.tap("Tidak ada")


async def test_an_edit_must_change_something_that_the_bot_wrote(client: Client) -> None:
    siti = client.api.person(7)
    siti.say("halo")
    _, message = await client.call("sendMessage", chat_id=7, text="satu")
    number = message["message_id"]
    for text, target, words in (
        ("satu", number, "not modified"),
        ("dua", 99, "not found"),
        ("dua", 1, "can't be edited"),
    ):
        status, said = await client.call("editMessageText", chat_id=7, message_id=target, text=text)
        assert status == 400
        assert words in said
    assert (await client.call("editMessageText", chat_id=7, message_id=number, text="dua"))[0] == 200
    assert (siti.last, siti.told[-1].edited) == ("dua", True)


async def test_a_flood_names_the_seconds_and_notices_who_does_not_wait(client: Client) -> None:
    client.api.person(7).say("halo")
    flood = client.api.flood(30, client.api.person(7))
    for impatient in (0, 1):
        status, said = await client.call("sendMessage", chat_id=7, text="halo")
        assert (status, said) == (429, "Too Many Requests: retry after 30")
        assert flood.impatient == impatient


async def test_a_wrong_token_and_a_method_that_is_none_are_told(client: Client) -> None:
    assert (await client.call("sendMesage"))[0] == 400
    assert client.api.problems == ["sendMesage: no such method"]
    async with aiohttp.ClientSession() as http, http.post(f"{client.api.url}/bot1:other/getMe") as answer:
        assert answer.status == 401


@given(st.text(st.sampled_from('<b>/&;amplt a"=')))
def test_markup_is_read_or_refused_and_nothing_else(text: str) -> None:
    try:
        plain, marked = read(text)
    except BadMarkup:
        return
    assert len(plain) <= len(text)
    assert marked.replace("*", "") == plain.replace("*", "")
