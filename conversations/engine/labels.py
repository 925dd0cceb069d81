"""Labels of buttons, typed: at every question of every dialogue a typed label acts as its button.

Nothing needs to be listed for that: the words are those that the button itself shows. Buttons of messages that ask
nothing (a card, a list, a letter) are listed here, for no session knows that they are on the screen.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from conversations.dialogues.admin import ACTS, CHANGE, NEW
from conversations.dialogues.lead_lists import ONLY, beside
from conversations.dialogues.officer import in_reach, still_there
from conversations.dialogues.remind_me import beside_code, code_alone
from conversations.engine.answers.accept import take
from conversations.engine.ask import buttons, offered_buttons
from conversations.engine.commands import COMMANDS
from conversations.engine.core import Heard, Press, Text, Turn
from conversations.engine.turn_state import TurnState
from conversations.hear.text.words import edgeless

LONGEST = 80  # characters; no label is as long, so a longer message is not compared

# The command, and its value, of each label on messages that ask nothing. A label says what is to be done, and not with which
# of the leads or broadcasts on the screen; so it brings the list in which each has its button.
ANYBODY: Mapping[str, tuple[str, str]] = {"command.read": ("read", "")}
OWNER: Mapping[str, tuple[str, str]] = {"asked.yes": ("called", ""), "asked.no": ("not_called", "")}
AFTER_SENDING: Mapping[str, tuple[str, str]] = {"command.another": ("another", "")}  # known from an earlier time
OFFICER: Mapping[str, tuple[str, str]] = {
    "command.untaken": ("untaken", ""),
    "card.take": ("untaken", ""),
    "card.note": ("tasks", ""),
    "card.write": ("tasks", ""),
    "card.remind": ("remind", ""),
    "card.more": ("tasks", ""),
    "card.release": ("tasks", ""),
    "card.undo": ("tasks", ""),
    "card.hand": ("tasks", ""),
    "card.merge": ("tasks", ""),
    "card.accept": ("tasks", ""),
    "card.return": ("tasks", ""),
}
ADMIN: Mapping[str, tuple[str, str]] = {
    "siaran.new": ("siaran", NEW),
    **{f"siaran.{act}": ("siaran", "") for act in (*ACTS, CHANGE) if act != "report"},
    **dict.fromkeys(("siaran.report_button", "siaran.schedule"), ("siaran", "")),
}
REPLY = "command.reply"  # below what an officer wrote to an owner


def labelled(state: TurnState) -> Turn | None:
    """Rung: the label of a button below the open question, or of one of an answer's readings, as if it were pressed."""
    press = _typed(state)
    if press is None:
        return None
    if press.dialogue == "command":
        return COMMANDS[press.question](state, press.value)
    question = state.dialogue.question(press.question)
    return take(state._replace(heard=Heard(pressed=press)), question) if question else None


def labelled_on_message(state: TurnState) -> Turn | None:
    """Rung: the label of a button of a message that asks nothing: a card, a list of leads or broadcasts, a letter."""
    said = edgeless(state.heard.text) if len(state.heard.text) <= LONGEST else ""
    if not said:
        return None
    if code := code_alone(state.heard.text):
        return _of_a_lead(state, code)
    if turn := _done_with(state):
        return turn
    for label, (name, value) in _on_messages(state).items():
        if said in map(_form, state.world.knows.labels(Text(label))):
            return COMMANDS[name](state, value)
    return None


def _of_a_lead(state: TurnState, code: str) -> Turn | None:
    """The turn of a button that shows a lead's code: an owner changes a lead of their own, an officer is shown the card."""
    if any(lead.code == code for lead in state.world.open_leads):
        return COMMANDS["change_lead"](state, code)
    lead, officer = state.world.lead, state.world.officer
    if officer and not (still_there(lead) and in_reach(lead, officer)):
        return state.say("find.none")  # alike whether it exists or not
    return COMMANDS["lead_show"](state, code) if officer else None


def _done_with(state: TurnState) -> Turn | None:
    """The turn of a card's button whose label an officer types with the lead's code: "ambil RK-7F3K9P". Within another
    dialogue such words may answer its question."""
    code, said = beside_code(state.heard.text)
    if not code or state.world.officer is None or state.session.dialogue != "home":
        return None
    for label in OFFICER:
        kind, _, verb = label.partition(".")
        if kind == "card" and edgeless(said) in map(_form, state.world.knows.labels(Text(label))):
            shown = _of_a_lead(state, code)
            lead, officer = state.world.lead, state.world.officer
            return COMMANDS[f"lead_{verb}"](state, code) if lead and in_reach(lead, officer) else shown
    return None


def _on_messages(state: TurnState) -> Mapping[str, tuple[str, str]]:
    """The labels on messages that this person may have before them, each with its command and value."""
    known, officer = dict(ANYBODY), state.world.officer
    if state.session.dialogue == "news":
        known |= AFTER_SENDING
    if open_leads := state.world.open_leads:
        known |= OWNER if officer is None else {}
        known[REPLY] = ("reply", open_leads[-1].code)  # the newest lead: about that one an officer most likely wrote
    if officer and officer.role == "admin" and state.session.dialogue == "home":  # elsewhere some are answers
        known |= ADMIN
    if officer:
        known |= OFFICER
        known |= beside(state.session.listed)
    if officer and state.session.dialogue == "home":  # elsewhere these are answers
        known |= {f"tasks.{only}": ("tasks", only) for only in ONLY}
    return known


def _typed(state: TurnState) -> Press | None:
    """The press of the button whose label this message is; None where no button below the open question has such a label."""
    question, text = state.open, state.heard.text
    if question is None or not text or len(text) > LONGEST or state.session.asked != question.key:
        return None
    said, scene = edgeless(text), state.scene
    readings = buttons(state.dialogue, question, state.session.offered, scene)
    for button in (*readings, *offered_buttons(state.dialogue, question, scene)):
        if said and said in map(_form, state.world.knows.labels(button.label)):
            return button.press
    return None


@lru_cache(maxsize=1024)  # caches labels only, never what people write
def _form(label: str) -> str:
    return edgeless(label)
