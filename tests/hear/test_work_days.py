"""Working days of a month, told by the days off."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.hear.work_days import WorkDays

WORDS = Path(__file__).parents[2] / "locales" / "id" / "hear" / "times.toml"
WORK_DAYS = WorkDays(tomllib.loads(WORDS.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("said", "days"),
    [("prei yen minggu", 26), ("libur tiap jumat", 26), ("tiap hari kecuali minggu", 26), ("preine setu karo minggu", 22),
     ("saben dino", 30), ("buka tiap hari", 30), ("gak pernah libur", 30),
     ("yo meh saben dino", 26), ("hampir setiap hari", 26)],
)  # fmt: skip
def test_whole_days_of_the_week_tell_how_many_of_a_month_are_worked(said: str, days: int) -> None:
    assert WORK_DAYS.read(said) == days


@pytest.mark.parametrize(
    "said", ["prei yen udan", "libur 2 hari", "minggu gak libur", "tiap hari minggu", "gratis", ""]
)
def test_what_tells_no_whole_days_of_the_week_is_not_guessed(said: str) -> None:
    assert WORK_DAYS.read(said) is None


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert WORK_DAYS.read(text) in (None, 2, 6, 10, 14, 18, 22, 26, 30)
