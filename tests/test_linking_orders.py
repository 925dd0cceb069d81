"""One person on two channels, in any order: who is joined, and with what, follows from what was shown and nothing else.

``ORDERS`` sets how many lists of events are tried; each goes through the whole product on SQLite.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from conversations.engine.core import Heard
from conversations.rules.next_step import CALL, NextStep
from storage import tables
from storage.engine.database import Database
from storage.leads import leads
from storage.people import people
from storage.people.people import Where
from storage.sealing.vault import Vault
from tests.conftest import WIB, Clock
from tests.handset import Handset
from tests.linking import Two, person, two

conversation, lead = tables.table(tables.Conversation), tables.table(tables.LeadRow)
ORDERS = int(os.environ.get("ORDERS", "3"))
NUMBERS = ("+6281200007001", "+6281200007002")
TELEGRAM, WHATSAPP = ("siti", "budi"), ("ID.1", "ID.2")
CHATS = TELEGRAM + WHATSAPP

chat, number = st.sampled_from(CHATS), st.sampled_from(NUMBERS)
event = st.one_of(
    st.tuples(st.just("shows"), chat, number),
    st.tuples(st.just("types"), chat, number),
    st.tuples(st.just("shares_a_card"), chat, number),
    st.tuples(st.just("sends_a_lead"), chat),
    st.tuples(st.just("gives_a_code"), chat, chat),
    st.tuples(st.just("moves"), st.sampled_from(WHATSAPP)),
    st.tuples(st.just("is_late"), st.sampled_from(WHATSAPP)),
    st.tuples(st.just("show_at_once"), st.permutations(CHATS).map(lambda order: order[:3]), number),
)


@dataclass(eq=False)
class One:
    """A person as they must be: their chats, the number that they showed last and when, their leads."""

    made: int
    chats: set[str]
    number: str = ""
    at: int = 0
    leads: set[str] = field(default_factory=set)


@dataclass
class Order:
    """Does each event to the product, and to ``everyone`` what must follow from it."""

    place: Two
    clock: Clock
    vault: Vault
    everyone: list[One] = field(default_factory=list)
    ids: dict[str, list[str]] = field(default_factory=lambda: {each: [each] for each in CHATS})  # the latest last
    made: int = 0

    # ------------------------------------------------------------------------------------------ what people do

    async def shows(self, who: str, number: str) -> None:
        await self._shows(who, number)
        await self.place.there.quiet()
        self._shown(who, number)

    async def show_at_once(self, all_of_them: Sequence[str], number: str) -> None:
        await asyncio.gather(*(self._shows(who, number) for who in all_of_them))
        await self.place.there.quiet()
        for who in all_of_them:
            self._shown(who, number)

    async def types(self, who: str, number: str) -> None:
        await self._says(who, number)

    async def shares_a_card(self, who: str, number: str) -> None:
        await self.place.shares(self._phone(who), self._id(who), number, own=False)
        self._heard(who)

    async def gives_a_code(self, who: str, to: str) -> None:
        given = re.search(r"SB-\w+", await self._says(who, "sambungkan"))
        assert given
        if to in self._one(who).chats:
            return  # their own code joins nobody
        known = any(to in each.chats for each in self.everyone)
        await self.place.joins(self._phone(to), self._id(to), given[0])
        if not known:
            self._one(to)
        self._joined(self._one(to), self._one(who))
        self._heard(to)

    async def sends_a_lead(self, who: str) -> None:
        await self._says(who, "halo")
        code = self.place.there.product.services.fresh()
        async with self.place.there.product.database.write() as tx:
            where = self._where(who)
            known = (await people.known(tx, self.vault, [where]))[where]
            _, rows = leads.rows(
                tx, self.vault, person_id=known.person_id, code=code, answers={"name": {"name": "X", "title": ""}},
                step=NextStep(self.clock(), CALL), kind="", estimate={}, channel="", campaign="", now=self.clock(),
            )  # fmt: skip
            for table, some in rows.items():
                if some:
                    await tx.execute(table.insert(), some)
        self._one(who).leads.add(code)

    async def moves(self, who: str) -> None:
        """Their id changes, with the number that they show."""
        was, new = self._id(who), f"{who}.{len(self.ids[who])}"
        if was in self.place.whatsapp.numbers:
            self.place.whatsapp.numbers[new] = self.place.whatsapp.numbers[was]
        await self.place.whatsapp.bring(new, Heard(), reach="moved", was=was)
        if any(who in each.chats for each in self.everyone):
            self._one(who).number = ""
            self.ids[who].append(new)

    async def is_late(self, who: str) -> None:
        """What they wrote before their id changed comes in only now."""
        await self._says(who, "halo", as_of=0)

    # ------------------------------------------------------------------------------------------ what must follow

    def _one(self, who: str) -> One:
        found = next((each for each in self.everyone if who in each.chats), None)
        if found is None:
            self.made += 1
            found = One(self.made, {who})
            self.everyone.append(found)
        return found

    def _heard(self, who: str) -> None:
        """Whatever they do on WhatsApp shows their number, where it is not hidden."""
        self._one(who)
        if who in WHATSAPP and (number := self.place.whatsapp.numbers.get(self._id(who))):
            self._shown(who, number)

    def _shown(self, who: str, number: str) -> None:
        one = self._one(who)
        if one.number == number:
            return
        one.number, one.at = number, int(self.clock().timestamp())
        others = [each for each in self.everyone if each is not one and each.number == number]
        if others:
            self._joined(one, min(others, key=lambda each: each.made))

    def _joined(self, one: One, other: One) -> None:
        if one is other:
            return
        keep, gone = sorted((one, other), key=lambda each: each.made)
        if gone.number and (not keep.number or gone.at > keep.at):
            keep.number, keep.at = gone.number, gone.at
        keep.chats |= gone.chats
        keep.leads |= gone.leads
        self.everyone.remove(gone)

    # ------------------------------------------------------------------------------------------ what is so

    async def is_right(self) -> None:
        async with self.place.there.product.database.read() as tx:
            wheres = {self._where(who): who for who in CHATS}
            met = await people.known(tx, self.vault, wheres)
            owned = list(await tx.execute(select(lead.c.person_id, lead.c.code)))
            talking = set((await tx.execute(select(conversation.c.person_id))).scalars())
            everyone = set((await tx.execute(select(person.c.id))).scalars())
        groups: dict[int, set[str]] = {}
        for where, known in met.items():
            groups.setdefault(known.person_id, set()).add(wheres[where])
        theirs = {person_id: {row.code for row in owned if row.person_id == person_id} for person_id in groups}
        assert sorted((sorted(groups[i]), sorted(theirs[i])) for i in groups) == sorted(
            (sorted(one.chats), sorted(one.leads)) for one in self.everyone
        )
        assert everyone == set(groups), "somebody without a chat is left over"
        assert talking == everyone, "each has one conversation"
        assert len(owned) == sum(len(one.leads) for one in self.everyone), "a lead is doubled or lost"

    # ------------------------------------------------------------------------------------------ small things

    async def _says(self, who: str, text: str, as_of: int = -1) -> str:
        phone, name = self._phone(who), self.ids[who][as_of]
        said = await self.place.on(phone, name, text)
        if who in WHATSAPP:
            self.place.whatsapp.numbers.setdefault(self._id(who), self.place.whatsapp.numbers.get(name, ""))
        self._heard(who)
        return said

    async def _shows(self, who: str, number: str) -> None:
        if who in WHATSAPP:
            for name in self.ids[who]:
                self.place.whatsapp.numbers[name] = number
            await self.place.whatsapp.say(self._id(who), "halo")
        else:
            await self.place.telegram.share(who, number)

    def _phone(self, who: str) -> Handset:
        return self.place.whatsapp if who in WHATSAPP else self.place.telegram

    def _id(self, who: str) -> str:
        return self.ids[who][-1]

    def _where(self, who: str) -> Where:
        phone = self._phone(who)
        return Where(phone.name, phone.account, self._id(who))


async def play(events: Sequence[tuple[Any, ...]], path: Path, vault: Vault, clock: Clock) -> None:
    async with await Database.open(str(path), clock) as database, two(database, vault, clock) as place:
        order = Order(place, clock, vault)
        for name, *how in events:
            clock.advance(seconds=20)
            await getattr(order, name)(*how)
        await order.is_right()


@pytest.mark.counted
def test_whoever_is_joined_in_whatever_order_it_is_they_and_nobody_else_and_nothing_of_theirs_is_lost(
    migrated_sqlite: Path, tmp_path: Path, vault: Vault, clock: Clock
) -> None:
    began, path = clock.now.astimezone(WIB), tmp_path / "orders.db"

    @settings(max_examples=ORDERS, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(st.lists(event, min_size=4, max_size=14))
    def check(events: list[tuple[Any, ...]]) -> None:
        shutil.copy(migrated_sqlite, path)
        for left in ("-wal", "-shm"):
            path.with_name(path.name + left).unlink(missing_ok=True)
        clock.now = began
        asyncio.run(play(events, path, vault, clock))

    check()
