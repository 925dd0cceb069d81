"""Literal answers, which need no guess at what they are about: words of an offered choice, and words kept as they stand."""

from __future__ import annotations

import re

from conversations.engine.ask import SKIP, YES_NO
from conversations.engine.commands import COMMANDS, left_as_it_was
from conversations.engine.core import Heard, Instead, NotUnderstood, Press, Question, Reading, Text, Turn
from conversations.engine.patience import MISS, patient
from conversations.engine.turn_state import TurnState

from .accept import attempt, leaves_it, take
from .notes import NOTES, with_reason

SHORT_ANSWER_WORDS = 2
ALWAYS_COMMANDS = frozenset({"stop", "cancel", "delete_data"})  # heard at every question, even if they sound like a no
WRITING_COMMANDS = ("back", "cancel", "help")

_SLASH = re.compile(r"/\w+")


def chosen(state: TurnState) -> Turn | None:
    """Rung: the very words of one of the offered choices ("belum", "sore") answer, whatever else they may mean elsewhere."""
    question = state.open
    if question is None or not state.heard.text or state.session.asked != question.key:
        return None
    if leaves_it(state, question):
        return left_as_it_was(state, question)
    path = f"{state.session.dialogue}.{question.key}"
    if state.world.knows.ear.choices.refuses(state.heard.text) and not _decides(question):
        return _refused(state, question, path)
    offered = question.choices(state.scene)
    value = (
        _of_the_offered(state)
        or state.world.knows.ear.choices.exact(state.heard.text, path, (*offered, *question.besides))
        or _cued(state, path, offered)
        or _yes_or_no(state, question, offered)
        or _nothing(state, question, path, offered)
    )
    if value is not None:
        return take(state._replace(heard=_as_pressed(state, question, value)), question)
    if question.optional and state.world.knows.ear.choices.nothing(state.heard.text):
        return take(state, question)
    return _passed_over(state, question, path, offered)


def _passed_over(state: TurnState, question: Question, path: str, offered: tuple[str, ...]) -> Turn | None:
    """The turn after "lupa" or "lewati", where that is all that is said."""
    choices = state.world.knows.ear.choices
    if choices.unknown(state.heard.text):
        return _not_known(state, question, path, offered)
    if choices.skips(state.heard.text) and not question.optional and not _reads(state, question):
        return state.say("cannot_skip", {"hint": Text(f"{path}.hint")})
    return None


def _decides(question: Question) -> bool:
    """Whether a "don't want to" answers the question: consent, the review, and how to go on."""
    return question.open_only or question.exact or bool(question.then)


def _refused(state: TurnState, question: Question, path: str) -> Turn:
    """The turn after "gak mau bilang": skipping an optional question; elsewhere a kind word and the question."""
    if question.optional:
        return _skipped(state, question, "refused")
    return patient(state, state.say("refused", {"hint": Text(f"{path}.hint")}), MISS)


def _skipped(state: TurnState, question: Question, why: str) -> Turn:
    """The turn that passes over a question, and notes for the officer why it has no answer."""
    notes = with_reason(state.scene.answers.get(NOTES, {}), question.key, why)
    noted = state.at(state.session._replace(notes=notes))
    return take(noted._replace(heard=_as_pressed(state, question, SKIP)), question)


def _not_known(state: TurnState, question: Question, path: str, offered: tuple[str, ...]) -> Turn:
    """The turn after "I do not know": the option that stands for it, or skipping an optional question; elsewhere a hint."""
    means = state.world.knows.ear.choices.unknown_means(path)
    if means is not None and means in (*offered, *question.besides):
        return take(state._replace(heard=_as_pressed(state, question, means)), question)
    if question.optional:
        return _skipped(state, question, "unknown")
    return state.say("not_known", {"hint": Text(f"{path}.hint")})


def _nothing(state: TurnState, question: Question, path: str, offered: tuple[str, ...]) -> str | None:
    """The option that "-" or "ga ada" stands for, where one of the options means that; None elsewhere, and for "belum
    punya nama"."""
    choices, text = state.world.knows.ear.choices, state.heard.text
    means = choices.nothing_means(path)
    return means if means in offered and choices.nothing(text, alone=True) and not _reads(state, question) else None


def _as_pressed(state: TurnState, question: Question, value: str) -> Heard:
    return Heard(pressed=Press(state.session.dialogue, question.key, value))


def _cued(state: TurnState, path: str, offered: tuple[str, ...]) -> str | None:
    """The option of which the words hold a word that tells: "biar petugas cek" where an officer is one of the ways on."""
    text = state.heard.text
    return None if commands(state, text) else state.world.knows.ear.choices.cued(text, path, offered)


def _of_the_offered(state: TurnState) -> str | None:
    """The reading that is chosen among several: by its number, or by words that are in one name only ("kota")."""
    offered, text = state.session.offered, state.heard.text.casefold().strip(" .")
    if text.isdecimal() and len(text) <= 2 and 0 < int(text) <= len(offered):
        return offered[int(text) - 1]
    places, said = state.world.knows.ear.places, set(text.split())
    named = [code for code in offered if places.knows(code) and said <= set(places.name(code).casefold().split())]
    return named[0] if said and len(named) == 1 else None


def _yes_or_no(state: TurnState, question: Question, offered: tuple[str, ...]) -> str | None:
    """The answer of a bare yes or no where both are offered: "belum" is a no there, though it means "go back" elsewhere."""
    text = state.heard.text
    if not set(YES_NO) <= set(offered) or len(text.split()) > SHORT_ANSWER_WORDS or commands(state, text):
        return None
    said = state.world.knows.ear.yesno.read(text, question.key)
    return said if said != "unclear" and not _means_other(state, question, said) else None


def _means_other(state: TurnState, question: Question, said: str) -> bool:
    """Whether the question's own reader, which knows of more answers, hears no yes or another answer: "bener banget" is no
    card, and "gak ingat" is no "no"."""
    own = attempt(state, question)
    if isinstance(own, Instead):
        return True  # "belum 65" tells the age, and nothing of the card
    value = own.value if isinstance(own, Reading) else own
    if isinstance(own, NotUnderstood):
        return said == "yes"
    return isinstance(value, str) and value != said


def commands(state: TurnState, text: str) -> bool:
    """Whether these words are a command that stops, cancels or erases at any question."""
    label = state.world.knows.ear.intents.read(text, state.session.asked, lambda: True)[0]
    return label in ALWAYS_COMMANDS


def _reads(state: TurnState, question: Question) -> bool:
    """Whether the open question's own reader takes these words as an answer, or would ask back about several readings."""
    return not isinstance(attempt(state, question), NotUnderstood)


def written(state: TurnState) -> Turn | None:
    """Rung: words that are kept or sent on as they stand. They may themselves speak of stopping, erasing or officers,
    so only a message that is nothing but one of the few commands for writing acts, or one with a stroke ("/batal")."""
    question, text = state.open, state.heard.text
    if not text or question is None or not question.verbatim or state.session.asked != question.key:
        return None
    if _SLASH.fullmatch(text.strip()):
        return None  # a command with a stroke acts as anywhere else
    name = state.world.knows.ear.choices.exact(text, "writing.command", WRITING_COMMANDS)
    return COMMANDS[name](state, "") if name else chosen(state) or take(state, question)
