"""The choice of programmes."""

from __future__ import annotations

import tomllib
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.hear.numbers import Numbers
from conversations.hear.programs import Programs
from conversations.hear.text.readings import Unsure

WORDS = Path(__file__).parents[2] / "locales" / "id" / "hear"
TABLES = {name: tomllib.loads((WORDS / f"{name}.toml").read_text(encoding="utf-8")) for name in ("numbers", "programs")}
PROGRAMS = Programs(Numbers(TABLES["numbers"]), TABLES["programs"])


@pytest.mark.parametrize("link", [" ", " dan ", "+", ", ", " sama ", " & "])
def test_programmes_named_in_any_order_are_their_offer(link: str) -> None:
    for names in permutations(["jkk", "jkm"]):
        assert PROGRAMS.read(link.join(names)) == "two"
    for names in permutations(["JKK", "jkm", "jht"]):
        assert PROGRAMS.read(link.join(names)) == "three"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", "two"),
        ("2", "three"),
        ("no 2", "three"),
        ("2 program", "two"),
        ("tiga program", "three"),
        ("yang murah aja", "two"),
        ("lengkap", "three"),
        ("tanpa jht", "two"),
        ("jht gak usah", "two"),
        ("yang ada tabungannya", "three"),
        ("16.800", "two"),
        ("yang 36rb", "three"),
        ("1 eh 2", "three"),
        ("terserah petugas", "explain"),
        ("biar petugas yang jelaskan", "explain"),
    ],
)
def test_buttons_counts_prices_and_words_choose(text: str, expected: str) -> None:
    assert PROGRAMS.read(text) == expected


@pytest.mark.parametrize(
    "text", ["jht", "jkk aja", "3", "ya", "bpjs kesehatan", "1 atau 2", "bedanya apa", "satu program"]
)
def test_one_programme_alone_a_bare_yes_or_another_scheme_is_asked(text: str) -> None:
    assert isinstance(PROGRAMS.read(text), Unsure)


@given(st.text(max_size=400))
def test_any_text_gives_an_offer_or_a_question(text: str) -> None:
    read = PROGRAMS.read(text)
    assert isinstance(read, Unsure) or read in ("two", "three", "explain")


@pytest.mark.parametrize(
    "text",
    [
        "skor satu sama",
        "susu habis jam dua malam",
        "motore kebak kabeh",
        "rasanya biasa aja sih",
        "harga cabe naik semua",
        "full team kemarin",
    ],
)
def test_a_number_or_an_all_of_something_else_chooses_nothing(text: str) -> None:
    assert isinstance(PROGRAMS.read(text), Unsure)


@given(st.sampled_from(["bebas", "terserah", "terserah petugas", "manut mawon", "bingung", "gak tau"]))
def test_who_leaves_the_choice_open_has_it_explained(text: str) -> None:
    assert PROGRAMS.read(text) == "explain"


@pytest.mark.parametrize(
    ("text", "expected"), [("yg murah aja", "two"), ("dasar aja dulu", "two"), ("ingkang jangkep mawon", "three")]
)
def test_the_cheap_and_the_whole_are_chosen_by_their_words(text: str, expected: str) -> None:
    assert PROGRAMS.read(text) == expected
