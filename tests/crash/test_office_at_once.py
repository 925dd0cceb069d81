"""A whole office presses *Ambil*, *Serahkan*, *Batalkan*, *Lepas* and *Terima* on the same leads at once, at one process
on SQLite and at two on PostgreSQL: one outcome, and everybody's phone says what is so.

``OFFICERS`` sets how many they are, ``RACES`` how often. The lead, the outbox and the phones are compared after each.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from contextlib import suppress
from itertools import count
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

import orjson
import pytest
from sqlalchemy import func, select

from bot.channels.base import encode
from bot.now import now
from conversations.engine.core import Press
from storage import tables
from storage.engine.database import Database
from storage.leads import officers
from storage.sealing.vault import Vault, open_key_file
from tests.conftest import Clock
from tests.crash.screens import ME, NOBODY, Screen
from tests.owners import more_leads, register
from tests.town import town

lead, event, inbox, outbox = (
    tables.table(each) for each in (tables.LeadRow, tables.LeadEvent, tables.Inbox, tables.Outbox)
)
OFFICERS, RACES = int(os.environ.get("OFFICERS", "10")), int(os.environ.get("RACES", "4"))
LEADS = 4  # as many as a chat gets as cards when it is bound
PATIENCE = 60.0  # seconds
HOLDERS, OTHERS = ("hand", "hand", "undo", "release"), ("take", "take", "take", "undo", "hand")


class Office:
    """Phones at one server process or two, which write to them; ``screens`` by name."""

    def __init__(self, database: Database, names: list[str]) -> None:
        self.database, self.screens = database, {name: Screen() for name in names}
        self._ids, self._acks = count(), dict[str, asyncio.Future[None]]()
        self._lines: list[tuple[asyncio.Task[None], asyncio.StreamWriter]] = []
        self.ids: dict[str, int] = {}

    async def opens(self, path: Path) -> None:
        """Connect with the process that serves there."""
        while True:
            with suppress(FileNotFoundError, ConnectionRefusedError):
                reader, writer = await asyncio.open_unix_connection(path, limit=1 << 20)
                break
            await asyncio.sleep(0.01)
        self._lines.append((asyncio.create_task(self._listen(reader)), writer))

    def close(self) -> None:
        for task, writer in self._lines:
            task.cancel()
            writer.close()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            said = orjson.loads(line)
            if "ack" in said:
                self._acks.pop(said["ack"]).set_result(None)
            elif screen := self.screens.get(said["to"]):
                screen.gets(said)

    async def brings(self, who: str, at: int, *, text: str = "", press: str = "") -> None:
        """Somebody types or presses something, at the process of this number; it is acknowledged."""
        event = str(next(self._ids))
        acked = self._acks[event] = asyncio.get_running_loop().create_future()
        said = {"id": event, "who": who, "text": text, "press": press}
        self._lines[at % len(self._lines)][1].write(orjson.dumps(said) + b"\n")
        await asyncio.wait_for(acked, PATIENCE)

    async def acts(self, who: str, at: int, verb: str, code: str, to: str) -> None:
        """Somebody presses a button of the lead's card; asked to whom it is handed, they name a colleague."""
        screen = self.screens[who]
        before = screen.new
        await self.brings(who, at, press=encode(Press("lead", verb, code)))
        if verb != "hand":
            return
        async with asyncio.timeout(PATIENCE):
            while screen.new == before:
                await asyncio.sleep(0.005)
        if press := next((data for data in screen.keys if data.startswith(f"handing.to={self.ids[to]}~")), ""):
            await self.brings(who, at, press=press)
        elif "diserahkan ke siapa" in screen.words[-1][1]:
            await self.brings(who, at, text=to)  # so many colleagues stand there as a list, without buttons

    async def row(self, code: str) -> Any:
        async with self.database.read() as tx:
            return (await tx.execute(select(lead).where(lead.c.code == code))).one()

    async def holder(self, code: str) -> str:
        found = (await self.row(code)).officer_id
        return next((name for name, number in self.ids.items() if number == found), NOBODY)

    async def quiet(self) -> None:
        """Wait until all that was to be sent to these phones has been sent; the owner's is on another channel."""
        waiting = select(func.count()).where(outbox.c.state.in_(("due", "sending")), outbox.c.channel == "telegram")
        async with asyncio.timeout(PATIENCE):
            while True:
                async with self.database.read() as tx:
                    if not (await tx.execute(waiting)).scalar_one():
                        return
                await asyncio.sleep(0.02)

    async def agrees(self, code: str) -> None:
        """The lead is whole, no press failed, and every phone says what is so."""
        await self.quiet()
        row, holder = await self.row(code), await self.holder(code)
        assert (row.officer_id is None) == (row.status == "new")
        assert (row.offered_to is None) == (row.offered_until is None)
        assert row.offered_to is None or row.officer_id not in (None, row.offered_to)
        assert row.next_at
        assert row.ring_at
        ends = monotonic() + 5  # what was written down as sent may still be on its way to us
        while wrong := self._wrong(code, holder):
            if monotonic() > ends:
                told = {name: self.screens[name].told(code)[-6:] for name, _, _ in wrong}
                raise AssertionError(f"{code} is with {holder or 'nobody'}: {wrong} {told}")
            await asyncio.sleep(0.02)

    def _wrong(self, code: str, holder: str) -> list[tuple[str, str | None, str | None]]:
        found = []
        for name, screen in self.screens.items():
            said, card = screen.last_said(code), screen.card_says(code)
            true = (holder, *((ME,) if name == holder else ()), None)
            if said not in true or card not in true or (name == holder and said is None):
                found.append((name, said, card))
        return found


async def race(office: Office, names: list[str], code: str, chance: Random) -> Counter[str]:
    """All press at once; what they pressed."""
    row, holder, acts, pressed = await office.row(code), await office.holder(code), [], Counter[str]()
    for place, who in enumerate(chance.sample((*names, "Kris"), len(names) + 1)):
        if who == "Kris":
            verb = chance.choice(("hand", "undo"))
        elif office.ids[who] == row.offered_to:
            verb = chance.choice(("accept", "accept", "return"))
        else:
            verb = chance.choice(HOLDERS if who == holder else OTHERS)
        pressed[verb] += 1
        acts.append(office.acts(who, place, verb, code, chance.choice([each for each in names if each != who])))
    await asyncio.gather(*acts)
    return pressed


@pytest.mark.counted
@pytest.mark.timeout(0)  # as long as it is asked for
async def test_whatever_a_whole_office_presses_at_once_one_has_the_lead_and_every_phone_says_who(
    database_url: str, tmp_path: Path
) -> None:
    clock, chance = Clock(now()), Random(20261130)  # the time is as the processes have it
    names = [f"Petugas {number}" for number in range(OFFICERS)]
    key, served = tmp_path / "office.key", 2 if database_url.startswith("postgresql") else 1
    vault, invitations = Vault(open_key_file(key)), {}
    async with await Database.open(database_url, clock) as database:
        async with town(database, vault, clock) as there:
            code = await register(there, "Siti")
            codes = [code, *await more_leads(there, code, LEADS - 1)]
        async with database.write() as tx:
            for name in (*names, "Kris"):
                role = "coordinator" if name == "Kris" else "officer"
                where = ("33.72",) if role == "officer" else ()
                invitations[name] = await officers.invite(tx, vault, name=name, role=role, regencies=where, now=clock())
    nursery = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.crash.nursery", stdin=-1, stdout=-1, cwd=Path(__file__).parents[2]
    )
    assert nursery.stdin
    assert nursery.stdout
    pids: list[int] = []
    try:
        async with await Database.open(database_url, clock, exclusive=False) as database:
            office = Office(database, [*names, "Kris"])
            for number in range(served):
                path = tmp_path / f"{number}.sock"
                nursery.stdin.write(f"{database_url} {key} {path}\n".encode())
                pids.append(int(await nursery.stdout.readline()))
                await office.opens(path)
            for who, invitation in invitations.items():
                for said in (invitation, "ya"):
                    await office.brings(who, 0, text=said)
            async with database.read() as tx:
                listed = await officers.listed(tx, vault)
            office.ids = {each.name: each.id for each in listed if each.name in names}
            pressed, began = Counter[str](), monotonic()
            for number in range(RACES):
                pressed += await race(office, names, codes[number % LEADS], chance)
                await office.agrees(codes[number % LEADS])
            async with database.read() as tx:
                failed = (await tx.execute(select(func.count()).where(inbox.c.state == "failed"))).scalar_one()
                done = [tuple(row) for row in await tx.execute(select(event.c.kind, event.c.undone_at.is_not(None)))]
            assert failed == 0
            came = Counter({f"{kind}{', undone' * undone}": number for (kind, undone), number in Counter(done).items()})
            seconds = monotonic() - began
            sys.stdout.write(
                f"\n{served} process(es), {RACES} rounds of {OFFICERS}: {seconds:.0f} s, {pressed} became {came}\n"
            )
            office.close()
    finally:
        for pid in pids:
            os.kill(pid, 9)
        nursery.stdin.close()
        await nursery.wait()
