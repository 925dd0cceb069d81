"""How the driver receives: nothing is confirmed before it is stored, and nothing is lost on the way."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from bot.channels.telegram import UPDATES, inbound
from bot.channels.telegram_drivers import driver_of
from tests.channels import recorded
from tests.channels.driving import SECRET, Inbox, receiving
from tests.channels.on_telegram import Driver, Mode
from tests.conftest import nine
from tests.standins.bot_api import BotApi

MODES = ["polling", "webhook"]


@pytest.mark.parametrize("mode", MODES)
async def test_nothing_is_confirmed_before_it_is_stored(mode: Mode, api: BotApi, by: Driver) -> None:
    async with receiving(api, by, mode=mode) as (_, inbox):
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


async def test_the_offset_moves_only_as_far_as_all_smaller_ones_are_stored(api: BotApi, by: Driver) -> None:
    async with receiving(api, by) as (_, inbox):
        api.person(9).say("nol")
        await api.taken()
        inbox.slow |= {"1": asyncio.Event(), "2": asyncio.Event()}
        stuck = api.person(1).say("satu")
        await api.until(lambda: "1" in inbox.waiting)  # so that those that follow come together
        later = api.person(2).say("dua")
        passed = api.person(3).say("tiga")
        inbox.away = True
        inbox.slow["1"].set()
        await api.until(lambda: "2" in inbox.waiting)
        inbox.slow["2"].set()
        await api.until(lambda: offsets(api).count(stuck) > 2)
        assert {stuck, later, passed} <= set(api.updates.pending)
        assert max(offsets(api)) == stuck
        inbox.away = False
        await api.taken()
        assert set(inbox.texts) == {"nol", "satu", "dua", "tiga"}


@pytest.mark.parametrize("mode", MODES)
async def test_every_kind_of_update_arrives_as_it_was_recorded(by: Driver, mode: Mode, api: BotApi) -> None:
    """Whichever library carries it, nothing is added, lost or changed on the way."""
    now = datetime(2026, 11, 22, 9, tzinfo=UTC)
    async with receiving(api, by, mode=mode, clock=lambda: now) as (driver, inbox):
        await api.until(lambda: api.updates.allowed == UPDATES)
        expected = {}
        for update in recorded.UPDATES.values():
            kind = next(name for name in update if name != "update_id")
            number = api.updates.add(1, kind, update[kind])
            if kind in UPDATES and (
                event := inbound({"update_id": number, kind: update[kind]}, driver.account, lambda: now)
            ):
                expected[event.external_id] = event
        await api.taken()
        assert {event.external_id: event for event in inbox.taken} == expected
        assert len(expected) > 25


def offsets(api: BotApi) -> list[int]:
    return [call.params.get("offset", 0) for call in api.made("getUpdates")]


async def test_only_the_kinds_that_are_read_are_asked_for(api: BotApi, by: Driver) -> None:
    async with receiving(api, by) as (_, inbox):
        api.person(1).say("halo")
        await api.taken()
        assert inbox.texts == ["halo"]
        assert api.updates.allowed == UPDATES


async def test_changing_from_webhook_to_polling_and_back_loses_nothing(api: BotApi, by: Driver) -> None:
    async with receiving(api, by, mode="webhook") as (_, inbox):
        api.person(1).say("satu")
        await api.taken()
        assert inbox.texts == ["satu"]
    api.person(1).say("dua")
    async with receiving(api, by) as (_, inbox):
        await api.taken()
        assert inbox.texts == ["dua"]
    api.person(1).say("tiga")
    async with receiving(api, by, mode="webhook") as (_, inbox):
        await api.taken()
        assert inbox.texts == ["tiga"]


async def test_a_webhook_that_is_set_already_is_not_set_again_but_a_new_secret_is_told(api: BotApi, by: Driver) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        here = f"http://127.0.0.1:{listening.getsockname()[1]}"
        for secret, times in ((SECRET, 1), (SECRET, 1), ("lain", 2)):
            driver = driver_of(by)(api.token, api=api.url, mode="webhook", public_url=here, secret=secret, clock=nine)
            await driver.start(Inbox().receive)
            await driver.stop()  # waits for what was begun
            assert len(api.made("setWebhook")) == times


async def test_the_webhook_is_set_as_soon_as_telegram_can_be_reached(api: BotApi, by: Driver) -> None:
    api.fail("getWebhookInfo", 502, "Bad Gateway")
    api.cut("setWebhook")
    async with receiving(api, by, mode="webhook") as (_, inbox):
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


async def test_a_poller_without_a_lease_survives_a_conflict_and_goes_on(api: BotApi, by: Driver) -> None:
    async with receiving(api, by) as (_, inbox):
        api.person(1).say("satu")
        await api.taken()  # by the call that now waits for more
        await api.updates.poll(0, 1, 0)  # somebody else fetches once
        await api.until(lambda: [call for call in api.made("getUpdates") if call.status == 409])
        api.person(1).say("dua")
        await api.taken()
        assert inbox.texts == ["satu", "dua"]


async def test_a_webhook_that_somebody_sets_meanwhile_is_taken_away_again(api: BotApi) -> None:
    async with receiving(api) as (_, inbox):
        api.person(1).say("satu")
        await api.taken()
        api.updates.set_webhook("http://127.0.0.1:9/lain", "")
        api.person(1).say("dua")
        await api.taken()
        assert inbox.texts == ["satu", "dua"]


async def test_the_bot_introduces_itself_once_and_refusals_do_no_harm(api: BotApi, by: Driver) -> None:
    api.fail("setMyDescription", 429, "Too Many Requests: retry after 86400")
    async with receiving(api, by) as (driver, _):
        await api.until(lambda: api.about.get("short_description"))
        api.person(1).say("halo")
        await api.taken()
        await driver.role("1", "officer")
        assert [command["command"] for command in api.person(1).menu or ()][:2] == ["tugas", "cari"]
        await driver.role("1", "")
        assert api.person(1).menu is None
        await driver.role("404", "officer")  # nobody has this number
    async with receiving(api, by):
        await api.until(lambda: len(api.made("getMyShortDescription")) == 2)
    assert len(api.made("setMyShortDescription")) == 1
    assert api.about["commands"][0]["command"] == "daftar"


@pytest.mark.parametrize("mode", MODES)
async def test_an_error_that_nobody_foresaw_loses_no_event(mode: Mode, api: BotApi) -> None:
    async with receiving(api, mode=mode) as (_, inbox):
        inbox.broken = 2
        api.person(1).say("halo")
        await api.taken()
        assert inbox.texts == ["halo"]


async def test_typing_is_shown_where_an_answer_takes_long(api: BotApi) -> None:
    async with receiving(api) as (_, inbox):
        inbox.slow["1"] = asyncio.Event()
        api.person(1).say("halo")
        api.person(2).say("halo")
        await api.until(lambda: api.made("sendChatAction"))
        inbox.slow.pop("1").set()
        await api.taken()
        assert [call.params["chat_id"] for call in api.made("sendChatAction")] == [1]


async def test_polling_begins_anew_when_its_lease_breaks(api: BotApi) -> None:
    failures = iter([OSError("the database is away"), OSError("still")])

    @asynccontextmanager
    async def breaking() -> AsyncIterator[None]:
        if failure := next(failures, None):
            raise failure
        yield

    async with receiving(api, lease=breaking) as (_, inbox):
        api.person(1).say("halo")
        await api.taken()
        assert inbox.texts == ["halo"]
