"""Linking: one person on two channels, by a code that they confirm; told in both chats, and undone on a word.

An officer is linked with nobody: whoever talked them into typing a code would see what they see.
"""

from __future__ import annotations

from conversations.engine.ask import YES_NO, pick
from conversations.engine.core import Dialogue, Effect, Say, Scene, Text, Turn
from conversations.engine.effects import JoinChats, MakeJoinCode, PartChats, RefusedOffice, TellOtherChannel, WrongCode
from conversations.engine.turn_state import TurnState

# World.join_code: the result of a linking code that was typed, or of a wish to be parted.
ASKS, OK, BAD, OWN, OFFICE, PARTED, NOT_PARTED = "asks", "ok", "bad", "own", "office", "parted", "not_parted"


def join(state: TurnState, value: str) -> Turn:
    """Ask for a linking code to be typed on the other channel; only the handler knows the code."""
    if state.world.officer:
        return state.say("join.office")
    return Turn(state.session, (MakeJoinCode(),))


def join_code(state: TurnState) -> Turn | None:
    """Rung: a linking code that came in answers no question. Before it links anybody, the person confirms that the
    other chat is theirs."""
    found = state.world.join_code
    if found == ASKS:
        return state.over("linking", about=state.heard.text.strip().upper()).ask_open()
    if found == BAD:
        return state.ask_open(WrongCode(), Say(Text("join.wrong")))
    if found == OWN:
        return state.ask_open(Say(Text("join.own")))
    if found == OFFICE:
        return state.ask_open(RefusedOffice(), Say(Text("join.office")))
    if found in (PARTED, NOT_PARTED):
        return state.ask_open(Say(Text("join.parted" if found == PARTED else "join.not_parted")))
    return state.ask_open() if found else None


def part(state: TurnState, value: str) -> Turn:
    """Part linked chats at once: it takes from nobody what was theirs, and a person who was tricked must not be asked
    first."""
    return Turn(state.session, (PartChats(),))


def joined(turn: Turn, state: TurnState) -> Turn:
    """The turn with a say about the other channel, where this person has just been linked with it."""
    if not state.world.joined:
        return turn
    said = Say(Text("joined", {"channel": Text(f"channel.{state.world.joined}")}))
    return Turn(turn.session, (TellOtherChannel(), said, *turn.effects))


def other_prompt(scene: Scene) -> Text:
    """The question whether the chat of a linking code is theirs, with as much as is needed to know one's own chat."""
    other = scene.world.other
    if other is None:
        return Text("linking.sure.again")
    ending = Text("linking.ending", {"ending": other.ending}) if other.ending else ""
    day = scene.world.here(other.since).date()
    return Text("linking.sure.ask", {"channel": Text(f"channel.{other.channel}"), "day": day, "ending": ending})


def answered(scene: Scene) -> tuple[Effect, ...]:
    return (JoinChats(scene.about),) if scene.answers["sure"] == "yes" else (Say(Text("join.not")),)


linking = Dialogue(
    "linking",
    (pick("linking.sure", YES_NO, prompt=other_prompt, open_only=True, short_again=True),),
    finish=answered,
)
