"""What the bot makes of a message, in the shapes of the corpus: the real ladder and the dialogue's own readers.

Each line is played as one turn of a session in which its question is open; what the turn stored, asked or did is the
prediction. The clock is Wednesday, 25 November 2026, 09:00 WIB.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from conversations.dialogues.book import BOOK
from conversations.dialogues.registration import registration
from conversations.engine.core import Heard, Say, Scene, Session, Turn
from conversations.engine.ladder import about, step
from conversations.engine.turn_state import TurnState
from conversations.engine.world import Lead, World
from conversations.hear.text.readings import Amount
from tests.town import known

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=ZoneInfo("Asia/Jakarta"))
ASK = {"kind": "ask"}

# Answers that bring every question of the registration up once those before it are given.
GIVEN: dict[str, Any] = {
    "consent": "yes",
    "name": {"name": "Siti", "address": "Ibu"},
    "regency": "33.72",
    "sector": {"category": "kuliner", "said": "warung makan"},
    "workers": [2, 2],
    "wages": "all",
    "under_65": "yes",
    "member": "no",
    "income": {"low": 2_000_000, "high": 2_000_000, "period": "month"},
    "program": "two",
    "district": "33.72.01",
    "business_name": "Warung Bu Siti",
    "phone": {"kind": "phone", "e164": "+6281200000000", "source": "typed"},
    "contact_time": {"day": "any", "part": "any", "time": None, "to": None, "date": None},
}


@cache
def world(question: str) -> World:
    kept = {**GIVEN, "income": [6, 6]}  # of the income a lead keeps the bracket only
    lead = Lead("RK-222222", "new", NOW, kept)
    return World(now=NOW, knows=known(), fresh="RK-333333", leads=(lead,) if question == "done" else ())


def session(question: str) -> Session:
    """Somebody at this question: "start" and "done" are at home, "district@33.09" knows the regency."""
    began = int(NOW.timestamp())  # just now: after a day away the first words would answer the reminder
    if question in ("start", "done"):
        return Session("home", asked="start", began=began, at=began)
    key, _, regency = question.partition("@")
    key = {"income_offer": "income"}.get(key, key)
    return Session("registration", _given_before(key, regency), asked=key, began=began, at=began)


def _given_before(key: str, regency: str) -> dict[str, Any]:
    """What was answered before this question is open; to one that GIVEN does not name, the first choice."""
    answers: dict[str, Any] = {}
    for question in registration.questions:
        if question.key == key:
            break
        scene = Scene(answers, world(key))
        if question.key in GIVEN:
            answers[question.key] = regency if question.key == "regency" and regency else GIVEN[question.key]
        elif question.when(scene):
            answers[question.key] = question.choices(scene)[0]
    return answers


def moment(question: str, text: str) -> TurnState:
    """These words, said while this question is open."""
    return TurnState(session(question), Heard(text=text), world(question), BOOK)


def predict(file: str, question: str, text: str) -> dict[str, Any]:
    """The prediction for one line of a corpus file, in that file's shape."""
    now = moment(question, text)
    if file == "intents":
        return {"label": _label(about(now), question)}
    return _READ[file](step(now.session, now.heard, now.world, now.book), question, text)


def _label(labels: tuple[str, ...], question: str) -> str:
    """The policy knows fewer labels than the bot: wishing to register answers the question how to begin."""
    if labels[0] == "register":
        return "answer"
    return {"resume": "answer", "show_data": "status"}.get(labels[0], labels[0])


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
    if _says(turn, "registration.income.per_month"):  # understood, and the amount for a month is asked instead
        heard = world(question).knows.ear.money.read(text)
        assert isinstance(heard, Amount)
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
    if key not in answers:
        return ASK
    return {"kind": "region", "regency": answers["regency"], "district": answers.get("district")}


def _sector(turn: Turn, question: str, text: str) -> dict[str, Any]:
    said = turn.session.answers.get("sector")
    return {"kind": "sector", "category": said["category"]} if said else ASK


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
    "phone": _phone,
    "name": _name,
    "contact_time": _contact_time,
    "program": _program,
}
