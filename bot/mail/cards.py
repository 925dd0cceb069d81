"""Cards of leads in the officers' chats: shown to the officers who may take a lead, redrawn as the lead goes on.

Many leads cost as few statements as one, and a chat that would get ``FEW`` cards or more gets one message in place of
all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from bot.mail.mail import Mail
from conversations.dialogues import officer as officer_words
from conversations.dialogues.lead_lists import FEW, many_untaken
from conversations.engine.core import Say, Text
from conversations.engine.world import Lead
from storage.leads import following, lead_list, leads, twins, viewers
from storage.leads.lead_list import Brief
from storage.outbox import messages
from storage.outbox.messages import Shown
from storage.people import audit

COUNTED = "untaken"  # Outbox.kind of a message that only counts leads


def brief_of(lead_id: int, lead: Lead) -> Brief:
    """The brief of a lead that has been read already."""
    regency = lead.answers.get("regency") or ""
    return Brief(lead_id, lead.code, regency, lead.owner_id, lead.officer_id, lead.offered)


class Many(NamedTuple):
    """Whoever is offered many leads is told so in one message, also where these are offered bit by bit. ``totals``: how
    many each person (by id) is offered in all; ``tells``: whether that person is to be told now."""

    totals: Mapping[int, int]
    tells: Callable[[int], bool]


_AT_ONCE = Many({}, lambda _: True)


async def offer(
    mail: Mail, offered: Sequence[Brief], known: Mapping[int, Lead] | None = None, many: Many = _AT_ONCE
) -> None:
    """Show leads to the officers who may take them, but not to the officer who has (or had) the lead, nor to its owner.

    ``known``: leads that have been read already, by id. Each lead shown leaves an audit row.
    """
    told: dict[int, list[Brief]] = {}
    shown_to: dict[int, list[int]] = {}
    for brief in offered:
        for officer_id, person_id in await mail.whom(brief.regency, but=brief.officer_id):
            if person_id != brief.owner_id:
                told.setdefault(person_id, []).append(brief)
                shown_to.setdefault(brief.id, []).append(officer_id)
    shown = await show(mail, told, known, many)
    await _note_shown(mail, {brief.code: shown_to[brief.id] for brief in offered if brief.id in shown})


async def show(
    mail: Mail,
    told: Mapping[int, Sequence[Brief]],
    known: Mapping[int, Lead] | None = None,
    many: Many = _AT_ONCE,
) -> set[int]:
    """Show each person their leads: one card each, or one message where they are many. The ids of the leads shown as
    cards."""
    await mail.meet(told)
    numbers = {person_id: max(len(theirs), many.totals.get(person_id, 0)) for person_id, theirs in told.items()}
    few = {person_id: theirs for person_id, theirs in told.items() if numbers[person_id] < FEW}
    to: dict[int, list[int]] = {}
    for person_id, theirs in few.items():
        for brief in theirs:
            to.setdefault(brief.id, []).append(person_id)
    opened = dict(known or {})
    opened |= (await leads.by_ids(mail.tx, mail.services.vault, to.keys() - opened.keys())).leads
    opened = dict(await with_alike(mail, opened))
    for lead_id in sorted(to):
        if lead := opened.get(lead_id):
            await mail.tell(to[lead_id], officer_words.card(lead, mail.world()), "card", lead_id=lead_id)
    many_to = [person_id for person_id in numbers if person_id not in few]
    counted = await messages.had(mail.tx, many_to, COUNTED, mail.midnight)
    for person_id in many_to:
        if person_id not in counted and many.tells(person_id):  # once in a day: the list has them all
            await mail.tell([person_id], many_untaken(numbers[person_id]), COUNTED)
    return to.keys() & opened.keys()


async def with_alike(mail: Mail, found: Mapping[int, Lead]) -> Mapping[int, Lead]:
    """A lead alone by its id, with those that may be the same business. Of several at once that is not asked: the hint
    stands on each card that is opened."""
    if len(found) != 1:
        return found
    (lead_id, lead), shared = *found.items(), mail.services.knowledge.ear.is_shared
    return {lead_id: await twins.with_alike(mail.tx, mail.services.vault, lead_id, lead, shared)}


async def redraw(mail: Mail, found: Mapping[int, Lead], *, moved: bool = True) -> None:
    """Redraw the cards of these leads (by id) for what each person may see now: the whole card for the holder, and
    while nobody has the lead for officers who may take it; any other card names the holder and no more, or says that
    the lead is closed to its reader.

    ``moved`` False: the holder is the same as before, so the cards that are not whole stand as they are.
    """
    shown = await messages.cards(mail.tx, list(found)) if found else []
    await _draw(mail, shown, found, moved=moved)


async def _draw(mail: Mail, shown: Sequence[Shown], found: Mapping[int, Lead], *, moved: bool = True) -> None:
    """Redraw these cards for what each viewer may see at this moment; each viewer of a lead leaves an audit row."""
    who = await viewers.viewers(mail.tx, [card.person_id for card in shown])
    seen: dict[int, set[int]] = {}
    found = await with_alike(mail, {card.lead_id: found[card.lead_id] for card in shown if card.lead_id in found})

    def draw(lead_id: int, person_id: int) -> Say | None:
        lead, viewer = found.get(lead_id), who.get(person_id)
        if lead is None:
            return None
        if viewer is None or lead.owner_id == person_id or not officer_words.in_reach(lead, viewer):
            return officer_words.closed_card(lead.code)
        if lead.into:
            return officer_words.merged_card(lead)
        if lead.officer_id not in (None, viewer.id) and lead.offered_to != viewer.id and not lead.offered:
            return Say(Text("card.taken_already", {"code": lead.code, "name": lead.officer})) if moved else None
        seen.setdefault(lead_id, set()).add(viewer.id)
        return officer_words.card(lead, mail.world(), viewer)

    await mail.replace(shown, draw)
    await _note_shown(mail, {found[lead_id].code: sorted(ids) for lead_id, ids in seen.items()})


async def close(mail: Mail, shown: Sequence[Shown]) -> None:
    """Empty these messages, whose readers may no longer see the leads."""
    codes = await lead_list.codes_of(mail.tx, [card.lead_id for card in shown])
    await mail.replace(shown, lambda lead_id, _: officer_words.closed_card(codes[lead_id]))
    await messages.close_cards(mail.tx, [card.outbox_id for card in shown])


async def _note_shown(mail: Mail, shown: Mapping[str, Sequence[int]]) -> None:
    """Audit who was shown a lead. ``shown``: officer ids by the lead's code."""
    rows = [
        audit.audit_row(mail.tx, at=mail.now, actor="bot", act="shown", subject=code, detail=",".join(map(str, ids)))
        for code, ids in shown.items()
    ]
    if rows:
        await mail.tx.execute(audit.audit.insert(), rows)


async def pass_on(mail: Mail, untaken: Sequence[Brief], role: str) -> None:
    """Show untaken leads to those next in line, where nobody in this role is at work any more who was shown them."""
    left = await mail.roster.left_alone([each.regency for each in untaken], role)
    await offer(mail, [each for each in untaken if each.regency in left])


async def offer_held(mail: Mail, held: Sequence[Brief], many: Many = _AT_ONCE) -> list[Brief]:
    """Offer leads to others, though they have an officer, who keeps each until somebody takes it; the leads that others
    are at work for. A lead that nobody else could take stays as it is, and so does one that others were offered already:
    nobody is shown it twice."""
    gone = [
        each for each in held if not each.offered and await mail.roster.for_regency(each.regency, but=each.officer_id)
    ]
    if not gone:
        return []
    await following.offer(mail.tx, [each.id for each in gone])
    shown = await messages.cards(mail.tx, [each.id for each in gone])
    theirs = Counter(card.person_id for card in shown if card.latest)
    drawn = [card for card in shown if theirs[card.person_id] < FEW]  # a press on an older card tells the lead's state
    offered = (await leads.by_ids(mail.tx, mail.services.vault, {card.lead_id for card in drawn})).leads
    await _draw(mail, drawn, offered)
    await offer(mail, gone, offered, many)
    return gone


async def keep_held(mail: Mail, held: Sequence[Brief]) -> None:
    """Offer these leads to nobody else any more, as their officer is back."""
    await following.offer(mail.tx, [each.id for each in held], offered=False)
    shown = await messages.cards(mail.tx, [each.id for each in held]) if len(held) < FEW else []
    kept = (await leads.by_ids(mail.tx, mail.services.vault, {card.lead_id for card in shown})).leads
    await _draw(mail, shown, kept)
