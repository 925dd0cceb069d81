"""What an owner is told of their lead without asking: who took it and by when, a meeting, and whether somebody called."""

from __future__ import annotations

from datetime import datetime, timedelta

from conversations.engine.ask import command
from conversations.engine.core import Field, Say, Scene, Text, Turn
from conversations.engine.effects import NotCalled
from conversations.engine.turn_state import TurnState
from conversations.engine.world import Lead, World
from conversations.rules.formatting import show_time
from conversations.rules.promises import named_day, promised_day, wants_no_contact
from conversations.rules.quiet_hours import zone
from conversations.rules.workdays import is_workday, next_workday

SAID_LATELY = timedelta(hours=20)  # within which the same word of an owner is not told to the office once more
ASKED_AFTER = timedelta(days=3)  # after a lead was taken, its owner is asked whether somebody called


def taken(lead: Lead, world: World) -> Say | None:
    """What the owner is told when an officer has taken the lead: by which name, and by when, their own chosen time where
    they chose one; None for an owner who wants no contact."""
    if wants_no_contact(lead.answers) or lead.may_call is False:
        return None
    when: Field
    if (named := named_day(lead.answers)) and is_workday(named, world.knows.working_days(lead.answers.get("regency"))):
        when = show_time(lead.answers["contact_time"], Scene(lead.answers, world))
    else:
        when = Text("taken.by", {"day": _by(lead, world)})
    fields: dict[str, Field] = {"code": lead.code, "name": lead.officer, "when": when}
    return Say(Text("taken.owner", fields), (command("correct", "contact_time", "reminder.change_time"),))


def _by(lead: Lead, world: World) -> Field:
    """The day that the owner was promised; where it is over, the working day that comes."""
    regency = lead.answers.get("regency") or ""
    days, here = world.knows.working_days(regency), world.now.astimezone(zone(regency)).date()
    promised = promised_day(lead.answers, lead.created, days)
    if promised >= here:
        return promised
    return here if is_workday(here, days) else next_workday(here, days)


def meeting(lead: Lead, at: datetime, world: World) -> Say:
    """The reminder of a meeting that an officer has noted, the afternoon before."""
    fields: dict[str, Field] = {"code": lead.code, "name": lead.officer, "when": world.here(at)}
    return Say(Text("meeting.owner", fields), (command("human"),))


def asked_after(lead: Lead) -> Say:
    """The question whether somebody called, some days after a lead was taken."""
    buttons = (command("called", lead.code, "asked.yes"), command("not_called", lead.code, "asked.no"))
    return Say(Text("asked.owner", {"code": lead.code, "name": lead.officer}), buttons)


def said_lately(lead: Lead, what: str, world: World) -> bool:
    """Whether the owner has told this of the lead (``outcomes.SAID``) within ``SAID_LATELY``."""
    return any(visit.outcome == f"said_{what}" and world.now - visit.at < SAID_LATELY for visit in lead.history)


def has_answered(lead: Lead, now: datetime) -> bool:
    """Whether there is no need to ask the owner: they have said that somebody called, or lately that nobody did."""
    return any(
        visit.outcome == "said_called" or (visit.outcome == "said_not_called" and now - visit.at < ASKED_AFTER)
        for visit in lead.history
    )


def unpaid(lead: Lead) -> Say:
    """The question whether the first contribution was paid, some working days after the registration."""
    buttons = (
        command("said_paid", lead.code, "unpaid.yes"),
        command("unpaid", lead.code, "unpaid.no"),
        command("human"),
    )
    return Say(Text("unpaid.owner", {"code": lead.code}), buttons)


def moved(lead: Lead, world: World) -> Say | None:
    """What an owner is told when another officer has their lead: by whom they are called, as when it was taken; and where
    somebody has called already, who looks after it from now on."""
    if not lead.contacted:
        return taken(lead, world)
    return Say(Text("moved.owner", {"code": lead.code, "name": lead.officer}), (command("human"),))


def not_called(state: TurnState, code: str) -> Turn:
    """The owner says that nobody called: those above are told, and the officer."""
    lead = next((lead for lead in state.world.open_leads if lead.code == code), None)
    lead = lead or (state.world.open_leads[-1] if state.world.open_leads else None)
    if lead is None:
        return state.say("correct.nothing")
    if said_lately(lead, "not_called", state.world):
        return state.say("asked.told")  # those above know; they are not told once more for each message
    return state.ask_again(NotCalled(lead.code))
