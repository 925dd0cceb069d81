"""The transaction of one batch of turns: reads, steps, writes. Nothing is awaited here but the database."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.base import Inbound
from bot.log import where_in_code
from bot.mail.mail import Mail, Services
from bot.outbox.leased_rows import LEASE
from bot.turns import apologies, effects, facts, linking, own_number, reachability
from bot.turns.effects import TurnContext
from bot.turns.events import body_of, cleaned, kind_of, where_from
from bot.turns.facts import Arrival, Visitor, pressed_code
from bot.turns.fair_queue import Waiting
from bot.turns.stale import Stale
from conversations.dialogues.book import BOOK
from conversations.engine.asked import happened
from conversations.engine.core import Book, Session, Turn
from conversations.engine.effects import KeepCampaign
from conversations.engine.ladder import AWAY, step
from conversations.rules.quiet_hours import zone
from storage.engine.ids import new_id
from storage.leads import asked
from storage.leads.officers import MAX_WRONG_CODES, Roster
from storage.outbox import messages
from storage.outbox.messages import Out
from storage.people import people, sessions
from storage.people.people import Known
from storage.people.sessions import Saved
from storage.sealing.vault import VaultError

UNFINISHED_KEPT = timedelta(days=30)  # docs/privacy.md

log = structlog.get_logger()


@dataclass(slots=True)
class Written:
    """The result of a batch: the toast of each new event (by ``id(inbound)``), and ``ours``, the rows that this process
    is to send.

    ``failed``: the events whose turn raised, by ``id(inbound)``; each was stored as failed and its person got an apology.
    """

    toasts: dict[int, str] = field(default_factory=dict)
    ours: list[Out] = field(default_factory=list)
    failed: set[int] = field(default_factory=set)


class Turns:
    """Runs turns in a given transaction; one instance for all batches of a process.

    Rows for the channels in ``sends`` are leased to ``owner``; rows for other channels are leased to nobody.
    """

    def __init__(self, services: Services, *, owner: str, sends: Collection[str], book: Book = BOOK) -> None:
        self.services, self.book = services, book
        self._owner, self._sends = owner, sends
        self.resorts = tuple(partial(resort, self) for resort in apologies.RESORTS)

    def waiting(self, inbound: Inbound) -> Waiting:
        """An event ready for the queue, without what may not be stored."""
        inbound = cleaned(inbound, self.services.knowledge.ear.phones.dictated)
        code = pressed_code(inbound)  # two presses on one lead are never decided on the same facts
        about = frozenset((code,)) if code else frozenset()
        return Waiting(inbound, kind_of(inbound), about, asyncio.get_running_loop().create_future())

    async def run(self, tx: AsyncConnection, inbounds: Sequence[Inbound], now: datetime) -> Written:
        """Run all turns of a batch. Raises the database's errors: then nothing of the batch is stored."""
        arrived = await self._joined(tx, await self.arrivals(tx, inbounds, now), now)
        if len({known.person_id for _, _, known in arrived}) < len(arrived):
            raise Stale("one person, by two addresses at once")  # run one by one, each turn sees what the other did
        roster = Roster(tx)
        followed = Mail(tx, self.services, now, roster)
        await own_number.follow(followed, arrived)
        await linking.alarm_moved(followed, arrived)
        visitors, broken = await self.visitors(tx, arrived, now)
        about = [each.lead_id for each in visitors if each.lead_id is not None]
        if len(set(about)) < len(about):
            raise Stale("one lead, by two people at once")  # likewise: whoever is refused is told who has it by then
        written = Written({id(inbound): "" for inbound, _, _ in arrived})
        out: list[Out] = followed.out
        for arrival in broken:
            log.error("turn failed", channel=arrival[0].channel, reason="the session does not open")
            written.failed.add(id(arrival[0]))
            out += await apologies.without_session(self, tx, arrival, VaultError.__name__, now)
        saved: list[Saved] = []
        rows: effects.Rows = defaultdict(list)
        counts: Counter[asked.AskedKey] = Counter()
        day = now.astimezone(zone("")).date()
        for visitor in visitors:
            try:
                turn = self._step(visitor)
            except Exception as error:  # a step touches nothing, so the others of its batch need not be undone
                self._report(visitor.inbound, error)
                written.failed.add(id(visitor.inbound))
                out += await apologies.with_question(self, tx, visitor, type(error).__name__)
                saved.append(_saved(visitor, visitor.session, now))
                continue
            if decides := [each for each in turn.effects if isinstance(each, linking.Decides)]:
                here = {each.known.person_id for each in visitors} - {visitor.known.person_id}
                one = await self._as_another(tx, visitor, turn, decides[0], here, now)
                turn = self._step(one)
            else:
                one = visitor
            counts.update(_at_questions(one, turn, self.book, day))
            asks = f"{turn.session.dialogue}.{turn.session.asked}" if turn.session.asked else ""
            writing = TurnContext(Mail(tx, self.services, one.world.now, roster), one, rows, asks=asks)
            await effects.apply(writing, turn.effects)
            written.toasts[id(one.inbound)] = writing.toast
            out += writing.mail.out
            if not writing.forgotten:
                saved.append(_saved(one, turn.session, now))
        for table, some in rows.items():
            if some:
                await tx.execute(table.insert(), some)
        await sessions.save(tx, self.services.vault, saved, now)
        written.ours = await self.put(tx, out, now)
        await asked.add(tx, counts)
        return written

    async def _joined(self, tx: AsyncConnection, arrived: list[Arrival], now: datetime) -> list[Arrival]:
        """The arrivals, with persons merged who turned out to be one; without those of channels on which anybody may
        say anything."""
        apart = [_as_owner(each) for each in arrived if each[0].channel in self.services.owners_only]
        others = [each for each in arrived if each[0].channel not in self.services.owners_only]
        return [*await linking.joined(tx, self.services.vault, others, now), *apart]

    async def _as_another(
        self, tx: AsyncConnection, visitor: Visitor, turn: Turn, decides: linking.Decides, here: set[int], now: datetime
    ) -> Visitor:
        """The visitor of a turn that linked or parted chats, as they are afterwards."""
        vault = self.services.vault
        await sessions.save(tx, vault, [_saved(visitor, turn.session, now)], now)
        known = await linking.settle(tx, vault, visitor, decides, here, now)
        found, _ = await self.visitors(tx, [(visitor.inbound, visitor.inbox_id, known)], now)
        return found[0]

    async def keep(self, tx: AsyncConnection, visitor: Visitor, now: datetime) -> None:
        """Store a visitor's session unchanged: they wrote, so its time begins anew."""
        await sessions.save(tx, self.services.vault, [_saved(visitor, visitor.session, now)], now)

    async def put(self, tx: AsyncConnection, out: Sequence[Out], now: datetime) -> list[Out]:
        """Add rows to the outbox; those of them that this process is to send."""
        ours = [row for row in out if row.where.channel in self._sends]
        if len(ours) < len(out):
            others = [row for row in out if row.where.channel not in self._sends]
            await messages.put(tx, self.services.vault, others, now, owner="", lease=LEASE)
        await messages.put(tx, self.services.vault, ours, now, owner=self._owner, lease=LEASE)
        return ours

    async def visitors(
        self, tx: AsyncConnection, arrived: Sequence[Arrival], now: datetime
    ) -> tuple[list[Visitor], list[Arrival]]:
        """The visitors who said or pressed something, with all that their turn depends on; and the arrivals whose
        session does not open."""
        speaking = [each for each in arrived if not each[0].reach]
        s = self.services
        return await facts.gather(tx, s.vault, s.knowledge, speaking, now, s.fresh, s.limits)

    async def arrivals(self, tx: AsyncConnection, inbounds: Sequence[Inbound], now: datetime) -> list[Arrival]:
        """The events that have not come in before, stored, with the persons behind them."""
        await reachability.follow(tx, self.services.vault, inbounds, now)
        met = await people.known(tx, self.services.vault, [where_from(i) for i in inbounds])
        strangers = [i for i in inbounds if where_from(i) not in met and not i.reach]
        if strangers:  # an event of somebody who was erased since must not bring them back when it is redelivered
            seen = await messages.seen(tx, [(i.account, i.external_id) for i in strangers])
            fresh = [where_from(i) for i in strangers if (i.account, i.external_id) not in seen]
            met |= await people.make(tx, self.services.vault, fresh, now) if fresh else {}
        coming = [i for i in inbounds if where_from(i) in met]
        rows = [self.inbox_row(tx, inbound, met[where_from(inbound)], now) for inbound in coming]
        new = await messages.take_in(tx, rows) if rows else set()
        arrived = [(i, row["id"], met[where_from(i)]) for i, row in zip(coming, rows, strict=True) if row["id"] in new]
        await reachability.note(tx, arrived, self.services.limits, now)
        return arrived

    def inbox_row(self, tx: AsyncConnection, inbound: Inbound, known: Known | None, now: datetime) -> dict[str, Any]:
        """An event as a row of the inbox; without its body where its person is not known."""
        row_id = new_id(tx)
        return {
            "id": row_id,
            "account": inbound.account,
            "external_id": inbound.external_id,
            "person_id": known.person_id if known else None,
            "at": now,
            "kind": kind_of(inbound),
            "state": "done",
            "error": "",
            "sealed": self.services.vault.seal_json(body_of(inbound), table="inbox", column="sealed", row=row_id)
            if known
            else None,
        }

    def _step(self, visitor: Visitor) -> Turn:
        return step(visitor.session, visitor.inbound.heard, visitor.world, self.book)

    @staticmethod
    def _report(inbound: Inbound, error: Exception) -> None:
        log.error("turn failed", channel=inbound.channel, error=type(error).__name__, where=where_in_code(error))


def _as_owner(arrival: Arrival) -> Arrival:
    """The arrival of a person who counts as no officer on this channel, and for whom no code is looked up."""
    inbound, row, known = arrival
    return inbound, row, replace(known, officer_id=None, officer_role="", officer_name="", wrong_codes=MAX_WRONG_CODES)


def _at_questions(visitor: Visitor, turn: Turn, book: Book, day: date) -> Iterator[asked.AskedKey]:
    """What an owner's turn adds to the counts of the questions."""
    if visitor.known.officer_id is None:
        came_by = next((each.campaign[:64] for each in turn.effects if isinstance(each, KeepCampaign)), "")
        campaign = visitor.known.campaign or came_by
        for at in happened(visitor.session, turn, book):
            yield asked.AskedKey(day, at.question, visitor.inbound.channel, campaign, at.event)


def _saved(visitor: Visitor, session: Session, now: datetime) -> Saved:
    running = session if session.dialogue == "registration" else session.under
    unfinished = running is not None and running.dialogue == "registration" and not running.about
    agreed = unfinished and running is not None and running.answers.get("consent") == "yes"
    return Saved(visitor.known.person_id, session, now + AWAY if agreed else None, now + UNFINISHED_KEPT)
