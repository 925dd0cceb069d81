"""SIGKILL at random moments under load: no acknowledged answer is lost, no lead is there twice, nobody is stuck."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import orjson
import pytest

from storage import leads
from storage.database import Database, migrate
from storage.vault import Vault, open_key_file

KILLS = 50
USERS = 12
PATIENCE = 20.0  # seconds without any answer after which somebody counts as stuck


@dataclass
class Server:
    """The server that is up just now; ``stop`` kills it, ``restart`` puts the next one in its place."""

    nursery: asyncio.subprocess.Process
    folder: Path
    pid: int = 0
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None
    up: asyncio.Event = field(default_factory=asyncio.Event)
    runs: int = 0

    async def restart(self) -> None:
        self.runs += 1
        path = self.folder / f"{self.runs}.sock"
        assert self.nursery.stdin
        assert self.nursery.stdout
        self.nursery.stdin.write(f"{self.folder / 'crash.db'} {self.folder / 'crash.key'} {path}\n".encode())
        self.pid = int(await self.nursery.stdout.readline())
        while True:
            try:
                self.reader, self.writer = await asyncio.open_unix_connection(path)
                break
            except (FileNotFoundError, ConnectionRefusedError):
                await asyncio.sleep(0.005)
        self.up.set()

    def kill(self) -> None:
        self.up.clear()
        os.kill(self.pid, signal.SIGKILL)


@dataclass
class User:
    """An owner who answers what was asked, and repeats what was not acknowledged, with the same id, as a platform does."""

    who: str
    script: list[str]
    inbox: asyncio.Queue[tuple[str, list[list[str]]]] = field(default_factory=asyncio.Queue)
    acks: asyncio.Event = field(default_factory=asyncio.Event)
    waiting_for: str = ""
    done: bool = False

    async def play(self, server: Server, ids: count[int]) -> None:
        keys: list[list[str]] = []
        seen: set[str] = set()
        for line in self.script:
            press = keys[int(line[1:-1])][1] if line.startswith("[") else ""
            await self._send(server, str(next(ids)), "" if press else line, press)
            text = ""
            while not text or text in seen:  # what was sent before a crash may come once more
                text, keys = await asyncio.wait_for(self.inbox.get(), PATIENCE)
            seen.add(text)
        self.done = True

    async def _send(self, server: Server, event_id: str, text: str, press: str) -> None:
        self.acks.clear()
        self.waiting_for = event_id
        event = orjson.dumps({"id": event_id, "who": self.who, "text": text, "press": press}) + b"\n"
        while not self.acks.is_set():
            await server.up.wait()
            run = server.runs
            with suppress(ConnectionError):
                assert server.writer
                server.writer.write(event)
            while not self.acks.is_set() and server.runs == run and server.up.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.acks.wait(), 0.05)


async def listen(server: Server, users: dict[str, User]) -> None:
    """Hand what the server writes to whom it is for."""
    while True:
        await server.up.wait()
        assert server.reader
        try:
            line = await server.reader.readline()
        except ConnectionError:
            line = b""
        if not line.endswith(b"\n"):
            await asyncio.sleep(0.005)
            continue
        said = orjson.loads(line)
        if "ack" in said:
            for user in users.values():
                if user.waiting_for == said["ack"]:
                    user.acks.set()
        else:
            users[said["to"]].inbox.put_nowait((said["text"], said["keys"]))


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Server]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.crash.nursery", stdin=-1, stdout=-1, cwd=Path(__file__).parents[2]
    )
    server = Server(process, folder)
    try:
        await server.restart()
        yield server
    finally:
        server.kill()
        assert process.stdin
        process.stdin.close()
        await process.wait()


def script(number: int) -> list[str]:
    return ["halo", "[0]", "Siti Aminah", "Klaten", "warung makan", "[1]", "[0]", "[0]", "[1]", "[1]", "[0]",
            "Delanggu", f"Warung {number}", f"08120000{number:04}", "[0]", "[0]", "[1]"]  # fmt: skip


async def test_fifty_kills_lose_nothing_repeat_nothing_and_leave_nobody_stuck(tmp_path: Path) -> None:
    await asyncio.to_thread(migrate, str(tmp_path / "crash.db"))
    chance, ids, numbers = random.Random(20261122), count(), count()
    users: dict[str, User] = {}
    async with serving(tmp_path) as server:
        listener = asyncio.create_task(listen(server, users))
        finish = asyncio.Event()

        async def busy() -> None:
            """One owner after another, as long as there are kills to come."""
            while not finish.is_set():
                number = next(numbers)
                user = users[f"pemilik-{number}"] = User(f"pemilik-{number}", script(number))
                await user.play(server, ids)

        crowd = [asyncio.create_task(busy()) for _ in range(USERS)]
        for _ in range(KILLS):
            await asyncio.sleep(chance.uniform(0.0, 0.25))
            server.kill()
            await server.restart()
        finish.set()
        async with asyncio.timeout(60):
            await asyncio.gather(*crowd)
        listener.cancel()
        with suppress(asyncio.CancelledError):
            await listener
    assert all(user.done for user in users.values())
    assert len(users) >= USERS
    await _each_lead_once_and_as_answered(tmp_path, users)


async def _each_lead_once_and_as_answered(folder: Path, users: dict[str, User]) -> None:
    async with await Database.open(str(folder / "crash.db")) as database, database.read() as tx:
        stored = await leads.everything(tx, Vault(open_key_file(folder / "crash.key")))
    named = sorted(lead.answers["business_name"] for lead in stored)
    assert named == sorted(f"Warung {number}" for number in range(len(users)))
    for lead in stored:
        number = int(lead.answers["business_name"].removeprefix("Warung "))
        assert lead.answers["phone"]["e164"] == f"+628120000{number:04}"
        assert lead.answers["workers"] == [1, 1]


pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # sockets whose server was shot
