"""One person on two channels: a code by which they show it, and what is said once it is so."""

from __future__ import annotations

from conversations.engine.core import Say, Text, Turn
from conversations.engine.effects import MakeJoinCode, TellOtherChannel, WrongCode
from conversations.engine.turn_state import TurnState


def join(state: TurnState, value: str) -> Turn:
    """A code to be typed on the other channel; only the handler knows it."""
    return Turn(state.session, (MakeJoinCode(),))


def join_code(state: TurnState) -> Turn | None:
    """A rung: a code that came in answers no question."""
    if state.world.join_code == "bad":
        return state.ask_open(WrongCode(), Say(Text("join.wrong")))
    return state.ask_open() if state.world.join_code else None


def joined(turn: Turn, state: TurnState) -> Turn:
    """The turn with a line that says so, where this person has just turned out to be the one of another channel."""
    if not state.world.joined:
        return turn
    said = Say(Text("joined", {"channel": Text(f"channel.{state.world.joined}")}))
    return Turn(turn.session, (TellOtherChannel(), said, *turn.effects))
