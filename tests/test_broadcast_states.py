"""Whatever admins, recipients and crashes do to broadcasts, in any order: nobody gets one twice, nobody who said no gets
one, and what is told of its progress is what the rows say.

``ORDERS`` sets how many orders of acts are tried, each of up to 25.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from storage.broadcasts import broadcasts, recipients
from storage.broadcasts.broadcasts import NotNow
from storage.engine.database import Database
from storage.sealing.vault import Keyring, Vault
from tests.broadcasting import Hall
from tests.conftest import WIB, Clock

PEOPLE = 9
ORDERS = int(os.environ.get("ORDERS", "3"))


class Broadcasting(RuleBasedStateMachine):
    """Two broadcasts to the same people, put out two or three copies at a time, so that every act meets every state."""

    template: Path

    @initialize()
    def opens(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "test.db"
        shutil.copy(self.template, path)
        self.patch = pytest.MonkeyPatch()
        for name, few in (("MOST", 3), ("COPIES", 2), ("PEOPLE", 4)):
            self.patch.setattr(f"bot.broadcasts.pump.{name}", few)
        self.clock = Clock(datetime(2026, 11, 25, 9, tzinfo=WIB))
        self.database = self.run(Database.open(str(path), self.clock))
        self.hall = Hall(self.database, Vault(Keyring.fresh()), self.clock)
        self.people: list[int] = self.run(self.hall.people(PEOPLE))
        self.ids = [self.run(self.hall.draft(text)) for text in ("Satu", "Dua {nama}")]
        for each in self.ids:
            self.run(self.hall.start(each))
        self.sending: list[Any] = []
        self.said_no: set[int] = set()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            self.run(self.database.close())
            self.loop.close()
            self.patch.undo()
            self.folder.cleanup()

    # ------------------------------------------------------------------------------------------ what happens

    @rule()
    def the_pump_looks(self) -> None:
        self.run(self.hall.pump.tick())

    @rule(which=st.integers(0, 1))
    def a_step_only(self, which: int) -> None:
        plan = self.run(self.read(broadcasts.find, self.ids[which]))
        if plan.state in ("planning", "running", "cancelled"):
            self.run(self.hall.pump._step(plan))

    @rule(most=st.integers(1, 4))
    def delivery_claims(self, most: int) -> None:
        rows = self.run(self.hall.claim(most))
        assert not {row.person_id for row in rows} & self.said_no
        self.sending += rows

    @precondition(lambda self: self.sending)
    @rule(state=st.sampled_from(["sent", "sent", "sent", "failed", "uncertain"]))
    def one_arrives_or_fails(self, state: str) -> None:
        self.run(self.hall.deliver([self.sending.pop(0)], state))

    @rule(which=st.integers(0, 1), act=st.sampled_from(["pause", "resume", "cancel", "halt"]))
    def an_admin_acts(self, which: int, act: str) -> None:
        more = ("trouble",) if act == "halt" else ()
        with suppress(NotNow):
            self.run(self.hall.does(getattr(broadcasts, act), self.ids[which], *more, self.clock()))

    @precondition(lambda self: self.people)
    @rule(data=st.data(), how=st.sampled_from(["stop", "refuse", "erase"]))
    def somebody_says_no(self, data: st.DataObject, how: str) -> None:
        person_id = data.draw(st.sampled_from(self.people))
        self.run(getattr(self.hall, how)(person_id))
        if how != "refuse":  # a no to news is looked at when copies are put out; "berhenti" also takes back what was
            self.said_no.add(person_id)
            self.sending = [row for row in self.sending if row.person_id != person_id]
        if how == "erase":
            self.people.remove(person_id)

    @rule()
    def it_crashes(self) -> None:
        self.sending = []
        self.run(self.hall.crash())

    @rule(seconds=st.sampled_from([1, 90]))
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(seconds=seconds)

    # ------------------------------------------------------------------------------------------ what always holds

    @invariant()
    def nobody_gets_it_twice(self) -> None:
        if hasattr(self, "hall"):
            copies = Counter((who, text.split("\n")[0]) for who, text in self.hall.arrived)
            assert max(copies.values(), default=1) == 1

    @invariant()
    def progress_is_what_the_rows_say(self) -> None:
        if hasattr(self, "hall"):
            for each in self.ids:
                counts = self.run(self.hall.progress(each))
                plan = self.run(self.read(broadcasts.find, each))
                assert sum(counts.values()) == (plan.size if plan.planned_through else 0)

    async def read(self, query: Any, *args: Any) -> Any:
        async with self.database.read() as tx:
            return await query(tx, *args)

    def ends(self) -> None:
        """Let everything come to its end; then nothing is left over."""
        for each in self.ids:
            with suppress(NotNow):
                self.run(self.hall.does(broadcasts.resume, each, self.clock()))
        self.run(self.hall.crash())
        for _ in range(3):
            self.clock.advance(seconds=90)
            self.run(self.hall.send_all())
        for each in self.ids:
            plan = self.run(self.read(broadcasts.find, each))
            counts = self.run(self.read(recipients.progress, each))
            assert plan.state in ("done", "cancelled"), (plan.state, counts)
            assert not counts.keys() & {"planned", "due", "sending"}, counts
        self.nobody_gets_it_twice()


class ToItsEnd(Broadcasting):
    """The same, brought to an end after the last act."""

    def teardown(self) -> None:
        try:
            if hasattr(self, "hall"):
                self.ends()
        finally:
            super().teardown()


@pytest.mark.counted
def test_no_order_of_acts_sends_anything_twice_or_to_who_said_no(migrated_sqlite: Path) -> None:
    ToItsEnd.template = migrated_sqlite
    run_state_machine_as_test(ToItsEnd, settings=settings(max_examples=ORDERS, stateful_step_count=25, deadline=None))
