"""Officer and owner write to each other through us, where no number was given: without it nobody could keep the promise that
somebody writes "lewat chat ini"."""

from __future__ import annotations

from typing import Any

from conversations.engine.ask import ask
from conversations.engine.core import Button, Dialogue, Effect, Heard, NotUnderstood, Press, Scene, Text, Turn
from conversations.engine.effects import WriteToOfficer, WriteToOwner
from conversations.engine.turn_state import TurnState

from .officer import only_holder

LONGEST = 1000  # characters


def words(heard: Heard, scene: Scene) -> Any:
    """Reader: what is to be passed on, as it was typed, cut at ``LONGEST`` characters."""
    if not (said := heard.text.strip()[:LONGEST]):
        raise NotUnderstood("not_a_choice")
    return said


def reply(state: TurnState, code: str) -> Turn:
    """The owner's button under what an officer wrote."""
    mine = any(lead.code == code for lead in state.world.open_leads)
    return state.over("reply", about=code).ask_open() if mine else state.say("correct.nothing")


def reply_button(code: str) -> Button:
    return Button(Press("command", "reply", code), Text("command.reply"))


def only_owner(scene: Scene) -> Text | None:
    """Nothing is passed on about a lead that has ended meanwhile."""
    mine = any(lead.code == scene.about for lead in scene.world.open_leads)
    return None if mine else Text("correct.nothing")


def to_owner(scene: Scene) -> tuple[Effect, ...]:
    return (WriteToOwner(scene.about, scene.answers["words"]),)


def to_officer(scene: Scene) -> tuple[Effect, ...]:
    return (WriteToOfficer(scene.about, scene.answers["words"]),)


letter = Dialogue(
    "letter",
    (ask("letter.words", words, open_only=True, verbatim=True),),
    finish=to_owner,
    barred=only_holder,
    answers=True,
)

answer = Dialogue(
    "reply",
    (ask("reply.words", words, open_only=True, verbatim=True),),
    finish=to_officer,
    barred=only_owner,
    answers=True,
)
