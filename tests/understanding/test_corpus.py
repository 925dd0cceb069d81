"""How well people are understood, measured through the ladder that the bot itself uses; and that nothing breaks it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.engine.ladder import step
from tests.understanding import figures
from tests.understanding.marks import FILES, Marks, lines, marked
from tests.understanding.predict import moment, predict
from tests.understanding.speed import LONGEST, QUESTIONS

# Of the lines that the words were written from, and of those kept apart, which no word was written for.
TUNED = {"right": 0.97, "wrong": 0.01}
HELD_OUT = {"right": 0.95, "wrong": 0.03}  # the goal is the same; a fifth of the smallest file is 23 lines, one is 4 %


def marks_of(file: str, *, held_out: bool) -> Marks:
    return marked(file, [row for row in lines(file) if row.get("held_out", False) is held_out], predict)


def test_the_corpus_is_large_and_a_fifth_of_it_was_kept_apart() -> None:
    rows = [row for file in FILES for row in lines(file)]
    assert len(rows) >= 2000
    assert 0.15 <= sum(row.get("held_out", False) for row in rows) / len(rows) <= 0.30


@pytest.mark.parametrize("file", FILES)
def test_what_was_tuned_on_is_understood_and_nothing_grave_happens(file: str) -> None:
    marks = marks_of(file, held_out=False)
    assert marks.count["grave"] == 0, marks.missed
    assert marks.share("right") >= TUNED["right"], marks.missed
    assert marks.share("wrong") <= TUNED["wrong"], marks.missed


@pytest.mark.parametrize("file", FILES)
def test_what_was_kept_apart_is_understood_nearly_as_well(file: str) -> None:
    marks = marks_of(file, held_out=True)
    assert marks.count["grave"] == 0, marks.missed
    assert marks.share("right") >= HELD_OUT["right"], marks.missed
    assert marks.share("wrong") <= HELD_OUT["wrong"], marks.missed


@given(text=st.text(max_size=4096), question=st.sampled_from(QUESTIONS))
@settings(max_examples=60, deadline=None)
def test_any_text_at_any_question_gets_a_reply(text: str, question: str) -> None:
    now = moment(question, text)
    assert step(now.session, now.heard, now.world, now.book).effects


@pytest.mark.parametrize("text", LONGEST, ids=lambda text: text[:6])
def test_the_longest_message_is_answered_at_every_question(text: str) -> None:
    """How fast, ``make understanding`` tells."""
    for question in QUESTIONS:
        now = moment(question, text)
        assert step(now.session, now.heard, now.world, now.book).effects


@pytest.mark.long
def test_the_words_stay_small() -> None:
    assert figures.build_megabytes() < 60
