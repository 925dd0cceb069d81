"""Head counts: how many work in the business besides its owner."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from num2words import num2words

from conversations.hear.head_count import HeadCount
from conversations.hear.numbers import Numbers
from conversations.hear.text.readings import Count, Unsure

WORDS = Path(__file__).parents[2] / "locales" / "id" / "hear"
TABLES = {name: tomllib.loads((WORDS / f"{name}.toml").read_text(encoding="utf-8")) for name in ("numbers", "people")}
PEOPLE = HeadCount(Numbers(TABLES["numbers"]), TABLES["people"])
PARTICLES = st.sampled_from(
    ["", " orang", " org", " kak", " karyawan", " orang pak", " mas", " wong", " tiyang", " 🙏"]
)


def count(text: str) -> tuple[int | None, int | None] | None:
    read = PEOPLE.read(text)
    return (read.low, read.high) if isinstance(read, Count) else None


@given(st.integers(0, 99), PARTICLES)
def test_nouns_and_particles_never_change_a_number(number: int, particle: str) -> None:
    assert count(f"{number}{particle}") == count(f"ada {number}{particle}") == (number, number)
    assert count(num2words(number, lang="id") + particle) == (number, number)


@given(st.integers(1, 98), st.sampled_from(["termasuk saya", "sama saya", "karo aku", "sudah termasuk saya"]))
def test_a_number_with_the_speaker_in_it_is_one_less(number: int, words: str) -> None:
    assert count(f"{number} {words}") == (number - 1, number - 1)


@given(st.integers(1, 98), st.sampled_from(["selain saya", "di luar saya", "tidak termasuk saya"]))
def test_a_number_without_the_speaker_stays(number: int, words: str) -> None:
    assert count(f"{number} {words}") == count(f"saya dan {number} karyawan") == (number, number)


@given(
    st.integers(1, 40), st.integers(1, 40), st.sampled_from(["-", " sampai ", " s/d ", " atau ", " utawa ", " kadang "])
)
def test_two_values_are_a_range(low: int, more: int, link: str) -> None:
    assert count(f"{low}{link}{low + more}") == (low, low + more)


@given(st.integers(2, 90))
def test_bounds_keep_or_pass_their_number_as_the_words_say(number: int) -> None:
    assert count(f"minimal {number}") == count(f"{number} ke atas") == count(f"{number} lebih") == (number, None)
    assert count(f"lebih dari {number}") == (number + 1, None)
    assert count(f"gak sampe {number}") == (None, number - 1)
    assert count(f"paling banyak {number}") == (None, number)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 tukang jahit 2 tukang obras", 3),
        ("4 orang, 2 laki 2 perempuan", 4),
        ("istri dan 2 anak", 3),
        ("saya, istri, anak 1", 2),
        ("kulo kaleh semah", 1),
        ("bertiga sama istri dan anak", 2),
        ("2 karyawan sama istri", 3),
        ("satu, adik saya", 1),
        ("2 orang, istri sama anak", 2),
        ("2 orang yaitu istri dan anak", 2),
        ("toko 2 karyawan 4", 4),
        ("dulu 6 skrg 4", 4),
        ("2 eh bukan, 4", 4),
        ("tidak ada karyawan, dibantu istri", 1),
        ("mboten wonten", 0),
        ("kerjo dewe", 0),
        ("cuma saya", 0),
        ("3 + saya", 3),
    ],
)
def test_lists_of_people_and_life_stories_are_counted(text: str, expected: int) -> None:
    assert count(text) == (expected, expected)


@pytest.mark.parametrize(
    "text",
    [
        "berlima",
        "3 sama istri",
        "3 org zeq saya",
        "paling 3 orang",
        "cuma 1 saya sendiri",
        "keluarga",
        "lusinan",
        "2 juta",
        "3 hari",
        "jam 5 sore",
        "umur 40",
        "-2",
        "2,5",
        "150",
        "banyak",
        "suami istri",
        "tidak",
        "",
        "🙏",
    ],
)
def test_what_could_be_counted_in_two_ways_is_asked(text: str) -> None:
    assert isinstance(PEOPLE.read(text), Unsure)


def test_a_group_of_five_offers_both_readings() -> None:
    assert PEOPLE.read("berlima") == Unsure((4, 5), why="together")


def test_only_a_plainly_typed_number_needs_no_reading_back() -> None:
    assert PEOPLE.read("3") == Count(3, 3, plain=True)
    assert PEOPLE.read("tiga") == Count(3, 3, plain=False)


@given(st.text(max_size=400))
def test_any_text_gives_a_count_in_order_or_a_question(text: str) -> None:
    read = PEOPLE.read(text)
    if isinstance(read, Count):
        assert read.low is not None or read.high is not None
        assert 0 <= (read.low or 0) <= (99 if read.high is None else read.high) + 1


@given(
    st.lists(
        st.sampled_from(
            [
                "2",
                "5",
                "orang",
                "saya",
                "sama",
                "istri",
                "anak",
                "karyawan",
                "dan",
                "berdua",
                "kadang",
                "eh",
                "sendiri",
                "tidak",
                "toko",
            ]
        ),
        max_size=8,
    )
)
def test_words_of_people_in_any_order_never_fail_nor_count_below_nobody(words: list[str]) -> None:
    read = PEOPLE.read(" ".join(words))
    assert isinstance(read, Unsure) or (read.low or 0) >= 0
