"""Whatever is done to leads, in any order: no open lead is without a next step, none is held by somebody who has left,
what was undone is no history, and nobody is told of a lead that they may not see.

``ORDERS`` sets how many lists of events are tried; each goes through the whole product on SQLite.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from conversations.engine.core import Heard, Press
from conversations.rules.outcomes import CLOSED, WAITING
from storage import tables
from storage.engine.database import Database
from storage.leads import leads, leaving
from storage.sealing.vault import Vault
from tests.conftest import WIB, Clock
from tests.owners import register
from tests.town import Town, plain, town

lead, event, inbox, officer = (
    tables.table(each) for each in (tables.LeadRow, tables.LeadEvent, tables.Inbox, tables.OfficerRow)
)
ORDERS = int(os.environ.get("ORDERS", "3"))
OFFICE, OWNERS = ("Rina", "Joko", "Kris"), ("Siti", "Bejo")
NOTED = ("berminat", "tidak diangkat", "berkas lengkap", "sudah didaftarkan", "nomor salah", "tidak berminat")

who, of = st.sampled_from(OFFICE), st.sampled_from(OWNERS)
done = st.one_of(
    st.tuples(st.sampled_from(("take", "take", "release", "undo", "undo", "accept", "return")), who, of),
    st.tuples(st.just("note"), who, of, st.sampled_from(NOTED)),
    st.tuples(st.just("hand"), who, of, st.sampled_from(("Rina", "Joko"))),
    st.tuples(st.sampled_from(("write", "writes", "answers", "ends")), who, of),
    st.tuples(st.sampled_from(("away", "back")), st.sampled_from(("Rina", "Joko"))),
    st.tuples(st.just("leaves"), st.just("Joko")),
    st.tuples(st.sampled_from(("erases", "renames")), of),
    st.tuples(st.just("passes"), st.sampled_from((1, 12, 30, 80, 200))),
)


class Order:
    """One order of things: what is done, and what must be so after each."""

    def __init__(self, there: Town, codes: dict[str, str]) -> None:
        self.there, self.codes = there, codes
        self.left: dict[str, int] = {}  # how much each who left had been told by then

    async def does(self, name: str, *how: str) -> None:
        """One thing is done by one person."""
        there = self.there
        there.clock.advance(seconds=10)
        match (name, *how):
            case ("note", person, owner, outcome):
                await self._press(person, "note", owner)
                await there.say(person, outcome)
                await there.say(person, "batal")
            case ("hand", person, owner, to):
                await self._press(person, "hand", owner)
                await there.say(person, f"[{to}]" if f"{to}" in there.labels(person) else "batal")
            case ("away" | "back", person):
                await there.say(person, "/libur" if name == "away" else "/masuk")
            case ("leaves", person):
                await self._leaves(person)
            case ("erases", owner):
                await there.say(owner, "hapus data")
                await there.say(owner, "ya")
            case ("renames", owner):
                await there.say(owner, "ganti nama jadi Slamet")
            case ("passes", hours):
                await there.later(timedelta(hours=int(hours)))
            case ("writes" | "answers" | "ends", person, owner):
                await self._through_the_bot(name, person, owner)
            case (verb, person, owner):
                await self._press(person, verb, owner)

    async def _press(self, person: str, verb: str, owner: str) -> None:
        await self.there.does(person, Heard(pressed=Press("lead", verb, self.codes[owner])))

    async def _through_the_bot(self, what: str, person: str, owner: str) -> None:
        """Words of one arrive at most at the other side of a lead that this officer has, who is at work."""
        writer, words = (person, f"kapan longgar ya, {person}") if what == "writes" else (owner, f"besok saja, {owner}")
        told = {each: len(self.there.told.get(each, ())) for each in (*OFFICE, *OWNERS)}
        held = await self._held()
        await self.there.say(writer, "selesai" if what == "ends" else words)
        for each, before in told.items():
            if any(words in message.text for message in self.there.told.get(each, [])[before:]) and each != writer:
                pair = (person, each) if what == "writes" else (each, owner)
                assert pair[0] in held.get(pair[1], ())

    async def _held(self) -> dict[str, tuple[str, ...]]:
        """Who has the open lead of each owner, by name."""
        vault = self.there.product.services.vault
        async with self.there.product.database.read() as tx:
            found = await leads.by_code(tx, vault, self.codes.values())
        return {
            o: (found[code][1].officer,) for o, code in self.codes.items() if code in found and found[code][1].is_open
        }

    async def _leaves(self, person: str) -> None:
        vault = self.there.product.services.vault
        async with self.there.product.database.write() as tx:
            for row in await tx.execute(select(officer.c.id, officer.c.name).where(officer.c.left_at.is_(None))):
                if vault.open(row.name, table="officer", column="name", row=row.id) == person:
                    await leaving.leave(tx, row.id, self.there.clock(), actor="test")
        await self.there.later(timedelta(minutes=1))  # what they were shown is emptied
        self.left.setdefault(person, len(self.there.told[person]))

    async def is_right(self) -> None:
        """What must be so whatever was done."""
        async with self.there.product.database.read() as tx:
            rows = (await tx.execute(select(lead))).all()
            gone = set((await tx.execute(select(officer.c.id).where(officer.c.left_at.is_not(None)))).scalars())
            failed = (await tx.execute(select(inbox.c.id).where(inbox.c.state == "failed"))).all()
            found = (await leads.by_ids(tx, self.there.product.services.vault, [row.id for row in rows])).leads
            undone = event.c.outcome.label("outcome")
            noted = (await tx.execute(select(event.c.lead_id, undone).where(event.c.undone_at.is_(None)))).all()
        assert not failed
        for row in rows:
            over = row.person_id is None or row.status in (*CLOSED, WAITING)
            assert (row.next_at is None) == over
            assert (row.ring_at is None) == over
            if row.person_id is not None:
                assert (row.erase_at is not None) == (row.closed_at is not None) == over
                history = [visit.outcome for visit in found[row.id].history]
                assert history == [each.outcome for each in noted if each.lead_id == row.id and each.outcome]
            if not over:
                assert row.officer_id not in gone
                assert row.officer_id or row.status not in ("taken", "unreached")
                assert row.offered_to != row.officer_id or row.officer_id is None
        assert not [m for m in self.there.told.get("Dewi", ()) if any(code in m.text for code in self.codes.values())]
        for person, since in self.left.items():
            for message in self.there.told[person][since:]:
                assert "0812" not in plain(message)
                assert "sekarang tugas Anda" not in plain(message)


async def play(events: Sequence[tuple[object, ...]], path: Path, vault: Vault, clock: Clock) -> None:
    async with await Database.open(str(path), clock) as database, town(database, vault, clock) as there:
        await there.hire("Kris", role="coordinator")
        await there.hire("Dewi", "33.10")
        for name in ("Rina", "Joko"):
            await there.hire(name, "33.72")
        codes = {
            owner: await register(there, owner, phone=f"0812 0000 700{number}") for number, owner in enumerate(OWNERS)
        }
        for owner in OWNERS:
            await there.say(owner, "tidak")
        order = Order(there, codes)
        for one in events:
            await order.does(*map(str, one))
            await order.is_right()


@pytest.mark.counted
def test_in_whatever_order_leads_are_taken_noted_handed_and_undone_they_stay_whole(
    migrated_sqlite: Path, tmp_path: Path, vault: Vault, clock: Clock
) -> None:
    began, path = clock.now.astimezone(WIB), tmp_path / "orders.db"

    @settings(max_examples=ORDERS, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(st.lists(done, min_size=6, max_size=20))
    def check(events: list[tuple[object, ...]]) -> None:
        shutil.copy(migrated_sqlite, path)
        for left in ("-wal", "-shm"):
            path.with_name(path.name + left).unlink(missing_ok=True)
        clock.now = began
        asyncio.run(play(events, path, vault, clock))

    check()
