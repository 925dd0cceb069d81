"""Ten officers press *Ambil* at once, half of them at one process and half at another: exactly one has the lead."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter, defaultdict
from contextlib import suppress
from itertools import count
from pathlib import Path

import orjson
import pytest

from bot.channels.base import encode
from bot.now import now
from conversations.engine.core import Press
from storage.engine.database import Database
from storage.leads import officers
from storage.sealing.vault import Vault, open_key_file
from tests.conftest import Clock
from tests.owners import more_leads, register
from tests.town import town

RACES = int(os.environ.get("RACES", "5"))
TEN = tuple(f"petugas-{number}" for number in range(10))


class Line:
    """A connection to one server process; what it tells people is added to ``told``."""

    def __init__(self, told: dict[str, list[str]]) -> None:
        self._told, self._acks = told, dict[str, asyncio.Future[None]]()

    async def open(self, path: Path) -> None:
        while True:
            with suppress(FileNotFoundError, ConnectionRefusedError):
                reader, self._writer = await asyncio.open_unix_connection(path)
                break
            await asyncio.sleep(0.01)
        self._task = asyncio.create_task(self._listen(reader))

    async def close(self) -> None:
        self._task.cancel()
        self._writer.close()

    async def bring(self, event_id: str, who: str, *, text: str = "", press: str = "") -> None:
        """Hand an event over; returns when it is acknowledged."""
        acked = self._acks[event_id] = asyncio.get_running_loop().create_future()
        self._writer.write(orjson.dumps({"id": event_id, "who": who, "text": text, "press": press}) + b"\n")
        await asyncio.wait_for(acked, 30)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            said = orjson.loads(line)
            if "ack" in said:
                self._acks.pop(said["ack"]).set_result(None)
            elif not said["edits"]:
                self._told[said["to"]].append(said["text"])


@pytest.mark.counted
async def test_of_ten_officers_at_two_processes_exactly_one_has_it_and_the_others_know(
    postgres_url: str, tmp_path: Path
) -> None:
    clock = Clock(now())  # as the processes have it: an invitation must not be over by then
    key, ids, told = tmp_path / "race.key", count(), defaultdict[str, list[str]](list)
    vault = Vault(open_key_file(key))
    async with await Database.open(postgres_url, clock) as database:
        async with town(database, vault, clock) as there:
            codes = await more_leads(there, await register(there, "Siti"), RACES)
        async with database.write() as tx:
            invitations = [
                await officers.invite(tx, vault, name=who, role="officer", regencies=("33.72",), now=clock())
                for who in TEN
            ]
    nursery = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.crash.nursery", stdin=-1, stdout=-1, cwd=Path(__file__).parents[2]
    )
    assert nursery.stdin
    assert nursery.stdout
    pids, lines = [], [Line(told), Line(told)]
    for number, line in enumerate(lines):
        nursery.stdin.write(f"{postgres_url} {key} {tmp_path / f'{number}.sock'}\n".encode())
        pids.append(int(await nursery.stdout.readline()))
        await line.open(tmp_path / f"{number}.sock")
    try:
        for who, code in zip(TEN, invitations, strict=True):
            for said in (code, "ya"):
                await lines[0].bring(str(next(ids)), who, text=said)
        for code in codes:
            press = encode(Press("lead", "take", code))
            runs = [lines[n % 2].bring(str(next(ids)), who, press=press) for n, who in enumerate(TEN)]
            await asyncio.gather(*runs)
        async with asyncio.timeout(60):
            while answers(told, codes).total() < 10 * len(codes):
                await asyncio.sleep(0.05)
    finally:
        for line in lines:
            await line.close()
        for pid in pids:
            os.kill(pid, 9)
        nursery.stdin.close()
        await nursery.wait()
    assert answers(told, codes) == Counter(taken=len(codes), refused=9 * len(codes))


def answers(told: dict[str, list[str]], codes: list[str]) -> Counter[str]:
    """How often somebody was told that a lead is theirs, and how often that it is another's."""
    counted: Counter[str] = Counter()
    for texts in told.values():
        for text in texts:
            first = text.partition("\n")[0]
            if any(code in first for code in codes):
                counted["taken"] += "sekarang tugas Anda" in first
                counted["refused"] += "tidak bisa diambil lagi" in first
    return counted
