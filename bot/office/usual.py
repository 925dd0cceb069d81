"""What an owner usually answers, by question, for whoever is about something else: chats, tests, benchmarks.

Answers are found by the key of the question that is open, never by their place in a list, so that a question can be
added without telling those who only want to get past it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from conversations.dialogues.book import BOOK, first_session
from conversations.dialogues.registration import registration
from conversations.engine.ask import SKIP
from conversations.engine.core import Button, Heard, Question, Say, Scene, Session
from conversations.engine.effects import SubmitLead
from conversations.engine.ladder import step
from conversations.engine.turn_state import scene_of
from conversations.engine.world import World
from locales import Catalog

USUAL = "warung sendiri"  # the set that is meant where none is named
GREETING = "halo"
HELLO = "hello"  # stands among the answers for the first words of all, which answer nothing


@cache
def usual(name: str = USUAL) -> Mapping[str, str]:
    """The answers of a set by question key, as a line of a ``.chat`` file: words, or a button ("[Pagi]").

    Raises LookupError where there is no set of this name.
    """
    sets = tomllib.loads(files("locales").joinpath("id/usual.toml").read_text(encoding="utf-8"))
    if name not in sets:
        raise LookupError(f"no usual answers are called {name!r}; there are {sorted(sets)}")
    found: dict[str, str] = sets[name]
    return found


def question_named(name: str) -> str:
    """The key of the question of a registration whose answer has this name in the review. Raises LookupError."""
    found = next((key for key, called in _names().items() if called.casefold() == name.casefold()), None)
    if found is None:
        raise LookupError(f"no answer is called {name!r}; there are {sorted(_names().values())}")
    return found


@cache
def _names() -> Mapping[str, str]:
    catalog = Catalog.load()
    return {question.key: catalog.text(f"registration.{question.key}.label") for question in registration.questions}


def answer_to(question: Question, scene: Scene, answers: Mapping[str, str]) -> str:
    """What is answered to this question: by these answers, else passed over, else the first button that goes on.

    Raises LookupError for one that can only be answered in words, and is not among the answers.
    """
    if question.key in answers:
        return answers[question.key]
    choices = question.choices(scene)
    going_on = [value for value in choices if value not in question.then]
    if not going_on:
        raise LookupError(f"no usual answer to the question {question.key!r}: add one to locales/id/usual.toml")
    value = SKIP if SKIP in choices else going_on[0]
    return f"[{scene.world.knows.labels(question.label(value, scene))[0]}]"


def open_question(session: Session, world: World) -> Question | None:
    """The open question of a registration; None where something else is going on."""
    if session.dialogue != registration.name:
        return None
    return registration.open(scene_of(session, world))


def whole_registration(world: World, answers: Mapping[str, str]) -> dict[str, str]:
    """What an owner says from the first word until a lead is sent, by question key, in the order of the questions.

    ``answers`` go before the usual ones; under HELLO stands the greeting. ``world`` is what is so for this owner: where
    their number is known, it is not asked. Raises LookupError where a question has no answer, or is asked again.
    """
    answers = {HELLO: GREETING, **usual(), **answers}
    session, key, said = first_session(world), HELLO, answers[HELLO]
    buttons: tuple[Button, ...] = ()
    told: dict[str, str] = {}
    while key not in told:
        told[key] = said
        turn = step(session, _heard(said, buttons, world), world, BOOK)
        if any(isinstance(effect, SubmitLead) for effect in turn.effects):
            return told
        session = turn.session
        buttons = next((e.buttons for e in reversed(turn.effects) if isinstance(e, Say) and e.buttons), ())
        question = open_question(session, world)
        if question is None:
            raise LookupError(f"{said!r} to {key} leads out of the registration")
        key, said = question.key, answer_to(question, scene_of(session, world), answers)
    raise LookupError(f"{told[key]!r} is no answer to {key}")


def _heard(said: str, buttons: Sequence[Button], world: World) -> Heard:
    """Words, or the press of the button with the label in brackets. Raises LookupError where there is no such button."""
    if not said.startswith("["):
        return Heard(text=said)
    pressed = next((b.press for b in buttons if said[1:-1] in world.knows.labels(b.label)), None)
    if pressed is None:
        raise LookupError(f"no such button: {said}; there are {[world.knows.labels(b.label)[0] for b in buttons]}")
    return Heard(pressed=pressed)
