"""When an office opens: as an admin types it, and what working days become of it."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.rules.opening import USUAL, OddHours, Week, opened, read, stored, written
from conversations.rules.promises import in_office_hours
from conversations.rules.workdays import WorkingDays, after_work_hours, is_workday, next_step_at
from tests.conftest import WIB

SHORT_FRIDAY = read("mon-thu 08:00-16:00, fri 08:00-15:00, sat 09:00-12:00")
DAYS = WorkingDays(SHORT_FRIDAY, {date(2026, 12, 25)})

minutes = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))
hours = st.tuples(minutes, minutes).filter(lambda pair: pair[0] < pair[1])
weeks = st.lists(st.none() | hours, min_size=7, max_size=7).filter(any).map(tuple)


@given(weeks)
def test_whatever_hours_an_office_has_are_read_as_they_are_written_and_kept(week: Week) -> None:
    assert read(written(week)) == week
    assert opened(stored(week)) == week


@given(st.text(alphabet="monfri-0189:, ", max_size=30) | st.text(max_size=12))
def test_words_that_are_no_hours_are_refused_and_never_half_read(said: str) -> None:
    with suppress(OddHours):
        assert read(written(read(said))) == read(said)


@pytest.mark.parametrize(
    "said", ["", "senin pagi", "fri-mon 08:00-16:00", "mon 16:00-08:00", "mon 8-25", "mon 08:00-16:00, mon 09:00-10:00"]
)
def test_odd_hours_say_what_is_odd(said: str) -> None:
    with pytest.raises(OddHours):
        read(said)


def test_an_office_without_hours_of_its_own_opens_at_the_usual_ones() -> None:
    assert opened(None) == USUAL
    assert written(USUAL) == "mon-fri 08:00-16:00"


def test_working_days_are_those_on_which_the_office_opens() -> None:
    friday, saturday, sunday = (date(2026, 12, day) for day in (4, 5, 6))
    assert [is_workday(day, DAYS) for day in (friday, saturday, sunday, date(2026, 12, 25))] == [
        True,
        True,
        False,
        False,
    ]


def test_a_working_day_has_the_hours_of_its_office() -> None:
    def at(day: int, hour: int) -> datetime:
        return datetime(2026, 12, day, hour, tzinfo=WIB)

    assert after_work_hours(at(3, 15), 8, DAYS) == at(4, 15)
    assert next_step_at(at(3, 15), DAYS) == at(4, 15)
    assert next_step_at(at(4, 14), DAYS) == at(7, 11), "an hour on Friday, three on Saturday, three on Monday"
    assert next_step_at(at(6, 10), DAYS) == at(7, 16)


def test_an_owner_who_asks_for_saturday_morning_is_promised_it_where_the_office_opens_then() -> None:
    wish = {"date": "2026-12-05", "time": "10:00"}
    assert in_office_hours(wish, DAYS)
    assert not in_office_hours(wish, set())
    assert not in_office_hours(wish | {"time": "13:00"}, DAYS)
