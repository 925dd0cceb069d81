"""Effects of handing over: a lead offered to a colleague, their answer, leads moved by those above.

However many leads move, each person gets one message.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.mail import cards
from bot.turns.stale import Stale
from bot.turns.turn_context import Handler, TurnContext, lead_of
from conversations.dialogues import handing as words
from conversations.dialogues import lead_lists, owner_notices
from conversations.dialogues import officer as officer_words
from conversations.engine import effects as e
from conversations.engine.ask import command
from conversations.engine.core import Field, Say, Text
from conversations.engine.world import Officer
from conversations.rules.office_rights import may
from conversations.rules.workdays import next_step_at
from storage.leads import following, handing, leads, officers, timers
from storage.leads.handing import Held


async def hand_over(w: TurnContext, effect: e.HandOver) -> None:
    me = w.visitor.world.officer
    to = next((each for each in w.visitor.world.team if each.id == effect.to), None)
    person = await officers.person_of(w.tx, effect.to)
    if me is None or to is None or to.absent or person is None:
        raise Stale(effect.code)
    some = await _wanted(w, effect, me)
    mine = [each for each in some if each.owner_id == person]
    some = [each for each in some if each.owner_id != person and each.officer_id != effect.to]
    if not some:
        w.says.append(Say(Text("handed.own" if mine else "handed.nothing", {"name": to.name})))
    elif me.role == "officer":
        await _offered(w, some[0], to, person)
    else:
        await _moved(w, some, me, to, person)


async def _wanted(w: TurnContext, effect: e.HandOver, me: Officer) -> list[Held]:
    if effect.codes:
        found = (await leads.by_code(w.tx, w.services.vault, effect.codes, lock=True)).values()
        mine = [lead_id for lead_id, lead in found if lead.owner_id and words.may_hand(lead, me)]
        return await handing.some(w.tx, mine)
    if not effect.code:
        return await handing.held(w.tx, effect.of or 0, late=w.now if effect.late else None)
    lead_id, lead = await lead_of(w, effect.code)
    if lead.owner_id is None or not words.may_hand(lead, me):
        raise Stale(effect.code)
    return await handing.one(w.tx, lead_id)


async def _offered(w: TurnContext, lead: Held, to: Officer, person: int) -> None:
    """Offer a lead to a colleague: they are shown the card, and it stays its holder's until they agree."""
    await handing.note(w.tx, w.services.vault, [lead], "offered", w.visitor.known.officer_id, w.now)
    await handing.offer_to(w.tx, lead.id, to.id, _ring_at(w, to))
    w.audit("offered", lead.code, f"officer:{to.id}")
    seen = (await cards.with_alike(w.mail, dict([await lead_of(w, lead.code)])))[lead.id]
    await w.mail.tell([person], officer_words.card(seen, w.mail.world(), to), "card", lead_id=lead.id)
    said = Text("handed.offered", {"code": lead.code, "name": to.name})
    w.says.append(Say(said, (officer_words.lead_button("undo", lead.code),)))


async def _moved(w: TurnContext, some: Sequence[Held], me: Officer, to: Officer, person: int) -> None:
    """Give leads to an officer at once; they and whoever had them are told, in one message each."""
    codes = [each.code for each in some]
    first = await handing.note(w.tx, w.services.vault, some, "handed", me.id, w.now)
    await handing.hand(w.tx, [each.id for each in some], to.id, w.now, _ring_at(w, to))
    for code in codes:
        w.audit("handed", code, f"officer:{to.id}")
    await _redraw(w, some)
    if person != w.person_id:
        await w.mail.tell([person], lead_lists.handed(codes, me.name), "notice", lead_id=_only(some))
    holders = await officers.persons_of(w.tx, {each.officer_id for each in some})
    for officer_id, holder in holders.items():
        theirs = [each for each in some if each.officer_id == officer_id]
        gone = lead_lists.moved([each.code for each in theirs], to.name)
        if holder != w.person_id:
            await w.mail.tell([holder], gone, "notice", lead_id=_only(theirs))
    fields: dict[str, Field] = {"count": len(codes), "codes": lead_lists.some_codes(codes), "name": to.name}
    one = len(codes) == 1
    undo = officer_words.lead_button("undo", codes[0]) if one else command("hand_undo", str(first), "card.undo")
    w.says.append(Say(Text("handed.moved", fields), (undo,)))


async def undo_moved(w: TurnContext, effect: e.UndoMoved) -> None:
    """Put leads back that were moved together; whoever has or had them is told in one message each."""
    me = w.visitor.world.officer
    if me is None:
        raise Stale("undo")
    before = await handing.of_event(w.tx, effect.event_id, me.id)
    back, stay = await following.undo_moved(w.tx, effect.event_id, me.id, w.now)
    if not back:
        w.says.append(Say(Text("undo.none_moved")))
        return
    some = await handing.some(w.tx, back)
    for each in some:
        w.audit("undid:handed", each.code)
    await _redraw(w, some)
    held: dict[int | None, list[str]] = {}
    for each in some:
        for officer_id in {each.officer_id, before.get(each.id)}:
            held.setdefault(officer_id, []).append(each.code)
    for officer_id, person in (await officers.persons_of(w.tx, held)).items():
        if person != w.person_id:
            told: dict[str, Field] = {
                "name": me.name,
                "count": len(held[officer_id]),
                "codes": lead_lists.some_codes(held[officer_id]),
            }
            await w.mail.tell([person], Say(Text("undo.moved_told", told), (command("tasks"),)), "notice")
    left = Text("undo.moved_left", {"count": stay}) if stay else ""
    w.says.append(Say(Text("undo.moved", {"count": len(back), "left": left})))


async def _redraw(w: TurnContext, some: Sequence[Held], *, moved: bool = True) -> None:
    """Redraw the cards of these leads and, where they moved, tell each owner by whom they will be called. Of many no card
    is redrawn: a press on an old one tells the lead's state."""
    found = (await leads.by_ids(w.tx, w.services.vault, [each.id for each in some])).leads
    if len(some) < lead_lists.FEW:
        await cards.redraw(w.mail, found)
    if not moved:
        return
    await timers.put(w.tx, timers.ASKED, found, w.now + owner_notices.ASKED_AFTER)
    told = [lead for lead in found.values() if lead.owner_id and not lead.stopped]
    await w.mail.meet(lead.owner_id for lead in told if lead.owner_id)
    for lead in told:
        if lead.owner_id and (said := owner_notices.moved(lead, w.mail.world())):
            await w.mail.tell([lead.owner_id], said, "notice")


def _ring_at(w: TurnContext, to: Officer) -> datetime:
    """One working day from now, of the office of whoever is to have the leads."""
    mine = to.regencies[0] if to.regencies else None
    return next_step_at(w.now, w.services.knowledge.working_days(mine))


async def answer_handed(w: TurnContext, effect: e.AnswerHanded) -> None:
    """Take a lead that a colleague offers, or give it back; the colleague is told."""
    me = w.visitor.world.officer
    lead_id, lead = await lead_of(w, effect.code)
    some = await handing.one(w.tx, lead_id)
    if me is None or not some or not may(me.role, "answer", officer_words.whose(lead, me)):
        raise Stale(effect.code)
    fields: dict[str, Field] = {"code": lead.code, "name": me.name}
    if effect.accepted:
        await handing.note(w.tx, w.services.vault, some, "handed", me.id, w.now)
        await handing.hand(w.tx, [lead_id], me.id, w.now, _ring_at(w, me))
        note = () if w.visitor.world.redraws else (officer_words.lead_button("note", lead.code),)
        w.says.append(Say(Text("card.now_yours", {"code": lead.code}), note))
        told = Say(Text("handed.accepted", fields))
    else:
        await handing.give_back(w.tx, [lead_id])
        w.says.append(Say(Text("handed.returned", {"code": lead.code, "name": lead.officer})))
        told = Say(Text("handed.given_back", fields), (officer_words.show_button(lead.code),))
    w.audit("accepted" if effect.accepted else "gave back", lead.code)
    await _redraw(w, some, moved=effect.accepted)
    if lead.officer_id and (giver := await officers.person_of(w.tx, lead.officer_id)):
        await w.mail.tell([giver], told, "notice", lead_id=lead_id)


def _only(some: Sequence[Held]) -> int | None:
    return some[0].id if len(some) == 1 else None


HANDLERS: Mapping[type, Handler] = {e.HandOver: hand_over, e.AnswerHanded: answer_handed, e.UndoMoved: undo_moved}
