"""The Telegram driver against a Bot API server that is as strict as the real one, with the whole product behind it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from bot.channels import telegram_webhook
from bot.channels.base import BOLD_OFF, BOLD_ON, Inbound, Key, Outgoing, SendFailed, Unavailable
from bot.channels.telegram import UPDATES
from bot.channels.telegram_aiogram import Telegram
from conversations.core import Heard, Press
from storage.database import Database
from storage.vault import Vault
from tests.channels import recorded
from tests.channels.on_telegram import Mode, on_telegram, served
from tests.conftest import Clock
from tests.standins.bot_api import TOKEN, BotApi

SECRET = "rahasia-percobaan"
MODES = ["polling", "webhook"]

REGISTRATION = (
    "/start pasar-gede", "[Ya, boleh]", "Siti Aminah", "Solo", "warung makan", "[0]", "[Di bawah 65 tahun]", "2", "1",
    "1", "Laweyan", "Warung <b>Siti</b> & Co", "(kontak sendiri +6281200007001)", "[Pagi]", "[Kirim]",
)  # fmt: skip


# ---------------------------------------------------------------------------------------------- with the product


@pytest.mark.parametrize("mode", MODES)
async def test_an_owner_registers_and_an_officer_takes_the_lead(
    mode: Mode, sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with on_telegram(sqlite_database, vault, clock, mode) as there:
        await there.hire("Rina", "33.72")
        for what in REGISTRATION:
            clock.advance(seconds=20)
            await there.say("Siti", what)
        assert any("RK-222A" in shown.text for shown in there.person("Siti").told)
        [card] = [shown for shown in there.person("Rina").told if shown.labels == ["Ambil"]]
        assert "Warung <b>Siti</b> & Co" in card.text
        await there.say("Rina", "[Ambil]")
        assert card.edited
        assert card.labels != ["Ambil"]
        assert there.api.problems == []
        assert {call.status for call in there.api.calls if call.method != "getUpdates"} == {200}


@pytest.mark.parametrize("mode", MODES)
async def test_every_answer_comes_once_and_in_order_whoever_writes_at_the_same_time(
    mode: Mode, sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with on_telegram(sqlite_database, vault, clock, mode) as there:
        people = [there.person(f"Pemilik {number}") for number in range(8)]
        for line in ("halo", "ya", "Siti Aminah", "Solo"):
            for person in people:
                person.say(line)
        await there.quiet()
        answers = {tuple(shown.text for shown in person.told) for person in people}
        assert len(answers) == 1
        assert len(answers.pop()) == 4
        assert there.api.problems == []


@pytest.mark.parametrize("mode", MODES)
async def test_an_update_that_comes_again_is_answered_once(
    mode: Mode, sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with on_telegram(sqlite_database, vault, clock, mode) as there:
        number = there.person("Siti").say("halo")
        await there.quiet()
        there.api.updates.repeat(number)
        await there.quiet()
        assert len(there.person("Siti").told) == 1


@pytest.mark.parametrize("mode", MODES)
async def test_chatter_in_a_group_is_acknowledged_and_left_alone(
    mode: Mode, sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with on_telegram(sqlite_database, vault, clock, mode) as there:
        there.api.group_chatter("bot ini apa ya")
        await there.quiet()
        assert there.api.made("sendMessage") == []


async def test_a_flooded_chat_is_left_alone_for_as_long_as_telegram_says(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with on_telegram(sqlite_database, vault, clock, "polling") as there:
        siti = there.person("Siti")
        flood = there.api.flood(0.9, siti)
        siti.say("halo")
        await there.quiet()
        assert len(siti.told) == 1
        refused, sent = there.api.made("sendMessage")
        assert refused.status == 429
        assert sent.at - refused.at >= 1
        assert flood.impatient == 0


async def test_who_blocked_us_is_not_written_to_until_they_write_again(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with on_telegram(sqlite_database, vault, clock, "polling") as there:
        siti = there.person("Siti")
        siti.say("halo")
        siti.blocked = True  # the note about it is still under way
        await there.quiet()
        assert [call.status for call in there.api.made("sendMessage")] == [403]
        siti.blocked = False
        assert await there.say("Siti", "halo lagi") != ""


async def test_answers_survive_errors_and_cut_connections(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with on_telegram(sqlite_database, vault, clock, "polling") as there:
        there.api.fail("sendMessage", 502, "Bad Gateway")
        there.api.cut("getUpdates", "after")
        there.api.fail("getUpdates", 500)
        assert await there.say("Siti", "halo") != ""
        assert [call.status for call in there.api.made("sendMessage")] == [502, 200]


async def test_a_used_keyboard_goes_away_and_the_button_stops_spinning(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with on_telegram(sqlite_database, vault, clock, "polling") as there:
        await there.say("Siti", "halo")
        asked = there.person("Siti").told[-1]
        assert asked.labels
        await there.say("Siti", "[Ya, boleh]")
        await there.api.until(lambda: not asked.labels)
        assert there.api.made("answerCallbackQuery")[0].status == 200


# ---------------------------------------------------------------------------------------------- the driver alone


class Inbox:
    """Takes events in, or refuses them while ``away``; ``slow`` holds back those of one address until it is set."""

    def __init__(self) -> None:
        self.taken: list[Inbound] = []
        self.away = False
        self.slow: dict[str, asyncio.Event] = {}

    async def receive(self, inbound: Inbound) -> str:
        if inbound.address in self.slow:
            await self.slow[inbound.address].wait()
        if self.away:
            raise Unavailable("away")
        self.taken.append(inbound)
        return ""

    @property
    def texts(self) -> list[str]:
        return [inbound.heard.text for inbound in self.taken]


@asynccontextmanager
async def receiving(api: BotApi, **how: Any) -> AsyncIterator[tuple[Telegram, Inbox]]:
    """A driver that polls, or serves the webhook if its mode is that, and hands over to an inbox."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        here = f"http://127.0.0.1:{listening.getsockname()[1]}"
        driver, inbox = Telegram(api.token, api=api.url, public_url=here, pause=0.02, **how), Inbox()
        async with served(driver.routes(), listening):
            await driver.start(inbox.receive)
            try:
                yield driver, inbox
            finally:
                await driver.stop()


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as running:
        yield running
        assert running.problems == []


@pytest.mark.parametrize("mode", MODES)
async def test_nothing_is_confirmed_before_it_is_stored(mode: Mode, api: BotApi) -> None:
    async with receiving(api, mode=mode) as (_, inbox):
        inbox.away = True
        first, second = api.person(1).say("satu"), api.person(1).say("dua")
        attempts = (
            (lambda: len(api.made("getUpdates")) > 3)
            if mode == "polling"
            else (lambda: api.updates.deliveries.get(503, 0) > 3)
        )
        await api.until(attempts)
        assert {first, second} <= set(api.updates.pending)
        inbox.away = False
        await api.taken()
        assert inbox.texts == ["satu", "dua"]


@pytest.mark.parametrize("mode", MODES)
async def test_a_chat_that_takes_long_holds_up_only_itself(mode: Mode, api: BotApi) -> None:
    async with receiving(api, mode=mode) as (_, inbox):
        inbox.slow["1"] = asyncio.Event()
        for number in (1, 2, 3):
            api.person(number).say(f"satu {number}")
            api.person(number).say(f"dua {number}")
        await api.until(lambda: len(inbox.taken) == 4)
        assert [text for text in inbox.texts if text.endswith("2")] == ["satu 2", "dua 2"]
        inbox.slow.pop("1").set()
        await api.taken()
        assert inbox.texts[-2:] == ["satu 1", "dua 1"]


async def test_the_offset_moves_only_as_far_as_all_smaller_ones_are_stored(api: BotApi) -> None:
    async with receiving(api) as (driver, inbox):
        inbox.slow["1"] = asyncio.Event()
        stuck, passed = api.person(1).say("satu"), api.person(2).say("dua")
        await api.until(lambda: inbox.texts == ["dua"])
        assert {stuck, passed} <= set(api.updates.pending)
        inbox.away = True
        inbox.slow.pop("1").set()
        await api.until(lambda: any(call.params.get("offset") == stuck for call in api.made("getUpdates")))
        inbox.away = False
        await api.taken()
        assert driver.account == TOKEN.partition(":")[0]
        assert inbox.texts.count("satu") == 1


async def test_only_the_kinds_that_are_read_are_asked_for(api: BotApi) -> None:
    async with receiving(api) as (_, inbox):
        api.person(1).say("halo")
        await api.taken()
        assert inbox.texts == ["halo"]
        assert api.updates.allowed == UPDATES


async def test_changing_from_webhook_to_polling_and_back_loses_nothing(api: BotApi) -> None:
    async with receiving(api, mode="webhook") as (_, inbox):
        api.person(1).say("satu")
        await api.taken()
        assert inbox.texts == ["satu"]
    api.person(1).say("dua")
    async with receiving(api) as (_, inbox):
        await api.taken()
        assert inbox.texts == ["dua"]
    api.person(1).say("tiga")
    async with receiving(api, mode="webhook") as (_, inbox):
        await api.taken()
        assert inbox.texts == ["tiga"]


async def test_a_webhook_that_is_set_already_is_not_set_again_but_a_new_secret_is_told(api: BotApi) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        here = f"http://127.0.0.1:{listening.getsockname()[1]}"
        for secret, times in ((SECRET, 1), (SECRET, 1), ("lain", 2)):
            driver = Telegram(api.token, api=api.url, mode="webhook", public_url=here, secret=secret)
            await driver.start(Inbox().receive)
            await driver.stop()  # waits for what was begun
            assert len(api.made("setWebhook")) == times


async def test_the_webhook_is_set_as_soon_as_telegram_can_be_reached(api: BotApi) -> None:
    api.fail("getWebhookInfo", 502, "Bad Gateway")
    api.cut("setWebhook")
    async with receiving(api, mode="webhook") as (_, inbox):
        api.person(1).say("halo")
        await api.until(lambda: inbox.texts == ["halo"])


async def test_of_two_pollers_the_one_with_the_lease_polls(api: BotApi) -> None:
    lease = asyncio.Lock()

    @asynccontextmanager
    async def one_at_a_time() -> AsyncIterator[None]:
        async with lease:
            yield

    async with receiving(api, lease=one_at_a_time) as (first, inbox), receiving(api, lease=one_at_a_time) as (_, other):
        api.person(1).say("satu")
        await api.taken()
        assert (inbox.texts, other.texts) == (["satu"], [])
        await first.stop()
        api.person(1).say("dua")
        await api.taken()
        assert other.texts == ["dua"]


async def test_a_poller_without_a_lease_survives_a_conflict_and_goes_on(api: BotApi) -> None:
    async with receiving(api) as (_, inbox):
        api.person(1).say("satu")
        await api.taken()  # by the call that now waits for more
        await api.updates.poll(0, 1, 0)  # somebody else fetches once
        await api.until(lambda: [call for call in api.made("getUpdates") if call.status == 409])
        api.person(1).say("dua")
        await api.taken()
        assert inbox.texts == ["satu", "dua"]


async def test_the_bot_introduces_itself_once_and_refusals_do_no_harm(api: BotApi) -> None:
    api.fail("setMyDescription", 429, "Too Many Requests: retry after 86400")
    async with receiving(api) as (driver, _):
        await api.until(lambda: api.about.get("short_description"))
        api.person(1).say("halo")
        await api.taken()
        await driver.role("1", "officer")
        assert [command["command"] for command in api.person(1).menu or ()][:2] == ["tugas", "libur"]
        await driver.role("1", "")
        assert api.person(1).menu is None
        await driver.role("404", "officer")  # nobody has this number
        await driver.typing("1")
    async with receiving(api):
        await api.until(lambda: len(api.made("getMyShortDescription")) == 2)
    assert len(api.made("setMyShortDescription")) == 1
    assert api.about["commands"][0]["command"] == "daftar"


# ---------------------------------------------------------------------------------------------- sending


@pytest.fixture
async def sending(api: BotApi) -> AsyncIterator[Telegram]:
    """A driver whose person 7 has written to it."""
    async with receiving(api) as (driver, _):
        api.person(7).say("halo")
        await api.taken()
        yield driver


async def test_a_message_shows_what_was_meant(api: BotApi, sending: Telegram) -> None:
    receipt = await sending.send("7", Outgoing(f"{BOLD_ON}<Siti>{BOLD_OFF} & co", ((Key("Ya", "a.b=c~"),),)))
    [shown] = api.person(7).told
    assert (shown.marked, shown.labels, str(shown.id)) == ("*<Siti>* & co", ["Ya"], receipt.external_id)


async def test_an_edit_replaces_says_nothing_twice_and_is_sent_anew_where_it_cannot(
    api: BotApi, sending: Telegram
) -> None:
    card = await sending.send("7", Outgoing("Baru", ((Key("Ambil", "lead.take=RK~"),),)))
    edited = await sending.send("7", Outgoing("Diambil Rina", edits=card.external_id))
    again = await sending.send("7", Outgoing("Diambil Rina", edits=card.external_id))
    assert card == edited == again
    assert [(shown.text, shown.labels) for shown in api.person(7).told] == [("Diambil Rina", [])]
    anew = await sending.send("7", Outgoing("Diambil Rina", edits="999"))
    assert anew != card
    assert len(api.person(7).told) == 2


async def test_a_file_goes_out_as_a_document(api: BotApi, sending: Telegram) -> None:
    await sending.send("7", Outgoing("Data Bapak/Ibu", file=("data.txt", "Nama: Siti\n")))
    [shown] = api.person(7).told
    assert (shown.text, shown.file) == ("Data Bapak/Ibu", ("data.txt", "Nama: Siti\n"))


async def test_sharing_ones_number_takes_one_tap_and_the_keyboard_goes_with_the_next_message(
    api: BotApi, sending: Telegram
) -> None:
    await sending.send("7", Outgoing("Nomor?", ((Key("Lewati", "a.b=~"),),), contact_label="Bagikan nomor"))
    assert [[button["text"] for button in row] for row in api.person(7).keyboard] == [["Bagikan nomor"], ["Lewati"]]
    api.person(7).tap("Bagikan nomor")
    await api.taken()
    await sending.send("7", Outgoing("Terima kasih"))
    assert api.person(7).keyboard == []


async def test_one_chat_that_is_flooded_waits_alone_and_two_mean_the_whole_bot(api: BotApi, sending: Telegram) -> None:
    api.person(8).say("halo")
    await api.taken()
    api.flood(5)
    waits = []
    for address in ("7", "7", "8"):
        with pytest.raises(SendFailed) as failed:
            await sending.send(address, Outgoing("halo"))
        waits.append((failed.value.retry_after, failed.value.wide, failed.value.permanent))
    assert waits == [(5, False, False), (5, False, False), (5, True, False)]


@pytest.mark.parametrize(
    ("status", "words", "gone", "permanent"),
    [
        (403, "Forbidden: bot was blocked by the user", True, True),
        (403, "Forbidden: user is deactivated", True, True),
        (400, "Bad Request: chat not found", True, True),
        (400, "Bad Request: can't parse entities", False, True),
        (401, "Unauthorized", False, False),
        (500, "Internal Server Error", False, False),
        (502, "Bad Gateway", False, False),
    ],
)
async def test_a_refusal_says_whether_another_try_makes_sense(
    api: BotApi, sending: Telegram, status: int, words: str, gone: bool, permanent: bool
) -> None:
    api.fail("sendMessage", status, words)
    with pytest.raises(SendFailed) as failed:
        await sending.send("7", Outgoing("halo"))
    assert (failed.value.gone, failed.value.permanent) == (gone, permanent)
    assert failed.value.reason == f"{status if status != 502 else 500} {words}"


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_cut_connection_is_worth_another_try_and_tells_no_secret(
    api: BotApi, sending: Telegram, when: str
) -> None:
    api.cut("sendMessage", when)
    with pytest.raises(SendFailed) as failed:
        await sending.send("7", Outgoing("halo"))
    assert not failed.value.permanent
    assert TOKEN.partition(":")[2] not in failed.value.reason


async def test_what_is_still_to_be_sent_goes_out_after_the_channel_has_stopped(api: BotApi, sending: Telegram) -> None:
    await sending.stop()
    await sending.send("7", Outgoing("sampai jumpa"))
    assert api.person(7).last == "sampai jumpa"


async def test_settling_never_holds_up_or_fails(api: BotApi, sending: Telegram) -> None:
    api.fail("answerCallbackQuery", 400, "Bad Request: query is too old and response timeout expired", times=3)
    api.cut("editMessageReplyMarkup", times=3)
    pressed = Heard(pressed=Press("registration", "workers", "1"))
    for number in range(3):
        event = Inbound("telegram", "1", str(number), "7", pressed, datetime.now(UTC), callback=str(number), under="1")
        await sending.settle(event, "")
    assert api.made("answerCallbackQuery") == []
    await api.until(lambda: len(api.made("editMessageReplyMarkup")) == 3)


@pytest.mark.parametrize("token", ["", "abc", "abc:def", "123"])
def test_a_token_that_is_none_is_refused_at_once(token: str) -> None:
    with pytest.raises(ValueError, match="token"):
        Telegram(token)


def test_a_webhook_needs_a_public_address() -> None:
    with pytest.raises(ValueError, match="public"):
        Telegram(TOKEN, mode="webhook")


# ---------------------------------------------------------------------------------------------- the route


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
            async with browser(list(there.driver.routes())) as client:
                yield client
            assert await there.say("Siti", "halo") != ""
            assert there.api.problems == []

    with asyncio.Runner() as runner:
        running = everything()
        client = runner.run(running.__aenter__())

        @settings(suppress_health_check=[HealthCheck.too_slow], max_examples=4000)
        @given(recorded.broken_updates().map(orjson_or_bytes) | st.binary(max_size=200))
        def check(body: bytes) -> None:
            answer = runner.run(client.post(telegram_webhook.PATH, content=body, headers=HEADERS))
            assert answer.status_code in (200, 400)

        check()
        runner.run(running.__aexit__(None, None, None))


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
