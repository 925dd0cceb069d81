"""A changed form never leaves people who are half-way through behind."""

from __future__ import annotations

from conversations.dialogues.book import BOOK
from conversations.engine.core import Session
from conversations.engine.world import Lead, World
from conversations.rules.form_versions import brought_up, options, unmapped, unreleased
from storage.reference import released_options
from tests.conftest import Clock
from tests.town import known


def today(clock: Clock) -> dict[str, frozenset[str]]:
    return options(BOOK, World(now=clock(), knows=known(), lead=Lead("", "registered", clock(), {})))


def test_every_released_option_is_still_offered_or_mapped(clock: Clock) -> None:
    assert unmapped(released_options(), today(clock)) == []


def test_every_option_offered_today_is_on_the_list_of_released_ones(clock: Clock) -> None:
    assert unreleased(released_options(), today(clock)) == []


def test_an_option_that_was_dropped_without_a_mapping_is_refused_by_name() -> None:
    assert unmapped({"registration.wages": ["all", "half"]}, {"registration.wages": {"all"}}) == [
        "registration.wages=half"
    ]


def test_a_renamed_option_is_renamed_in_running_sessions_and_a_dropped_one_is_asked_again() -> None:
    below = Session("registration", {"wages": "half", "member": "unsure", "income": None})
    renamed = {("registration.wages", "half"): "some", ("registration.member", "unsure"): None}
    session = brought_up(Session("deletion", {}, under=below), renamed)
    assert session.under is not None
    assert session.under.answers == {"wages": "some", "income": None}
