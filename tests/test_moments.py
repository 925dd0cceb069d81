"""When a lead comes back, in an officer's words: the moment is the one that they mean, and is read back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.engine.world import World
from conversations.rules.schedule import named_moment
from tests.conftest import WIB
from tests.stepwise import NINE
from tests.town import known

OFFICE = World(NINE, known())


@pytest.mark.parametrize(
    ("said", "day", "hour"),
    [
        ("besok jam 9", 26, 9),
        ("jumat sore", 27, 16),
        ("minggu depan", 30, 9),
        ("mgg dpn", 30, 9),
        ("telpon lagi minggu depan", 30, 9),
        ("minggu depan hari selasa", 31, 9),
        ("senin minggu depan", 30, 9),
        ("minggu depan senin jam 1 siang", 30, 13),
        ("rabu depan", 32, 9),
        ("jumat depan jam 8", 34, 8),
        ("hari minggu depan", 36, 9),
        ("akhir minggu ini", 27, 9),
        ("seminggu lagi jam 9", 32, 9),
        ("2 minggu lagi", 39, 9),
        ("sebulan lagi", 58, 9),  # Christmas and Sunday between
        ("akhir bulan jam 2 siang", 30, 14),
        ("awal bulan depan", 31, 9),
        ("awal desember", 31, 9),
        ("akhir tahun", 61, 9),
        ("tgl 5", 35, 9),
        ("tgl 3 bulan depan", 33, 9),
        ("bulan depan tanggal 3", 33, 9),
        ("nanti malem", 25, 19),
        ("3 hari lagi", 28, 9),
    ],
)
def test_the_moment_that_an_officer_means_is_read(said: str, day: int, hour: int) -> None:
    """``day``: of November 2026, and on into December."""
    meant = datetime(2026, 11, 1, hour, tzinfo=WIB) + timedelta(days=day - 1)
    assert named_moment(said, OFFICE, WIB) == meant


@pytest.mark.parametrize(
    "said", ["kamis pon", "habis lebaran", "kapan-kapan", "pertengahan bulan", "besok lusa", "99 minggu lagi"]
)
def test_what_names_no_day_is_asked_again(said: str) -> None:
    assert named_moment(said, OFFICE, WIB) is None


def test_week_and_end_of_the_month_mean_a_working_day() -> None:
    holiday = World(NINE, replace(known(), holidays={date(2026, 11, 30), date(2026, 12, 1)}))
    found = [named_moment(said, holiday, WIB) for said in ("minggu depan", "akhir bulan", "awal bulan", "senin depan")]
    assert [moment.day if moment else None for moment in found] == [2, 27, 2, 30], "a day that was named stays"


_WORDS = [
    "minggu",
    "depan",
    "akhir",
    "awal",
    "bulan",
    "senin",
    "2",
    "lagi",
    "tgl",
    "31",
    "jam",
    "9",
    "sore",
    "tahun",
    "februari",
]


@given(st.lists(st.sampled_from(_WORDS), max_size=6))
def test_a_moment_lies_ahead_whatever_is_said(words: list[str]) -> None:
    found = named_moment(" ".join(words), OFFICE, WIB)
    assert found is None or found > NINE
