"""An officer's leave in their own words: from now or from a later day, until a day, or until they are back."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from conversations.engine.ask import ask
from conversations.engine.core import Dialogue, Effect, Field, Heard, NotUnderstood, Reading, Say, Scene, Text, Turn
from conversations.engine.effects import SetAbsent
from conversations.engine.turn_state import TurnState
from conversations.engine.world import World
from conversations.hear.leave import Leave
from conversations.rules.workdays import next_workday

from .remind_me import officer_zone

TODAY, OPEN, NO = "today", "open", "no"
BEGINS_AT = time(6)  # of its first day: colleagues are shown what is due then, and not at midnight
BACK_AT = time(7)  # before the digest of the morning
NOT_IN = frozenset({"registration", "compose"})  # dialogues in which such words may answer the open question


def on_leave(state: TurnState) -> Turn | None:
    """The turn of words that tell of an officer's own leave, which they ask for or are asked about; None for others."""
    text, ear = state.heard.text, state.world.knows.ear
    if state.session.dialogue in NOT_IN:
        return None
    leave = ear.leave.read(text, _here(state.world))
    if leave is None:
        asked = state.session.dialogue == "home" and ear.leave.begins(text)
        return state.over("away").ask_open() if asked else None
    effects = absence(leave, state.world)
    return Turn(state.session, effects) if state.session.dialogue == "home" else state.ask_again(*effects)


def _here(world: World) -> datetime:
    return world.now.astimezone(officer_zone(world))


def absence(leave: Leave, world: World) -> tuple[SetAbsent, Say]:
    """The effects of a leave with its days: it begins now or with its first day, and ends on the next working morning."""
    here = _here(world)
    back = datetime.combine(next_workday(leave.last, world.office_days), BACK_AT, here.tzinfo)
    fields: dict[str, Field] = {"last": leave.last, "back": back.date()}
    if leave.first <= here.date():
        return SetAbsent(True, until=back), Say(Text("officer.away_until", fields))
    since = datetime.combine(leave.first, BEGINS_AT, here.tzinfo)
    one_day = leave.first == leave.last
    said = Text("officer.away_day" if one_day else "officer.away_later", {**fields, "first": leave.first})
    return SetAbsent(True, since=since, until=back), Say(said)


def given_leave(by: str, leave: Leave, until: date) -> Say:
    """Tells an officer of the leave that somebody above them has noted; ``until``: the morning on which it ends."""
    fields: dict[str, Field] = {"name": by, "first": leave.first, "last": leave.last, "back": until}
    return Say(Text("officer.given_leave", fields))


def called_back(by: str) -> Say:
    """Tells an officer that somebody above them has ended their leave."""
    return Say(Text("officer.called_back", {"name": by}))


def begins(heard: Heard, scene: Scene) -> Any:
    """Reader: a button, or the days of the leave in words ("sampai senin")."""
    ear = scene.world.knows.ear
    said = heard.pressed.value if heard.pressed else ear.choices.read(heard.text, "away.start", (TODAY, OPEN, NO))
    if said in (TODAY, OPEN, NO):
        return said
    if leave := ear.leave.read(f"cuti {heard.text}", _here(scene.world)):
        return Reading(OPEN, also={"first": leave.first.isoformat(), "last": leave.last.isoformat()})
    if (yes := ear.yesno.read(heard.text, "")) in ("yes", "no"):
        return OPEN if yes == "yes" else NO
    raise NotUnderstood("away.start.unclear")


def begun(scene: Scene) -> tuple[Effect, ...]:
    today = _here(scene.world).date()
    given = scene.answers
    if given["start"] == NO:
        return (Say(Text("officer.not_away")),)
    if given["start"] == TODAY:
        return absence(Leave(today, today), scene.world)
    if "last" in given:
        first, last = (datetime.fromisoformat(given[key]).date() for key in ("first", "last"))
        return absence(Leave(max(first, today), max(last, today)), scene.world)
    return SetAbsent(True), Say(Text("officer.away"))


def only_officers(scene: Scene) -> Text | None:
    return None if scene.world.officer else Text("card.not_yours")


away_dialogue = Dialogue(
    "away",
    (ask("away.start", begins, choices=lambda scene: (TODAY, OPEN, NO), open_only=True),),
    finish=begun,
    barred=only_officers,
    answers=True,
)
