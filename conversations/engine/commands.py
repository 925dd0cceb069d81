"""Commands: words and buttons that mean the same at every question. One function for each, one table at the end.

Each is ``(state, value) -> Turn``; ``value`` is what the command is about (a question's key, a topic, a lead's code).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import takewhile
from typing import Any

from conversations.dialogues.admin import siaran
from conversations.dialogues.bridge import bridge_end
from conversations.dialogues.finding import find
from conversations.dialogues.handing import hand_many, hand_undo, lead_accept, lead_hand, lead_return
from conversations.dialogues.invited import invitation
from conversations.dialogues.letters import reply
from conversations.dialogues.linking import join, part
from conversations.dialogues.merging import lead_merge
from conversations.dialogues.month_report import LAST_MONTH, report
from conversations.dialogues.officer_commands import (
    away,
    lead_more,
    lead_release,
    lead_remind,
    lead_show,
    lead_take,
    lead_undo,
    lead_write,
    on_own_lead,
    retime,
    summary,
    tasks,
    undo,
    untaken,
)
from conversations.dialogues.own_lead import (
    ended_lead,
    give_up,
    nobody_called,
    offer_to_pass_on,
    take_up_again,
    told,
    unpaid,
)
from conversations.dialogues.own_status import status
from conversations.dialogues.owner_notices import not_called
from conversations.dialogues.picking import hand_picked, pick
from conversations.dialogues.registration import CONSENT_VERSION, registration
from conversations.dialogues.remind_me import remind
from conversations.dialogues.rights import (
    delete_data,
    export_data,
    resume_messages,
    show_data,
    stop,
    withdraw,
)
from conversations.dialogues.signing_in import browser, console, keep_out, let_in
from conversations.dialogues.team import invite, team_of, tim
from conversations.engine.language import language
from conversations.engine.overview import reviewed_questions

from .ask import buttons, command
from .core import Button, Lines, Press, Question, Say, Session, Text, Turn
from .effects import CallHuman, Complain, ForgetMe, KeepCampaign, ReadNews
from .topics import faq, which
from .turn_state import TurnState
from .world import Lead

# ------------------------------------------------------------------------------------------------ moving about


def back(state: TurnState, value: str) -> Turn:
    """Go one answer back; where a change was begun, its old answer returns."""
    session, question = state.session, state.open
    if question and question.key in session.undo:
        return left_as_it_was(state, question)
    given = state.dialogue.applying(state.scene)
    before = takewhile(lambda q: q is not question, state.dialogue.questions)  # later answers were given by the way
    earlier = [q for q in before if q.key in given and not q.open_only and not q.unasked(given[q.key], state.scene)]
    if not earlier:
        return state.say("back.first")
    key = earlier[-1].key
    after = state.at(session.forget(key)._replace(asked=key))
    if state.dialogue is not registration:
        return after.ask_open()  # the answers of the others have no names
    return after.ask_open(Say(Text("back.to", {"item": Text(f"registration.{key}.label")})))


def left_as_it_was(state: TurnState, question: Question) -> Turn:
    """Leave an answer whose change was begun as it was, and say so."""
    old = state.session.undo[question.key]
    label = Text(f"{state.session.dialogue}.{question.key}.label")
    item = Text("review.item", {"label": label, "value": question.show(old, state.scene)})
    before = state.at(state.session.with_answers({question.key: old}))
    return before.ask_open() if old is None else before.ask_open(Say(Text("kept_as_it_was", {"items": Lines((item,))})))


def correct(state: TurnState, key: str) -> Turn:
    """Ask for one earlier answer again; afterwards the person is back at the question that was open."""
    if state.session.dialogue != "registration":
        return change_lead(state, key) if state.world.leads else state.say("correct.nothing")
    question = state.dialogue.question(key)
    answered = state.dialogue.applying(state.scene)
    if question is None or key not in answered or question.open_only:
        known = tuple(q.key for q in reviewed_questions(registration) if q.key in answered)
        if not known:
            return state.say("correct.nothing")
        names = Lines(Text(f"registration.{k}.label") for k in known)
        return state.say("correct.which", {"items": names})
    session = state.session.forget(key)
    return state.at(session._replace(undo={**session.undo, key: answered[key]})).ask_open()


def cancel(state: TurnState, value: str) -> Turn:
    """End this dialogue. Of a person without a lead, nothing is kept."""
    if state.session.dialogue == "home":
        return state.say("cancel.nothing")
    if (question := state.open) and question.key in state.session.undo:
        return left_as_it_was(state, question)  # only the change is called off
    if state.session.under:
        return state.below().ask_open(Say(Text("cancelled.this")))
    if state.session.dialogue == "registration" and not state.world.leads:
        return Turn(Session("home"), (ForgetMe("cancelled"), Say(Text("cancelled.all"))))
    return state.begun("home").ask_open(Say(Text("cancelled.this")))


def help_here(state: TurnState, value: str) -> Turn:
    """Say how to answer the open question, or which commands there are here."""
    if state.session.dialogue == "home":
        return state.say("help.officer" if state.world.officer else "help.home")
    question = state.open
    key = question.key if question else ""
    return state.ask_again(Say(Text(f"{state.session.dialogue}.{key}.hint")), Say(Text("help.commands")))


# ------------------------------------------------------------------------------------------------ registering


def register(state: TurnState, value: str) -> Turn:
    """Begin or continue a registration; a person who has a lead is asked: change the lead, or register another business?"""
    if state.session.dialogue == "registration":
        return state.ask_open()
    if ended_lead(state.world):
        return take_up_again(state, value)
    if state.world.leads:
        choice = Say(Text("again.ask"), (command("change_lead"), command("another")))
        return Turn(state.session, (choice,))
    return state.begun("registration").ask_open()


def another(state: TurnState, value: str) -> Turn:
    """Register another business of the same person: one lead for each business, the person only once."""
    for session in (state.session, state.session.under):
        if session and session.dialogue == "registration" and not session.about:
            return state.at(session).ask_open()  # the button was pressed again: answers given since stay
    if not state.world.leads:
        return register(state, value)  # another than none: nothing was consented to
    known = state.world.leads[-1].answers
    kept: dict[str, Any] = {key: known[key] for key in OF_THE_PERSON if known.get(key)}
    return state.begun("registration", consent="yes", **kept).ask_open(Say(Text("another.begin")))


def change_lead(state: TurnState, value: str) -> Turn:
    """Open a lead that was sent, at its review. ``value``: a lead's code, or the key of the item to change."""
    leads = state.world.open_leads
    if not leads:
        return take_up_again(state, value) if ended_lead(state.world) else state.say("correct.nothing")
    chosen = next((lead for lead in leads if lead.code == value), leads[0] if len(leads) == 1 else None)
    if chosen is None:
        codes = tuple(Button(Press("command", "change_lead", lead.code), lead.code) for lead in leads)
        return Turn(state.session, (Say(Text("which.ask"), codes, page=_page(value), pages="change_lead"),))
    if state.session.dialogue == "registration" and state.session.about == chosen.code:
        return state.ask_open()
    opened = opened_lead(state, chosen)
    return correct(opened, value) if registration.question(value) else opened.ask_open()


def opened_lead(state: TurnState, lead: Lead) -> TurnState:
    """This state at the review of a lead that was sent, on top of what is open."""
    answers = {"consent": "yes", **lead.answers}
    if income := answers.get("income"):
        answers["income"] = _income_again(state, income)
    return state.over("registration", about=lead.code, **answers)


def _income_again(state: TurnState, brackets: list[int]) -> dict[str, object]:
    rows = state.world.knows.rates.brackets
    return {"low": rows[brackets[0] - 1].low, "high": rows[brackets[1] - 1].high, "period": "month"}


def more(state: TurnState, value: str) -> Turn:
    """Show the next page of choices, of the open question or of an answer's readings, where a channel shows few at a time."""
    question = state.dialogue.question(state.session.asked)
    if question and state.session.offered:
        offered = buttons(state.dialogue, question, state.session.offered, state.scene)
        return Turn(state.session, (Say(Text("choices.which"), offered, page=_page(value)),))
    turn = state.ask_open(again=True)
    return Turn(turn.session, tuple(replace(e, page=_page(value)) if isinstance(e, Say) else e for e in turn.effects))


OUR_OWN = frozenset({"simulator", "terminal"})  # channels on which no other company carries what is said
OF_THE_PERSON = ("name", "phone", "under_65", "member", "program")  # answers that hold for every business of an owner

_MOBILE_NUMBER = re.compile(r"(?<!\d)(?:62|0)8\d{7,11}(?!\d)")
_SEPARATORS = re.compile("[-_]")


def _page(value: str) -> int:
    return int(value) or 1 if value.isascii() and value.isdecimal() and len(value) < 4 else 1


def campaign(state: TurnState) -> tuple[KeepCampaign, ...]:
    """The effect that keeps the campaign of a link or an ad, the person's first; none for an officer's code.

    A campaign lies in the clear and outlives an erasure: a word that holds somebody's number is none.
    """
    is_one = state.heard.start and not state.world.campaign and not state.world.invitation
    is_personal = _MOBILE_NUMBER.search(_SEPARATORS.sub("", state.heard.start))
    return (KeepCampaign(state.heard.start),) if is_one and not is_personal else ()


def start(state: TurnState, value: str) -> Turn:
    """Begin after a first message, a return, or a link with a campaign."""
    return resume_session(state, "") if state.session.answers else state.ask_open()


def resume_session(state: TurnState, value: str) -> Turn:
    """Go on after a while: say that the answers are still here, and put the open question."""
    if state.session.dialogue == "registration" and state.session.answers:
        return state.say("welcome_back")
    return state.ask_open()


def restart(state: TurnState, value: str) -> Turn:
    """Begin the registration again from its first question, keeping the consent."""
    if state.session.dialogue != "registration" or state.session.about:
        return register(state, value)  # an old button must not begin a sent lead anew
    answers: dict[str, Any] = {"consent": "yes"} if state.session.answers.get("consent") == "yes" else {}
    return state.begun("registration", **answers).ask_open()


def read(state: TurnState, value: str) -> Turn:
    """Ask for waiting messages: they come by themselves, as the person has just written."""
    return Turn(state.session, (ReadNews(),))


def notice(state: TurnState, value: str) -> Turn:
    world = state.world
    abroad = Text("registration.notice.abroad", {"channel": Text(f"channel.{world.channel}")})
    way = Text("registration.notice.here") if world.channel in OUR_OWN else abroad
    fields = {"controller": world.knows.controller, "version": CONSENT_VERSION, "way": way}
    return state.say("registration.notice", fields)


# ------------------------------------------------------------------------------------------------ asking


def talk(key: str) -> Callable[[TurnState, str], Turn]:
    return lambda state, value: state.say(f"talk.{key}")


def human(state: TurnState, value: str) -> Turn:
    """Call a person: the lead's officer is told; with an ended lead, ask whether it is about that one; without a lead, say
    how to reach one, and how to be reached."""
    if open_leads := state.world.open_leads:
        return state.ask_again(CallHuman(open_leads[-1].code))  # the handler says whom the call reached
    return take_up_again(state, value) if ended_lead(state.world) else state.say("human.none")


def complaint(state: TurnState, value: str) -> Turn:
    """An owner is not content with the officer: those above are told, not that officer. Without one, as any call for a
    person."""
    held = [lead for lead in state.world.open_leads if lead.officer_id is not None]
    if not held:
        return human(state, value)
    return state.ask_again(Complain(held[-1].code, state.heard.text))


Command = Callable[[TurnState, str], Turn]

COMMANDS: Mapping[str, Command] = {
    "back": back,
    "correct": correct,
    "cancel": cancel,
    "help": help_here,
    "register": register,
    "another": another,
    "change_lead": change_lead,
    "start": start,
    "continue": resume_session,
    "restart": restart,
    "more": more,
    "join": join,
    "part": part,
    "read": read,
    "notice": notice,
    "faq": faq,
    "which": which,
    "greeting": talk("greeting"),
    "thanks": talk("thanks"),
    "abuse": talk("abuse"),
    "offtopic": talk("offtopic"),
    "called": told("called"),
    "said_registered": told("registered"),
    "said_paid": told("paid"),
    "unpaid": unpaid,
    "nobody_called": nobody_called,
    "give_up": give_up,
    "take_up_again": take_up_again,
    "pass_on": offer_to_pass_on,
    "language": language,
    "human": human,
    "status": status,
    "stop": stop,
    "resume": resume_messages,
    "delete_data": delete_data,
    "show_data": show_data,
    "export_data": export_data,
    "withdraw": withdraw,
    "invitation": invitation,
    "lead_take": lead_take,
    "lead_note": on_own_lead("followup"),
    "lead_show": lead_show,
    "lead_write": lead_write,
    "reply": reply,
    "bridge_end": bridge_end,
    "not_called": not_called,
    "lead_remind": lead_remind,
    "lead_more": lead_more,
    "lead_release": lead_release,
    "lead_undo": lead_undo,
    "lead_hand": lead_hand,
    "lead_merge": lead_merge,
    "lead_accept": lead_accept,
    "lead_return": lead_return,
    "hand_many": hand_many,
    "hand_undo": hand_undo,
    "pick": pick,
    "hand_picked": hand_picked,
    "tim": tim,
    "team_of": team_of,
    "invite": invite,
    "complaint": complaint,
    "undo": undo,
    "retime": retime,
    "remind": remind,
    "find": find,
    "siaran": siaran,
    "report": report,
    "report_last": lambda state, value: report(state, LAST_MONTH),
    "console": console,
    "browser": browser,
    "let_in": let_in,
    "keep_out": keep_out,
    "tasks": tasks,
    "untaken": untaken,
    "absent": away(absent=True),
    "present": away(absent=False),
    "digest_on": summary(wanted=True),
    "digest_off": summary(wanted=False),
}
