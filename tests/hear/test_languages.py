"""Which language somebody asks for, and when a message is surely in one: owners mix, so hardly ever."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.hear.languages import Languages
from locales.tables import introductions

TESTS = Path(__file__).parents[1]
LANGUAGES = Languages({code: introductions()[code] for code in ("id", "jv")})
EVERY_LANGUAGE = Languages(introductions())
CORPUS = [
    row["text"]
    for file in sorted((TESTS / "understanding" / "corpus").glob("*.jsonl"))
    for row in map(json.loads, file.read_text("utf-8").splitlines())
    if "text" in row
]
OWNERS = [
    line.removeprefix("Pemilik: ")
    for path in sorted((TESTS / "chats").glob("*.chat"))
    if path.stem not in ("19_basa_jawa", "20_krama_dari_awal")  # which are about it
    for line in path.read_text("utf-8").splitlines()
    if line.startswith("Pemilik: ")
]


# ------------------------------------------------------------------------------------------------ asked for


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("basa jawa", "jv"),
        ("Basa Jawa", "jv"),
        ("boso jowo", "jv"),
        ("pakai bahasa jawa aja kak", "jv"),
        ("basa jawa krama mawon", "jv"),
        ("bahasa indonesia", "id"),
        ("Bahasa Indonesia saja", "id"),
        ("/bahasa jawa", "jv"),
        ("jawa", None),
        ("bahasa", None),
        ("les bahasa jawa", None),
        ("bahasa sunda", None),
        ("", None),
    ],
)
def test_a_message_that_names_a_language_and_nothing_else_asks_for_it(said: str, code: str | None) -> None:
    assert LANGUAGES.named(said) == code


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("bisa bahasa jawa gak", "jv"),
        ("iso nganggo boso jowo gak min", "jv"),
        ("jangan bahasa indonesia, jawa saja", "jv"),
        ("bahasa jawa saja, saya kurang lancar bahasa indonesia", "jv"),
        ("kulo mboten lancar boso indonesia", None),
        ("bahasa indonesia atau bahasa jawa?", None),
        ("can you speak english", None),
        ("jowo wae mas", None),
    ],
)
def test_in_a_sentence_about_languages_the_one_that_is_not_refused_is_asked_for(said: str, code: str | None) -> None:
    assert LANGUAGES.asked(said) == code


@pytest.mark.parametrize("question", ["sector", "business_name", "name", "regency", "district"])
def test_where_any_name_may_be_the_answer_only_a_plain_wish_is_one(question: str) -> None:
    assert LANGUAGES.asked("les bahasa jawa", question) is None
    assert LANGUAGES.asked("bahasa jawa saja", question) == "jv"


# ------------------------------------------------------------------------------------------------ surely spoken


@pytest.mark.parametrize(
    "said",
    [
        "kula badhe ndaftar kangge warung kula wonten klaten, pripun caranipun",
        "kulo gadhah warung sate, pripun carane ndaftar menawi dereng gadhah karyawan nggih",
        "aku arep takon, warungku iki durung duwe karyawan, piye carane daftar yen mung dewekan",
    ],
)
def test_a_whole_message_in_javanese_is_surely_javanese(said: str) -> None:
    assert LANGUAGES.sure(said) == "jv"


@pytest.mark.parametrize(
    "said",
    [
        "kulo nuwun, badhe ndaftar",
        "piye carane daftar",
        "nggih monggo",
        "mau daftar, pripun carane nggih kak, kulo gadhah warung, badhe takon dereng ngertos",
        "saya badhe ndaftar kangge warung kula wonten klaten, pripun caranipun",
        "warung sate kulo wonten Delanggu Klaten cedhak Pasar Delanggu Jalan Pemuda nomer kalih RT setunggal RW gangsal",
        "halo kak mau tanya",
        "",
    ],
)
def test_a_few_words_of_it_or_one_of_indonesian_among_them_are_no_proof(said: str) -> None:
    assert LANGUAGES.sure(said) is None


def test_no_message_of_the_conversations_in_the_handbook_is_taken_for_another_language() -> None:
    assert [said for said in OWNERS if EVERY_LANGUAGE.sure(said) not in (None, "id")] == []
    assert len(OWNERS) > 150


def test_hardly_any_line_of_the_corpus_is_and_none_with_a_word_of_indonesian() -> None:
    """Answers to a question are no first messages, and still hardly any would do."""
    indonesian = set(introductions()["id"]["telling"].split())
    found = [text for text in CORPUS if EVERY_LANGUAGE.sure(text) not in (None, "id")]
    assert len(found) <= 3, found
    assert not [text for text in found if indonesian & set(text.lower().split())]


@given(st.text(max_size=300))
def test_any_text_at_all_is_looked_at_without_harm(text: str) -> None:
    for found in (LANGUAGES.named(text), LANGUAGES.asked(text), LANGUAGES.sure(text)):
        assert found is None or found in LANGUAGES.names


def test_where_no_language_introduces_itself_none_is_heard() -> None:
    assert Languages({}).named("basa jawa") is Languages({}).sure("basa jawa") is None
