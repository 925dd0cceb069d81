"""Money: what people earn, and per what time."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from num2words import num2words

from conversations.hear.numbers import Numbers
from conversations.hear.rupiah import PERIODS, Money
from conversations.hear.text.readings import Amount, Unsure

WORDS = Path(__file__).parents[2] / "locales" / "id" / "hear"
TABLES = {name: tomllib.loads((WORDS / f"{name}.toml").read_text(encoding="utf-8")) for name in ("numbers", "rupiah")}
MONEY = Money(Numbers(TABLES["numbers"]), TABLES["rupiah"])
MONEY_WORDS = [
    "2",
    "5",
    "1,5",
    "jt",
    "rb",
    "ribu",
    "sampai",
    "-",
    "eh",
    "kadang",
    "sehari",
    "bersih",
    "omset",
    "di atas",
]
THOUSANDS = st.integers(10, 49_999)
PARTICLES = st.sampled_from(["", " kak", " ya bu", " mas", " nggih", " lho", " kok", " sih", " 🙏", " pak.", "!"])


def value(text: str) -> tuple[int | None, int | None, str] | None:
    read = MONEY.read(text)
    return (read.low, read.high, read.period) if isinstance(read, Amount) else None


@given(THOUSANDS, PARTICLES, st.sampled_from(["{}", "Rp{}", "Rp {}", "rp. {}", "{} rupiah", "Rp{},-", "{},00"]))
def test_dots_rupiah_signs_and_particles_never_change_a_value(thousands: int, particle: str, form: str) -> None:
    rupiah = thousands * 1000
    dotted = form.format(f"{rupiah:,}".replace(",", "."))
    assert value(dotted + particle) == (rupiah, rupiah, "month")
    assert value(dotted.upper()) == (rupiah, rupiah, "month")


@given(THOUSANDS, PARTICLES, st.sampled_from(["rb", " rb", "ribu", " ribu", "k", "RB", " Ribu", " ewu", "rban"]))
def test_every_writing_of_thousand_is_the_same(thousands: int, particle: str, unit: str) -> None:
    assert value(f"{thousands}{unit}{particle}") in (
        (thousands * 1000, thousands * 1000, "month"),
        None if thousands >= 10_000 else (),  # "15000rb" is asked: fifteen million, or a unit too many
    )


@given(st.integers(1, 49), st.integers(0, 9), st.sampled_from(["jt", " jt", "juta", " juta", "Jt", " yuta", "jutaan"]))
def test_every_writing_of_million_is_the_same(whole: int, tenth: int, unit: str) -> None:
    rupiah = whole * 1_000_000 + tenth * 100_000
    assert value(f"{whole},{tenth}{unit}") == value(f"{whole}.{tenth}{unit}") == (rupiah, rupiah, "month")


@given(THOUSANDS)
def test_amounts_written_out_say_the_same_as_in_digits(thousands: int) -> None:
    assert value(num2words(thousands * 1000, lang="id")) == (thousands * 1000, thousands * 1000, "month")


@given(st.integers(1, 20), st.integers(1, 20), st.sampled_from(["-", " - ", " sampai ", " s/d ", " atau ", " hingga "]))
def test_the_last_unit_of_a_range_holds_for_both_ends(low: int, more: int, link: str) -> None:
    high = low + more
    if link == "-" or not (low <= 3 and high <= 4):
        assert value(f"{low}{link}{high} juta") == (low * 1_000_000, high * 1_000_000, "month")


@given(st.integers(1, 9_999))
def test_a_small_number_without_a_unit_is_always_asked(number: int) -> None:
    assert isinstance(MONEY.read(str(number)), Unsure)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("100rb sehari", (100_000, 100_000, "day")),
        ("telung atus ewu seminggu", (300_000, 300_000, "week")),
        ("setaun 36jt", (36_000_000, 36_000_000, "year")),
        ("5jt per panen", (5_000_000, 5_000_000, "harvest")),
        ("10 ribu per jam", (10_000, 10_000, "hour")),
        ("15rb per potong", (15_000, 15_000, "piece")),
        ("omset 500rb per hari untung 100rb", (100_000, 100_000, "day")),
        ("10jt kotor, bersihnya 3jt", (3_000_000, 3_000_000, "month")),
        ("sehari 100rb sebulan 3jt", (3_000_000, 3_000_000, "month")),
        ("gak nyampe 1jt", (None, 1_000_000, "month")),
        ("sejuta lebih", (1_000_000, None, "month")),
        ("500-1jt", (500_000, 1_000_000, "month")),
        ("2jt eh 2,2jt", (2_200_000, 2_200_000, "month")),
    ],
)
def test_periods_bounds_profit_and_corrections_are_understood(text: str, expected: tuple[int, int, str]) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "1.500.00",
        "1.500,000",
        "150.000rb",
        "2 m",
        "2jt5",
        "1/2 juta",
        "dua juta lima",
        "karo tengah yuta",
        "-500rb",
        "omzet 15 juta",
        "gaji karyawan 1jt",
        "modal 3 juta",
        "dipotong modal 1jt",
        "umr solo",
        "200 dolar",
        "10%",
        "100rb x 25",
        "2 minggu sekali 500rb",
        "08123456789",
        "1 miliar",
        "tidak tentu",
        "rahasia",
        "receh bro",
        "cuacanya tidak menentu malam ini",
        "",
        "🙏",
    ],
)
def test_what_could_be_stored_wrongly_is_asked(text: str) -> None:
    assert isinstance(MONEY.read(text), Unsure)


def test_only_a_plainly_typed_number_needs_no_reading_back() -> None:
    plain, said = MONEY.read("1.500.000"), MONEY.read("satu setengah juta")
    assert isinstance(plain, Amount)
    assert isinstance(said, Amount)
    assert (plain.plain, said.plain) == (True, False)


@given(st.text(max_size=400))
def test_any_text_gives_an_amount_in_order_or_a_question(text: str) -> None:
    read = MONEY.read(text)
    if isinstance(read, Amount):
        assert read.period in PERIODS
        assert read.low is not None or read.high is not None
        assert (read.low or 0) <= (read.high or 10**9)


@given(
    st.lists(
        st.sampled_from(
            [
                "2",
                "5",
                "1,5",
                "jt",
                "rb",
                "juta",
                "ribu",
                "sampai",
                "-",
                "eh",
                "kadang",
                "sehari",
                "bersih",
                "omset",
                "rp",
                "di",
                "atas",
            ]
        ),
        max_size=8,
    )
)
def test_words_of_money_in_any_order_never_fail_nor_leave_the_bounds(words: list[str]) -> None:
    read = MONEY.read(" ".join(words))
    assert isinstance(read, Unsure) or 0 <= (read.high or read.low or 0) < 10**9
