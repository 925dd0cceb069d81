"""Invitation: a one-time code makes a chat an officer's, after its sender confirms the name it is for."""

from __future__ import annotations

from conversations.engine.ask import YES_NO, pick
from conversations.engine.core import Dialogue, Effect, Field, Say, Scene, Text, Turn
from conversations.engine.effects import BindOfficer, WrongCode
from conversations.engine.turn_state import TurnState


def invitation(state: TurnState, value: str) -> Turn:
    """Ask about an invitation code that came in; a registration that was begun waits below, and goes on where it was."""
    if state.world.invitation != "ok":
        return state.ask_open(WrongCode(), Say(Text("officer.wrong_code")))
    code = (state.heard.start or state.heard.text).strip().upper()
    below = state if state.session.answers else state.begun("home")
    return below.over("binding", about=code).ask_open()


def whose(scene: Scene) -> Text:
    officer = scene.world.invited
    if officer is None:
        return Text("binding.sure.again")
    places = scene.world.knows.ear.places
    where = ", ".join(places.name(code) for code in officer.regencies)
    fields: dict[str, Field] = {"name": officer.name, "role": Text(f"role.{officer.role}"), "places": where}
    return Text("binding.sure.ask" if officer.regencies else "binding.sure.ask_everywhere", fields)


def answered(scene: Scene) -> tuple[Effect, ...]:
    if scene.answers["sure"] == "no":
        return (Say(Text("binding.not")),)
    return (BindOfficer(),) if scene.world.invited else (Say(Text("officer.wrong_code")),)


binding = Dialogue(
    "binding",
    (pick("binding.sure", YES_NO, prompt=whose, open_only=True, short_again=True),),
    finish=answered,
    answers=True,
)
