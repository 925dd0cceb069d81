"""From what a turn says to the messages that leave: one message, buttons within the limits, nothing cut or lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Key, Limits, Outgoing, decode
from bot.render import outgoing, split, text
from conversations.engine.core import Button, Document, Lines, Press, Rupiah, Say, Text
from conversations.rules.size import size
from locales import BOLD_OFF, BOLD_ON, Catalog, MissingWords, Sentence

CATALOG = Catalog.load()
TELEGRAM = Limits(text=4096, buttons=100, label=64)
WHATSAPP = Limits(
    text=4096, buttons=3, label=20, row_label=24, rows=10, with_buttons=1024, with_rows=4096,
    edits=False, contact_alone=True,
)  # fmt: skip
TERMINAL = Limits(text=4000, buttons=0, label=80)
WIB = timezone(timedelta(hours=7))


def button(value: str, label: Text | str = "") -> Button:
    return Button(Press("registration", "workers", value, "t1k2"), label or value)


# ------------------------------------------------------------------------------------------------ fields


def test_every_kind_of_field_is_written_as_people_read_it() -> None:
    assert text("apa adanya", CATALOG) == "apa adanya"
    assert text(1200, CATALOG) == "1.200"
    assert text(Rupiah(16800), CATALOG) == "Rp16.800"
    assert text(date(2026, 11, 23), CATALOG) == "Senin, 23 November 2026"
    assert text(datetime(2026, 11, 23, 9, 15, tzinfo=WIB), CATALOG) == "23 Nov, 09.15"
    assert text(Text("people.some", {"count": 3}), CATALOG) == "3 orang"


def test_lines_stand_below_each_other_and_empty_ones_are_left_out() -> None:
    assert text(Lines(("satu", "", Text("people.none"))), CATALOG) == "satu\nSendirian"


def test_a_field_may_hold_words_that_hold_fields() -> None:
    value = Text("address.Ibu", {"name": "Siti"})
    assert text(Text("registration.name.taken", {"value": value}), CATALOG) == "Baik, Bu Siti."


def test_words_of_a_person_are_never_interpreted_at_any_depth() -> None:
    name = Text("address.Ibu", {"name": f"{BOLD_ON}{{code}}*\x00"})
    said = text(Text("registration.name.taken", {"value": Lines((name, f"{BOLD_OFF}x"))}), CATALOG)
    assert said == "Baik, Bu {code}*\nx."


def test_a_key_without_words_is_an_error() -> None:
    with pytest.raises(MissingWords):
        text(Text("no.such.key"), CATALOG)


# ------------------------------------------------------------------------------------------------ one message


def test_all_that_a_turn_says_is_one_message_under_the_last_buttons() -> None:
    says = [
        Say(Text("already_noted"), (button("old"),)),
        Say(Text("registration.business_name.ask"), (button("1"),)),
        Say(Text("home.unclear")),
    ]
    (message,) = outgoing(says, CATALOG, TELEGRAM)
    assert message.text.split("\n\n")[0] == "Sudah dicatat"
    assert message.text.endswith("Maaf, kami belum paham maksudnya.")
    assert [[key.label for key in row] for row in message.keys] == [["1"]]


def test_short_buttons_stand_side_by_side_and_long_ones_alone() -> None:
    labels = ["0", "1", "2", "Lebih dari lima orang", "Ya", "Tidak"]
    (message,) = outgoing([Say(Text("home.ask"), tuple(map(button, labels)))], CATALOG, TELEGRAM)
    rows = [[key.label for key in row] for row in message.keys]
    assert rows == [["0", "1"], ["2"], ["Lebih dari lima orang"], ["Ya", "Tidak"]]


def test_a_button_brings_back_the_press_it_stands_for() -> None:
    (message,) = outgoing([Say(Text("home.ask"), (button("2"),))], CATALOG, TELEGRAM)
    assert decode(message.keys[0][0].data) == Press("registration", "workers", "2", "t1k2")


def test_where_there_are_no_buttons_the_choices_are_a_numbered_list() -> None:
    (message,) = outgoing([Say(Text("home.ask"), (button("Ya"), button("Tidak")))], CATALOG, TERMINAL)
    assert message.text.endswith("\n\n1. Ya\n2. Tidak")
    assert message.keys == ()


def test_choices_that_are_numbers_are_not_numbered() -> None:
    """Nobody could tell whether a 2 is the second choice or two people."""
    pay = Text("registration.workers.all", {"count": 2})
    choices = (button("0"), button("2_all", pay), button("more", Text("registration.workers.more")))
    (message,) = outgoing([Say(Text("registration.workers.ask"), choices)], CATALOG, TERMINAL)
    assert message.text.endswith("\n\n0 · 2 orang dibayar · Jumlah lain")


def test_the_same_button_twice_is_one() -> None:
    (message,) = outgoing([Say(Text("home.ask"), (button("1"), button("2"), button("1")))], CATALOG, TELEGRAM)
    assert [key.label for row in message.keys for key in row] == ["1", "2"]


def labels(message: Outgoing) -> list[str]:
    return [key.label for row in message.keys for key in row]


@pytest.mark.parametrize("count", [1, 3, 4, 10])
def test_more_choices_than_buttons_are_a_list_and_short_ones_stay_buttons(count: int) -> None:
    many = tuple(button(f"v{number}", f"pilihan {number}") for number in range(count))
    (message,) = outgoing([Say(Text("home.ask"), many)], CATALOG, WHATSAPP)
    assert labels(message) == [f"pilihan {number}" for number in range(count)]
    assert not any(key.note for row in message.keys for key in row)


def test_more_choices_than_a_list_has_rows_come_in_pages() -> None:
    many = tuple(button(f"v{number}", f"pilihan {number}") for number in range(23))
    seen: list[str] = []
    for page in (1, 2, 3):
        (message,) = outgoing([Say(Text("home.ask"), many, page=page)], CATALOG, WHATSAPP)
        assert len(labels(message)) <= 10
        *here, last = [key for row in message.keys for key in row]
        seen += [key.label for key in here]
        if page < 3:
            assert decode(last.data) == Press("command", "more", str(page + 1))
        else:
            seen.append(last.label)
    assert seen == [f"pilihan {number}" for number in range(23)]


def test_a_page_that_is_not_there_is_the_last_and_telegram_has_no_pages() -> None:
    many = tuple(button(f"v{number}") for number in range(12))
    (message,) = outgoing([Say(Text("home.ask"), many, page=40)], CATALOG, WHATSAPP)
    assert labels(message) == ["v9", "v10", "v11"]
    (message,) = outgoing([Say(Text("home.ask"), many, page=2)], CATALOG, TELEGRAM)
    assert len(labels(message)) == 12


def test_a_label_that_is_too_long_for_a_button_becomes_a_row_with_the_whole_of_it_below() -> None:
    (message,) = outgoing([Say(Text("home.ask"), (button("v", "Kecamatan dengan nama panjang"),))], CATALOG, WHATSAPP)
    assert message.keys == (
        (Key("Kecamatan dengan nama p…", message.keys[0][0].data, note="Kecamatan dengan nama panjang"),),
    )


def test_labels_that_look_the_same_once_cut_are_told_apart() -> None:
    alike = (
        button("a", "Kecamatan Karanganyar di Demak"),
        button("b", "Kecamatan Karanganyar di Kebumen"),
        button("c", "Ubah"),
    )
    (message,) = outgoing([Say(Text("home.ask"), alike)], CATALOG, WHATSAPP)
    assert labels(message) == ["1. Kecamatan Karanganya…", "2. Kecamatan Karanganya…", "3. Ubah"]


def test_where_there_is_less_room_the_shorter_words_of_a_label_are_used() -> None:
    catalog = Catalog("id", {**CATALOG.sentences, "change_this.short": Sentence.of("Ubah")})
    narrow = replace(WHATSAPP, label=6)
    (message,) = outgoing([Say(Text("home.ask"), (button("v", Text("change_this")),))], catalog, narrow)
    assert labels(message) == ["Ubah"]
    (message,) = outgoing([Say(Text("home.ask"), (button("v", Text("change_this")),))], catalog, TELEGRAM)
    assert labels(message) == [CATALOG.text("change_this")]


def test_words_too_long_to_stand_above_buttons_go_as_a_list_in_one_message() -> None:
    lines = Lines(f"baris {number}" for number in range(200))
    (message,) = outgoing([Say(Text("status.leads", {"leads": lines}), (button("1"),))], CATALOG, WHATSAPP)
    assert 1024 < len(message.text) <= 4096
    (message,) = outgoing(
        [Say(Text("status.leads", {"leads": lines}), (button("1"),))], CATALOG, replace(WHATSAPP, rows=0)
    )[-1:]
    assert len(message.text) <= 1024, "where there is no list, the last piece carries the buttons"


def test_a_message_that_asks_for_the_number_writes_its_choices_out_where_it_can_have_no_buttons() -> None:
    say = Say(Text("registration.phone.ask"), (button("none", Text("registration.phone.none")),), wants_contact=True)
    (message,) = outgoing([say], CATALOG, WHATSAPP)
    assert message.keys == ()
    assert message.text.endswith("Atau ketik: Lewat chat ini.")
    (message,) = outgoing([say], CATALOG, TELEGRAM)
    assert labels(message) == ["Lewat chat ini"]


LABELS = st.text(st.sampled_from("abc \n" + BOLD_ON), max_size=90)
CHANNELS = st.sampled_from((TELEGRAM, WHATSAPP, TERMINAL, replace(WHATSAPP, rows=0, row_label=0)))


@given(
    st.lists(
        st.builds(
            Say,
            st.builds(lambda n: Text("status.leads", {"leads": Lines(["sebaris kata"] * n)}), st.integers(1, 700)),
            st.lists(LABELS, max_size=25).map(
                lambda labels: tuple(button(str(at), label) for at, label in enumerate(labels))
            ),
            st.booleans(),
            st.integers(-1, 30),
        ),
        min_size=1,
        max_size=3,
    ),
    CHANNELS,
)
def test_whatever_is_said_every_message_keeps_the_limits(says: list[Say], limits: Limits) -> None:
    *before, last = outgoing(says, CATALOG, limits)
    assert all(0 < len(message.text) <= limits.text and not message.keys for message in before)
    shown = [key for row in last.keys for key in row]
    assert len({key.label for key in shown}) == len(shown)
    assert len({key.data for key in shown}) == len(shown)
    assert all(key.label.strip() and len(key.note) <= 72 for key in shown)
    as_rows = limits.rows and (
        len(shown) > limits.buttons
        or len(last.text) > limits.with_buttons
        or any(len(key.label) > limits.label or key.note for key in shown)
    )
    assert len(shown) <= (limits.rows if as_rows else limits.buttons)
    assert all(len(key.label) <= (limits.row_label if as_rows else limits.label) for key in shown)
    above = (limits.with_rows if as_rows else limits.with_buttons) if shown or last.contact_label else 0
    assert len(last.text) <= (above or limits.text)
    assert not (limits.contact_alone and last.contact_label and shown)


def test_the_wish_for_a_phone_number_goes_along_with_its_words() -> None:
    (message,) = outgoing([Say(Text("registration.phone.ask"), wants_contact=True)], CATALOG, TELEGRAM)
    assert message.contact_label == CATALOG.text("contact.share")
    assert outgoing([Say(Text("home.ask"))], CATALOG, TELEGRAM)[0].contact_label == ""


def test_a_document_is_a_message_of_its_own_after_the_words() -> None:
    said, file = outgoing([Document("data.txt", Text("data.nothing")), Say(Text("home.ask"))], CATALOG, TELEGRAM)
    assert file.file == ("data.txt", "Belum ada jawaban.")
    assert said.file is None
    assert said.text


def test_a_turn_that_says_nothing_sends_nothing() -> None:
    assert outgoing([], CATALOG, TELEGRAM) == ()


def test_words_longer_than_a_message_are_several_with_the_buttons_under_the_last() -> None:
    lines = Lines(f"baris {number}" for number in range(1600))
    says = [Say(Text("status.leads", {"leads": lines}), (button("1"),))]
    *before, last = outgoing(says, CATALOG, WHATSAPP)
    assert len(before) >= 3
    assert all(not message.keys for message in before)
    assert last.keys
    assert "\n".join(message.text for message in (*before, last)) == "\n".join(map(str, lines))


# ------------------------------------------------------------------------------------------------ splitting


@given(st.text(st.sampled_from("ab🙏é \n"), max_size=200), st.integers(4, 40))
def test_pieces_are_short_enough_and_lose_nothing_but_breaks(words: str, limit: int) -> None:
    pieces = split(words, limit)
    assert all(size(piece) <= limit for piece in pieces)
    assert pieces
    assert "".join("".join(pieces).split()) == "".join(words.split())


@given(st.lists(st.tuples(st.booleans(), st.text(st.sampled_from("ab \n"), min_size=1, max_size=30)), max_size=8))
def test_bold_is_closed_in_every_piece_and_goes_on_in_the_next(parts: list[tuple[bool, str]]) -> None:
    words = "".join(f"{BOLD_ON}{part}{BOLD_OFF}" if bold else part for bold, part in parts)
    for piece in split(words, 12):
        marks = [mark for mark in piece if mark in (BOLD_ON, BOLD_OFF)]
        assert marks == [BOLD_ON, BOLD_OFF] * (len(marks) // 2)
        assert len(piece) <= 12


def test_a_line_that_fits_is_never_broken() -> None:
    assert split("satu dua\ntiga empat\nlima", 12) == ("satu dua", "tiga empat", "lima")
