"""Numbers in words and digits."""

from __future__ import annotations

import tomllib
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from num2words import num2words

from conversations.hear.numbers import Number, Numbers
from conversations.hear.text.phrases import Phrases, tokens

WORDS = Path(__file__).parents[2] / "locales" / "id" / "hear"
NUMBERS = Numbers(tomllib.loads((WORDS / "numbers.toml").read_text(encoding="utf-8")))


def found(text: str) -> list[Number]:
    return [piece for piece in NUMBERS.pieces(text) if isinstance(piece, Number)]


@given(st.integers(0, 10_000_000))
def test_every_number_written_out_in_indonesian_is_read_back(number: int) -> None:
    (read,) = found(num2words(number, lang="id"))
    assert read.value == number


@given(st.integers(0, 10_000_000))
def test_words_written_without_spaces_say_the_same(number: int) -> None:
    written = num2words(number, lang="id")
    if len(written.replace(" ", "")) <= 48:
        assert [read.value for read in found(written.replace(" ", ""))] == [number]


@given(st.integers(1, 999_999_999), st.sampled_from([".", ",", " "]))
def test_thousands_separators_of_any_kind_do_not_change_a_number_of_two_groups_or_more(number: int, mark: str) -> None:
    written = f"{number:,}".replace(",", mark)
    if number >= 1_000_000:
        assert [read.value for read in found(written)] == [number]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("rong atus seket", 250),
        ("selawe", 25),
        ("sewidak", 60),
        ("pitulas", 17),
        ("kalih dasa", 20),
        ("gangsal atus ewu", 500_000),
        ("setunggal yuta gangsal atus ewu", 1_500_000),
        ("sewu", 1_000),
        ("goceng", 5_000),
        ("ceban", 10_000),
        ("setengah lusin", 6),
        ("selusin", 12),
        ("dua setengah juta", 2_500_000),
        ("sejuta setengah", 1_500_000),
        ("2½ juta", 2_500_000),
        ("satu koma tujuh lima juta", 1_750_000),
        ("1.750 jt", 1_750_000),
        ("1.500rb", 1_500_000),
        ("tigaaa", 3),
        ("delapn", 8),
        ("limaorang", 5),
    ],
)
def test_javanese_slang_and_hurried_spelling_are_numbers_too(text: str, value: int) -> None:
    assert [read.value for read in found(text)] == [Fraction(value)]


@pytest.mark.parametrize(
    "text", ["1.500.00", "1.500,000", "10.00.000", "150.000rb", "2 m", "2jt5", "dua juta lima", "0812"]
)
def test_what_can_be_read_in_two_ways_is_doubtful(text: str) -> None:
    assert [read.doubtful for read in found(text)] == [True]


@pytest.mark.parametrize(
    ("sure", "doubtful"),
    [("9999 ribu", "10000 ribu"), ("9.999 rb", "10.000 rb"), ("999 juta", "1000 juta"), ("99.999 jt", "100.000 jt")],
)
def test_a_number_is_doubtful_from_the_size_on_at_which_a_slip_is_likelier(sure: str, doubtful: str) -> None:
    """Ten thousand thousands may be ten thousand; what a thousand millions are, nobody knows."""
    assert [read.doubtful for read in found(sure)] == [False]
    assert [read.doubtful for read in found(doubtful)] == [True]


@pytest.mark.parametrize("text", ["macem2", "laki2", "kira2", "tiyang", "kulo kaleh semah", "beras", "kapan", "kasih"])
def test_words_that_only_look_like_numbers_are_none(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(("text", "elliptic"), [("dua juta tiga ratus", 2_300_000), ("1jt750", 1_750_000)])
def test_a_bare_group_after_millions_may_count_thousands(text: str, elliptic: int) -> None:
    (read,) = found(text)
    assert read.elliptic == elliptic


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1 juta 99", [1_000_000, 99]),
        ("1 juta 100", [1_000_100]),
        ("1 juta 999999", [1_999_999]),
        ("1 juta 1000000", [1_000_000, 1_000_000]),
        ("100 ribu 200", [100_000, 200]),
    ],
)
def test_typed_digits_after_millions_belong_to_them_from_a_hundred_up_to_a_million(
    text: str, values: list[int]
) -> None:
    """ "100rb 2 orang" is two numbers, and so is "1 juta 99"; "1 juta 500" is one."""
    assert [read.value for read in found(text)] == values


@pytest.mark.parametrize(
    ("text", "values"),
    [("9 puluh", [90]), ("10 puluh", [10]), ("9 belas", [19]), ("10 belas", [10]), ("99 ratus", [9_900])],
)
def test_only_a_single_figure_is_multiplied_by_ten_or_made_a_teen(text: str, values: list[int]) -> None:
    assert [read.value for read in found(text)] == values


def test_the_only_number_of_a_message_is_given_whole() -> None:
    assert NUMBERS.only("kira-kira 25 hari") == 25
    assert NUMBERS.only("5 atau 6") is None
    assert NUMBERS.only("dua setengah") is None
    assert NUMBERS.only("tidak tahu") is None


@given(st.text(max_size=400))
def test_no_text_of_any_kind_makes_reading_fail(text: str) -> None:
    assert all(piece.text for piece in NUMBERS.pieces(text))


def test_a_phrase_may_stand_in_one_list_only() -> None:
    with pytest.raises(ValueError, match="both"):
        Phrases({"yes": ["boleh"], "no": ["bolehh"]})


def test_the_longest_phrase_wins() -> None:
    tagged = Phrases({"no": ["gak"], "fine": ["gak papa"]}).tagged(tokens("gak papa"))
    assert [getattr(piece, "name", "") for piece in tagged] == ["fine"]
