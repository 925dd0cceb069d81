"""A changed form never leaves people who are half-way through behind."""

from __future__ import annotations

import re
from pathlib import Path

from bot.office.released import offered, with_these
from conversations.engine.core import Session
from conversations.rules.form_versions import brought_up, unmapped, unreleased
from storage.reference import released_options
from tests.conftest import Clock
from tests.town import known


def today(clock: Clock) -> dict[str, frozenset[str]]:
    return offered(known(), clock())


def is_released() -> bool:
    """Whether the newest version of the changelog has its day, and is not what is being worked on."""
    changelog = (Path(__file__).parents[1] / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## \[.+?\] - (.+)$", changelog, re.MULTILINE)
    assert newest
    return newest[1] != "Unreleased"


def test_every_released_option_is_still_offered_or_mapped(clock: Clock) -> None:
    assert unmapped(released_options(), today(clock)) == []


def test_a_version_that_is_released_has_all_its_options_on_the_list(clock: Clock) -> None:
    """`python -m bot.office.released` puts them there; until the release an option may come and go."""
    assert not is_released() or unreleased(released_options(), today(clock)) == []


def test_the_list_of_the_next_release_holds_what_is_offered_and_all_that_ever_was(clock: Clock) -> None:
    ever = {**released_options(), "registration.wages": ["half"], "gone.question": ["yes"]}
    following = with_these(ever, today(clock))
    assert unreleased(following, today(clock)) == []
    assert following["registration.wages"] == ["all", "half", "none", "some"]
    assert following["gone.question"] == ["yes"]


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
