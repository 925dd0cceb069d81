"""The effect of merging: of two leads that are one business one ends, and both codes lead to the other."""

from __future__ import annotations

from collections.abc import Mapping

from bot.mail import cards
from bot.turns.stale import Stale
from bot.turns.turn_context import Handler, TurnContext
from conversations.dialogues import merging as words
from conversations.dialogues import officer as officer_words
from conversations.engine import effects as e
from conversations.engine.core import Button, Field, Say, Text
from conversations.engine.world import Lead, Officer
from conversations.rules.office_rights import may
from conversations.rules.twins import how_far
from storage.leads import leads, officers, twins


async def merge_leads(w: TurnContext, effect: e.MergeLeads) -> None:
    """Merge two leads as they are now, both locked: of two officers who press at once the second finds them merged."""
    me = w.visitor.world.officer
    found = await _locked(w, effect.code, effect.other)
    pressed, other = found.get(effect.code), found.get(effect.other)
    if me is None or pressed is None:
        raise Stale(effect.code)
    if other is None or not _may_see(w, other[1], me):
        w.says.append(Say(Text("find.none")))  # alike whether it exists or not
        return
    ids = {lead.code: lead_id for lead_id, lead in (pressed, other)}
    if len(ids) == 1:
        w.says.append(Say(Text("merging.already", {"code": pressed[1].code}), _show(pressed[1])))
        return
    kept, ended = words.in_order(pressed[1], other[1], me)
    if not (_may_see(w, pressed[1], me) and may(me.role, "merge", officer_words.whose(pressed[1], me))):
        w.says.append(Say(Text("card.elsewhere", {"code": pressed[1].code})))
    elif how_far(kept.status) < 0:
        w.says.append(Say(Text("merging.over", {"code": kept.code, "other": ended.code})))
    elif not words.may_end(ended, me):
        w.says.append(Say(Text("merging.held", {"code": ended.code, "name": ended.officer})))
    else:
        await _merged(w, ids, kept, ended, me)


async def _locked(w: TurnContext, *codes: str) -> dict[str, tuple[int, Lead]]:
    """The leads of these codes, locked in one order whoever asks; of one that was merged, the one that goes on."""
    found = await leads.by_code(w.tx, w.services.vault, codes, lock=True)
    into = {lead.into for _, lead in found.values() if lead.into}
    going_on = await leads.by_code(w.tx, w.services.vault, into, lock=True) if into else {}
    return {code: going_on.get(each[1].into, each) for code, each in found.items() if each[1].answers}


def _may_see(w: TurnContext, lead: Lead, me: Officer) -> bool:
    return lead.owner_id not in (None, w.person_id) and officer_words.in_reach(lead, me)


async def _merged(w: TurnContext, ids: Mapping[str, int], kept: Lead, ended: Lead, me: Officer) -> None:
    await twins.merge(w.tx, w.services.vault, ids[ended.code], ids[kept.code], me.id, w.now)
    w.audit("merged", kept.code, ended.code)
    both = (await leads.by_ids(w.tx, w.services.vault, ids.values())).leads
    for lead_id, lead in both.items():
        await cards.redraw(w.mail, {lead_id: lead})
    fields: dict[str, Field] = {"code": ended.code, "into": kept.code}
    holders = await officers.persons_of(w.tx, [kept.officer_id, ended.officer_id])
    told = [each for each in holders.values() if each not in (w.person_id, kept.owner_id, ended.owner_id)]
    said = Say(Text("merging.told", {**fields, "name": me.name}), _show(kept))
    await w.mail.tell(told, said, "notice", lead_id=ids[kept.code])
    undo = officer_words.lead_button("undo", kept.code)
    w.says.append(Say(Text("merging.done", fields), (undo, *_show(kept))))


def _show(lead: Lead) -> tuple[Button, ...]:
    return (officer_words.show_button(lead.code),)


HANDLERS: Mapping[type, Handler] = {e.MergeLeads: merge_leads}
