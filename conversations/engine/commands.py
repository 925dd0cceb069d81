"""What means the same at every question, typed or pressed: one function for each command, one table at the end.

Each is ``(moment, value) -> Turn``; ``value`` is what the command is about (a question's key, a topic, a lead's code).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import takewhile
from typing import Any

from conversations.dialogues.admin import siaran
from conversations.dialogues.linking import join
from conversations.dialogues.officer import CLOSED
from conversations.dialogues.officer_commands import (
    away,
    invitation,
    lead_note,
    lead_remind,
    lead_show,
    lead_take,
    summary,
    tasks,
)
from conversations.dialogues.registration import CONSENT_VERSION, GROUPS, registration
from conversations.dialogues.remind_me import remind
from conversations.dialogues.rights import (
    delete_data,
    export_data,
    resume_messages,
    show_data,
    stop,
    withdraw,
)
from conversations.rules.pricing import price

from .ask import buttons, command
from .core import Button, Field, Lines, Press, Rupiah, Say, Scene, Session, Text, Turn
from .effects import CallHuman, ForgetMe, KeepCampaign, ReadNews
from .turn_state import Moment
from .world import Lead, World

# ------------------------------------------------------------------------------------------------ moving about


def back(moment: Moment, value: str) -> Turn:
    """One answer back; out of a change that was begun, its old answer returns."""
    session, question = moment.session, moment.open
    if question and question.key in session.undo:
        return moment.at(session.with_answers({question.key: session.undo[question.key]})).ask_open()
    given = moment.dialogue.applying(moment.scene)
    before = takewhile(lambda q: q is not question, moment.dialogue.questions)  # later ones were told by the way
    earlier = [q.key for q in before if q.key in given and not q.open_only]
    if not earlier:
        return moment.say("back.first")
    return moment.at(session.forget(earlier[-1])).ask_open()


def correct(moment: Moment, key: str) -> Turn:
    """Change one earlier answer; the person lands back where they were by itself."""
    if moment.session.dialogue != "registration":
        return change_lead(moment, key) if moment.world.leads else moment.say("correct.nothing")
    question = moment.dialogue.question(key)
    answered = moment.dialogue.applying(moment.scene)
    if question is None or key not in answered or question.open_only:
        known = tuple(k for keys in GROUPS.values() for k in keys if k in answered)
        if not known:
            return moment.say("correct.nothing")
        names = Lines(Text(f"registration.{k}.label") for k in known)
        return moment.say("correct.which", {"items": names})
    session = moment.session.forget(key)
    return moment.at(session._replace(undo={**session.undo, key: answered[key]})).ask_open()


def cancel(moment: Moment, value: str) -> Turn:
    """End this dialogue. Of somebody who has no lead with us, nothing is kept."""
    if moment.session.dialogue == "home":
        return moment.say("cancel.nothing")
    if moment.session.under:
        return moment.below().ask_open(Say(Text("cancelled.this")))
    if moment.session.dialogue == "registration" and not moment.world.leads:
        return Turn(Session("home"), (ForgetMe("cancelled"), Say(Text("cancelled.all"))))
    return moment.begun("home").ask_open(Say(Text("cancelled.this")))


def help_here(moment: Moment, value: str) -> Turn:
    """How to answer the open question, or what can be done here at all."""
    if moment.session.dialogue == "home":
        return moment.say("help.officer" if moment.world.officer else "help.home")
    question = moment.open
    key = question.key if question else ""
    return moment.ask_again(Say(Text(f"{moment.session.dialogue}.{key}.hint")), Say(Text("help.commands")))


# ------------------------------------------------------------------------------------------------ registering


def register(moment: Moment, value: str) -> Turn:
    """Begin, go on, or, for somebody who has a lead already: change it, or another business?"""
    if moment.session.dialogue == "registration":
        return moment.ask_open()
    if moment.world.leads:
        choice = Say(Text("again.ask"), (command("change_lead"), command("another")))
        return Turn(moment.session, (choice,))
    return moment.begun("registration").ask_open()


def another(moment: Moment, value: str) -> Turn:
    """Another business of the same person: a lead per business, the person once."""
    for session in (moment.session, moment.session.under):
        if session and session.dialogue == "registration" and not session.about:
            return moment.at(session).ask_open()  # the button was pressed again: what was answered since stays
    known = moment.world.leads[-1].answers if moment.world.leads else {}
    kept: dict[str, Any] = {key: known[key] for key in ("name", "phone", "under_65", "member") if known.get(key)}
    return moment.begun("registration", consent="yes", **kept).ask_open(Say(Text("another.begin")))


def change_lead(moment: Moment, value: str) -> Turn:
    """A lead that was sent, opened again at its review. ``value``: a code, or the key of the item to change."""
    leads = [lead for lead in moment.world.leads if lead.status not in CLOSED]
    if not leads:
        return moment.say("correct.nothing")
    chosen = next((lead for lead in leads if lead.code == value), leads[0] if len(leads) == 1 else None)
    if chosen is None:
        codes = tuple(Button(Press("command", "change_lead", lead.code), lead.code) for lead in leads)
        return Turn(moment.session, (Say(Text("which.ask"), codes, page=_page(value), pages="change_lead"),))
    if moment.session.dialogue == "registration" and moment.session.about == chosen.code:
        return moment.ask_open()
    answers = {"consent": "yes", **chosen.answers}
    if income := answers.get("income"):
        answers["income"] = _income_again(moment, income)
    opened = moment.over("registration", about=chosen.code, **answers)
    return correct(opened, value) if registration.question(value) else opened.ask_open()


def _income_again(moment: Moment, brackets: list[int]) -> dict[str, object]:
    rows = moment.world.knows.rates.brackets
    return {"low": rows[brackets[0] - 1].low, "high": rows[brackets[1] - 1].high, "period": "month"}


def more(moment: Moment, value: str) -> Turn:
    """The next of many choices, where a channel shows few at a time: of the open question, or of readings of an answer."""
    question = moment.dialogue.question(moment.session.asked)
    if question and moment.session.offered:
        offered = buttons(moment.dialogue, question, moment.session.offered, moment.scene)
        return Turn(moment.session, (Say(Text("choices.which"), offered, page=_page(value)),))
    turn = moment.ask_open(again=True)
    return Turn(turn.session, tuple(replace(e, page=_page(value)) if isinstance(e, Say) else e for e in turn.effects))


def _page(value: str) -> int:
    return int(value) or 1 if value.isascii() and value.isdecimal() and len(value) < 4 else 1


def campaign(moment: Moment) -> tuple[KeepCampaign, ...]:
    """The campaign that a link or an ad names, the first of somebody; nothing for an officer's code."""
    is_one = moment.heard.start and not moment.world.campaign and not moment.world.invitation
    return (KeepCampaign(moment.heard.start),) if is_one else ()


def start(moment: Moment, value: str) -> Turn:
    """A first message, a return, or a link with a campaign."""
    return resume_session(moment, "") if moment.session.answers else moment.ask_open()


def resume_session(moment: Moment, value: str) -> Turn:
    """Back after a while: say that what was said is still here, and go on."""
    if moment.session.dialogue == "registration" and moment.session.answers:
        return moment.say("welcome_back")
    return moment.ask_open()


def restart(moment: Moment, value: str) -> Turn:
    """From the first question, the consent that was given aside."""
    if moment.session.dialogue != "registration" or moment.session.about:
        return register(moment, value)  # an old button: a lead that was sent is not begun anew by it
    answers: dict[str, Any] = {"consent": "yes"} if moment.session.answers.get("consent") == "yes" else {}
    return moment.begun("registration", **answers).ask_open()


def read(moment: Moment, value: str) -> Turn:
    """What waited comes by itself, as this person has just been heard."""
    return Turn(moment.session, (ReadNews(),))


def notice(moment: Moment, value: str) -> Turn:
    return moment.say("registration.notice", {"controller": moment.world.knows.controller, "version": CONSENT_VERSION})


# ------------------------------------------------------------------------------------------------ asking


def explain(moment: Moment, topic: str) -> Text:
    """The answer to a side question, with the prices of today's rates where it names any."""
    plain = Scene({}, moment.world)
    two, three = price("two", plain), price("three", plain)
    fields = {"two": Rupiah(two.low), "three": Rupiah(three.low)} if two and three else {}
    if topic == "cost" and not fields:
        return Text("faq.cost_unpriced")
    return Text(f"faq.{topic}", {**fields, "controller": moment.world.knows.controller})


def faq(moment: Moment, topic: str) -> Turn:
    return moment.ask_again(Say(explain(moment, topic)))


def talk(key: str) -> Callable[[Moment, str], Turn]:
    return lambda moment, value: moment.say(f"talk.{key}")


def human(moment: Moment, value: str) -> Turn:
    """A person is wanted: the lead's officer is told; without a lead, how to reach one, and how to be reached."""
    open_leads = [lead for lead in moment.world.leads if lead.status not in CLOSED]
    if open_leads:
        return moment.ask_again(CallHuman(open_leads[-1].code), Say(Text("human.told", {"code": open_leads[-1].code})))
    return moment.say("human.none")


def status(moment: Moment, value: str) -> Turn:
    if not moment.world.leads:
        return moment.say("status.none")
    lines = Lines(_status_line(lead, moment.world) for lead in moment.world.leads)
    return moment.say("status.leads", {"leads": lines})


def _status_line(lead: Lead, world: World) -> Text:
    fields: dict[str, Field] = {
        "code": lead.code,
        "day": world.here(lead.created).date(),
        "status": Text(f"status.{lead.status}"),
        "name": lead.officer,
    }
    return Text("status.line_taken" if lead.officer else "status.line", fields)


Command = Callable[[Moment, str], Turn]

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
    "read": read,
    "notice": notice,
    "faq": faq,
    "greeting": talk("greeting"),
    "thanks": talk("thanks"),
    "abuse": talk("abuse"),
    "offtopic": talk("offtopic"),
    "language": talk("language"),
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
    "lead_note": lead_note,
    "lead_show": lead_show,
    "lead_remind": lead_remind,
    "remind": remind,
    "siaran": siaran,
    "tasks": tasks,
    "absent": away(absent=True),
    "present": away(absent=False),
    "digest_on": summary(wanted=True),
    "digest_off": summary(wanted=False),
}
