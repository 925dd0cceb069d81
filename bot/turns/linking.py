"""Linking of two channels: noticed as a message comes in, before anything is decided; both chats are told.

By a number that both have shown as their own within the last 30 days; or by a code that was given in one chat and typed
in the other, where the person confirmed that both are theirs. Never by a number that somebody typed, and never an officer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.base import Inbound
from bot.mail import alarms
from bot.mail.mail import Mail
from bot.turns import reachability
from bot.turns.events import where_from
from bot.turns.facts import Arrival, Visitor
from bot.turns.stale import Stale
from bot.turns.turn_context import Handler, TurnContext
from conversations.dialogues import linking as words
from conversations.engine import effects as e
from conversations.engine.core import Say, Text
from storage.leads.officers import MAX_WRONG_CODES
from storage.people import people
from storage.people.people import Known
from storage.sealing.vault import Vault
from storage.whole_person import account_linking, account_parting

_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)


async def joined(tx: AsyncConnection, vault: Vault, arrived: Sequence[Arrival], now: datetime) -> list[Arrival]:
    """The arrivals, with persons merged whose numbers show that they are one. Raises Stale where both have an event in
    this batch.

    A number counts as shown when its person says something, for only then can they be told what follows from it.
    """
    numbers = [(known, _own_number(inbound)) for inbound, _, known in arrived if not inbound.reach]
    shown = {known.person_id: phone for known, phone in await people.vouched(tx, vault, numbers, now)}
    same = await account_linking.by_phone(tx, vault, shown, now)
    here = {known.person_id for _, _, known in arrived}
    return [
        (inbound, row, known if inbound.reach else await _one(tx, vault, inbound, known, same, here, now))
        for inbound, row, known in arrived
    ]


def _own_number(inbound: Inbound) -> str:
    """The number (E.164) that the channel vouches for, else "". A masked number is refused: it is everybody's."""
    contact = inbound.heard.contact
    number = contact.phone if contact and contact.own else inbound.phone
    return number if _E164.fullmatch(number) else ""


async def _one(
    tx: AsyncConnection,
    vault: Vault,
    inbound: Inbound,
    known: Known,
    same: Mapping[int, int],
    here: set[int],
    now: datetime,
) -> Known:
    """The person after merging with one who showed the same number, and after a linking code was looked up. ``same``:
    who showed the same number, by person id."""
    other = same.get(known.person_id)
    if other is not None and (one := await _merged(tx, vault, inbound, known, other, "phone", here, now)):
        known = one
    code = inbound.heard.text if account_linking.LINKING.has_form(inbound.heard.text) else ""
    return await _looked_up(tx, vault, known, code, now) if code else known


async def _merged(
    tx: AsyncConnection,
    vault: Vault,
    inbound: Inbound,
    known: Known,
    other: int,
    how: str,
    here: set[int],
    now: datetime,
) -> Known | None:
    """The person after merging two; None where they may not be merged. Raises Stale where the other has an event in
    this batch."""
    if other in here:
        raise Stale("two who are one, in one batch")  # run one by one, each turn sees what the other did
    there = await people.last_channel(tx, other)
    if await account_linking.merge(tx, vault, known.person_id, other, how, now) is None:
        return None
    return replace(await _again(tx, vault, inbound, known), joined=there)


async def _again(tx: AsyncConnection, vault: Vault, inbound: Inbound, known: Known) -> Known:
    """The person at this event's address, read again."""
    where = where_from(inbound)
    return replace((await people.known(tx, vault, [where]))[where], heard_at=known.heard_at)


async def _looked_up(tx: AsyncConnection, vault: Vault, known: Known, code: str, now: datetime) -> Known:
    """The person, with the result of a linking code; a code alone merges nobody yet."""
    allowed = known.wrong_codes < MAX_WRONG_CODES
    other = await account_linking.given_to(tx, vault, code, now) if allowed else None
    if other is None or other == known.person_id:
        return replace(known, join_code=words.OWN if other else words.BAD)
    if await account_linking.works_here(tx, known.person_id, other):
        return replace(known, join_code=words.OFFICE)
    return replace(known, join_code=words.ASKS, other=await account_linking.other_side(tx, vault, other))


Decides = e.JoinChats | e.PartChats
"""Effects after which the person of the turn is another one than at its beginning."""


async def settle(
    tx: AsyncConnection, vault: Vault, visitor: Visitor, effect: Decides, here: set[int], now: datetime
) -> Known:
    """Link or part chats, as the turn has decided; the person who wrote as they are afterwards, for whom the turn runs
    again.

    ``here``: person ids of this batch. Raises Stale where the other person is among them.
    """
    known, inbound = visitor.known, visitor.inbound
    if isinstance(effect, e.PartChats):
        parted = await account_parting.part(tx, vault, known.person_id, known.address_id, now)
        became = words.PARTED if parted else words.NOT_PARTED
        return replace(await _again(tx, vault, inbound, known), join_code=became)
    other = await account_linking.given_to(tx, vault, effect.code, now)
    await account_linking.use_code(tx, vault, effect.code)
    other = None if other == known.person_id else other
    if other is not None and (one := await _merged(tx, vault, inbound, known, other, "code", here, now)):
        return replace(one, join_code=words.OK)
    return replace(await _again(tx, vault, inbound, known), join_code=words.BAD)


async def alarm_moved(mail: Mail, arrived: Sequence[Arrival]) -> None:
    """An officer's chat is at another number from now on, as the platform says: who looks after the others may know better."""
    for inbound, _, known in arrived:
        if inbound.reach == reachability.MOVED and known.officer_id is not None:
            await alarms.tell(mail, Text("alarm.moved", {"name": known.officer_name}), but=known.person_id)


async def make_code(w: TurnContext, effect: e.MakeJoinCode) -> None:
    if w.visitor.inbound.channel in w.services.owners_only:  # such a channel proves nobody's identity
        w.reply((Say(Text("join.not_here")),))
        return
    code = await account_linking.make_code(w.tx, w.services.vault, w.person_id, w.now)
    w.reply((Say(Text("join.code", {"code": code, "minutes": int(account_linking.CODE_LIVES.total_seconds() // 60)})),))


async def tell_other_channel(w: TurnContext, effect: e.TellOtherChannel) -> None:
    """Tell the other chats of a person that this chat has been linked: somebody else may have done it."""
    until = (w.now + account_linking.PARTED_WITHIN).date()
    say = Say(Text("joined.elsewhere", {"channel": Text(f"channel.{w.visitor.inbound.channel}"), "day": until}))
    for chat in (await people.chats(w.tx, w.services.vault, [w.person_id])).get(w.person_id, ()):
        if chat.address_id != w.visitor.known.address_id:
            await w.mail.put(w.person_id, chat, say, "notice")


async def refused_office(w: TurnContext, effect: e.RefusedOffice) -> None:
    """Tell the coordinators that an officer typed a linking code: somebody may be talking officers into typing codes."""
    known = w.visitor.known
    name = known.officer_name or Text("alarm.somebody")
    await alarms.tell(w.mail, Text("alarm.joining", {"name": name}), but=w.person_id)


HANDLERS: Mapping[type, Handler] = {
    e.MakeJoinCode: make_code,
    e.RefusedOffice: refused_office,
    e.TellOtherChannel: tell_other_channel,
}
