"""When a lead comes back, in the officer's own words: "ingatkan besok jam 9", or a button."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo
from typing import Any

from conversations.engine.ask import ask
from conversations.engine.core import (
    Dialogue,
    Effect,
    Field,
    Heard,
    NotUnderstood,
    Say,
    Scene,
    Session,
    Text,
    Turn,
)
from conversations.engine.effects import ComeBack
from conversations.engine.turn_state import TurnState
from conversations.engine.world import World
from conversations.hear import Ear
from conversations.rules.next_step import REMINDER, NextStep
from conversations.rules.quiet_hours import zone, zone_name
from conversations.rules.schedule import named_moment
from conversations.rules.workdays import in_work_hours

SOON = timedelta(hours=2)
CHOICES = ("soon", "morning", "afternoon")
MOST_CODES = 9  # of the ten rows of a WhatsApp list, one is left for what else is offered
MOST_BESIDE = 3  # words beside a code that say what is to be done with its lead: "tulis lewat bot RK-7F3K9P"

_AT = {"morning": 9, "afternoon": 15}  # hours, of tomorrow
_CODE = re.compile(r"\bRK-[0-9A-Z]{6}\b", re.IGNORECASE)


def code_alone(text: str) -> str:
    """The code of a lead that is the whole message; "" for any other message.

    >>> code_alone("rk-7f3k9p."), code_alone("ambil RK-7F3K9P")
    ('RK-7F3K9P', '')
    """
    alone = _CODE.fullmatch(text.strip(" ."))
    return alone[0].upper() if alone else ""


def code_in(text: str) -> str:
    """The first code of a lead in a message; "" for none."""
    named = _CODE.search(text)
    return named[0].upper() if named else ""


def beside_code(text: str) -> tuple[str, str]:
    """The code of a lead with which a short message ends or begins, and the words beside it; ("", "") for any other
    message.

    >>> beside_code("ambil rk-7f3k9p"), beside_code("RK-7F3K9P lepas"), beside_code("ambil RK-7F3K9P besok ya")
    (('RK-7F3K9P', 'ambil'), ('RK-7F3K9P', 'lepas'), ('', ''))
    """
    said = text.strip(" .!")
    named = _CODE.search(said)
    beside = _CODE.sub("", said, count=1).strip(" .,:")
    if not named or not beside or len(beside.split()) > MOST_BESIDE or (named.start() and named.end() < len(said)):
        return "", ""
    return named[0].upper(), beside


def asked_for(text: str, ear: Ear) -> bool:
    """Whether words ask for a reminder: "Ingatkan besok jam 9", "tolong ingatkan …"."""
    first = text.split(maxsplit=2)[:2]
    return any(ear.choices.exact(word, "officer.remind", ("remind",)) for word in first)


def asks_for_codes(session: Session, heard: Heard, ear: Ear) -> bool:
    """Whether an officer's turn may depend on the codes of their open leads (``World.task_codes``)."""
    stack = (session, session.under)
    if any(one is not None and one.dialogue == "promise" for one in stack):
        return True
    return asked_for(heard.text, ear) or (heard.pressed is not None and heard.pressed.question in ("remind", "retime"))


def officer_zone(world: World) -> tzinfo:
    """The time zone of the officer who is talking, by their first regency; WIB for coordinators, who look after all."""
    regencies = world.officer.regencies if world.officer else ()
    return zone(regencies[0]) if regencies else zone("")


def when(heard: Heard, scene: Scene) -> str:
    """Reader: the moment of the reminder, as ISO 8601 in the officer's zone."""
    now = scene.world.now.astimezone(officer_zone(scene.world))
    choices = scene.world.knows.ear.choices
    said = heard.pressed.value if heard.pressed else choices.exact(heard.text, "promise.when", CHOICES)
    found = None if said else named_moment(heard.text, scene.world, now.tzinfo or zone(""))
    if said is None and found is None:  # a number, or a near spelling: "3 jam lagi" is none of "2 jam lagi"
        said = choices.read(heard.text, "promise.when", CHOICES)
    if said == "soon":
        return (now + SOON).isoformat(timespec="minutes")
    if said in _AT:
        return (now.replace(hour=_AT[said], minute=0, second=0) + timedelta(days=1)).isoformat(timespec="minutes")
    if found is None:
        raise NotUnderstood("promise.when.unclear")
    return found.isoformat(timespec="minutes")


def show(value: Any, scene: Scene) -> Field:
    return datetime.fromisoformat(value)


def label(value: str, scene: Scene) -> Text:
    return Text(f"promise.{value}")


def which(heard: Heard, scene: Scene) -> str:
    """Reader: the code of one of the officer's own open leads."""
    said = heard.pressed.value if heard.pressed else heard.text
    found = [code for code in scene.world.task_codes if code.casefold() in said.casefold()]
    if len(found) != 1:
        raise NotUnderstood("promise.lead.unclear")
    return found[0]


def promised(scene: Scene) -> tuple[Effect, ...]:
    code, at = scene.answers["lead"], scene.answers["when"]
    if code not in scene.world.task_codes:
        return (Say(Text("card.gone")),)
    moment = datetime.fromisoformat(at)
    off = "" if in_work_hours(moment, scene.world.office_days) else Text("promise.off")
    said = Text("promise.set", {"code": code, "when": moment, "zone": zone_name(moment), "off": off})
    return ComeBack(code, NextStep(moment, REMINDER)), Say(said)


def remind(state: TurnState, text: str) -> Turn:
    """Begin the dialogue for a reminder; the lead and the moment are not asked where the words name them."""
    if state.world.officer is None:
        return state.say("card.not_yours")
    codes = state.world.task_codes
    if not codes:
        return state.say("tasks.none")
    named = code_in(text)
    code = named or state.session.about
    known = {"lead": code} if code in codes else {"lead": codes[0]} if len(codes) == 1 and not named else {}
    if at := named_moment(_CODE.sub(" ", text), state.world, officer_zone(state.world)):
        known["when"] = at.isoformat(timespec="minutes")
    return state.over("promise", **known).ask_open()


def only_officers(scene: Scene) -> Text | None:
    return None if scene.world.officer else Text("card.not_yours")


promise_dialogue = Dialogue(
    "promise",
    (
        ask("promise.lead", which, choices=lambda scene: scene.world.task_codes[:MOST_CODES],
            label=lambda value, scene: value),
        ask("promise.when", when, choices=lambda scene: CHOICES, show=show, label=label),
    ),
    finish=promised,
    barred=only_officers,
)  # fmt: skip
