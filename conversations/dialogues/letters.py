"""An owner answers an officer. Where an officer has the lead, both write to each other from then on (``bridge.py``); else
one letter goes to whoever looks after it."""

from __future__ import annotations

from typing import Any

from conversations.engine.ask import ask
from conversations.engine.core import Dialogue, Effect, Heard, NotUnderstood, Scene, Text, Turn
from conversations.engine.effects import WriteToOfficer
from conversations.engine.turn_state import TurnState

from .bridge import open_by_owner

LONGEST = 1000  # characters


def words(heard: Heard, scene: Scene) -> Any:
    """Reader: what is to be passed on, as it was typed, cut at ``LONGEST`` characters."""
    if not (said := heard.text.strip()[:LONGEST]):
        raise NotUnderstood("not_a_choice")
    return said


def reply(state: TurnState, code: str) -> Turn:
    """The owner wants to write to their officer."""
    if turn := open_by_owner(state, code):
        return turn
    code = code or next((lead.code for lead in state.world.open_leads[-1:]), "")
    mine = any(lead.code == code for lead in state.world.open_leads)
    return state.over("reply", about=code).ask_open() if mine else state.say("correct.nothing")


def only_owner(scene: Scene) -> Text | None:
    """Nothing is passed on about a lead that has ended meanwhile."""
    mine = any(lead.code == scene.about for lead in scene.world.open_leads)
    return None if mine else Text("correct.nothing")


def to_officer(scene: Scene) -> tuple[Effect, ...]:
    return (WriteToOfficer(scene.about, scene.answers["words"]),)


answer = Dialogue(
    "reply",
    (ask("reply.words", words, open_only=True, verbatim=True),),
    finish=to_officer,
    barred=only_owner,
    answers=True,
)
