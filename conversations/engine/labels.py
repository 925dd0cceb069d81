"""Labels of buttons, typed: at every question of every dialogue a typed label acts as its button.

Nothing needs to be listed for that: the words are those that the button itself shows.
"""

from __future__ import annotations

from functools import lru_cache

from conversations.engine.answers.accept import take
from conversations.engine.ask import buttons, offered_buttons
from conversations.engine.commands import COMMANDS
from conversations.engine.core import Heard, Press, Turn
from conversations.engine.turn_state import TurnState
from conversations.hear.text.words import edgeless

LONGEST = 80  # characters; no label is as long, so a longer message is not compared


def labelled(state: TurnState) -> Turn | None:
    """Rung: the label of a button below the open question, or of one of an answer's readings, as if it were pressed."""
    press = _typed(state)
    if press is None:
        return None
    if press.dialogue == "command":
        return COMMANDS[press.question](state, press.value)
    question = state.dialogue.question(press.question)
    return take(state._replace(heard=Heard(pressed=press)), question) if question else None


def _typed(state: TurnState) -> Press | None:
    """The press of the button whose label this message is; None where no button below the open question has such a label."""
    question, text = state.open, state.heard.text
    if question is None or not text or len(text) > LONGEST or state.session.asked != question.key:
        return None
    said, scene = edgeless(text), state.scene
    readings = buttons(state.dialogue, question, state.session.offered, scene)
    for button in (*readings, *offered_buttons(state.dialogue, question, scene)):
        if said and said in map(_form, state.world.knows.labels(button.label)):
            return button.press
    return None


@lru_cache(maxsize=1024)  # caches labels only, never what people write
def _form(label: str) -> str:
    return edgeless(label)
