"""Composing a broadcast (siaran): an admin answers for whom, why, what, when. The broadcast's further way: ``admin.py``.

The words may hold named fields and nothing else: they are never a format string (bot/broadcasts/text.py fills them).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from conversations.engine.ask import SKIP, ask, pick
from conversations.engine.core import (
    Dialogue,
    Effect,
    Field,
    Heard,
    Lines,
    NotUnderstood,
    Scene,
    Text,
)
from conversations.engine.effects import DraftBroadcast
from conversations.engine.world import World
from conversations.hear.places.reader import Place
from conversations.hear.readers import trade
from conversations.hear.trades import CATEGORIES
from conversations.rules.outcomes import NOTED
from conversations.rules.quiet_hours import zone, zone_name
from conversations.rules.schedule import named_moment
from conversations.rules.size import size

FIELDS = ("nama", "usaha", "kode", "kabupaten")
LONGEST, LONGEST_WITH_MORE = 3_500, 800  # characters, with a button or a file; as bot/broadcasts/text.py has them
FIELD_LENGTH = 60  # characters that a field counts as; as bot/broadcasts/text.py has it
FILE = "file"  # key of the file among a draft's answers; no question asks for it
MOST_REGENCIES = 40
PURPOSES = ("reminder", "news")
AUDIENCES = ("everyone", "unfinished", "leads", "officers")
PROGRAMS = ("two", "three", "explain")
_NOTED = (outcome.status for outcome in NOTED.values() if outcome.status and outcome.addressed)
STATUSES = tuple(dict.fromkeys(("new", "taken", *_NOTED)))  # several outcomes may bring the same
BUTTONS = ("register", "continue", "status", "human")
FIELDS_SHOWN = ", ".join(f"{{{name}}}" for name in FIELDS)
NOW = "now"

_FIELD = re.compile(r"\{(\w+|[^{}\d]*)\}")  # also "{nama usaha}", "{}": meant as a field; not "{09.00-12.00}"
_BETWEEN = re.compile(r"[,;\n]")


def _of_leads(scene: Scene) -> bool:
    return scene.answers.get("audience") == "leads"


def _by_place(scene: Scene) -> bool:
    return scene.answers.get("audience") in ("leads", "officers")


def _of_owners(scene: Scene) -> bool:
    return scene.answers.get("audience") != "officers"


def regencies(heard: Heard, scene: Scene) -> list[str]:
    """Reader: the codes of one regency or several, with commas between them."""
    places, found = scene.world.knows.ear.places, []
    for part in filter(str.strip, _BETWEEN.split(heard.text)):
        place = places.regency(part)
        if not isinstance(place, Place):
            raise NotUnderstood("compose.regency.unclear")
        found.append(place.regency)
    if not found or len(found) > MOST_REGENCIES:
        raise NotUnderstood("compose.regency.unclear")
    return list(dict.fromkeys(found))


def show_regencies(value: Any, scene: Scene) -> Field:
    return ", ".join(scene.world.knows.ear.places.name(code) for code in value)


def sector(heard: Heard, scene: Scene) -> str:
    """Reader: a category, pressed or named by any trade that belongs to it."""
    return str(trade(heard, scene)["category"])


def campaign(heard: Heard, scene: Scene) -> str:
    said = heard.text.strip()
    if not said or len(said) > 64 or " " in said:
        raise NotUnderstood("compose.campaign.unclear")
    return said


def words(heard: Heard, scene: Scene) -> str:
    """Reader: the text as it was typed. A name between braces that is no field is refused by name."""
    said = heard.text.strip()
    most = LONGEST_WITH_MORE if scene.answers.get("button") or FILE in scene.answers else LONGEST
    if not said:
        raise NotUnderstood("compose.words.unclear")
    count = size(_FIELD.sub("", said)) + FIELD_LENGTH * len(_FIELD.findall(said))
    if count > most:
        raise NotUnderstood("compose.words.long", most=most, count=count)
    wrong = next((name for name in _FIELD.findall(said) if name.lower() not in FIELDS), None)
    if wrong is not None:
        raise NotUnderstood("compose.words.field", field=f"{{{wrong}}}")
    return said


def when(heard: Heard, scene: Scene) -> str:
    """Reader: "now", or the moment as ISO 8601; in WIB where no other zone is named."""
    said = heard.pressed.value if heard.pressed else heard.text
    if said == NOW or scene.world.knows.ear.choices.read(said, "compose.when", (NOW,)) == NOW:
        return NOW
    found = named_moment(said, scene.world, zone(""))
    if found is None:
        raise NotUnderstood("compose.when.unclear")
    return found.isoformat(timespec="minutes")


def show_when(value: Any, scene: Scene) -> Field:
    if value == NOW:
        return Text("compose.when.now")
    at = datetime.fromisoformat(value)
    return Text("compose.at", {"when": at, "zone": zone_name(at)})


def drafted(scene: Scene) -> tuple[Effect, ...]:
    replaces = int(scene.about) if scene.about.isdecimal() else None
    return (DraftBroadcast(dict(scene.answers), replaces),)


def audience_lines(answers: Mapping[str, Any], world: World) -> Lines:
    """The audience of a broadcast as lines "label: value"; an answer left open narrows nothing and is not shown."""
    scene = Scene(answers, world)
    whom = Text(f"compose.audience.{answers['audience']}")
    row = Text("review.item", {"label": Text("compose.audience.label"), "value": whom})
    rows = [] if answers["audience"] == "leads" else [row]  # which the other lines tell
    rows += [
        Text("review.item", {"label": Text(f"compose.{key}.label"), "value": question.show(answers[key], scene)})
        for key in ("regency", "sector", "program", "status", "campaign")
        if answers.get(key) and (question := compose.question(key))
    ]
    return Lines(rows)


def _category(value: Any, scene: Scene) -> Text:
    return Text("compose.sector.skip" if value == SKIP else f"registration.sector.{value}")


def _program(value: Any, scene: Scene) -> Text:
    return Text("compose.program.skip" if value == SKIP else f"registration.program.{value}")


def _command(value: Any, scene: Scene) -> Text:
    return Text("compose.button.skip" if value == SKIP else f"command.{value}")


def only_admins(scene: Scene) -> Text | None:
    officer = scene.world.officer
    return None if officer and officer.role == "admin" else Text("siaran.not_yours")


compose = Dialogue(
    "compose",
    (
        pick("compose.purpose", PURPOSES),
        pick("compose.audience", AUDIENCES, resets=("regency", "sector", "program", "status", "campaign")),
        ask("compose.regency", regencies, show=show_regencies, when=_by_place, optional=True),
        ask("compose.sector", sector, choices=lambda scene: CATEGORIES, show=_category, label=_category,
            when=_of_leads, optional=True),
        pick("compose.program", PROGRAMS, show=_program, label=_program, when=_of_leads, optional=True),
        pick("compose.status", STATUSES, when=_of_leads, optional=True),
        ask("compose.campaign", campaign, when=_of_leads, optional=True, verbatim=True),
        pick("compose.button", BUTTONS, show=_command, label=_command, when=_of_owners, optional=True),
        ask("compose.words", words, prompt=lambda scene: Text("compose.words.ask", {"fields": FIELDS_SHOWN}),
            verbatim=True),
        ask("compose.when", when, choices=lambda scene: (NOW,), show=show_when),
    ),
    finish=drafted,
    barred=only_admins,
    answers=True,
)  # fmt: skip
