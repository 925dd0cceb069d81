"""An officer signs in on the console by the chat: a one-time link, or the six digits that a browser shows."""

from __future__ import annotations

import re

from conversations.engine.ask import command
from conversations.engine.core import Say, Text, Turn
from conversations.engine.effects import LetBrowserIn, OpenConsole
from conversations.engine.turn_state import TurnState

_DIGITS = re.compile(r"(\d{3})[ .-]?(\d{3})")


def digits_alone(text: str) -> str:
    """The six digits that are the whole message; "" for any other message.

    >>> digits_alone(" 482 913 "), digits_alone("482913 orang")
    ('482913', '')
    """
    alone = _DIGITS.fullmatch(text.strip())
    return alone[1] + alone[2] if alone else ""


def console(state: TurnState, value: str) -> Turn:
    """Give an officer a link to the console."""
    if state.world.officer is None:
        return state.say("card.not_yours")
    return Turn(state.session, (OpenConsole(),))


def browser(state: TurnState, value: str) -> Turn:
    """Ask whether the browser that shows these digits is the officer's own: somebody else's would be let in as them."""
    if state.world.officer is None:
        return state.say("card.not_yours")
    buttons = (command("let_in", value, "console.yes"), command("keep_out", "", "console.no"))
    return Turn(state.session, (Say(Text("console.whose", {"digits": value}), buttons),))


def let_in(state: TurnState, value: str) -> Turn:
    if state.world.officer is None:
        return state.say("card.not_yours")
    return Turn(state.session, (LetBrowserIn(value),))


def keep_out(state: TurnState, value: str) -> Turn:
    return state.say("console.kept_out")
