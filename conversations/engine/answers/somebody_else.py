"""Somebody who registers a husband, a wife, a parent: the answers are about that person, and the officer sees who gave
them."""

from __future__ import annotations

from dataclasses import replace

from conversations.engine.core import Question, Say, Text, Turn
from conversations.engine.turn_state import TurnState
from conversations.hear.names import Name

from .accept import noted, take
from .notes import kin_of

ASKS_WHO = "name"  # the question at which it is settled of whom all others are asked


def for_somebody_else(state: TurnState, question: Question) -> Turn | None:
    """The turn of words at the question for a name that are about whom it shall be: "saya mau daftarin suami saya"; of
    two names it is asked whose."""
    if state.session.dialogue != "registration" or question.key != ASKS_WHO or kin_of(state.scene.answers):
        return None
    proxies, text = state.world.knows.ear.proxies, state.heard.text
    kin, name = proxies.with_name(text)
    if kin and isinstance(state.world.knows.ear.names.read(name), Name):
        named = noted(state, kin)
        turn = take(named._replace(heard=replace(state.heard, text=name)), question)
        return Turn(turn.session, (Say(Text(f"proxy.{kin}")), *turn.effects))
    if kin := proxies.read(text) or proxies.named(text):
        return noted(state, kin).ask_open(Say(Text(f"proxy.{kin}")))
    return state.say("proxy.who") if proxies.beside(text) else None


def about_whom(state: TurnState, text: str) -> str:
    """What a message tells of the person for whom somebody answers; all of it where owners answer for themselves."""
    kin = kin_of(state.scene.answers) if state.session.dialogue == "registration" else ""
    return state.world.knows.ear.proxies.about(text, kin) if kin else text
