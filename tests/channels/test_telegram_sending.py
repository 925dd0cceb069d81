"""How the driver sends: what is shown, and what becomes of refusals."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.base import BOLD_OFF, BOLD_ON, Inbound, Key, Media, Outgoing, SendFailed
from bot.channels.telegram_channel import TelegramChannel
from bot.channels.telegram_drivers import driver_of
from conversations.engine.core import Heard, Press
from tests.channels.driving import receiving
from tests.channels.on_platform import served
from tests.channels.on_telegram import Driver
from tests.conftest import nine
from tests.standins.bot_api import TOKEN, BotApi


@pytest.fixture
async def sending(api: BotApi, by: Driver) -> AsyncIterator[TelegramChannel]:
    """A driver whose person 7 has written to it."""
    async with receiving(api, by) as (driver, _):
        api.person(7).say("halo")
        await api.taken()
        yield driver


async def test_a_message_shows_what_was_meant(api: BotApi, sending: TelegramChannel) -> None:
    receipt = await sending.send("7", Outgoing(f"{BOLD_ON}<Siti>{BOLD_OFF} & co", ((Key("Ya", "a.b=c~"),),)))
    [shown] = api.person(7).told
    assert (shown.marked, shown.labels, str(shown.id)) == ("*<Siti>* & co", ["Ya"], receipt.external_id)


async def test_an_edit_replaces_says_nothing_twice_and_is_sent_anew_where_it_cannot(
    api: BotApi, sending: TelegramChannel
) -> None:
    card = await sending.send("7", Outgoing("Baru", ((Key("Ambil", "lead.take=RK~"),),)))
    edited = await sending.send("7", Outgoing("Diambil Rina", edits=card.external_id))
    again = await sending.send("7", Outgoing("Diambil Rina", edits=card.external_id))
    assert card == edited == again
    assert [(shown.text, shown.labels) for shown in api.person(7).told] == [("Diambil Rina", [])]
    anew = await sending.send("7", Outgoing("Diambil Rina", edits="999"))
    assert anew != card
    assert len(api.person(7).told) == 2


async def test_a_file_goes_out_as_a_document(api: BotApi, sending: TelegramChannel) -> None:
    await sending.send("7", Outgoing("Data Bapak/Ibu", file=("data.txt", "Nama: Siti\n")))
    [shown] = api.person(7).told
    assert (shown.text, shown.file) == ("Data Bapak/Ibu", ("data.txt", "Nama: Siti\n"))


async def test_sharing_ones_number_takes_one_tap_and_the_keyboard_goes_with_the_next_message(
    api: BotApi, sending: TelegramChannel
) -> None:
    await sending.send("7", Outgoing("Nomor?", ((Key("Lewati", "a.b=~"),),), contact_label="Bagikan nomor"))
    assert [[button["text"] for button in row] for row in api.person(7).keyboard] == [["Bagikan nomor"], ["Lewati"]]
    api.person(7).tap("Bagikan nomor")
    await api.taken()
    await sending.send("7", Outgoing("Terima kasih"))
    assert api.person(7).keyboard == []


async def test_one_chat_that_is_flooded_waits_alone_and_two_mean_the_whole_bot(
    api: BotApi, sending: TelegramChannel
) -> None:
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
    api: BotApi, sending: TelegramChannel, status: int, words: str, gone: bool, permanent: bool
) -> None:
    api.fail("sendMessage", status, words)
    with pytest.raises(SendFailed) as failed:
        await sending.send("7", Outgoing("halo"))
    assert (failed.value.gone, failed.value.permanent) == (gone, permanent)
    shown = f"{status if status != 502 else 500} {words.removeprefix('Bad Request: ')}"
    assert failed.value.reason.replace("Bad Request: ", "").casefold() == shown.casefold()


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_cut_connection_may_have_sent_it_and_tells_no_secret(
    api: BotApi, sending: TelegramChannel, when: str
) -> None:
    api.cut("sendMessage", when)
    with pytest.raises(SendFailed) as failed:
        await sending.send("7", Outgoing("halo"))
    assert (failed.value.permanent, failed.value.unsure) == (False, True)
    assert TOKEN.partition(":")[2] not in failed.value.reason


async def test_where_there_is_no_connection_nothing_was_sent_for_sure(by: Driver) -> None:
    driver = driver_of(by)(TOKEN, api="http://127.0.0.1:9", clock=nine)  # the port that is kept for nobody to listen on
    with pytest.raises(SendFailed) as failed:
        await driver.send("7", Outgoing("halo"))
    await driver.stop()
    assert (failed.value.permanent, failed.value.unsure) == (False, False)


async def test_an_edit_that_was_cut_off_may_simply_be_made_again(api: BotApi, sending: TelegramChannel) -> None:
    card = await sending.send("7", Outgoing("Baru"))
    api.cut("editMessageText", "after")
    with pytest.raises(SendFailed) as failed:
        await sending.send("7", Outgoing("Diambil Rina", edits=card.external_id))
    assert not failed.value.unsure


@pytest.mark.parametrize("page", [b"<html>Bad Gateway, 0812</html>", b"[]", b'{"ok": true}', b""])
@pytest.mark.parametrize("status", [200, 502])
async def test_an_answer_that_nobody_can_read_is_no_error_of_ours_and_not_repeated_to_anybody(
    by: Driver, status: int, page: bytes
) -> None:
    async def gateway(_: Request) -> Response:
        return Response(page, status)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        route = Route("/bot{token}/{method}", gateway, methods=["POST"])
        async with served([route], listening):
            driver = driver_of(by)(TOKEN, api=f"http://127.0.0.1:{listening.getsockname()[1]}", clock=nine)
            with pytest.raises(SendFailed) as failed:
                await driver.send("7", Outgoing("halo"))
            await driver.stop()
    assert not failed.value.permanent
    assert failed.value.unsure or status == 502
    assert "0812" not in failed.value.reason


STRANGE_PAGES = [
    *("<html>Internet Positif</html>", '{"error": "denied"}', '{"ok": false}', ""),
    '{"ok": false, "error_code": 1020, "description": "Access denied"}',
]


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 407, 413, 451])
async def test_the_page_of_whatever_stands_in_between_is_no_answer_and_nothing_was_sent(
    by: Driver, status: int
) -> None:
    pages = iter(STRANGE_PAGES)

    async def proxy(_: Request) -> Response:
        return Response(next(pages), status)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        async with served([Route("/{path:path}", proxy, methods=["POST"])], listening):
            driver = driver_of(by)(TOKEN, api=f"http://127.0.0.1:{listening.getsockname()[1]}", clock=nine)
            for _ in STRANGE_PAGES:
                with pytest.raises(SendFailed) as failed:
                    await driver.send("7", Outgoing("halo"))
                decided = failed.value
                assert not any((decided.gone, decided.permanent, decided.unsure, decided.wide))
            await driver.stop()


async def test_a_token_that_is_refused_waits_for_the_operator_who_is_called(
    api: BotApi, sending: TelegramChannel
) -> None:
    for status, words in ((401, "Unauthorized"), (404, "Not Found")):
        api.fail("sendMessage", status, words)
        with pytest.raises(SendFailed) as failed:
            await sending.send("7", Outgoing("halo"))
        assert (failed.value.permanent, failed.value.wide, failed.value.alert) == (False, True, True)


PICTURE = Media("photo", "pasar.jpg", "image/jpeg", b"\xff\xd8\xff\xe0 gambar")
LETTER = Media("document", "surat.pdf", "application/pdf", b"%PDF-1.7 surat")


@pytest.mark.parametrize("media", [PICTURE, LETTER])
async def test_a_picture_or_document_goes_out_with_its_words_and_buttons_below(
    api: BotApi, sending: TelegramChannel, media: Media
) -> None:
    await sending.send("7", Outgoing("Halo Bu Siti", ((Key("Daftar", "a.b=c~"),),), media=media))
    [shown] = api.person(7).told
    assert shown.file is not None
    assert (shown.text, shown.labels, shown.file[0]) == ("Halo Bu Siti", ["Daftar"], media.name)
    assert shown.file[1].encode(errors="replace")[-5:] == media.content[-5:]


@pytest.mark.parametrize("media", [PICTURE, LETTER])
async def test_what_telegram_has_already_is_not_uploaded_again_unless_it_has_forgotten_it(
    api: BotApi, sending: TelegramChannel, media: Media
) -> None:
    for _ in range(3):
        await sending.send("7", Outgoing("Halo", media=Media(*media)))
    assert len(api.files) == 1
    api.files["other"] = api.files.popitem()[1]
    await sending.send("7", Outgoing("Halo", media=media))
    assert {shown.file for shown in api.person(7).told} == {api.files["other"]}
    assert len(api.person(7).told) == 4


async def test_a_document_about_one_person_is_uploaded_each_time(api: BotApi, sending: TelegramChannel) -> None:
    for _ in range(2):
        await sending.send("7", Outgoing("", file=("data.txt", "Nama: Siti\n")))
    assert len(api.files) == 2


async def test_words_too_long_for_a_caption_follow_the_picture_and_a_half_is_not_shown_again(
    api: BotApi, sending: TelegramChannel
) -> None:
    message = Outgoing("a" * 1025, ((Key("Daftar", "a.b=c~"),),), media=PICTURE)
    await sending.send("7", message)
    picture, words = api.person(7).told
    assert (picture.text, picture.labels, bool(picture.file)) == ("", [], True)
    assert (len(words.text), words.labels) == (1025, ["Daftar"])
    api.fail("sendMessage")
    with pytest.raises(SendFailed) as failed:
        await sending.send("7", message)
    assert failed.value.unsure


async def test_where_the_first_part_fails_for_sure_nothing_is_there_and_all_of_it_may_be_sent_again(
    api: BotApi, sending: TelegramChannel
) -> None:
    api.fail("sendPhoto", 500, "Internal Server Error")
    with pytest.raises(SendFailed) as failed:
        await sending.send("7", Outgoing("a" * 1025, media=PICTURE))
    assert not failed.value.unsure


async def test_what_is_still_to_be_sent_goes_out_after_the_channel_has_stopped(
    api: BotApi, sending: TelegramChannel
) -> None:
    await sending.stop()
    await sending.send("7", Outgoing("sampai jumpa"))
    assert api.person(7).last == "sampai jumpa"


async def test_settling_never_holds_up_or_fails(api: BotApi, sending: TelegramChannel) -> None:
    api.fail("answerCallbackQuery", 400, "Bad Request: query is too old and response timeout expired", times=3)
    api.cut("editMessageReplyMarkup", times=3)
    pressed = Heard(pressed=Press("registration", "workers", "1"))
    for number in range(3):
        event = Inbound("telegram", "1", str(number), "7", pressed, nine(), callback=str(number), under="1")
        await sending.settle(event, "")
    assert api.made("answerCallbackQuery") == []
    await api.until(lambda: len(api.made("editMessageReplyMarkup")) == 3)


async def test_people_find_the_bot_by_its_user_name(sending: TelegramChannel) -> None:
    assert await sending.public_name() == "RangkulBot"
