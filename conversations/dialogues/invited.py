"""Invitation: a one-time code makes a chat an officer's, after its sender confirms the name it is for.

It is confirmed in the chat in which it was typed: whoever holds another chat that is linked with it becomes nothing.
"""

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
    return below.over("binding", about=f"{code} {state.world.chat}").ask_open()


def code_of(about: str) -> str:
    """The code of an invitation that waits for confirmation."""
    return about.partition(" ")[0]


def only_there(scene: Scene) -> Text | None:
    """Why an invitation cannot be confirmed here: it was typed in another chat of this person."""
    return None if scene.about.endswith(f" {scene.world.chat}") else Text("binding.elsewhere")


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
    barred=only_there,
    answers=True,
)
