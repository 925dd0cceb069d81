"""Commands of an officer, from anywhere: the buttons of cards, /tugas, /libur."""

from __future__ import annotations

from collections.abc import Callable

from conversations.engine.core import Say, Text, Turn
from conversations.engine.effects import (
    ListTasks,
    ListUntaken,
    LookedAt,
    OpenBridge,
    ReleaseLead,
    SetAbsent,
    SetDigest,
    TakeLead,
    Undo,
)
from conversations.engine.turn_state import TurnState
from conversations.engine.world import Lead, Officer

from .lead_lists import page_of, page_value
from .officer import RETIMED, card, in_reach, lead_button, may_be_taken, more_buttons, own_buttons, still_there


def _in_reach(state: TurnState, code: str) -> tuple[Lead, Officer] | Turn:
    """The lead of a card's button, and the officer who pressed it and may see the lead now; else the turn that says why
    not."""
    lead, officer = state.world.lead, state.world.officer
    if officer is None or not still_there(lead):
        return state.say("card.not_yours" if officer is None else "card.gone")
    if lead.owner_id is not None and lead.owner_id == officer.id:
        return state.say("card.own")
    return (lead, officer) if in_reach(lead, officer) else state.say("card.gone")


def lead_take(state: TurnState, code: str) -> Turn:
    """Take a lead. Race-safe: the world was read under the lock that protects this write, so the lead is as seen here."""
    if isinstance(found := _in_reach(state, code), Turn):
        return found
    lead, officer = found
    code = lead.code  # of one that was merged into another, that one's
    if may_be_taken(lead, officer.id):
        buttons = () if state.world.redraws else own_buttons(lead)  # else they stand under the card
        return Turn(state.session, (TakeLead(code), Say(Text("card.now_yours", {"code": code}), buttons)))
    if lead.officer_id == officer.id:
        return Turn(state.session, (Say(Text("card.yours_already", {"code": code})),))
    return _anothers(state, lead)


def on_own_lead(dialogue: str) -> Callable[[TurnState, str], Turn]:
    """The command of a card's button that begins this dialogue about a lead which the officer has."""

    def begin(state: TurnState, code: str) -> Turn:
        if isinstance(found := _in_reach(state, code), Turn):
            return found
        lead, officer = found
        if lead.officer_id is None:
            return lead_show(state, code)
        return (
            state.over(dialogue, about=lead.code).ask_open()
            if lead.officer_id == officer.id
            else _anothers(state, lead)
        )

    return begin


def lead_write(state: TurnState, code: str) -> Turn:
    """Write to a lead's owner through the bot, from now on."""
    if isinstance(found := _in_reach(state, code), Turn):
        return found
    lead, officer = found
    if lead.officer_id is None or not lead.is_open:
        return lead_show(state, code)
    if lead.officer_id != officer.id:
        return _anothers(state, lead)
    if officer.absent:
        return state.say("bridge.away")
    return Turn(state.begun("home").session, (OpenBridge(code, by_officer=True),))


def lead_show(state: TurnState, code: str) -> Turn:
    if isinstance(found := _in_reach(state, code), Turn):
        return found
    lead, officer = found
    return Turn(state.session, (LookedAt(lead.code), card(lead, state.world, officer)))


def _anothers(state: TurnState, lead: Lead) -> Turn:
    return Turn(state.session, (Say(Text("card.taken_already", {"code": lead.code, "name": lead.officer})),))


def lead_remind(state: TurnState, code: str) -> Turn:
    """Ask when to show a lead again (a button)."""
    code = state.world.lead.code if state.world.lead else code
    if state.world.officer is None or code not in state.world.task_codes:
        return state.say("card.not_yours" if state.world.officer is None else "card.gone")
    return state.over("promise", lead=code).ask_open()


def lead_more(state: TurnState, code: str) -> Turn:
    """Show what else the officer who has a lead may do with it."""
    if isinstance(found := _in_reach(state, code), Turn):
        return found
    lead, officer = found
    if lead.officer_id != officer.id or not lead.is_open:
        return lead_show(state, code)
    said = Say(Text("card.more_of", {"code": lead.code}), more_buttons(lead, officer))
    return Turn(state.session, (said,))


def lead_release(state: TurnState, code: str) -> Turn:
    """Give back a lead that was taken by mistake."""
    if isinstance(found := _in_reach(state, code), Turn):
        return found
    lead, officer = found
    if lead.officer_id != officer.id or not lead.is_open:
        return lead_show(state, code)
    said = Say(Text("card.released", {"code": lead.code}), (lead_button("undo", lead.code),))
    return Turn(state.session, (ReleaseLead(lead.code), said))


def lead_undo(state: TurnState, code: str) -> Turn:
    """Take back the last thing that was done with a lead."""
    if isinstance(found := _in_reach(state, code), Turn):
        return found
    return Turn(state.session, (Undo(found[0].code),))


def undo(state: TurnState, value: str) -> Turn:
    """Take back what was just noted of the lead that the open dialogue is about, and leave the dialogue."""
    code = state.session.about
    if state.session.dialogue != "followup" or not code:
        return state.say("undo.which")
    if isinstance(found := _in_reach(state, code), Turn):
        return found
    below = state.below()  # home would count the tasks of before, and has nothing to ask
    return Turn(below.session, (Undo(code),)) if below.session.dialogue == "home" else below.ask_open(Undo(code))


def retime(state: TurnState, value: str) -> Turn:
    """Ask when the lead that the open dialogue is about is to come back, instead of when it would; then the note is asked
    for again."""
    code = state.session.about
    if state.session.dialogue != "followup" or code not in state.world.task_codes:
        return state.say("card.gone")
    below = state.at(state.session.with_answers({RETIMED: True}))
    return below.over("promise", lead=code).ask_open()


def tasks(state: TurnState, value: str) -> Turn:
    """Show an officer's open leads, by when their next step is due."""
    only, page = page_of(value)
    return _listed(state, ListTasks(page, only), "tasks", value)


def untaken(state: TurnState, value: str) -> Turn:
    """Show the untaken leads of an officer's regencies, oldest first."""
    return _listed(state, ListUntaken(page_of(value)[1]), "untaken", value)


def _listed(state: TurnState, effect: ListTasks | ListUntaken, name: str, value: str) -> Turn:
    """The turn that shows a page of a list, and remembers which."""
    if state.world.officer is None:
        return state.say("card.not_yours")
    return Turn(state.session._replace(listed=f"{name} {page_value(*page_of(value))}"), (effect,))


def away(absent: bool) -> Callable[[TurnState, str], Turn]:
    def act(state: TurnState, value: str) -> Turn:
        if state.world.officer is None:
            return state.say("card.not_yours")
        said = Say(Text("officer.away" if absent else "officer.back"))
        return Turn(state.session, (SetAbsent(absent), said))

    return act


def summary(wanted: bool) -> Callable[[TurnState, str], Turn]:
    """Switch the digest: "ringkasan mati" and "ringkasan nyala"; an officer who wants no messages is told that this
    blocks it."""

    def act(state: TurnState, value: str) -> Turn:
        if state.world.officer is None:
            return state.say("card.not_yours")
        on = Text("digest.stopped" if state.world.stopped else "digest.on")
        return Turn(state.session, (SetDigest(wanted), Say(on if wanted else Text("digest.off"))))

    return act
