"""Patience: what is offered to somebody who does not get on at one question, whatever they say instead of an answer.

A miss is what was not understood, a refusal, a joke, anger, a voice; a question of theirs that was answered counts half of
one. The second miss brings an example, or the way to a person; the third a person.
"""

from __future__ import annotations

from dataclasses import replace

from .ask import command
from .core import Button, Say, Text, Turn
from .turn_state import TurnState

MISS, ASIDE = 2, 1  # what ``Session.misses`` counts
SECOND, THIRD = 2 * MISS, 3 * MISS


def patient(state: TurnState, turn: Turn, weight: int) -> Turn:
    """The turn of something else than an answer, counted; with a button to a person from the third question or the
    second miss on, and with the third miss the offer in words."""
    stays = (turn.session.dialogue, turn.session.asked) == (state.session.dialogue, state.session.asked)
    if not stays or not state.session.asked or state.session.dialogue == "home" or state.world.officer:
        return turn  # officers are the humans, and at home the button stands below the question
    misses = state.session.misses + weight
    counted = Turn(turn.session._replace(misses=misses), turn.effects)
    if weight == MISS and misses >= THIRD:
        return with_button(counted._replace(effects=(Say(Text("third_miss")), *turn.effects[-1:])), command("human"))
    return with_button(counted, command("human")) if misses >= (SECOND if weight == MISS else 3 * ASIDE) else counted


def with_button(turn: Turn, button: Button) -> Turn:
    """The turn with one more button below the last thing that is said, where it does not stand there already."""
    *before, last = turn.effects
    if isinstance(last, Say) and button not in last.buttons:
        last = replace(last, buttons=(*last.buttons, button))
    return Turn(turn.session, (*before, last))
