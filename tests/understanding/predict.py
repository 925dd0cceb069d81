"""What the bot makes of a message, in the shapes of the corpus: the real ladder and the dialogue's own readers.

Each line is played as one turn of a session in which its question is open; what the turn stored, asked or did is the
prediction. The clock is Wednesday, 25 November 2026, 09:00 WIB.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from conversations.dialogues.book import BOOK
from conversations.engine.core import Heard, Say, Session, Turn
from conversations.engine.ladder import about, step
from conversations.engine.turn_state import TurnState
from conversations.engine.world import World
from conversations.hear.text.readings import Amount
from tests.stepwise import Person
from tests.town import known
from tests.understanding.way import led
from tests.understanding.what_came import BINDING, after_changes, answers_of, came_of

ASK = {"kind": "ask"}

# Topics that are younger than the policy of the labels, and what the policy calls their questions.
LATER = {
    "faq:cut": "faq:cost",
    "faq:other_bpjs": "faq:bpjs_kesehatan",
    "faq:who_runs": "faq:scam_official",
    "faq:our_number": "faq:scam_official",
    "faq:impostor": "faq:scam_official",
    "faq:bansos": "offtopic",
    **dict.fromkeys(
        ("faq:about", "faq:account", "faq:money_safe", "faq:job_loss", "faq:pu_bpu", "faq:why_asked"), "unknown"
    ),
}


@cache
def at(question: str) -> Person:
    """Somebody at this question: "start" and "done" are at home, "district@33.09" has told the regency."""
    key, _, regency = question.partition("@")
    if key == "start":
        return Person(session=Session("home", asked="start"))
    if regency:
        return led("district", regency=known().ear.places.name(regency))
    return led({"income_offer": "income", "done": "home"}.get(key, key))


def world(question: str) -> World:
    return at(question).world


def session(question: str) -> Session:
    return at(question).session._replace(digits="")  # whoever came here pressed buttons


def moment(question: str, text: str) -> TurnState:
    """These words, said while this question is open."""
    return TurnState(session(question), Heard(text=text), world(question), BOOK)


def predict(file: str, question: str, text: str) -> dict[str, Any]:
    """The prediction for one line of a corpus file, in that file's shape."""
    now = moment(question, text)
    if file == "intents":
        labels = about(now)
        return {"label": _corrected(now) or _label(labels, question), "topic": labels[0]}
    return _READ[file](step(now.session, now.heard, now.world, now.book), question, text)


def _corrected(now: TurnState) -> str:
    """The one earlier answer that these words change, or open for a change, whatever they were taken to be about; ""
    for none or several."""
    turn = step(now.session, now.heard, now.world, now.book)
    leads = after_changes(now.world.leads, turn.effects)
    old, new = answers_of(now.session, now.world.leads), answers_of(turn.session, leads)
    it = came_of((now.session, turn.session), turn.effects, old, new)
    keys = {key for key in it.stored if key in old} | {key for key in it.removed if key in turn.session.undo}
    keys -= {"district"} if "regency" in keys else set()
    return f"correct:{keys.pop()}" if len(keys) == 1 and not it.done & BINDING else ""


def _label(labels: tuple[str, ...], question: str) -> str:
    """The policy knows fewer labels than the bot: wishing to register answers the question how to begin."""
    if labels[0] == "register":
        return "answer"
    if labels[0].startswith("which:"):
        return "unknown"
    return {"resume": "answer", "show_data": "status", **LATER}.get(labels[0], labels[0])


def _yes_no(turn: Turn, question: str, text: str) -> dict[str, Any]:
    if question == "income_offer":  # a kind of question that the dialogue does not put: its reader is asked alone
        return {"kind": world(question).knows.ear.yesno.read(text, question)}
    if question == "consent":
        agreed = turn.session.answers.get("consent") == "yes"
        refused = turn.session.dialogue == "home"
    elif question == "confirm":
        agreed = turn.session.dialogue == "news"
        # One item is open again, or the person was asked which one.
        which = any(_says(turn, key) for key in ("registration.confirm.which", "correct.which"))
        refused = which or turn.session.asked != "confirm"
    else:
        agreed, refused = (turn.session.answers.get(question) == kind for kind in ("yes", "no"))
    return {"kind": "yes" if agreed else "no" if refused else "unclear"}


def _workers(turn: Turn, question: str, text: str) -> dict[str, Any]:
    if "workers" not in turn.session.answers:
        return ASK
    low, high = turn.session.answers["workers"]
    return {"kind": "int", "value": low} if low == high else {"kind": "range", "min": low, "max": high}


def _rupiah(turn: Turn, question: str, text: str) -> dict[str, Any]:
    said = turn.session.answers.get("income")
    # Understood, and the amount for a month is asked instead, or whether it is a day's or a month's; or the words stand on
    # a button, whose bracket is not quite what they say.
    asked = _says(turn, "registration.income.per_month") or _says(turn, "registration.income.period")
    if asked or (said and "range" in said):
        heard = world(question).knows.ear.money.read(text)
        if not isinstance(heard, Amount):
            return ASK
        low, high, period = heard.low, heard.high, heard.period
    elif said:
        low, high, period = said["low"], said["high"], said["period"]
    else:
        return ASK
    if low == high:
        return {"kind": "amount", "value": low, "period": period}
    return {"kind": "range", "min": low, "max": high, "period": period}


def _region(turn: Turn, question: str, text: str) -> dict[str, Any]:
    answers = turn.session.answers
    key = "district" if question.startswith("district@") else "regency"
    if not answers.get(key):  # a district that they do not know is passed over
        return ASK
    return {"kind": "region", "regency": answers["regency"], "district": answers.get("district")}


def _sector(turn: Turn, question: str, text: str) -> dict[str, Any]:
    said = turn.session.answers.get("sector")
    return {"kind": "sector", "category": said["category"]} if said else ASK


def _card(turn: Turn, question: str, text: str) -> dict[str, Any]:
    answers = turn.session.answers
    if answers.get("under_65") == "no":
        return {"kind": "card", "value": "over_65"}
    return {"kind": "card", "value": answers["member"]} if answers.get("member") else ASK


def _phone(turn: Turn, question: str, text: str) -> dict[str, Any]:
    said = turn.session.answers.get("phone")
    if said:
        return {"kind": said["kind"], "e164": said["e164"]} if said["e164"] else {"kind": "none"}
    for kind in ("this_number", "foreign", "invalid"):
        if _says(turn, f"registration.phone.{kind}"):
            return {"kind": kind}
    return ASK


def _name(turn: Turn, question: str, text: str) -> dict[str, Any]:
    said = turn.session.answers.get("name")
    if said:
        return {"kind": "name", "value": said["name"]}
    return ASK if _says(turn, "registration.name.unclear") else {"kind": "not_a_name"}


def _contact_time(turn: Turn, question: str, text: str) -> dict[str, Any]:
    said = turn.session.answers.get("contact_time")
    if not said:
        return ASK
    if said.get("kind") == "words" or _says(turn, "kept_as_it_was"):  # kept as it was said, or not changed
        return ASK
    return {"kind": "none"} if said.get("kind") == "none" else {"kind": "slot", **said}


def _program(turn: Turn, question: str, text: str) -> dict[str, Any]:
    value = {"two": "JKK+JKM", "three": "JKK+JKM+JHT"}.get(turn.session.answers.get("program", ""))
    return {"kind": "program", "value": value} if value else ASK


def _says(turn: Turn, key: str) -> bool:
    return any(isinstance(effect, Say) and effect.text.key == key for effect in turn.effects)


_READ = {
    "yes_no": _yes_no,
    "workers": _workers,
    "rupiah": _rupiah,
    "region": _region,
    "sector": _sector,
    "card": _card,
    "phone": _phone,
    "name": _name,
    "contact_time": _contact_time,
    "program": _program,
}
