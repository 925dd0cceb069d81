"""The language in which a person is answered: as they asked, or as their first message surely was; else the source."""

from __future__ import annotations

from conversations.engine.core import Button, Effect, Press, Say, Text, Turn
from conversations.engine.effects import ChooseLanguage
from conversations.engine.turn_state import TurnState


def language(state: TurnState, value: str) -> Turn:
    """Answer in the language asked for, from now on; where none is named, offer the languages there are.

    ``value``: the code of a language, from a button; "" where the typed words name it. The open question is put again
    at full length: it was read in another language.
    """
    languages = state.world.knows.ear.languages
    code = value if value in languages.names else languages.asked(state.heard.text, state.session.asked)
    if code is None:
        if languages.unspoken(state.heard.text):
            return state.say("language.unspoken")
        choices = tuple(Button(Press("command", "language", code), name) for code, name in languages.names.items())
        return Turn(state.session, (Say(Text("language.ask"), choices),))
    said = Say(Text("language.taken", {"language": languages.names[code]}))
    return state.ask_open(ChooseLanguage(code), said)


def guessed(state: TurnState, turn: Turn) -> tuple[Effect, ...]:
    """The effects before a first message's reply where that message is unmistakably in another language than the
    source: that language is chosen, and the say tells how to have the source instead. None for a person who chose a
    language, has a lead, or is an officer."""
    world, text = state.world, state.heard.text
    is_first = not (state.session.asked or world.language or world.leads or world.officer or world.invitation)
    if not (is_first and text) or any(isinstance(effect, ChooseLanguage) for effect in turn.effects):
        return ()
    languages = world.knows.ear.languages
    code = languages.sure(text)
    if code is None or code == next(iter(languages.names)):
        return ()
    return ChooseLanguage(code), Say(Text("language.guessed", {"language": languages.names[code]}))
