"""The readers of the registration: what they take from words, and what they ask back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.engine.core import Ask, Heard, NotUnderstood, Press, Reading, Scene
from conversations.hear import readers
from tests.understanding.predict import world


def read(reader: Any, text: str, said: str = "", **answers: Any) -> Any:
    """The value that a reader takes from words; the key of what it asks or says where it takes none."""
    try:
        found = reader(Heard(text=text), Scene(answers, world("income"), said=said))
    except (Ask, NotUnderstood) as instead:
        return instead.key
    return found.value if isinstance(found, Reading) else found


def by(period: str, low: int | None, high: int | None) -> dict[str, Any]:
    return {"low": low, "high": high, "period": period}


# --- income


@given(st.integers(10, 499))
def test_a_small_amount_without_a_period_asks_whether_it_is_a_days_or_a_months(thousands: int) -> None:
    with pytest.raises(Ask) as asked:
        readers.income(Heard(text=f"{thousands} ribu"), Scene({}, world("income")))
    day, month = asked.value.candidates
    press = Heard(pressed=Press("registration", "income", day))
    assert readers.income(press, Scene({}, world("income"))) == by("day", thousands * 1000, thousands * 1000)
    assert read(readers.income, "sehari", said=f"{thousands} ribu") == by("day", thousands * 1000, thousands * 1000)
    assert read(readers.income, "sebulan mas", said=f"{thousands} ribu")["period"] == "month"
    assert month == f"month:{thousands * 1000}:{thousands * 1000}"


@given(
    st.integers(10, 999), st.sampled_from([("sehari {}", "day"), ("{} per hri", "day"), ("seminggu dapet {}", "week")])
)
def test_a_bare_number_of_a_day_or_a_week_is_thousands(number: int, said: tuple[str, str]) -> None:
    text, period = said
    assert read(readers.income, text.format(number)) == by(period, number * 1000, number * 1000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kotor 300 bersih 100 sehari", by("day", 100_000, 100_000)),
        ("omzet 5 juta bersihnya 2 juta", by("month", 2_000_000, 2_000_000)),
        ("120rb sehari kotor, bensin 30", "registration.income.gross"),
        ("omzet 5 juta", "registration.income.gross"),
        ("sekali melaut 300rb", "registration.income.per_month"),
        ("tak ampe 1 jt", by("month", None, 1_000_000)),
        ("di bwh 5 jt", by("month", None, 5_000_000)),
        ("15 million per month", by("month", 15_000_000, 15_000_000)),
        ("antara 1,5 sama 2 juta", by("month", 1_500_000, 2_000_000)),
        ("tiap hajatan 1 juta", "registration.income.per_month"),
        ("pemasukan 10 juta laba 3 juta", by("month", 3_000_000, 3_000_000)),
        ("diam seribu bahasa", "registration.income.unclear"),
        ("bersih paling 80", "registration.income.period"),
        ("gak mesti", None),
        ("rahasia perusahaan", None),
        ("naik turun mbak", None),
    ],
)
def test_what_is_left_over_counts_and_who_does_not_tell_passes_over(text: str, expected: Any) -> None:
    assert read(readers.income, text) == expected


@pytest.mark.parametrize("value", ["day:1:2:3", "year:1:1", "day:x:1", "day:", "month:99999999999:1"])
def test_no_button_that_is_not_ours_becomes_an_income(value: str) -> None:
    with pytest.raises(NotUnderstood):
        readers.income(Heard(pressed=Press("registration", "income", value)), Scene({}, world("income")))
