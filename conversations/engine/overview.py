"""The orders in which the answers of a dialogue are read back: the groups of its review, the lines of a lead's card.

Both follow from fields of each question (``Question.group``, ``on_card``, ``review_after``, ``card_before``), so that
adding a question also says where its answer is shown and that it can be corrected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from conversations.engine.core import Dialogue, Question

Groups = Mapping[str, tuple[Question, ...]]


@cache
def review_groups(dialogue: Dialogue) -> Groups:
    """The questions of each group of the review, by heading; groups in the order in which they are first asked."""
    shown = [question for question in dialogue.questions if question.group]
    return {
        heading: _placed([q for q in shown if q.group == heading])
        for heading in dict.fromkeys(question.group for question in shown)
    }


@cache
def reviewed_questions(dialogue: Dialogue) -> tuple[Question, ...]:
    """Every question whose answer stands in the review, in its order: these answers can be corrected by name."""
    return tuple(question for group in review_groups(dialogue).values() for question in group)


@cache
def card_questions(dialogue: Dialogue) -> tuple[Question, ...]:
    """Every question whose answer stands on the officer's card, in the order of its lines."""
    lines = [question for question in reviewed_questions(dialogue) if question.on_card]
    for question in tuple(lines):
        if question.card_before:
            lines.remove(question)
            lines.insert(_at(lines, question.card_before), question)
    return tuple(lines)


def _placed(group: Iterable[Question]) -> tuple[Question, ...]:
    """The questions of a group in the order in which they are asked, but each with a ``review_after`` behind that
    question."""
    lines = list(group)
    for question in tuple(lines):
        if question.review_after:
            lines.remove(question)
            lines.insert(_at(lines, question.review_after) + 1, question)
    return tuple(lines)


def _at(lines: Sequence[Question], key: str) -> int:
    """The place of a question among these lines. Raises LookupError when it has none."""
    found = next((at for at, question in enumerate(lines) if question.key == key), None)
    if found is None:
        raise LookupError(f"no line of the question {key} stands here")
    return found
