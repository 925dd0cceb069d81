"""The card: who has it, had it, or is too old for it; nobody is turned away by words that leave a doubt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.hear.cards import Card, Cards
from conversations.hear.numbers import Numbers
from conversations.hear.text.phrases import squeeze, tokens
from conversations.hear.text.readings import Unsure
from locales.tables import read_tables

TABLES = read_tables()
CARDS = Cards(Numbers(TABLES["numbers"]), TABLES["cards"], TABLES["yesno"])
KNOWN = {
    word.text
    for table in ("cards", "yesno")
    for said in TABLES[table]["phrases"].values()
    for phrase in said
    for word in tokens(phrase)
}
YEAR = 2026


def told(text: str) -> str:
    found = CARDS.read(text, YEAR)
    return found.value if isinstance(found, Card) else found.why


@pytest.mark.parametrize(
    "text",
    [
        "punyanya KIS",
        "iya, BPJS mandiri kelas 3",
        "kartu hijau",
        "udah, yang buat ke puskesmas",
        "jkn pbi mas",
        "kis saya sudah mati",
    ],
)
def test_the_card_for_the_doctor_is_another_card_and_is_read_back(text: str) -> None:
    assert CARDS.read(text, YEAR) == Card("no", plain=False, health=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yang kesehatan punya, yang kerja belum", "no"),
        ("ketenagakerjaan sudah, kesehatan belum", "yes"),
        ("belum punya yang ketenagakerjaan punyanya yang kesehatan", "no"),
        ("belum ikut jamsostek, adanya kis", "no"),
        ("punya yang kerja dulu, yang kesehatan masih", "once"),
        ("sudah punya ketenagakerjaan, kesehatan belum", "yes"),
        ("dulu ikut, sekarang nunggak", "once"),
        ("wis metu soko pabrik", "once"),
        ("sudah tidak aktif", "once"),
        ("belum pernah", "no"),
        ("didaftarkan pak lurah gratis", "once"),
        ("dari grab ada", "once"),
        ("dari desa belum dapat", "no"),
        ("suami sudah, saya belum", "no"),
        ("bojoku duwe aku ora", "no"),
        ("gak tau", "unsure"),
        ("gak ingat", "unsure"),
        ("ndak mudeng", "unsure"),
        ("lupa pernah apa belum", "unsure"),
        ("48 tahun, belum", "no"),
        ("sudah dari dulu", "yes"),
        ("kayaknya belum", "unsure"),
    ],
)
def test_what_was_once_what_others_have_and_what_is_not_known_are_told_apart(text: str, expected: str) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("th 70", "age"),
        ("taun 68", "age"),
        ("kelahiran 75", "age"),
        ("65 bulan depan", "age"),
        ("64 lebih", "age"),
        ("masih di bawah 65", "age"),
        ("iya masih di bawah 65", "age"),
        ("ya masih umur 50", "age"),
        ("umur masih 40", "age"),
        ("lahir 59", "over_65"),
        ("umur 70", "over_65"),
        ("sampun pitung dasa", "over_65"),
        ("67, belum punya kartu", "over_65"),
        ("umur 47 belum punya", "no"),
        ("sudah 60 tapi belum punya", "no"),
        ("lahir 61", "age_unclear"),  # 64 or 65, by the birthday
        ("th 45", "age_unclear"),  # an age, or the year
        ("kepala 5", "age_unclear"),
    ],
)
def test_years_are_read_as_people_say_them(text: str, expected: str) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "sudah makan", "punya warung", "ada 70 orang", "mbah saya umur 80", "suami punya", "oke", "siap bu", "ya ampun",
        "iya nanti", "sudah punya bpjs", "bener banget", "iya nih sama gue juga",
        "bpjs yang gratis itu", "rumah no 70", "di atas 4jt", "sudah tua", "sudah bisa dipakai belum",
        "punya kartunya gak ya?",
    ],
)  # fmt: skip
def test_nobody_is_turned_away_by_words_with_another_meaning(text: str) -> None:
    assert told(text) not in ("yes", "over_65")


@given(
    st.text("abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=9),
    st.sampled_from(["sudah", "sudah punya", "67", "umur 70", "punya", "aktif"]),
    st.booleans(),
)
def test_beside_a_word_that_nobody_knows_no_answer_turns_away(word: str, answer: str, before: bool) -> None:
    if CARDS.read(word, YEAR) == Unsure(why="unclear"):
        read = CARDS.read(f"{word} {answer}" if before else f"{answer} {word}", YEAR)
        assert squeeze(word) in KNOWN or not isinstance(read, Card) or read.value not in ("yes", "over_65")


@given(st.text(max_size=300), st.integers(2024, 2060))
def test_any_text_gives_a_card_or_a_doubt(text: str, year: int) -> None:
    assert isinstance(CARDS.read(text, year), Card | Unsure)
