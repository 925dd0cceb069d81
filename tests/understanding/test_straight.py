"""Somebody of whom nothing is misunderstood is soon through."""

from __future__ import annotations

import pytest

from tests.understanding.straight import ALONE, EMPLOYS, on_whatsapp, with_buttons

ONE_TAP = 0.8  # of the answers
MOST_MESSAGES = 12  # each costs money, and is read on a small screen


@pytest.mark.parametrize(("answers", "most"), [(ALONE, 10), (EMPLOYS, 11)])
def test_the_straight_way_is_short(answers: dict[str, str], most: int) -> None:
    way = on_whatsapp(answers)
    assert len(way.questions) <= most
    assert way.messages <= MOST_MESSAGES
    assert len(with_buttons(answers).questions) <= most


@pytest.mark.parametrize("answers", [ALONE, EMPLOYS], ids=["alone", "with workers"])
def test_four_of_five_answers_are_one_tap_where_the_profile_tells_a_name(answers: dict[str, str]) -> None:
    assert on_whatsapp(answers).tapped >= ONE_TAP
    assert with_buttons(answers).tapped >= ONE_TAP
