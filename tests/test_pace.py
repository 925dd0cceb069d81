"""A bot sends evenly at its rate, and pauses when the platform says so."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.pace import Pace


def test_sends_leave_one_gap_apart_however_many_ask_at_once() -> None:
    pace = Pace(30, clock=lambda: 100.0)
    assert [round(pace.reserve() * 30) for _ in range(4)] == [0, 1, 2, 3]


def test_a_pause_of_the_whole_bot_holds_everything_back_for_as_long_as_the_platform_said() -> None:
    pace = Pace(30, clock=lambda: 100.0)
    pace.hold(7.5)
    assert pace.reserve() == 7.5


def test_without_a_limit_nobody_waits() -> None:
    assert [Pace(0, clock=lambda: 1.0).reserve() for _ in range(3)] == [0.0] * 3


@given(st.lists(st.floats(0, 0.2), min_size=40, max_size=200), st.integers(1, 50))
def test_no_second_ever_sees_more_than_the_rate_and_one(pauses: list[float], rate: int) -> None:
    now = 0.0
    pace = Pace(rate, clock=lambda: now)
    left: list[float] = []
    for pause in pauses:
        now += pause
        left.append(now + pace.reserve())
    assert all(sum(at <= other < at + 1 for other in left) <= rate + 1 for at in left)
