"""In which language this person is answered: as they asked, or as their first message surely was; else in the source."""

from __future__ import annotations

from conversations.engine.core import Button, Effect, Press, Say, Text, Turn
from conversations.engine.effects import ChooseLanguage
from conversations.engine.turn_state import TurnState


def language(state: TurnState, value: str) -> Turn:
    """The language that was asked for, from now on; where that is open, which of those there are.

    ``value``: the code of a language, from a button; "" where it is in the words that were typed. The open question is
    put again at full length: it was read in another language.
    """
    languages = state.world.knows.ear.languages
    code = value if value in languages.names else languages.asked(state.heard.text, state.session.asked)
    if code is None:
        choices = tuple(Button(Press("command", "language", code), name) for code, name in languages.names.items())
        return Turn(state.session, (Say(Text("language.ask"), choices),))
    said = Say(Text("language.taken", {"language": languages.names[code]}))
    return state.ask_open(ChooseLanguage(code), said)


def guessed(state: TurnState, turn: Turn) -> tuple[Effect, ...]:
    """What goes before this turn where a first message is unmistakably in another language than the source: that one is
    taken up, and it is said how to have the source instead. Nothing for who chose one, is known to us, or works here."""
    world, text = state.world, state.heard.text
    is_first = not (state.session.asked or world.language or world.leads or world.officer or world.invitation)
    if not (is_first and text) or any(isinstance(effect, ChooseLanguage) for effect in turn.effects):
        return ()
    languages = world.knows.ear.languages
    code = languages.sure(text)
    if code is None or code == next(iter(languages.names)):
        return ()
    return ChooseLanguage(code), Say(Text("language.guessed", {"language": languages.names[code]}))
