"""What owners say at each question is mostly what a field worker would make of it, and nothing grave comes of it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from conversations.dialogues.registration import registration
from tests.understanding.owners import ORDER, outcome, played, rows
from tests.understanding.way import HOLDERS, led


@pytest.mark.parametrize(
    "question", [q.key for q in registration.questions if q.key in ("consent", "phone", "confirm")]
)
def test_somebody_is_led_to_a_question_whatever_lies_before_it(question: str) -> None:
    assert led(question).session.asked == question


@pytest.mark.parametrize("key", HOLDERS)
def test_an_answer_without_a_question_of_its_own_is_given_at_another(key: str) -> None:
    assert led(key).session.asked in (key, HOLDERS[key])


def test_one_person_led_to_a_question_leaves_the_next_untouched() -> None:
    led("confirm").says("kirim")
    assert led("confirm").session.asked == "confirm"


@pytest.mark.parametrize(
    ("at", "say", "expect", "is_what"),
    [
        ("consent", "ya", {"stored": {"consent": "yes"}}, "right"),
        ("consent", "ya", {"asks": True}, "grave"),
        ("consent", "tidak", {"done": "refused"}, "right"),
        ("confirm", "kirim", {"done": "sent"}, "right"),
        ("confirm", "kirim", {"asks": True}, "grave"),
        ("confirm", "qwrt zxcv", {"done": "sent"}, "asked"),
        ("name", "Bu Tumini", {"stored": {"name": {"name": "~tumini"}}}, "right"),
        ("name", "Bu Tumini", {"asks": True}, "wrong"),
        ("name", "qwrt zxcv?", {"stored": {"name": {"name": "~tumini"}}}, "asked"),
        ("phone", "0857 1234 5678", {"stored": {"phone": {"e164": "+6285712345678"}}}, "right"),
        ("phone", "0857 1234 5678", {"stored": {"phone": {"e164": "+6285712345679"}}}, "wrong"),
        ("home", "hapus data saya", {"done": "delete_data"}, "right"),
        ("home", "matur nuwun", {"kind": True}, "right"),
        ("home", "matur nuwun", {"done": "stop"}, "grave"),
        ("first", "halo", {"later": {}}, "right"),
        ("first", "iuran per bulan berapa ya?", {"topic": ["cost"]}, "right"),
        ("first", "iuran per bulan berapa ya?", {"later": {}}, "wrong"),
    ],
)
def test_an_outcome_follows_from_what_is_kept_and_done(at: str, say: str, expect: dict[str, Any], is_what: str) -> None:
    row = {"at": at, "say": say, "expect": expect}
    assert outcome(row, played(row)) == is_what


def test_every_line_is_said_at_a_question_that_is_known() -> None:
    for row in rows():
        assert row["at"] in ORDER, row
        assert row["say"], row


# Of all lines, tuned and held out, at least right, at most the others; aimed at are 0.90, 0.02 and none.
TODAY = {"right": 0.91, "wrong": 0.05, "grave": 1}


def test_owners_are_mostly_understood() -> None:
    """Every third line; ``make understanding`` says all of them."""
    said = [(row, played(row)) for row in rows()[::3]]
    count = Counter(outcome(row, one) for row, one in said)
    told = [f"{outcome(row, one)}: {row['say']!r} at {row['at']}" for row, one in said if outcome(row, one) != "right"]
    assert count["right"] / len(said) >= TODAY["right"], told
    assert (count["wrong"] + count["grave"]) / len(said) <= TODAY["wrong"], told
    assert count["grave"] <= TODAY["grave"], told
