"""The rungs of an owner's words about a lead that was sent, while nothing else is asked of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conversations.dialogues import which_lead
from conversations.dialogues.own_lead import ended_lead, offer_to_pass_on, take_up_again
from conversations.hear.one_time_codes import may_be_key
from conversations.hear.times import Slot

from .answers.accept import attempt
from .answers.put_right import ANSWERED_ALONE, amended, another_time
from .commands import COMMANDS
from .core import NotUnderstood, Turn
from .turn_state import TurnState
from .world import World

PASSING_ON = "passing_on"
NEWS_OF_THE_BUSINESS = "faq:update_later"  # what tells of a change without asking: "warungnya pindah ke sebelah masjid"
FEW_WORDS = 3  # that are not understood at another question and are no news for an officer
SAID = {  # what the words are about (hear/own_lead.toml), and the command that takes them up
    "registered": "said_registered",
    "called": "called",
    "when": "status",
    "not_called": "nobody_called",
    "go_on": "take_up_again",
    "gave_up": "give_up",
    "pass_on": "pass_on",
}
OF_ALL = frozenset({"when", "not_called"})  # of which a person with several leads need not be asked which


def about_own_lead(state: TurnState) -> Turn | None:
    """Rung: words about one's lead ("ga jadi", "sudah daftar sendiri", "sore saja"), where no answer to a question is due."""
    text, world = state.heard.text, state.world
    if not text or world.officer or state.session.dialogue not in (*ANSWERED_ALONE, PASSING_ON):
        return None
    if not (world.open_leads or ended_lead(world)):
        return None
    label = world.knows.ear.intents.of_own_lead(text)
    if (label == "go_on") != (ended_lead(world) is not None):
        return None
    time = not label and _names_a_time(state)
    if not (label or time) or _answers(state) or (label == "when" and not _somebody_calls(world)):
        return None
    if len(world.open_leads) > 1 and label not in OF_ALL:
        return state.over(which_lead.NAME, words=text).ask_open()
    return another_time(state, world.open_leads[0]) if time else COMMANDS[SAID[label]](state, text)


def _answers(state: TurnState) -> bool:
    """Whether the words answer the question that is open after a lead was sent: "emoh", asked for news."""
    question = state.open
    return (
        state.session.dialogue != "home"
        and question is not None
        and not isinstance(attempt(state, question), NotUnderstood)
    )


def _somebody_calls(world: World) -> bool:
    """Whether somebody works where one of the leads is, or has it."""
    return any(lead.officer or lead.answers.get("regency") in world.staffed for lead in world.open_leads)


def _names_a_time(state: TurnState) -> bool:
    """Whether a message says when to call: "besok aja ditelponnya jam 10"."""
    ear, text = state.world.knows.ear, state.heard.text
    if not (state.world.open_leads and ear.intents.wants_a_call(text)):
        return False
    read = ear.times.read(text, state.world.now)
    return isinstance(read, Slot) and not (read.day == "any" and read.part == "any" and read.time is None)


def which_of_them(state: TurnState) -> Turn | None:
    """Rung: the lead was chosen that words before were about; they are heard again for that one."""
    again = which_lead.chosen(state)
    if again is None:
        return None
    turn = amended(again) or about_own_lead(again)
    return turn or state.below().ask_open()


def not_understood(state: TurnState, label: str, tried: Callable[[], Any]) -> Turn | None:
    """What nobody but a person understands, while a lead is open: offered to be passed on; with an ended lead, the owner is
    asked whether it is about that one; None elsewhere. ``label``: what the words seem to be about, ``tried`` what the open
    question made of them."""
    session, world, text = state.session, state.world, state.heard.text
    if world.officer or not text or session.dialogue not in (*ANSWERED_ALONE, PASSING_ON):
        return None
    name, intents = label.partition(":")[0], world.knows.ear.intents
    unclear = name in ("unknown", "answer") and isinstance(tried(), NotUnderstood)
    tells = (name == "which" or label == NEWS_OF_THE_BUSINESS) and not intents.wants_reply(text)
    if not (unclear or tells) or intents.secret(text) or may_be_key(text):
        return None
    if session.dialogue in ("news", "calls") and len(text.split()) <= FEW_WORDS:
        return None
    if ended_lead(world):
        return take_up_again(state, text)
    return offer_to_pass_on(state, text) if world.open_leads else None
