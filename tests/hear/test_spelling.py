"""Spellings of chat are read as the words they stand for, and no other word is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.hear.text.words import plain
from tests.town import known

EAR = known().ear
SPELLING = EAR.spelling
LONG = sorted(word for word in SPELLING.words if len(word) > 4)


@pytest.mark.parametrize(
    ("spelled", "word"),
    [
        ("ntdk", "tidak"), ("tydack", "tidak"), ("tdq", "tidak"), ("t1dak", "tidak"), ("kgak", "kagak"),
        ("belon", "belum"), ("smpe", "sampai"), ("njangan", "jangan"), ("setujoe", "setuju"), ("pegawaai", "pegawai"),
        ("btul", "betul"), ("zaya", "saya"), ("bapag", "bapak"), ("karyawann", "karyawan"), ("iyaaph", "iya"),
        ("tiadk", "tidak"), ("kapen", "kapan"), ("orank", "orang"), ("s14p", "siap"), ("gakz", "gak"),
        ("kirimlah", "kirim lah"), ("siapdeh", "siap deh"), ("namax", "namanya"),
    ],
)  # fmt: skip
def test_a_spelling_is_the_word_that_it_sounds_like(spelled: str, word: str) -> None:
    assert SPELLING.even(spelled) == word


@pytest.mark.parametrize(
    "text",
    [
        "tadah", "bule", "es krim", "kura", "sapi", "mbah karto", "tidak usah", "lewat wa", "jl bolu", "kudus", "telex",
        "500rb", "2jt-an", "rp4", "rt 04", "sudahlah", "tenaga", "sari", "ari", "sale pisang",
    ],
)  # fmt: skip
def test_a_word_of_its_own_or_a_figure_stays_as_it_is(text: str) -> None:
    assert SPELLING.even(text) == text


@given(st.sampled_from(LONG), st.data())
def test_doubled_letters_change_no_word(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 1))
    doubled = word[:at] + word[at] + word[at:]
    assert SPELLING.even(doubled) in (word, plain(doubled)) or word in ("nggak", "enggak")  # read as "gak"
    assert SPELLING.even(word) == word


@given(st.text(max_size=300))
def test_any_text_has_a_plain_form_that_is_read_the_same_again(text: str) -> None:
    once = SPELLING.even(text)
    assert SPELLING.even(once) == once


@pytest.mark.parametrize("text", ["urg benar", "dri benar", "kmi setuju", "alamt setuju", "smua blh"])
def test_where_it_binds_a_filler_known_by_its_sound_alone_may_be_one_more_no(text: str) -> None:
    """ "urg" sounds like *orang* and is a short form of *durung*, not yet."""
    assert SPELLING.even(text) != text
    assert EAR.yesno.read(text, "confirm") != "yes" or "smua" in text


@pytest.mark.parametrize(
    ("read", "plain"), [("1 jt smpai 2 jt", "1 juta sampai 2 juta"), ("5ratuz ribu per hri", "500 ribu per hari")]
)
def test_every_reader_hears_spellings(read: str, plain: str) -> None:
    assert EAR.money.read(read) == EAR.money.read(plain)
