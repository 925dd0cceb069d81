"""Usual answers of an owner, by question, for chats, tests and benchmarks that are about something else.

Answers are found by the key of the open question, never by their place in a list, so that a question can be added
without a change in whatever only wants to get past it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
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

USUAL = "warung sendiri"  # the default set
GREETING = "halo"
OPENED = ":opened"
HELLO = "hello"  # key of the first words in a set of answers, which answer no question


@cache
def usual(name: str = USUAL) -> Mapping[str, str]:
    """A set of answers by question key, each as a line of a ``.chat`` file: words, or a button ("[Pagi]").

    Raises LookupError where there is no set of this name.
    """
    sets = tomllib.loads(files("locales").joinpath("id/usual.toml").read_text(encoding="utf-8"))
    if name not in sets:
        raise LookupError(f"no usual answers are called {name!r}; there are {sorted(sets)}")
    found: dict[str, str] = sets[name]
    return found


def question_named(name: str) -> str:
    """The key of the registration's question whose answer has this name in the review. Raises LookupError."""
    found = next((key for key, called in _names().items() if called.casefold() == name.casefold()), None)
    if found is None:
        raise LookupError(f"no answer is called {name!r}; there are {sorted(_names().values())}")
    return found


@cache
def _names() -> Mapping[str, str]:
    catalog = Catalog.load()
    return {question.key: catalog.text(f"registration.{question.key}.label") for question in registration.questions}


def answer_to(question: Question, scene: Scene, answers: Mapping[str, str]) -> str:
    """The answer to this question: from these answers, else to skip it, else the first button that goes on.

    Raises LookupError for a question that can only be answered in words, and is not among the answers.
    """
    if question.key in answers:
        return answers[question.key]
    choices = question.choices(scene)
    going_on = [value for value in choices if value not in question.then]
    if not going_on:
        raise LookupError(f"no usual answer to the question {question.key!r}: add one to locales/id/usual.toml")
    value = SKIP if SKIP in choices else going_on[0]
    return f"[{scene.world.knows.labels(question.label(value, scene))[0]}]"


def opened_by_name(keys: Iterable[str], session: Session, world: World) -> tuple[str, str] | None:
    """The first of these questions that the registration has passed by without asking, and the words that open it; None
    without one."""
    if session.dialogue != registration.name:
        return None
    scene = scene_of(session, world)
    passed = registration.applying(scene)
    for key in keys:
        question = registration.question(key)
        if question and question.default and key in passed and question.unasked(passed[key], scene):
            return key, f"ubah {_names()[key].casefold()}"
    return None


def open_question(session: Session, world: World) -> Question | None:
    """The open question of a session's registration; None where another dialogue is open."""
    if session.dialogue != registration.name:
        return None
    return registration.open(scene_of(session, world))


def whole_registration(world: World, answers: Mapping[str, str]) -> dict[str, str]:
    """All words of an owner from the first until a lead is sent, by question key, in the order of the questions; where a
    question is opened by its name, that stands under its key and OPENED.

    ``answers`` go before the usual ones; under HELLO stands the greeting. ``world`` is the owner's world: where their
    number is known, it is not asked for. Raises LookupError where a question has no answer, or is asked again.
    """
    unasked = [key for key in answers if (q := registration.question(key)) and q.default]
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
        opened = opened_by_name(unasked, session, world)
        if opened:
            unasked.remove(opened[0])
            key, said = f"{opened[0]}{OPENED}", opened[1]
            continue
        key, said = question.key, answer_to(question, scene_of(session, world), answers)
    raise LookupError(f"{told[key]!r} is no answer to {key}")


def _heard(said: str, buttons: Sequence[Button], world: World) -> Heard:
    """Words, or the press of the button whose label stands in brackets. Raises LookupError where there is no such button."""
    if not said.startswith("["):
        return Heard(text=said)
    pressed = next((b.press for b in buttons if said[1:-1] in world.knows.labels(b.label)), None)
    if pressed is None:
        raise LookupError(f"no such button: {said}; there are {[world.knows.labels(b.label)[0] for b in buttons]}")
    return Heard(pressed=pressed)
