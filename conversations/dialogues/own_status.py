"""Status: how far a person's leads are, who calls and by when, and what comes next, answered from the lead itself."""

from __future__ import annotations

from datetime import date

from conversations.engine.core import Field, Lines, Scene, Text, Turn
from conversations.engine.turn_state import TurnState
from conversations.engine.world import Lead, World
from conversations.rules.formatting import show_time
from conversations.rules.next_step import APPOINTMENT
from conversations.rules.outcomes import CLOSED, REACHED, REGISTERED
from conversations.rules.promises import named_day, promised_day, wants_no_contact


def status(state: TurnState, value: str) -> Turn:
    """Say how far the person's leads are, or that a registration was begun and how much is left of it."""
    if not state.world.leads:
        unfinished = state.session.dialogue == "registration" and state.session.answers.get("consent") == "yes"
        left = {"left": state.dialogue.left(state.scene)} if unfinished else {}
        return state.say("status.unfinished" if unfinished else "status.none", left)
    own = {lead.code for lead in state.world.leads}
    lines = Lines(_twice(lead) if lead.into in own else _line(lead, state.world) for lead in state.world.leads)
    return state.say("status.leads", {"leads": lines})


def _twice(lead: Lead) -> Text:
    """The line of a lead that was merged into another of the same owner."""
    return Text("status.merged", {"code": lead.code, "into": lead.into})


def _line(lead: Lead, world: World) -> Text | Lines:
    fields: dict[str, Field] = {
        "code": lead.code,
        "day": world.here(lead.created).date(),
        "status": Text(f"status.{lead.status}"),
        "name": lead.officer,
    }
    line = Text("status.line_taken" if lead.officer else "status.line", fields)
    further = [step for step in (_contact(lead, world), _wish(lead, world), _next(lead, world)) if step]
    return Lines((line, *further)) if further else line


def _contact(lead: Lead, world: World) -> Text | None:
    """By when somebody calls an owner whom nobody has reached yet; a day is named only where somebody can keep it."""
    if not _waits_for_contact(lead):
        return None
    day = called_by(lead, world)
    if world.here(world.now).date() > day:
        return Text("status.late")
    return Text("status.due", {"day": day}) if lead.answers.get("regency") in world.staffed else None


def called_by(lead: Lead, world: World) -> date:
    """The day by which somebody calls the owner: as promised when they sent the lead, or when they opened it again."""
    since = max((visit.at for visit in lead.history if visit.outcome == "reopened"), default=lead.created)
    return promised_day(lead.answers, since, world.knows.working_days(lead.answers.get("regency")))


def _wish(lead: Lead, world: World) -> Text | None:
    """The time that the owner chose, while they wait to be called."""
    wish = lead.answers.get("contact_time") or {}
    chose = named_day(lead.answers) or wish.get("time") or wish.get("part") not in (None, "any")
    if not (chose and _waits_for_contact(lead)):
        return None
    return Text("status.wish", {"when": show_time(wish, Scene(lead.answers, world))})


def _next(lead: Lead, world: World) -> Text | None:
    """What comes next for the owner: a meeting, or the first contribution."""
    if lead.is_open and lead.next_reason == APPOINTMENT and lead.next_at and lead.next_at > world.now:
        return Text("status.meeting", {"when": world.here(lead.next_at)})
    return Text("status.pay") if lead.status == REGISTERED else None


def _waits_for_contact(lead: Lead) -> bool:
    """Whether nobody has contacted the owner yet, who has not declined contact."""
    reached = lead.contacted or any(visit.outcome in REACHED for visit in lead.history)
    return not (lead.status in (*CLOSED, "waiting") or reached or wants_no_contact(lead.answers))
