"""A guided random walk: owners and officers do this and that, in any order, to the whole product on a real database.

After every step and at the end of every walk must be so: leads are complete, consented and consistent; a *Kirim* makes
one lead; nobody is left without an answer; numbers of identity cards are nowhere; the stored messages of a person, played
again, lead to the session that is stored.

``WALKS`` sets how many walks are taken, each of up to 50 steps.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from structlog.testing import capture_logs

from bot.channels.base import decode
from bot.office.usual import answer_to, usual
from conversations.dialogues.book import BOOK
from conversations.engine.core import Contact, Heard, Press, Session
from conversations.engine.turn_state import scene_of
from conversations.engine.world import World
from conversations.hear.redact import redact
from storage.engine.database import Database, migrate
from storage.people.people import Where
from storage.sealing.vault import Keyring, Vault
from tests.conftest import WIB, Clock
from tests.replay import replayed
from tests.soundness import Kept, kept, leads_are_sound, session_of
from tests.stepwise import NINE
from tests.town import Town, known, plain, town

T = TypeVar("T")
OWNERS = ("Sri", "Bejo")
OFFICERS = {"Rina": ("33.72",), "Agus": ("33.72", "33.10")}
EVERYBODY = (*OWNERS, *OFFICERS)
DOUBLE_TAP = timedelta(seconds=2)

GOOD: dict[str, tuple[str, ...]] = {
    "consent": ("ya", "boleh", "nggih"),
    "name": ("Bu Siti", "nama saya Joko", "Mas Budi"),
    "regency": ("solo", "klaten", "kartosuro", "semarang", "surabaya", "laweyan", "kota semarang"),
    "outside": ("simpan dulu", "simpan"),
    "sector": ("warung makan", "borongan bangunan", "jahit", "warung bu sri di laweyan, 3 orang", "dagang", "ojek"),
    "workers": ("0", "2", "3-4 orang", "bertiga", "sama istri", "6 tukang"),
    "wages": ("semua dibayar", "keluarga", "2 digaji 1 anak saya"),
    "project": ("ya, satu proyek", "kerja tetap"),
    "under_65": ("ya", "sudah 70", "masih"),
    "over_age": ("petugas", "untuk pekerja saya", "tanya petugas"),
    "member": ("belum", "sudah", "tidak yakin"),
    "member_next": ("tanya", "daftarkan pekerja"),
    "income": ("2 juta", "100rb sehari", "500 ribu seminggu", "lewati", "24 juta setahun"),
    "work_days": ("25", "4"),
    "program": ("1", "lengkap", "biar petugas yang jelaskan"),
    "district": ("laweyan", "jebres", "trucuk", "delanggu", "kartasura", "banyumanik", "tembalang"),
    "business_name": ("Warung Bu Siti", "lewati"),
    "phone": ("0812 0000 7001", "tidak punya hp"),
    "contact_time": ("besok pagi", "kapan saja"),
    "confirm": ("kirim", "ya benar"),
    "allow": ("ya", "tidak"),
    "sure": ("tidak",),
    "start": ("daftar", "ubah data"),
    "outcome": ("sudah dihubungi", "didaftarkan", "tidak berminat", "tidak diangkat"),
    "note": ("minta ditelepon lagi", "lewati"),
}


def good(session: Session) -> tuple[str, ...]:
    """What answers the question that somebody saw last; of one that GOOD does not name, what stands on its buttons."""
    if session.asked in GOOD:
        return GOOD[session.asked]
    question, scene = BOOK[session.dialogue].question(session.asked), scene_of(session, World(NINE, known()))
    assert question
    labels = (known().labels(question.label(value, scene))[0] for value in question.choices(scene))
    return tuple(labels) or (answer_to(question, scene, usual()),)


COMMANDS = (
    "kembali", "ubah nama", "ubah kota", "ubah pekerja", "ubah", "batal", "bantuan", "status", "petugas", "berhenti",
    "mulai", "lihat data", "/start", "daftar", "/tugas", "/libur", "/masuk", "ada yang salah",
)  # fmt: skip
ASKED = ("iurannya berapa?", "ini penipuan bukan?", "3. oh ya iurannya brp?", "bedanya apa sama bpjs kesehatan?")
ODD = ("?", "asdf qwer", "😀😀😀", "<b>halo</b> *x* _y_", "\u202eterbalik\u202c", "nul\x00nul", "9" * 15, "x" * 4096,
       "0", "12345678", "{nama}", "RK-222AAA")  # fmt: skip
IDENTITY = ("{0}", "nik saya {0} ya", "{1}", "{2}", "ini ktp saya: {1}, kk {0}")
OTHER = ("photo", "voice", "sticker", "location", "edited", "poll")

who, owner, officer = st.sampled_from(EVERYBODY), st.sampled_from(OWNERS), st.sampled_from(tuple(OFFICERS))
pick = st.integers(0, 1000)


@cache
def migrated() -> Path:
    """An SQLite file with every table, to be copied; made once for all walks."""
    path = Path(tempfile.mkdtemp(prefix="rangkul-walk-")) / "migrated.db"
    migrate(str(path))
    return path


class Walk(RuleBasedStateMachine):
    """One town and its people. Each step is one event, or two at once; the clock moves on between them."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp(prefix="rangkul-walk-"))
        self.clock = Clock(datetime(2026, 11, 25, 9, 0, tzinfo=WIB))
        self.vault = Vault(Keyring.fresh())
        self.ids, self.codes, self.cards = count(1), count(1), count(1)
        self.buttons: dict[str, list[Press]] = {}
        self.seeded: list[str] = []
        self.sent = 0
        self.last: dict[str, tuple[Heard, str]] = {}
        self.logs: Any = capture_logs()
        self.logged: list[Any] = self.logs.__enter__()
        self.stack = AsyncExitStack()

    # ------------------------------------------------------------------------------------------ the town

    @property
    def database_file(self) -> Path:
        return self.folder / "walk.db"

    def run(self, doing: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(doing)

    async def _open(self) -> None:
        self.stack = AsyncExitStack()
        self.database = await self.stack.enter_async_context(await Database.open(str(self.database_file), self.clock))
        self.there: Town = await self.stack.enter_async_context(town(self.database, self.vault, self.clock))
        self.there.product.services.fresh = lambda: f"RK-{next(self.codes):06}"

    @initialize(number=pick)
    def opens(self, number: int) -> None:
        """Two officers at work, and mostly a lead for them to look after."""
        shutil.copy(migrated(), self.database_file)
        self.run(self._open())
        for name, regencies in OFFICERS.items():
            self.run(self.there.hire(name, *regencies))
        if number:
            self.registers("Sri", number)

    def teardown(self) -> None:
        try:
            if self.database_file.exists():
                self.ends_well()
                self.run(self.stack.aclose())
                self.nothing_secret_was_written()
        finally:
            self.logs.__exit__(None, None, None)
            self.loop.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    # ------------------------------------------------------------------------------------------ doing

    def does(self, name: str, heard: Heard, *, pause: float = 20, external_id: str = "") -> int:
        """One event; how many messages its person got for it."""
        self.clock.advance(seconds=pause)
        event = external_id or f"event-{next(self.ids)}"
        self.last[name] = (heard, event)
        before = len(self.there.told.get(name, ()))
        self.run(self._brought((name, heard, event)))
        return self.listened(name, before)

    async def _brought(self, *events: tuple[str, Heard, str]) -> None:
        """All at once; until what they bring has been sent. Receipts may come later, as they do in life."""
        await asyncio.gather(*(self.there.terminal.bring(*event) for event in events))
        while self.there.product.delivery.waiting:
            await asyncio.sleep(0)

    def listened(self, name: str, before: int) -> int:
        for each, messages in self.there.told.items():
            for message in messages[before if each == name else 0 :]:
                for row in message.keys:
                    self.buttons.setdefault(each, []).extend(press for key in row if (press := decode(key.data)))
        new = self.there.told.get(name, [])[before:]
        self.sent += sum("Kode Bapak/Ibu:" in plain(message) for message in new)
        return len(new)

    def session(self, name: str) -> Session | None:
        return self.run(session_of(self.database, self.vault, Where("terminal", "local", name)))

    def answered(self, name: str, heard: Heard, **how: Any) -> None:
        assert self.does(name, heard, **how) > 0, f"nothing was said to {name} about {heard}"

    @rule(name=owner, number=pick, steps=st.integers(1, 8))
    def answers_well(self, name: str, number: int, steps: int) -> None:
        for step in range(steps):
            session = self.session(name)
            fitting = good(session) if session and session.asked else ("halo",)
            self.answered(name, Heard(text=fitting[(number + step) % len(fitting)]))

    @rule(name=st.sampled_from(EVERYBODY[:3]), number=pick)
    def registers(self, name: str, number: int) -> None:
        """From wherever they are to a lead that is sent; now and then an officer has a business too."""
        self.says(name, "daftar")
        for step in range(40):
            session = self.session(name)
            if session is None or session.asked in ("", "allow", "start"):
                return
            fitting = good(session)
            self.answered(name, Heard(text=fitting[(number // (step + 1) + step) % len(fitting)]))

    @rule(name=who, said=st.sampled_from((*COMMANDS, *ASKED, *ODD)))
    def says(self, name: str, said: str) -> None:
        self.answered(name, Heard(text=said))

    @rule(name=who, said=st.sampled_from(sorted({text for texts in GOOD.values() for text in texts})))
    def answers_something_else(self, name: str, said: str) -> None:
        self.answered(name, Heard(text=said))

    @rule(name=who, shape=st.sampled_from(IDENTITY), odd_way=st.integers(0, 5))
    def tells_an_identity_number(self, name: str, shape: str, odd_way: int) -> None:
        plainly = f"33720112{next(self.cards):08}"
        forms = (plainly, " ".join(plainly[i : i + 4] for i in range(0, 16, 4)), ".".join((plainly[:6], plainly[6:])))
        text = shape.format(*forms)
        assert redact(text)[1]
        self.seeded += forms
        as_link, as_contact = Heard(start=plainly), Heard(contact=Contact(plainly, own=True))
        self.answered(name, as_link if odd_way == 1 else as_contact if odd_way == 2 else Heard(text=text))

    @rule(name=who, kind=st.sampled_from(OTHER))
    def sends_something_else(self, name: str, kind: str) -> None:
        self.answered(name, Heard(other=kind))

    @rule(name=who, own=st.booleans())
    def shares_a_contact(self, name: str, own: bool) -> None:
        number = f"+628120000123{EVERYBODY.index(name)}"  # a number that two have shown as their own makes them one
        self.answered(name, Heard(contact=Contact(number, own)))

    @rule(name=who, start=st.sampled_from(("pasar-gede", "RKG-ZZZZZZZZ")))
    def follows_a_link(self, name: str, start: str) -> None:
        self.answered(name, Heard(start=start))

    @rule(name=who, number=pick, fresh=st.booleans(), twice=st.booleans())
    def presses(self, name: str, number: int, fresh: bool, twice: bool) -> None:
        """A button of the last messages or any earlier one; perhaps twice, of which the second may be silent."""
        seen = self.buttons.get(name, [])[-12 if fresh else 0 :]
        if not seen:
            return
        heard = Heard(pressed=seen[number % len(seen)])
        self.does(name, heard, pause=20)
        if twice:
            self.does(name, heard, pause=1)

    @rule(name=officer, number=pick)
    def looks_after_a_lead(self, name: str, number: int) -> None:
        """Takes a card and notes what came of it, if it is theirs to take."""
        seen = [press for press in self.buttons.get(name, []) if press.dialogue == "lead"]
        if not seen:
            return
        press = seen[-1 - number % min(len(seen), 3)]
        self.answered(name, Heard(pressed=press))
        self.answered(name, Heard(pressed=Press("lead", "note", press.value)))
        session = self.session(name)
        for question in ("outcome", "note"):
            if session and session.asked == question:
                self.answered(name, Heard(text=GOOD[question][number % len(GOOD[question])]))
                session = self.session(name)

    @rule(name=who)
    def comes_again(self, name: str) -> None:
        """A redelivered event ends at the inbox: nothing is said, nothing changes."""
        if name in self.last:
            heard, event = self.last[name]
            before = self.session(name)
            if before is not None:  # with an erased person their messages went, and with them the proof
                assert self.does(name, heard, pause=0, external_id=event) == 0
                assert self.session(name) == before

    @rule(one=who, other=who, first=st.sampled_from(("ya", "kirim", "batal", "2", "lewati")),
          second=st.sampled_from(("tidak", "kirim", "kembali", "hapus data", "belum")))  # fmt: skip
    def both_at_once(self, one: str, other: str, first: str, second: str) -> None:
        """Two messages arrive together, perhaps of the same person; both are answered."""
        self.clock.advance(seconds=20)
        before = {name: len(self.there.told.get(name, ())) for name in (one, other)}
        one_id, other_id = f"event-{next(self.ids)}", f"event-{next(self.ids)}"
        self.run(self._brought((one, Heard(text=first), one_id), (other, Heard(text=second), other_id)))
        self.last = {name: last for name, last in self.last.items() if name not in (one, other)}
        for name, heard_before in before.items():
            assert self.listened(name, heard_before) > 0

    @rule(hours=st.sampled_from((1, 21, 30, 24 * 9)))
    def time_passes(self, hours: int) -> None:
        self.run(self.there.later(timedelta(hours=hours)))

    @rule(name=owner, sure=st.sampled_from(("ya", "tidak", "mungkin")))
    def wants_to_be_forgotten(self, name: str, sure: str) -> None:
        self.answered(name, Heard(text="hapus data"))
        self.answered(name, Heard(text=sure))

    @rule()
    def restarts(self) -> None:
        """The product stops and starts again on the same database."""
        self.run(self.stack.aclose())
        self.run(self._open())

    # ------------------------------------------------------------------------------------------ what must be so

    @invariant()
    def no_turn_failed(self) -> None:
        assert [line for line in self.logged if line["log_level"] in ("warning", "error")] == []

    def ends_well(self) -> None:
        self.run(self.there.quiet())
        found: Kept = self.run(kept(self.database, self.vault))
        leads_are_sound(found, known())
        assert len(found.leads) == self.sent, "one lead for every thank-you, and one thank-you for every lead"
        for name in OWNERS:
            if name in found.sessions and found.complete(name):
                assert replayed(found, name, known()) == found.sessions[name]
        assert not any(number in text for number in self.seeded for text in found.texts)

    def nothing_secret_was_written(self) -> None:
        written = b"".join(path.read_bytes() for path in self.folder.iterdir())
        logged = repr(self.logged)
        for number in self.seeded:
            assert number.encode() not in written
            assert number not in logged


WALKS = int(os.environ.get("WALKS", "3"))
TestWalk = pytest.mark.counted(Walk.TestCase)
TestWalk.settings = settings(
    max_examples=WALKS,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
