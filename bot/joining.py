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
from bot.events import where_from
from bot.turns import Stale
from bot.writing import Writing
from conversations import effects as e
from conversations.core import Say, Text
from storage import joins, people
from storage.officers import MAX_WRONG_CODES
from storage.people import Known
from storage.vault import Vault

_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)

Arrival = tuple[Inbound, int, Known]


async def joined(tx: AsyncConnection, vault: Vault, arrived: Sequence[Arrival], now: datetime) -> list[Arrival]:
    """The arrivals with whoever turned out to be one made one. Raises Stale where both have an event in this batch."""
    numbers = [(known, _own_number(inbound)) for inbound, _, known in arrived]
    shown = {known.person_id: phone for known, phone in await people.vouched(tx, vault, numbers, now)}
    same = await joins.by_phone(tx, vault, shown, now)
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
    other, how = same.get(known.person_id), "phone"
    code = inbound.heard.text if joins.looks_like_code(inbound.heard.text) else ""
    if code:
        tried_out = known.wrong_codes >= MAX_WRONG_CODES
        other, how = None if tried_out else await joins.by_code(tx, vault, code, now), "code"
    if other is None or other == known.person_id:
        return replace(known, join_code="bad") if code else known
    if other in here:
        raise Stale("two who are one, in one batch")  # one by one, each sees what the other did
    channel = await people.last_channel(tx, other)
    if await joins.merge(tx, vault, known.person_id, other, how, now) is None:
        return replace(known, join_code="bad") if code else known
    where = where_from(inbound)
    one = (await people.known(tx, vault, [where]))[where]
    return replace(one, heard_at=known.heard_at, joined=channel, join_code="ok" if code else "")


async def make_code(w: Writing, effect: e.MakeJoinCode) -> None:
    code = await joins.make_code(w.tx, w.shell.vault, w.person_id, w.now)
    w.reply((Say(Text("join.code", {"code": code, "minutes": int(joins.CODE_LIVES.total_seconds() // 60)})),))


async def tell_other_channel(w: Writing, effect: e.TellOtherChannel) -> None:
    """Whoever holds the other chat sees that this one has joined it: it may not have been they."""
    say = Say(Text("joined.elsewhere", {"channel": Text(f"channel.{w.visitor.inbound.channel}")}))
    for chat in (await people.chats(w.tx, w.shell.vault, [w.person_id])).get(w.person_id, ()):
        if chat.address_id != w.visitor.known.address_id:
            await w.mail.put(w.person_id, chat, say, "notice")
