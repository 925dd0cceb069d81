"""Answers that need no guess at what they are about: the words of an offered choice, and words kept as they stand."""

from __future__ import annotations

import re

from conversations.engine.ask import YES_NO
from conversations.engine.commands import COMMANDS
from conversations.engine.core import Heard, NotUnderstood, Press, Question, Turn
from conversations.engine.turn_state import Moment

from .accept import attempt, take

SHORT_ANSWER_WORDS = 2
ALWAYS_COMMANDS = frozenset({"stop", "cancel", "delete_data"})  # at every question, though they sound like a no
WRITING_COMMANDS = ("back", "cancel", "help")

_SLASH = re.compile(r"/\w+")


def chosen(moment: Moment) -> Turn | None:
    """The very words of one of the offered choices ("belum", "sore") answer, whatever else they may mean elsewhere."""
    question = moment.open
    if question is None or not moment.heard.text or moment.session.asked != question.key:
        return None
    if (value := _of_the_offered(moment)) is not None:
        return take(moment._replace(heard=_as_pressed(moment, question, value)), question)
    choices = moment.world.knows.ear.choices
    path = f"{moment.session.dialogue}.{question.key}"
    offered = question.choices(moment.scene)
    value = choices.exact(moment.heard.text, path, offered) or _yes_or_no(moment, question, offered)
    if value is not None:
        return take(moment._replace(heard=_as_pressed(moment, question, value)), question)
    if choices.skips(moment.heard.text) and not question.optional and not _reads(moment, question):
        return moment.say("cannot_skip")
    return None


def _as_pressed(moment: Moment, question: Question, value: str) -> Heard:
    return Heard(pressed=Press(moment.session.dialogue, question.key, value))


def _of_the_offered(moment: Moment) -> str | None:
    """One of the readings that were put as a choice: by its number, or by words that are in one name only ("kota")."""
    offered, text = moment.session.offered, moment.heard.text.casefold().strip(" .")
    if text.isdecimal() and len(text) <= 2 and 0 < int(text) <= len(offered):
        return offered[int(text) - 1]
    places, said = moment.world.knows.ear.places, set(text.split())
    named = [code for code in offered if places.knows(code) and said <= set(places.name(code).casefold().split())]
    return named[0] if said and len(named) == 1 else None


def _yes_or_no(moment: Moment, question: Question, offered: tuple[str, ...]) -> str | None:
    """A bare yes or no where both are offered: "belum" is an answer there, though it means "go back" elsewhere."""
    text = moment.heard.text
    if not set(YES_NO) <= set(offered) or len(text.split()) > SHORT_ANSWER_WORDS or commands(moment, text):
        return None
    said = moment.world.knows.ear.yesno.read(text, question.key)
    return said if said != "unclear" else None


def commands(moment: Moment, text: str) -> bool:
    """Whether these words stop, cancel or erase wherever they are said."""
    label = moment.world.knows.ear.intents.read(text, moment.session.asked, lambda: True)[0]
    return label in ALWAYS_COMMANDS


def _reads(moment: Moment, question: Question) -> bool:
    """Whether the open question's own reader takes these words as an answer, or as one of several it would ask about."""
    return not isinstance(attempt(moment, question), NotUnderstood)


def written(moment: Moment) -> Turn | None:
    """Words that are to be kept or sent on as they stand. They may themselves speak of stopping, erasing or officers, so
    only a message that is nothing but one of the few commands for writing acts, or one with a stroke ("/batal")."""
    question, text = moment.open, moment.heard.text
    if not text or question is None or not question.verbatim or moment.session.asked != question.key:
        return None
    if _SLASH.fullmatch(text.strip()):
        return None  # as anywhere else
    name = moment.world.knows.ear.choices.exact(text, "writing.command", WRITING_COMMANDS)
    return COMMANDS[name](moment, "") if name else chosen(moment) or take(moment, question)
