"""How the driver sends: what is shown, and what becomes of refusals."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from bot.channels.base import BOLD_OFF, BOLD_ON, Inbound, Key, Outgoing, SendFailed
from bot.channels.telegram_aiogram import Telegram
from conversations.core import Heard, Press
from tests.channels.driving import receiving
from tests.standins.bot_api import TOKEN, BotApi


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
