"""Apologies for a failed turn: an apology and the open question; the answers so far stay, and the event is kept as failed.

Each of ``RESORTS`` reads less of the database than the one before: an unreadable row may be what made the turn fail.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.base import Inbound
from bot.mail.mail import Mail, Services
from bot.turns.effects import TurnContext
from bot.turns.facts import Arrival, Visitor
from conversations.engine.core import Book, Say, Session, Text
from conversations.engine.turn_state import TurnState
from conversations.engine.world import World
from storage.leads.officers import Roster
from storage.outbox import messages
from storage.outbox.messages import Out
from storage.people.people import Known

SORRY = Say(Text("apology"))


class ApologyServices(Protocol):
    """The part of ``batch.Turns`` that an apology needs: who wrote, and where rows go."""

    services: Services
    book: Book

    async def arrivals(self, tx: AsyncConnection, inbounds: Sequence[Inbound], now: datetime) -> list[Arrival]: ...

    async def visitors(
        self, tx: AsyncConnection, arrived: Sequence[Arrival], now: datetime
    ) -> tuple[list[Visitor], list[Arrival]]: ...

    async def keep(self, tx: AsyncConnection, visitor: Visitor, now: datetime) -> None: ...

    async def put(self, tx: AsyncConnection, out: Sequence[Out], now: datetime) -> list[Out]: ...

    def inbox_row(
        self, tx: AsyncConnection, inbound: Inbound, known: Known | None, now: datetime
    ) -> dict[str, Any]: ...


async def with_question(turns: ApologyServices, tx: AsyncConnection, visitor: Visitor, error: str) -> list[Out]:
    """An apology, and the open question again; the rows to be put."""
    moment = TurnState(visitor.session, visitor.inbound.heard, visitor.world, turns.book)
    says = [SORRY]
    with suppress(Exception):  # where even the question cannot be put, the apology goes alone
        says += [effect for effect in moment.ask_open().effects if isinstance(effect, Say)]
    return await _sorry(turns, tx, visitor, says, error)


async def without_session(
    turns: ApologyServices, tx: AsyncConnection, arrival: Arrival, error: str, now: datetime
) -> list[Out]:
    """An apology alone, to a person whose session is not known; the rows to be put."""
    inbound, inbox_id, known = arrival
    world = World(now=now, knows=turns.services.knowledge, channel=inbound.channel)
    return await _sorry(turns, tx, Visitor(inbound, inbox_id, known, Session("home"), world), [SORRY], error)


async def apologise(
    turns: ApologyServices, tx: AsyncConnection, inbound: Inbound, error: str, now: datetime
) -> list[Out]:
    """First resort: an apology with the open question; the rows that this process is to send."""
    visitors, broken = await turns.visitors(tx, await turns.arrivals(tx, [inbound], now), now)
    rows = [row for arrival in broken for row in await without_session(turns, tx, arrival, error, now)]
    for visitor in visitors:
        await turns.keep(tx, visitor, now)
        rows += await with_question(turns, tx, visitor, error)
    return await turns.put(tx, rows, now)


async def apologise_blindly(
    turns: ApologyServices, tx: AsyncConnection, inbound: Inbound, error: str, now: datetime
) -> list[Out]:
    """Second resort, where the turn's facts cannot be read: an apology alone; the rows that this process is to send."""
    arrived = await turns.arrivals(tx, [inbound], now)
    rows = [row for arrival in arrived for row in await without_session(turns, tx, arrival, error, now)]
    return await turns.put(tx, rows, now)


async def keep_as_failed(
    turns: ApologyServices, tx: AsyncConnection, inbound: Inbound, error: str, now: datetime
) -> list[Out]:
    """Last resort, where not even the person can be read: the event is stored as failed, so that it does not come
    again; no rows."""
    await messages.take_in(tx, [{**turns.inbox_row(tx, inbound, None, now), "state": "failed", "error": error}])
    return []


async def _sorry(
    turns: ApologyServices, tx: AsyncConnection, visitor: Visitor, says: Sequence[Say], error: str
) -> list[Out]:
    await messages.mark_failed(tx, visitor.inbox_id, error)
    writing = TurnContext(Mail(tx, turns.services, visitor.world.now, Roster(tx)), visitor, defaultdict(list))
    writing.reply(says)
    return writing.mail.out


Resort = Callable[[ApologyServices, AsyncConnection, Inbound, str, datetime], Awaitable[list[Out]]]

RESORTS: tuple[Resort, ...] = (apologise, apologise_blindly, keep_as_failed)
