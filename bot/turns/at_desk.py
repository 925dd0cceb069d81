"""What an officer does on a page is a turn like one of their chat: the same steps, the same handlers, one door more.

The session of such a turn begins where the page says and is not stored: the officer's chat stays where it is. What the
turn would reply in the chat is returned, for the page to show.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.base import Inbound
from bot.mail.mail import Mail
from bot.turns import effects, facts
from bot.turns.batch import Turns
from bot.turns.facts import Visitor
from bot.turns.stale import Stale
from bot.turns.turn_context import TurnContext
from conversations.engine.ask import nonce
from conversations.engine.core import Book, Document, Heard, Press, Say, Session
from conversations.engine.ladder import step
from conversations.engine.turn_state import scene_of
from conversations.engine.world import BridgeSide
from storage.engine.database import Database
from storage.leads import lead_events, lead_list, officers
from storage.leads.officers import Roster
from storage.outbox.messages import Out
from storage.people import people

TRIES = 3  # of a turn whose facts change meanwhile


class Changed(Exception):  # noqa: N818 - named for what is so
    """Raised when the lead is not any more as the page showed it: whoever pressed must look again."""


@dataclass(slots=True)
class AtDesk(TurnContext):
    """The context of a turn at a desk: its replies are kept for the page."""

    answered: list[Say | Document] = field(default_factory=list)

    def reply(
        self, says: Sequence[Say | Document], *, after: timedelta | None = None, names: Iterable[int] = ()
    ) -> None:
        self.answered += says


async def do(
    database: Database,
    turns: Turns,
    officer_id: int,
    heard: Sequence[Heard],
    now: datetime,
    *,
    session: Session | None = None,
    about: str = "",
    seen: int | None = None,
) -> tuple[list[Say | Document], list[Out]]:
    """Run what an officer did on a page, in order and in one transaction: (what it would reply in the chat, the rows for
    this process to send).

    ``session`` is where the first begins (None: the home of officers); ``about`` the code of the lead that it is about;
    ``seen`` how many events the page showed of that lead.

    Raises:
        Changed: when the lead has more events by now, or the turn's facts kept changing.
    """
    for _ in range(TRIES):
        try:
            async with database.write() as tx:
                return await _run(tx, turns, officer_id, heard, now, session, about, seen)
        except Stale:
            continue
    raise Changed(about)


async def _run(
    tx: AsyncConnection,
    turns: Turns,
    officer_id: int,
    heard: Sequence[Heard],
    now: datetime,
    session: Session | None,
    about: str,
    seen: int | None,
) -> tuple[list[Say | Document], list[Out]]:
    visitor = await _visitor(tx, turns, officer_id, now, about)
    if seen is not None and visitor.lead_id is not None and await lead_events.count(tx, visitor.lead_id) != seen:
        raise Changed(about)
    answered: list[Say | Document] = []
    out: list[Out] = []
    rows: effects.Rows = defaultdict(list)
    stands, roster = session or visitor.session, Roster(tx)
    for each in heard:
        turn = step(stands, _pressed_now(each, stands, visitor, turns.book), visitor.world, turns.book)
        writing = AtDesk(Mail(tx, turns.services, now, roster), visitor, rows)
        await effects.apply(writing, turn.effects)
        answered, stands, out = answered + writing.answered, turn.session, out + writing.mail.out
        if len(heard) > 1:  # the next step stands on what this one left
            visitor = await _visitor(tx, turns, officer_id, now, about)
    for table, some in rows.items():
        if some:
            await tx.execute(table.insert(), some)
    return answered, await turns.put(tx, out, now)


async def _visitor(tx: AsyncConnection, turns: Turns, officer_id: int, now: datetime, about: str) -> Visitor:
    """The officer as a turn finds them, with the lead, the team, the codes of their list, and no bridge but that of the
    lead. Raises Stale where they have no chat any more."""
    s = turns.services
    person_id = await officers.person_of(tx, officer_id)
    chats = (await people.chats(tx, s.vault, [person_id])).get(person_id, []) if person_id is not None else []
    if not chats:
        raise Stale("officer")
    where = chats[-1].where
    known = replace((await people.known(tx, s.vault, [where]))[where], session=None)
    card = Heard(pressed=Press("lead", "show", about)) if about else Heard(text="-")  # has the lead read for the world
    inbound = Inbound(where.channel, where.account, "", where.address, card, now)
    [visitor], _ = await facts.gather(tx, s.vault, s.knowledge, [(inbound, 0, known)], now, s.fresh, s.limits)
    codes = (await lead_list.open_codes(tx, [officer_id])).get(officer_id, ())
    team = await officers.team(tx, s.vault)
    bridge = visitor.world.bridge if visitor.world.bridge == BridgeSide(about, officer=True) else None
    visitor.world = replace(visitor.world, team=team, task_codes=codes, redraws=True, bridge=bridge)
    return visitor


def _pressed_now(heard: Heard, stands: Session, visitor: Visitor, book: Book) -> Heard:
    """The event with its button as it would stand below the open question: on a page no button is an old one."""
    press = heard.pressed
    question = book[stands.dialogue].question(press.question) if press and press.dialogue == stands.dialogue else None
    if press is None or question is None:
        return heard
    return replace(heard, pressed=press._replace(nonce=nonce(question, scene_of(stands, visitor.world))))
