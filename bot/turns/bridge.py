"""Through the bot: a bridge opened or ended, and words passed on. Nothing of the words is kept but the message on its way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.mail import bridging
from bot.turns.stale import Stale
from bot.turns.turn_context import Handler, TurnContext, lead_of, own_lead_of
from conversations.dialogues.bridge import end_button
from conversations.dialogues.officer import lead_button
from conversations.engine import effects as e
from conversations.engine.core import Button, Field, Say, Text
from conversations.engine.world import BridgeSide, Lead
from conversations.rules.promises import evening_after
from conversations.rules.quiet_hours import zone
from storage.leads import bridges
from storage.leads.bridges import Over, StandingBridge
from storage.outbox import messages


async def open_bridge(w: TurnContext, effect: e.OpenBridge) -> None:
    """Open a lead's bridge, or turn to it; who asked is told how to go on, or that nobody can be written to."""
    lead_id, lead = await own_lead_of(w, effect.code)
    if effect.by_officer and lead.into:
        lead_id, lead = await lead_of(w, lead.into)
    mine = lead.officer_id == w.visitor.known.officer_id if effect.by_officer else lead.owner_id == w.person_id
    if not mine or lead.officer_id is None or not lead.is_open:
        raise Stale(effect.code)
    ends_at = evening_after(w.now, lead.answers.get("regency") or "")
    by_owner = not effect.by_officer
    found = await bridges.open_for(w.tx, lead_id, lead.officer_id, ends_at, w.now, by_owner=by_owner)
    if found is None:
        await bridges.end(w.tx, [lead_id])
        w.says.append(Say(Text("human.nobody" if by_owner else "letter.nobody", {"code": lead.code})))
        return
    w.audit("opened bridge", lead.code)
    fields: dict[str, Field] = {"code": lead.code, "name": lead.officer, "until": _until(found, lead)}
    said = Text("bridge.opened_owner" if by_owner else "bridge.opened_officer", fields)
    w.says.append(Say(said, (end_button(lead.code),)))


def _until(found: StandingBridge, lead: Lead) -> datetime:
    """When a bridge ends by itself, on the owner's clock."""
    return found.ends_at.astimezone(zone(lead.answers.get("regency") or ""))


async def relay(w: TurnContext, effect: e.Relay) -> None:
    """Pass words on; who wrote them hears only where they do not arrive now."""
    lead_id, lead = await own_lead_of(w, effect.code)
    found = await bridges.standing(w.tx, lead_id, w.now)
    if found is None or w.person_id not in (found.officer_person, found.owner):
        raise Stale(effect.code)
    await messages.unkeep(w.tx, w.visitor.inbox_id)
    if w.visitor.world.bridge == BridgeSide(lead.code, officer=True):
        await _to_owner(w, found, lead, effect.words)
    else:
        await _to_officer(w, found, lead, effect.words)


async def _to_owner(w: TurnContext, found: StandingBridge, lead: Lead, words: str) -> None:
    fields: dict[str, Field] = {"code": lead.code, "name": lead.officer, "words": words}
    if found.heard_at is None:
        said = Say(Text("bridge.first", {**fields, "until": _until(found, lead)}), (end_button(lead.code),))
    else:
        said = Say(Text("letter.from_officer", fields))
    await bridges.touch(w.tx, found.lead_id, w.now, heard=True)
    await _pass_on(w, found.owner, said)
    w.audit("wrote", lead.code)
    if not await w.mail.within_reach([found.owner]):
        w.says.append(Say(Text("letter.waits", {"code": lead.code})))


async def _to_officer(w: TurnContext, found: StandingBridge, lead: Lead, words: str) -> None:
    """An officer who writes to somebody else just now turns to this owner by a button."""
    await bridges.answered(w.tx, found.lead_id, w.now)
    theirs = await bridges.of_people(w.tx, [found.officer_person], w.now)
    here = theirs.get(found.officer_person) == BridgeSide(lead.code, officer=True)
    turn: tuple[Button, ...] = () if here else (lead_button("write", lead.code),)
    said = Say(Text("letter.from_owner", {"code": lead.code, "words": words}), turn)
    await _pass_on(w, found.officer_person, said, lead_id=found.lead_id)
    w.audit("answered", lead.code)
    if not await w.mail.within_reach([found.officer_person]):
        w.says.append(Say(Text("reply.waits", {"code": lead.code})))


async def _pass_on(w: TurnContext, person_id: int, said: Say, *, lead_id: int | None = None) -> None:
    before = len(w.mail.out)
    await w.mail.tell([person_id], said, "notice", lead_id=lead_id)
    for row in w.mail.out[before:]:
        row.unkept = True  # what they write is between them


async def end_bridge(w: TurnContext, effect: e.EndBridge) -> None:
    lead_id, lead = await own_lead_of(w, effect.code)
    found = await bridges.standing(w.tx, lead_id, w.now)
    if found is None or w.person_id not in (found.officer_person, found.owner):
        w.says.append(Say(Text("bridge.none", {"code": effect.code})))
        return
    await bridges.end(w.tx, [lead_id])
    w.audit("ended bridge", lead.code)
    heard = found.owner if found.heard_at is not None else None
    for person_id, said in bridging.over(Over(lead_id, lead.code, found.officer_person, heard, held=True, own=True)):
        if person_id == w.person_id:
            w.says.append(said)
        else:
            await w.mail.tell([person_id], said, "notice", lead_id=lead_id if person_id != lead.owner_id else None)


HANDLERS: Mapping[type, Handler] = {e.OpenBridge: open_bridge, e.Relay: relay, e.EndBridge: end_bridge}
