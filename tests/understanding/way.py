"""Somebody led to a question of the registration by plain answers, whichever questions lie on the way there."""

from __future__ import annotations

from copy import copy
from functools import cache

from conversations.dialogues.registration import registration
from conversations.engine.core import Press
from tests.stepwise import Person

# Where an answer has no question of its own, it is given at this one.
HOLDERS = {"district": "regency", "wages": "workers", "under_65": "member"}
SOLO = "33.72"  # where an officer is at work


def led(question: str, **answers: str) -> Person:
    """A person of their own at this question; "first" has said nothing yet, "home" has sent a lead.

    ``answers`` by question go before the plain ones. Raises LookupError where the question never comes.
    """
    return copy(_led(question, tuple(answers.items())))


@cache
def _led(question: str, answers: tuple[tuple[str, str], ...]) -> Person:
    said = dict(answers)
    if question == "first":
        return _somebody()
    if question == "home":
        person = _somebody().goes_on(**said)
        return person.says("ya") if person.session.dialogue == "news" else person
    key = question if registration.question(question) else HOLDERS.get(question, question)
    try:
        return _somebody().goes_on(key, **said)
    except AssertionError:  # it is only put to who wants to change its answer in the review
        person = _somebody().goes_on("confirm", **said).presses(Press("command", "correct", key))
    if person.session.asked != key:
        raise LookupError(f"the question {key!r} never comes")
    return person


def _somebody() -> Person:
    return Person(staffed=frozenset({SOLO}))
