"""Sentences that have nothing to do with the bot bind nobody, turn nobody away, and mostly become no answer."""

from __future__ import annotations

import pytest

from tests.understanding.false_alarms import WATCHED, alarms, sentences

EVERY = 9  # sentences, of which the suite says one; ``make understanding`` says all of them
# Of the sentences at most this share, where one of so few would be more than ``WATCHED`` allows.
TODAY = {
    "already a member": 0.005,
    "name": 0.45,
    "regency": 0.03,
    "sector": 0.55,
}


@pytest.mark.parametrize("question", WATCHED)
def test_of_foreign_sentences_few_are_taken_for_anything(question: str) -> None:
    said = sentences()[::EVERY]
    for kind in alarms(said, lambda each: each == question):
        most = TODAY.get(kind.what.partition(",")[0], kind.most)
        assert most is None or kind.count <= most * len(said), (kind.what, kind.seen)


def test_the_sentences_are_many_and_mostly_as_short_as_in_a_chat() -> None:
    said = sentences()
    assert len(said) >= 2000
    assert sum(sentence.is_short for sentence in said) >= len(said) / 2
