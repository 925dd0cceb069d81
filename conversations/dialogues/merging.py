"""Twice the same: whoever has a lead, or those above, merge it with another that is the same business."""

from __future__ import annotations

from conversations.engine.ask import ask
from conversations.engine.core import Dialogue, Effect, Heard, NotUnderstood, Scene, Text, Turn
from conversations.engine.effects import MergeLeads
from conversations.engine.turn_state import TurnState
from conversations.engine.world import Lead, Officer
from conversations.rules.office_rights import may
from conversations.rules.twins import how_far

from .officer import alike_for, in_reach, may_be_taken, still_there, whose
from .remind_me import code_in


def lead_merge(state: TurnState, code: str) -> Turn:
    """Ask which other lead is the same business (a button of the card)."""
    lead = state.world.lead
    return state.over("merging", about=lead.code if lead else code).ask_open()


def not_to_be_merged(scene: Scene) -> Text | None:
    """Why nothing can be merged with this lead here; else None."""
    lead, officer = scene.world.lead, scene.world.officer
    if officer is None:
        return Text("card.not_yours")
    if lead is not None and lead.code != scene.about:
        return None  # another code was pressed or typed meanwhile
    if not still_there(lead):
        return Text("card.gone")
    if may(officer.role, "merge", whose(lead, officer)) and lead.owner_id is None:
        return None
    held = Text("card.taken_already", {"code": lead.code, "name": lead.officer})
    return held if lead.officer_id and in_reach(lead, officer) else Text("card.elsewhere", {"code": lead.code})


def perhaps_the_same(scene: Scene) -> tuple[str, ...]:
    """The codes of the leads that may be the same as the one that the dialogue is about."""
    lead, officer = scene.world.lead, scene.world.officer
    return tuple(each.code for each in alike_for(lead, officer)) if lead and lead.code == scene.about else ()


def other(heard: Heard, scene: Scene) -> str:
    """Reader: the code of the other lead, by its button or in words."""
    code = heard.pressed.value if heard.pressed else code_in(heard.text)
    if not code or code == scene.about:
        raise NotUnderstood("merging.other.unclear")
    return code


def merged(scene: Scene) -> tuple[Effect, ...]:
    return (MergeLeads(scene.about, scene.answers["other"]),)


def in_order(one: Lead, other: Lead, officer: Officer) -> tuple[Lead, Lead]:
    """(the lead that goes on, the one that ends) of two: the further goes on. Of two that are as far, that from whose card
    they are merged; where a colleague has the other one, theirs."""
    mine, theirs = how_far(one.status), how_far(other.status)
    a_colleagues = not may(officer.role, "merge", whose(other, officer)) and other.officer_id is not None
    return (other, one) if theirs > mine or (theirs == mine and a_colleagues) else (one, other)


def may_end(lead: Lead, officer: Officer) -> bool:
    """Whether an officer may end a lead by merging it into another: their own, one that they could take, or one that is
    over already."""
    return (
        may(officer.role, "merge", whose(lead, officer))
        or may_be_taken(lead, officer.id)
        or (not lead.is_open and in_reach(lead, officer))
    )


merging = Dialogue(
    "merging",
    (
        ask(
            "merging.other",
            other,
            choices=perhaps_the_same,
            prompt=lambda scene: Text("merging.other.ask", {"code": scene.about}),
            label=lambda value, scene: value,
            open_only=True,
        ),
    ),
    finish=merged,
    barred=not_to_be_merged,
    answers=True,
)
