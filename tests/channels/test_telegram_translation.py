"""Updates of the Bot API become what a person did; messages become calls that the Bot API takes."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import BOLD_OFF, BOLD_ON, KEPT_KEYS, Inbound, Key, Outgoing, SendFailed, encode
from bot.channels.telegram import LIMITS, UPDATES, call, inbound, settlement
from bot.channels.telegram_menu import introduction, menu
from bot.channels.telegram_refusals import TelegramRefused, failure, is_unchanged, is_uneditable
from bot.render import split
from conversations.engine.core import Contact, Heard, Press
from locales import read_tables
from tests.channels import recorded
from tests.ear import ear
from tests.standins import check_calls
from tests.standins.telegram_html import read as shown

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
WRITTEN = datetime.fromtimestamp(1795572000, UTC)
SITI = "5551234567"
ONE = Press("registration", "workers", "1", "t1k2")


def read(name: str) -> Inbound | None:
    return inbound(recorded.UPDATES[name], "110201543", lambda: NOW)


def heard(name: str) -> Inbound:
    event = read(name)
    assert event is not None
    return event


def test_the_first_name_comes_with_words_and_buttons_and_whatever_else_stands_there_is_none() -> None:
    assert heard("text").profile == heard("button").profile == heard("contact_own").profile == "Siti"
    update = copy.deepcopy(recorded.UPDATES["text"])
    update["message"]["from"]["first_name"] = ["Siti"]
    event = inbound(update, "110201543", lambda: NOW)
    assert event
    assert event.profile == ""
    assert "Siti" not in repr(heard("button"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("text", Heard(text="nggih, kulo gadhah warung maem 🍛 ning Laweyan")),
        ("reply", Heard(text="dua")),
        ("forward", Heard(text="info bpjs gratis")),
        ("start", Heard(text="/start")),
        ("start_campaign", Heard(start="pasar-gede_2026")),
        ("start_words", Heard(text="mau daftar")),
        ("command", Heard(text="/status")),
        ("command_with_bot_name", Heard(text="/ubah nama")),
        ("button", Heard(pressed=ONE)),
        ("button_under_an_old_message", Heard(pressed=Press("command", "status", ""))),
        ("button_of_somebody_else", Heard(other="unknown")),
        ("button_inline", Heard(pressed=ONE)),
        ("contact_own", Heard(contact=Contact("+6281234567890", own=True))),
        ("contact_of_somebody_else", Heard(contact=Contact("+6281398765432", own=False))),
        ("contact_without_account", Heard(contact=Contact("+6281398765432", own=False))),
        ("photo", Heard("ini warung saya", other="photo")),
        ("voice", Heard(other="voice")),
        ("audio", Heard(other="voice")),
        ("video", Heard(other="video")),
        ("video_note", Heard(other="video")),
        ("animation", Heard(other="video")),
        ("sticker", Heard(other="sticker")),
        ("document", Heard(other="document")),
        ("location", Heard(other="location")),
        ("venue", Heard("Pasar Gede, Solo", other="location")),
        ("poll", Heard(other="poll")),
        ("edited", Heard(other="edited")),
        ("blocked", Heard()),
        ("back", Heard()),
    ],
)
def test_what_a_person_did_is_read_from_the_update(name: str, expected: Heard) -> None:
    event = heard(name)
    assert event.heard == expected
    assert (event.channel, event.account, event.address) == ("telegram", "110201543", SITI)
    assert event.external_id == str(recorded.UPDATES[name]["update_id"])


@pytest.mark.parametrize("kind", ["photo", "voice", "video", "animation", "document", "audio"])
def test_the_words_under_whatever_was_sent_are_read(kind: str) -> None:
    update = copy.deepcopy(recorded.UPDATES[kind])
    update["message"]["caption"] = "Bu Siti"
    event = inbound(update, "110201543", lambda: NOW)
    assert event is not None
    assert event.heard == replace(heard(kind).heard, text="Bu Siti")


@pytest.mark.parametrize(
    ("said", "start", "words"),
    [
        ("/start pasar-gede saya mau daftar", "pasar-gede", "saya mau daftar"),
        ("/start pasar_gede\nsaya mau daftar", "pasar_gede", "saya mau daftar"),
        ("/start@RangkulBot pasar2026 mau daftar", "pasar2026", "mau daftar"),
        ("/start mau daftar", "", "mau daftar"),
        ("Halo Rangkul (pasar-gede) mau daftar", "pasar-gede", "mau daftar"),
    ],
)
def test_words_added_to_a_link_do_not_lose_the_campaign(said: str, start: str, words: str) -> None:
    update = copy.deepcopy(recorded.UPDATES["text"])
    update["message"]["text"] = said
    event = inbound(update, "110201543", lambda: NOW)
    assert event is not None
    assert event.heard == Heard(words, start=start)


@pytest.mark.parametrize(
    "name",
    ["group_text", "group_joined", "group_button", "channel_post", "from_a_bot", "pinned", "live_location_moves"],
)
def test_what_is_not_said_to_us_by_a_person_is_passed_over(name: str) -> None:
    assert read(name) is None


def test_every_recorded_update_is_as_published_and_expected_by_some_test() -> None:
    for name, update in recorded.UPDATES.items():
        assert check_calls.shape_problems("Update", update) == [], name
    kinds = {kind for update in recorded.UPDATES.values() for kind in update} - {"update_id", "channel_post"}
    assert kinds == set(UPDATES)


def test_a_message_bears_its_own_time_and_a_pressed_button_that_of_the_clock() -> None:
    message, button = heard("text"), heard("button")
    assert message.at == WRITTEN
    assert button.at == NOW


def test_a_pressed_button_can_be_answered_and_its_message_found() -> None:
    for name, under in (("button", "41"), ("button_of_somebody_else", "41"), ("button_inline", "")):
        event = heard(name)
        assert event.callback == recorded.UPDATES[name]["callback_query"]["id"]
        assert event.under == under


@pytest.mark.parametrize("data", ["lead.take=\x00~", "a.b=\n", "a.b=" + "é" * 31, "", None, 7])
def test_button_data_that_no_button_of_ours_has_is_not_ours(data: Any) -> None:
    query = {**recorded.UPDATES["button"]["callback_query"], "data": data}
    event = inbound({"update_id": 1, "callback_query": query}, "1", lambda: NOW)
    assert event is not None
    assert event.heard == Heard(other="unknown")


def test_telegram_itself_never_tells_a_number() -> None:
    """Even one's own card is an answer like another: whoever shares it is asked for it, and may change it later."""
    assert {heard(name).phone for name in ("text", "contact_own", "contact_of_somebody_else")} == {""}


def test_blocking_and_coming_back_are_told() -> None:
    blocked, back = heard("blocked"), heard("back")
    assert blocked.reach == "blocked"
    assert back.reach == "back"


@given(recorded.broken_updates())
def test_no_update_of_whatever_shape_is_an_error(update: Any) -> None:
    event = inbound(update, "1", lambda: NOW)
    if event is not None:
        assert event.address.isdecimal()
        assert event.at.tzinfo is not None
        assert event.heard.start.isascii()
        if event.heard.pressed:  # what goes into queries is what a database takes
            assert encode(event.heard.pressed).isprintable()


# ---------------------------------------------------------------------------------------------- what goes out

words = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=BOLD_ON + BOLD_OFF), min_size=1, max_size=40
)
labels = words.filter(lambda label: bool(label.strip()))
keys = st.builds(Key, labels, st.sampled_from(["a.b=c~d", "command.status=~"])) | st.builds(
    Key, labels, url=st.just("https://www.bpjsketenagakerjaan.go.id")
)
rows = st.lists(st.lists(keys, min_size=1, max_size=2).map(tuple), max_size=4).map(tuple)
messages = st.builds(
    Outgoing, words, rows, st.sampled_from(["", "12"]), st.sampled_from(["", "Bagikan nomor"])
) | st.builds(Outgoing, words, file=st.tuples(st.just("data.txt"), words))


@given(messages)
def test_every_message_is_a_call_as_published(message: Outgoing) -> None:
    made = call(SITI, message)
    upload = {made.file.kind: check_calls.Upload(made.file.name, made.file.content.decode())} if made.file else {}
    assert check_calls.problems(made.method, {**made.params, **upload}) == []


@given(words, words, words)
def test_whatever_people_wrote_is_shown_as_they_wrote_it(before: str, bold: str, after: str) -> None:
    made = call(SITI, Outgoing(f"{before}{BOLD_ON}{bold}{BOLD_OFF}{after}"))
    assert shown(made.params["text"]) == (f"{before}{bold}{after}".strip(), f"{before}*{bold}*{after}".strip())


@given(st.text(st.sampled_from(["a", "<", "&", BOLD_ON, BOLD_OFF, "\n"])))
def test_marks_that_do_not_pair_never_make_bad_markup(text: str) -> None:
    plain, _ = shown(call(SITI, Outgoing(text)).params["text"])
    assert plain == text.replace(BOLD_ON, "").replace(BOLD_OFF, "").strip()


def test_buttons_stand_under_their_message_in_their_rows() -> None:
    rows = ((Key("Ya", "a.b=yes~"), Key("Tidak", "a.b=no~")), (Key("Cek", url="https://contoh.id"),))
    assert call(SITI, Outgoing("?", rows)).params["reply_markup"] == {
        "inline_keyboard": [
            [{"text": "Ya", "callback_data": "a.b=yes~"}, {"text": "Tidak", "callback_data": "a.b=no~"}],
            [{"text": "Cek", "url": "https://contoh.id"}],
        ]
    }


def test_the_share_my_number_button_stands_above_the_other_choices() -> None:
    made = call(SITI, Outgoing("Nomor?", ((Key("Lewati", "a.b=~"),),), contact_label="Bagikan nomor"))
    assert made.params["reply_markup"] == {
        "keyboard": [[{"text": "Bagikan nomor", "request_contact": True}], [{"text": "Lewati"}]],
        "resize_keyboard": True,
        "one_time_keyboard": True,
    }
    assert call(SITI, Outgoing("Terima kasih")).params["reply_markup"] == {"remove_keyboard": True}


def test_an_edit_without_buttons_takes_the_old_ones_away() -> None:
    made = call(SITI, Outgoing("Sudah diambil", edits="12"))
    assert (made.method, made.params["message_id"]) == ("editMessageText", 12)
    assert "reply_markup" not in made.params


def test_words_longer_than_a_caption_do_not_go_under_a_file() -> None:
    with pytest.raises(SendFailed) as failed:
        call(SITI, Outgoing("a" * 1025, file=("data.txt", "isi")))
    assert failed.value.permanent


def test_links_are_not_unfolded() -> None:
    assert call(SITI, Outgoing("https://contoh.id")).params["link_preview_options"] == {"is_disabled": True}


@given(st.lists(words, min_size=60, max_size=160).map(lambda lines: "\n".join(line * 3 for line in lines)))
def test_long_words_are_parted_between_lines_within_the_limit(text: str) -> None:
    pieces = split(text, LIMITS.text)
    assert all(len(shown(call(SITI, Outgoing(piece)).params["text"])[0]) <= 4096 for piece in pieces)
    assert "\n".join(pieces).split() == text.split()


# ---------------------------------------------------------------------------------------------- around it


def test_a_pressed_button_is_answered_and_its_keyboard_taken_away_unless_it_lives_on() -> None:
    event = heard("button")
    answer, away = settlement(event, "Sudah diambil Rina")
    assert answer.params == {"callback_query_id": event.callback, "text": "Sudah diambil Rina"}
    assert (away.method, away.params) == ("editMessageReplyMarkup", {"chat_id": int(SITI), "message_id": 41})
    for made in (answer, away):
        assert check_calls.problems(made.method, made.params) == []
    [kept] = settlement(heard("button_under_an_old_message"), "")
    assert "command" in KEPT_KEYS
    assert kept.method == "answerCallbackQuery"


def test_menus_and_texts_are_as_published_and_name_commands_that_are_understood() -> None:
    intents = ear().intents
    calls = [
        *(write for _, write, _ in introduction()),
        *(menu(SITI, role) for role in ("officer", "coordinator", "admin", "")),
    ]
    for made in calls:
        assert check_calls.problems(made.method, made.params) == []
    for command in introduction()[0][2]:
        assert intents.read(f"/{command['command']}", "", lambda: False) != ("unknown",), command
    heard_of_officers = {
        word for words in read_tables("id")["choices"]["choices"]["officer.command"].values() for word in words
    }
    offered = {
        role: [f"/{one['command']}" for one in menu(SITI, role).params["commands"]]
        for role in ("officer", "coordinator", "admin")
    }
    own = ["/tugas", "/cari", "/libur", "/masuk", "/kantor"]
    assert [offered[role][:5] for role in ("officer", "coordinator", "admin")] == [own] * 3
    assert offered["coordinator"][5:7] == ["/tim", "/laporan"]
    assert offered["admin"][5:8] == ["/tim", "/laporan", "/siaran"]
    assert "/siaran" not in offered["coordinator"]
    assert set(own) - {"/cari"} <= heard_of_officers  # what is looked for stands behind /cari


@pytest.mark.parametrize(
    ("refused", "gone", "permanent"),
    [
        (TelegramRefused(403, "Forbidden: bot was blocked by the user"), True, True),
        (TelegramRefused(403, "Forbidden: user is deactivated"), True, True),
        (TelegramRefused(400, "Bad Request: chat not found"), True, True),
        (TelegramRefused(400, "Bad Request: can't parse entities"), False, True),
        (TelegramRefused(413, "Request Entity Too Large"), False, True),
        (TelegramRefused(403, "Forbidden: bot can't initiate conversation with a user"), True, True),
        (TelegramRefused(403, "Forbidden: bot was deactivated"), False, False),  # nobody has listed it
        (TelegramRefused(403, "Access denied"), False, False),
        (TelegramRefused(409, "Conflict: terminated by other getUpdates request"), False, False),
        (TelegramRefused(429, "Too Many Requests"), False, False),
        (TelegramRefused(500, "Internal Server Error"), False, False),
        (TelegramRefused(0, "ServerDisconnectedError"), False, False),
    ],
)
def test_a_refusal_says_whether_to_try_again(refused: TelegramRefused, gone: bool, permanent: bool) -> None:
    failed = failure(refused, wide=False)
    assert (failed.gone, failed.permanent, failed.retry_after) == (gone, permanent, None)


def test_a_bot_that_was_moved_to_another_server_waits_for_its_operator() -> None:
    failed = failure(TelegramRefused(400, "Bad Request: Logged out"), wide=False)
    assert (failed.permanent, failed.wide, failed.alert) == (False, True, True)


def test_a_flood_says_how_long_to_wait() -> None:
    failed = failure(TelegramRefused(429, "flood", 7), wide=True)
    assert (failed.retry_after, failed.wide, failed.permanent) == (7, True, False)


def test_edits_that_need_no_edit_and_those_that_cannot_be_are_known_by_the_servers_words() -> None:
    assert is_unchanged(TelegramRefused(400, "Bad Request: message is not modified: specified new message content …"))
    assert is_uneditable(TelegramRefused(400, "Bad Request: message to edit not found"))
    assert is_uneditable(TelegramRefused(400, "Bad Request: message can't be edited"))
    assert not is_uneditable(TelegramRefused(400, "Bad Request: chat not found"))
