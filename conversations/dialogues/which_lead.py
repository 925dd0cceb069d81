"""Words about one of several leads: the owner is asked which, and the words are heard again for that one."""

from __future__ import annotations

from dataclasses import replace

from conversations.engine.ask import pick
from conversations.engine.core import Dialogue, Heard, Scene, Text
from conversations.engine.turn_state import TurnState

NAME, LEAD = "which_lead", "lead"


def _codes(scene: Scene) -> tuple[str, ...]:
    return tuple(lead.code for lead in scene.world.open_leads)


def _label(value: str, scene: Scene) -> Text | str:
    return value


def chosen(state: TurnState) -> TurnState | None:
    """The state in which the words that waited are said, and only the lead of this button or code is there; None where
    the event names no lead."""
    if state.session.dialogue != NAME:
        return None
    press = state.heard.pressed
    named = (
        press.value if press and (press.dialogue, press.question) == (NAME, LEAD) else state.heard.text.strip().upper()
    )
    lead = next((lead for lead in state.world.open_leads if lead.code == named), None)
    if lead is None:
        return None
    below = state.below()
    question, world = below.open, replace(state.world, leads=(lead,))
    below = below.at(below.session._replace(asked=question.key if question else ""))
    return below._replace(world=world, heard=Heard(text=state.session.answers["words"]))


which_lead = Dialogue(
    NAME, (pick(f"{NAME}.{LEAD}", _codes, label=_label, open_only=True),), finish=lambda scene: (), answers=True
)
