"""What an officer presses and types wherever they are: a code that binds their chat, the buttons of cards, /tugas."""

from __future__ import annotations

from collections.abc import Callable

from conversations.engine.core import Say, Session, Text, Turn
from conversations.engine.effects import (
    BindOfficer,
    LookedAt,
    SetAbsent,
    SetDigest,
    TakeLead,
    WrongCode,
)
from conversations.engine.turn_state import Moment

from .officer import CLOSED, card, in_reach, lead_button, still_there, task_list


def invitation(moment: Moment, value: str) -> Turn:
    """The chat is bound to its officer; a registration of their own that was begun goes on where it was."""
    if moment.world.invitation == "ok":
        return Turn(moment.session if moment.session.answers else Session("home"), (BindOfficer(),))
    return moment.ask_open(WrongCode(), Say(Text("officer.wrong_code")))


def lead_take(moment: Moment, code: str) -> Turn:
    """Race-safe: the world was read under the lock that protects this write, so what is seen here is what is so."""
    lead, officer = moment.world.lead, moment.world.officer
    if officer is None or not still_there(lead):
        return moment.say("card.not_yours" if officer is None else "card.gone")
    if lead.owner_id is not None and lead.owner_id == officer.id:
        return moment.say("card.own")
    if not in_reach(lead, officer):
        return moment.say("card.elsewhere", {"code": code})
    if lead.officer_id is None and lead.status not in CLOSED:
        note = () if moment.world.redraws else (lead_button("note", code),)  # else it stands under the card
        return Turn(moment.session, (TakeLead(code), Say(Text("card.now_yours", {"code": code}), note)))
    if lead.officer_id == officer.id:
        return Turn(moment.session, (Say(Text("card.yours_already", {"code": code})),))
    return Turn(moment.session, (Say(Text("card.taken_already", {"code": code, "name": lead.officer})),))


def lead_note(moment: Moment, code: str) -> Turn:
    lead, officer = moment.world.lead, moment.world.officer
    if officer is None or not still_there(lead):
        return moment.say("card.not_yours" if officer is None else "card.gone")
    if lead.officer_id is None:
        return lead_show(moment, code)
    if lead.officer_id != officer.id:
        return Turn(moment.session, (Say(Text("card.taken_already", {"code": code, "name": lead.officer})),))
    return moment.over("followup", about=code).ask_open()


def lead_show(moment: Moment, code: str) -> Turn:
    lead, officer = moment.world.lead, moment.world.officer
    if officer is None or not still_there(lead):
        return moment.say("card.not_yours" if officer is None else "card.gone")
    if lead.owner_id is not None and lead.owner_id == officer.id:
        return moment.say("card.own")
    if not in_reach(lead, officer):
        return moment.say("card.elsewhere", {"code": code})
    return Turn(moment.session, (LookedAt(code), card(lead, moment.world, officer.id)))


def lead_remind(moment: Moment, code: str) -> Turn:
    """The button that asks when to show a lead again."""
    if moment.world.officer is None or code not in {lead.code for lead in moment.world.tasks}:
        return moment.say("card.not_yours" if moment.world.officer is None else "card.gone")
    return moment.over("promise", lead=code).ask_open()


def tasks(moment: Moment, value: str) -> Turn:
    """An officer's open leads, oldest first."""
    if moment.world.officer is None:
        return moment.say("card.not_yours")
    page = int(value) if value.isdecimal() and len(value) < 4 else 0
    return Turn(moment.session, task_list(moment.world, page))


def away(absent: bool) -> Callable[[Moment, str], Turn]:
    def act(moment: Moment, value: str) -> Turn:
        if moment.world.officer is None:
            return moment.say("card.not_yours")
        said = Say(Text("officer.away" if absent else "officer.back"))
        return Turn(moment.session, (SetAbsent(absent), said))

    return act


def summary(wanted: bool) -> Callable[[Moment, str], Turn]:
    """ "Ringkasan mati" and "ringkasan nyala"; who wants no messages at all is told what stands in the way."""

    def act(moment: Moment, value: str) -> Turn:
        if moment.world.officer is None:
            return moment.say("card.not_yours")
        on = Text("digest.stopped" if moment.world.stopped else "digest.on")
        return Turn(moment.session, (SetDigest(wanted), Say(on if wanted else Text("digest.off"))))

    return act
