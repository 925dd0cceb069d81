"""Two channels, one person: noticed as a message comes in, before anything is decided; both chats are told.

By a number: both have shown it as their own within the last 30 days. By a code: it was given in one chat and typed in
the other. Never by a number that somebody typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.base import Inbound
from bot.turns.events import where_from
from bot.turns.facts import Arrival
from bot.turns.stale import Stale
from bot.turns.turn_context import Handler, TurnContext
from conversations.engine import effects as e
from conversations.engine.core import Say, Text
from storage.leads.officers import MAX_WRONG_CODES
from storage.people import people
from storage.people.people import Known
from storage.sealing.vault import Vault
from storage.whole_person import account_linking

_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)


async def joined(tx: AsyncConnection, vault: Vault, arrived: Sequence[Arrival], now: datetime) -> list[Arrival]:
    """The arrivals with whoever turned out to be one made one. Raises Stale where both have an event in this batch.

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
    """The number that the channel vouches for; nothing that only looks like one: a masked number is everybody's."""
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
    """The person whom this one has turned out to be; else as they were. ``same``: who showed the same number, if any."""
    code = inbound.heard.text if account_linking.looks_like_code(inbound.heard.text) else ""
    allowed = code and known.wrong_codes < MAX_WRONG_CODES
    by_code = await account_linking.by_code(tx, vault, code, now) if allowed else None
    person_id, channel, hows = known.person_id, "", set[str]()
    for other, how in ((by_code, "code"), (same.get(known.person_id), "phone")):
        if other is None or other == person_id:
            continue
        if other in here:
            raise Stale("two who are one, in one batch")  # one by one, each sees what the other did
        there = await people.last_channel(tx, other)
        if kept := await account_linking.merge(tx, vault, person_id, other, how, now):
            person_id, channel = kept, there
            hows.add(how)
    join_code = ("ok" if "code" in hows else "bad") if code else ""
    if not hows:
        return replace(known, join_code=join_code)
    where = where_from(inbound)
    one = (await people.known(tx, vault, [where]))[where]
    return replace(one, heard_at=known.heard_at, joined=channel, join_code=join_code)


async def make_code(w: TurnContext, effect: e.MakeJoinCode) -> None:
    code = await account_linking.make_code(w.tx, w.services.vault, w.person_id, w.now)
    w.reply((Say(Text("join.code", {"code": code, "minutes": int(account_linking.CODE_LIVES.total_seconds() // 60)})),))


async def tell_other_channel(w: TurnContext, effect: e.TellOtherChannel) -> None:
    """Whoever holds the other chat sees that this one has joined it: it may not have been they."""
    say = Say(Text("joined.elsewhere", {"channel": Text(f"channel.{w.visitor.inbound.channel}")}))
    for chat in (await people.chats(w.tx, w.services.vault, [w.person_id])).get(w.person_id, ()):
        if chat.address_id != w.visitor.known.address_id:
            await w.mail.put(w.person_id, chat, say, "notice")


HANDLERS: Mapping[type, Handler] = {
    e.MakeJoinCode: make_code,
    e.TellOtherChannel: tell_other_channel,
}
