"""Handing over: an officer offers a lead to a colleague, who takes it or gives it back; those above move one or many."""

from __future__ import annotations

from typing import Any

from conversations.engine.ask import ask
from conversations.engine.core import Ask, Dialogue, Effect, Field, Heard, NotUnderstood, Say, Scene, Text, Turn
from conversations.engine.effects import AnswerHanded, HandOver, UndoMoved
from conversations.engine.turn_state import TurnState
from conversations.engine.world import Lead, Officer
from conversations.rules.office_rights import OFFICE, OTHER, may, office_of

from .officer import card, in_reach, still_there, whose

ALL, LATE, SOME = "all", "late", "some"  # of an officer's leads: every one, the overdue, or those that were marked


def lead_hand(state: TurnState, code: str) -> Turn:
    """Ask whom a lead is handed to (a button of its card)."""
    return state.over("handing", about=state.world.lead.code if state.world.lead else code).ask_open()


def hand_undo(state: TurnState, value: str) -> Turn:
    """Take back that several leads were moved, which the event with this id is one of."""
    if state.world.officer is None:
        return state.say("card.not_yours")
    return Turn(state.session, (UndoMoved(int(value) if value.isdecimal() and len(value) < 19 else 0),))


def hand_many(state: TurnState, value: str) -> Turn:
    """Ask whom all leads of an officer are handed to, or all that are overdue: ``value`` is "all:<officer id>"."""
    return state.over("handing", about=value).ask_open()


def lead_accept(state: TurnState, code: str) -> Turn:
    return _answered(state, code, accepted=True)


def lead_return(state: TurnState, code: str) -> Turn:
    return _answered(state, code, accepted=False)


def _answered(state: TurnState, code: str, *, accepted: bool) -> Turn:
    """Take a lead that a colleague hands over, or give it back."""
    lead, officer = state.world.lead, state.world.officer
    if officer is None or not still_there(lead):
        return state.say("card.not_yours" if officer is None else "card.gone")
    if not in_reach(lead, officer):
        return state.say("card.gone")
    if lead.officer_id == officer.id:
        return state.say("card.yours_already", {"code": code})
    if not (may(officer.role, "answer", whose(lead, officer)) and lead.is_open):
        return Turn(state.session, (Say(Text("handed.no_more", {"code": code})), card(lead, state.world, officer)))
    return Turn(state.session, (AnswerHanded(lead.code, accepted),))


def _many(about: str) -> tuple[str, int, tuple[str, ...]] | None:
    """(``ALL``, ``LATE`` or ``SOME``, officer id or 0, codes of ``SOME``) of what a run of the dialogue is about; None
    where that is one lead."""
    which, _, rest = about.partition(":")
    number, _, codes = rest.partition(":")
    if which not in (ALL, LATE, SOME) or not number.isdecimal():
        return None
    return which, int(number), tuple(codes.split(",")) if codes else ()


def _member(scene: Scene, officer_id: int) -> Officer | None:
    return next((each for each in scene.world.team if each.id == officer_id), None)


def not_to_be_handed(scene: Scene) -> Text | None:
    """Why nothing can be handed over here, or nobody is there to take it; else None."""
    lead, officer = scene.world.lead, scene.world.officer
    if officer is None:
        return Text("card.not_yours")
    if many := _many(scene.about):
        allowed = _may_move(officer, scene, many[1])
        return None if allowed and colleagues(scene) else Text("handed.nobody" if allowed else "card.not_yours")
    if lead is not None and lead.code != scene.about:
        return None  # a button of another card was pressed meanwhile
    if not still_there(lead) or not lead.is_open or not in_reach(lead, officer):
        return Text("card.gone")
    if not may_hand(lead, officer):
        return Text(
            "card.taken_already" if lead.officer_id else "card.not_held", {"code": lead.code, "name": lead.officer}
        )
    return None if colleagues(scene) else Text("handed.nobody")


def _may_move(me: Officer, scene: Scene, of: int) -> bool:
    """Whether leads of this officer may be moved; of several officers (0) each is looked at when it is moved."""
    if not of:
        return may(me.role, "team", OFFICE)
    member = _member(scene, of)
    return member is not None and may(me.role, "team", OFFICE if me.oversees(member) else OTHER)


def may_hand(lead: Lead, officer: Officer) -> bool:
    """Whether this officer may offer the lead to a colleague, or move it to somebody."""
    of = whose(lead, officer)
    return may(officer.role, "hand", of) or may(officer.role, "move", of)


def colleagues(scene: Scene) -> tuple[str, ...]:
    """The ids of the officers at work of the own office to whom it may be handed; those of the lead's regency first."""
    me, lead, many = scene.world.officer, scene.world.lead, _many(scene.about)
    if me is None:
        return ()
    holder = many[1] if many else lead.officer_id if lead else None
    regency = lead.answers.get("regency", "") if lead and not many else ""
    area = None if me.area is None else {*me.area, *([regency] if regency else ())}
    found = [
        each
        for each in scene.world.team
        if each.role == "officer" and not each.absent and each.id not in (me.id, holder)
        if me.oversees(each) or office_of(area, each.regencies) == OFFICE
    ]
    found.sort(key=lambda each: (regency not in each.regencies, each.name.casefold(), each.id))
    return tuple(str(each.id) for each in found)


def colleague(heard: Heard, scene: Scene) -> Any:
    """Reader: a colleague by their button, or by name as it is typed: "joko", "Pak Joko Susilo"."""
    known = colleagues(scene)
    if heard.pressed:
        if heard.pressed.value not in known:
            raise NotUnderstood("handing.to.unclear")
        return heard.pressed.value
    words = set(heard.text.casefold().replace(",", " ").replace(".", " ").split())
    said = {each: len(words.intersection(_name(each, scene).casefold().split())) for each in known}
    found = [each for each in known if said[each] and said[each] == max(said.values())]
    if not found:
        raise NotUnderstood("handing.to.unclear")
    if len(found) > 1:
        raise Ask("handing.to.which", tuple(found))
    return found[0]


def _name(value: str, scene: Scene) -> str:
    member = _member(scene, int(value))
    return member.name if member else value


def prompt(scene: Scene) -> Text:
    if many := _many(scene.about):
        fields: dict[str, Field] = {"count": len(many[2])} if many[0] == SOME else {"name": _name(str(many[1]), scene)}
        return Text(f"handing.to.{many[0]}", fields)
    return Text("handing.to.ask", {"code": scene.about})


def handed(scene: Scene) -> tuple[Effect, ...]:
    to = int(scene.answers["to"])
    if many := _many(scene.about):
        return (HandOver(to, of=many[1], late=many[0] == LATE, codes=many[2]),)
    return (HandOver(to, code=scene.about),)


handing = Dialogue(
    "handing",
    (ask("handing.to", colleague, choices=colleagues, prompt=prompt, label=_name, open_only=True),),
    finish=handed,
    barred=not_to_be_handed,
    answers=True,
)
