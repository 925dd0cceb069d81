"""How the driver sends by pywa: what is shown, what becomes of refusals, and what is shown of reading."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.channels import whatsapp_channel
from bot.channels.base import Key, Media, Outgoing, SendFailed, Template
from bot.channels.whatsapp_pywa import IN_FLIGHT, WhatsApp
from bot.serialization import pack, unpack
from bot.whatsapp.templates import choose
from conversations.engine.knowledge import Knowledge
from tests.channels.driving import Inbox
from tests.channels.on_platform import served
from tests.channels.on_whatsapp import whatsapp
from tests.conftest import nine
from tests.standins.cloud_api import WABA_ID, CloudApi
from tests.standins.cloud_api_people import Person
from tests.standins.cloud_api_webhooks import body as webhook_body

KABAR = {
    "name": "kabar", "language": "id", "category": "UTILITY",
    "components": [{"type": "BODY", "text": "Kode {{1}} menunggu Anda."},
                   {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Ambil"}]}],
}  # fmt: skip


@pytest.fixture
async def cloud() -> AsyncIterator[CloudApi]:
    """A Cloud API server; at the end nothing that it got must have been refused for how it was written."""
    async with CloudApi() as running:
        yield running
        assert running.problems == []


@pytest.fixture
async def sending(cloud: CloudApi) -> AsyncIterator[tuple[WhatsApp, Person]]:
    """A driver and somebody who has written to it."""
    driver, siti = whatsapp(cloud), cloud.person("Siti")
    siti.say("halo")
    await driver.start(Inbox().receive)
    yield driver, siti
    await driver.stop()


async def test_every_kind_of_message_is_taken_and_shown(cloud: CloudApi, sending: tuple[WhatsApp, Person]) -> None:
    driver, siti = sending
    cloud.approve(KABAR)
    picture = Media("photo", "a.jpg", "image/jpeg", b"\xff\xd8")
    press, link = Key("Ambil", "lead.take=RK~"), Key("Cek", url="https://www.bpjsketenagakerjaan.go.id")
    rows = tuple((Key(str(number), f"a.b={number}~"),) for number in range(7))
    messages = [
        Outgoing("Halo"), Outgoing("Mau?", ((press,),)), Outgoing("Mana?", rows), Outgoing("Lihat", ((link,),)),
        Outgoing("Nomor?", contact_label="Bagikan"), Outgoing("", file=("data.txt", "Nama: Siti\n")),
        Outgoing("Pelatihan", media=picture), Outgoing("Ikut?", ((press,),), media=picture),
        Outgoing("", template=Template("kabar", "id", "utility", ("RK-1",), ("lead.take=RK-1~",))),
    ]  # fmt: skip
    receipts = [await driver.send(siti.user, message) for message in messages]
    assert [shown.id for shown in siti.told] == [receipt.external_id for receipt in receipts]
    assert [shown.kind for shown in siti.told] == [
        "text", "button", "list", "cta_url", "request_contact_info", "document", "image", "button", "template",
    ]  # fmt: skip
    assert siti.told[5].file == ("data.txt", b"Nama: Siti\n")
    assert (siti.told[-1].text, siti.told[-1].options) == ("Kode RK-1 menunggu Anda.", [("lead.take=RK-1~", "Ambil")])
    assert cloud.billed == {"service": 8, "utility": 1}


async def test_the_button_that_opens_a_list_is_in_the_language_of_the_message(
    cloud: CloudApi, sending: tuple[WhatsApp, Person], knows_xx: Knowledge
) -> None:
    driver, siti = sending
    rows = tuple((Key(str(number), f"a.b={number}~"),) for number in range(7))
    for language in ("", "xx", "tlh"):
        await driver.send(siti.user, unpack(pack(Outgoing("Mana?", rows, language=language))))
    assert [one.params["interactive"]["action"]["button"] for one in cloud.sent()] == ["Pilih", "‹Pilih›", "Pilih"]


async def test_people_known_by_their_number_alone_are_reached_by_it(
    cloud: CloudApi, sending: tuple[WhatsApp, Person]
) -> None:
    driver, siti = sending
    await driver.send(siti.phone, Outgoing("Halo"))
    assert siti.last == "Halo"


async def test_the_picture_of_a_broadcast_is_uploaded_once_and_a_persons_own_file_each_time(
    cloud: CloudApi, sending: tuple[WhatsApp, Person]
) -> None:
    driver, siti = sending
    picture = Outgoing("Pelatihan", media=Media("photo", "a.jpg", "image/jpeg", b"\xff\xd8"))
    await asyncio.gather(*[driver.send(siti.user, picture) for _ in range(3)])
    assert len(cloud.media) == 1
    for _ in range(2):
        await driver.send(siti.user, Outgoing("", file=("data.txt", "Nama: Siti")))
    assert len(cloud.media) == 3


async def test_a_picture_that_meta_has_forgotten_is_uploaded_again_and_one_that_it_never_takes_is_not_for_ever(
    cloud: CloudApi, sending: tuple[WhatsApp, Person]
) -> None:
    driver, siti = sending
    picture = Outgoing("Pelatihan", media=Media("photo", "a.jpg", "image/jpeg", b"\xff\xd8"))
    await driver.send(siti.user, picture)
    cloud.media.clear()
    cloud.media["other"] = ("b.jpg", b"")  # so that ids go on
    await driver.send(siti.user, picture)
    assert len(siti.told) == 2
    cloud.fail(131053, times=2)
    with pytest.raises(SendFailed) as failed:
        await driver.send(siti.user, picture)
    assert failed.value.permanent
    cloud.problems.clear()  # the one id that was forgotten


async def test_too_much_for_one_person_waits_longer_each_time_and_holds_back_nobody_else(
    cloud: CloudApi, sending: tuple[WhatsApp, Person]
) -> None:
    driver, siti = sending
    cloud.fail(131056, times=4, person=siti)
    waits = [await refused(driver, siti.user) for _ in range(4)]
    assert [(wait.retry_after, wait.wide, wait.permanent) for wait in waits] == [
        (4.0, False, False), (16.0, False, False), (64.0, False, False), (256.0, False, False),
    ]  # fmt: skip
    await driver.send(siti.user, Outgoing("Halo"))
    cloud.fail(131056)
    assert (await refused(driver, siti.user)).retry_after == 4.0


async def test_too_much_for_the_number_slows_all(cloud: CloudApi, sending: tuple[WhatsApp, Person]) -> None:
    driver, siti = sending
    cloud.fail(130429, status=429, times=3)
    assert [(wait.retry_after, wait.wide) for wait in [await refused(driver, siti.user) for _ in range(3)]] == [
        (1.0, True), (2.0, True), (4.0, True),
    ]  # fmt: skip


async def test_a_wrong_token_stops_everything_and_calls_the_operator(cloud: CloudApi) -> None:
    cloud.token = "another"
    driver = whatsapp(cloud)
    driver._carrier = type(driver).carry("wrong", cloud.url)
    failed = await refused(driver, cloud.person("Siti").user)
    assert (failed.alert, failed.wide, failed.permanent) == (True, True, False)
    await driver.stop()


@pytest.mark.parametrize(("when", "shown"), [("before", 0), ("after", 1)])
async def test_a_connection_that_is_cut_leaves_it_open_whether_the_message_went(
    cloud: CloudApi, sending: tuple[WhatsApp, Person], when: str, shown: int
) -> None:
    driver, siti = sending
    cloud.cut(when)
    failed = await refused(driver, siti.user)
    assert (failed.unsure, failed.permanent) == (True, False)
    assert len(siti.told) == shown


async def test_when_an_upload_is_cut_off_nothing_was_sent(cloud: CloudApi, sending: tuple[WhatsApp, Person]) -> None:
    driver, siti = sending
    cloud.cut("upload")
    with pytest.raises(SendFailed) as failed:
        await driver.send(siti.user, Outgoing("", file=("data.txt", "Nama: Siti")))
    assert (failed.value.unsure, failed.value.permanent) == (False, False)


async def test_a_server_that_is_not_there_has_taken_nothing() -> None:
    driver = somewhere("http://127.0.0.1:9")
    failed = await refused(driver, "ID.1")
    assert (failed.unsure, failed.permanent, failed.gone) == (False, False, False)
    await driver.stop()


@pytest.mark.parametrize(
    ("status", "content", "unsure", "permanent"),
    [(502, "<html>Bad Gateway</html>", True, False), (200, "<html>", True, False), (200, "{}", True, False),
     (200, '{"messages": []}', True, False), (429, "", False, False),
     (500, '{"error": "weird"}', True, False), (500, '{"error": {"code": "x"}}', True, False),
     (302, "", False, False), (400, "<html>?</html>", False, False), (401, '{"code": 190}', False, False),
     (403, "<html>Internet Positif</html>", False, False), (404, "nothing here", False, False),
     (407, "<html>login</html>", False, False), (403, '{"error": {"code": 403, "message": "denied"}}', False, False),
     (400, "[" * 100_000, False, False)],
)  # fmt: skip
async def test_answers_that_are_not_metas_are_no_errors_of_ours(
    status: int, content: str, unsure: bool, permanent: bool
) -> None:
    async def answer(_: Request) -> Response:
        return Response(content, status)

    async with answering(answer) as driver:
        failed = await refused(driver, "ID.1")
    assert (failed.unsure, failed.permanent) == (unsure, permanent)


async def test_stopping_finishes_what_is_under_way_and_later_messages_still_go(
    cloud: CloudApi, sending: tuple[WhatsApp, Person]
) -> None:
    driver, siti = sending
    under_way = [asyncio.create_task(driver.send(siti.user, Outgoing(str(number)))) for number in range(5)]
    await asyncio.sleep(0)
    await driver.stop()
    await asyncio.gather(*under_way)
    await driver.send(siti.user, Outgoing("masih"))
    assert len(siti.told) == 6


async def test_no_more_calls_are_under_way_than_the_library_bears() -> None:
    busy, most = 0, 0

    async def slow(_: Request) -> Response:
        nonlocal busy, most
        busy, most = busy + 1, max(most, busy + 1)
        await asyncio.sleep(0.01)
        busy -= 1
        return JSONResponse({"messages": [{"id": "wamid.1"}]})

    async with answering(slow) as driver:
        await asyncio.gather(*[driver.send("ID.1", Outgoing("Halo")) for _ in range(60)])
    assert 1 < most <= IN_FLIGHT


async def test_what_somebody_said_is_shown_as_read_and_typing_where_it_takes_long(
    cloud: CloudApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whatsapp_channel, "TYPING_AFTER", 0.0)
    driver, inbox, siti = whatsapp(cloud), Inbox(), cloud.person("Siti")
    await driver.start(inbox.receive)
    said = siti.say("halo")
    inbox.slow[siti.user] = asyncio.Event()
    [event] = driver._read(json.loads(webhook_body(WABA_ID, cloud.webhooks.held())))
    taking = asyncio.create_task(driver._take(event))
    await cloud.until(lambda: cloud.typed)
    inbox.slow[siti.user].set()
    await taking
    await cloud.until(lambda: cloud.read)
    assert (cloud.typed, cloud.read) == ([said], [said])
    await driver.stop()


async def test_a_stop_that_only_a_refusal_tells_is_told_on(cloud: CloudApi) -> None:
    driver, inbox, siti = whatsapp(cloud), Inbox(), cloud.person("Siti")
    await driver.start(inbox.receive)
    cloud.fail(131050)
    assert (await refused(driver, siti.user)).permanent
    await cloud.until(lambda: inbox.taken)
    await driver.stop()
    assert [(event.address, event.reach) for event in inbox.taken] == [(siti.user, "stopped")]


async def test_neither_words_nor_the_token_are_logged(
    cloud: CloudApi, sending: tuple[WhatsApp, Person], caplog: pytest.LogCaptureFixture
) -> None:
    driver, siti = sending
    with caplog.at_level(logging.DEBUG):
        await driver.send(siti.user, Outgoing("Nama: Siti Aminah"))
        cloud.fail(131026)
        await refused(driver, siti.user, "Nama: Siti Aminah")
    assert "Aminah" not in caplog.text
    assert cloud.token not in caplog.text


def somewhere(api: str) -> WhatsApp:
    """A driver that talks to this server."""
    return WhatsApp(
        "t", api=api, phone_id="1", waba_id="2", app_secret="s", verify_token="v", choose=choose, clock=nine
    )


@asynccontextmanager
async def answering(answer: Callable[[Request], Awaitable[Response]]) -> AsyncIterator[WhatsApp]:
    """A driver whose server answers everything like this."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        driver = somewhere(f"http://127.0.0.1:{listening.getsockname()[1]}")
        async with served([Route("/{path:path}", answer, methods=["POST"])], listening):
            yield driver
            await driver.stop()


async def refused(driver: WhatsApp, address: str, words: str = "Halo") -> SendFailed:
    with pytest.raises(SendFailed) as failed:
        await driver.send(address, Outgoing(words))
    return failed.value


async def test_people_find_the_number_by_its_digits(sending: tuple[WhatsApp, Person]) -> None:
    assert await sending[0].public_name() == "628110000000"
