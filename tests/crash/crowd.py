"""Servers that are killed and restarted, and people who use them meanwhile as people on a platform do."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import orjson

PATIENCE = 60.0  # seconds without any answer after which somebody counts as stuck


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as it was handed to the platform: ``by`` which life of which server, the row of the outbox, to whose
    chat, and when (nanoseconds of a steady clock).
    """

    by: str
    ref: int
    to: str
    at: int
    text: str


@dataclass
class Server:
    """One place for a server, with its roles; ``kill`` empties it, ``restart`` puts the next one there."""

    crowd: Crowd
    name: str
    roles: tuple[str, ...]
    pid: int = 0
    runs: int = 0
    writer: asyncio.StreamWriter | None = None
    up: asyncio.Event = field(default_factory=asyncio.Event)
    reading: asyncio.Task[None] | None = None

    async def restart(self) -> None:
        self.runs += 1
        path = self.crowd.folder / f"{self.name}-{self.runs}.sock"
        self.pid = await self.crowd.born(path, self.roles)
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    reader, self.writer = await asyncio.open_unix_connection(path, limit=1 << 20)
                    break
                except (FileNotFoundError, ConnectionRefusedError):
                    await asyncio.sleep(0.005)
        self.reading = asyncio.create_task(self.crowd.listen(path.stem, reader))
        self.up.set()

    async def kill(self) -> None:
        """End it at once; what it had handed over before is still read."""
        self.up.clear()
        self.crowd.killed.add(self.pid)
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        if self.reading:
            await self.reading
        if self.writer:
            self.writer.close()


@dataclass
class Person:
    """Somebody in the chat. What was not acknowledged is brought again with the same id, as a platform does."""

    crowd: Crowd
    who: str
    inbox: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)
    acked: set[str] = field(default_factory=set)
    done: bool = False

    async def brings(self, *, text: str = "", press: str = "") -> None:
        event_id, server = str(next(self.crowd.ids)), self.crowd.front
        line = orjson.dumps({"id": event_id, "who": self.who, "text": text, "press": press}) + b"\n"
        while event_id not in self.acked:
            await server.up.wait()
            run = server.runs
            with suppress(ConnectionError):
                assert server.writer
                server.writer.write(line)
            for _ in range(40):
                if event_id in self.acked or server.runs != run or not server.up.is_set():
                    break
                await asyncio.sleep(0.005)

    async def registers(self, script: list[str]) -> None:
        """Say what stands there, line by line; ``[Belum]`` presses the button of that label."""
        keys: list[list[str]] = []
        last, read = "", set[int]()
        for line in script:
            buttons = {f"[{label}]": data for label, data in keys}
            assert not line.startswith("[") or line in buttons, (
                f"{self.who}: no {line} at {last!r}, only {list(buttons)}"
            )
            press = buttons.get(line, "")
            await self.brings(text="" if press else line, press=press)
            while True:
                said = await asyncio.wait_for(self.inbox.get(), PATIENCE)
                if said["text"] and not said["text"].startswith(NEWS) and said["ref"] not in read:
                    break
                read.add(said["ref"])  # after a kill, what had not been settled comes once more
            last, keys = said["text"], said["keys"]
            read.add(said["ref"])
        self.done = True

    async def takes_leads(self) -> None:
        """An officer: presses *Ambil* on each new card, until cancelled."""
        taken: set[str] = set()
        while True:
            said = await self.inbox.get()
            press = next((data for _, data in said["keys"] if data.startswith("lead.take=")), "")
            if press and press not in taken:
                taken.add(press)
                await self.brings(press=press)


NEWS = "Kabar "  # how the texts begin that are not answers


@dataclass
class Crowd:
    """``front`` is where events are brought. ``shown``: all that was handed to the platform. ``killed``: pids."""

    folder: Path
    url: str
    nursery: asyncio.subprocess.Process
    servers: list[Server] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    shown: list[Shown] = field(default_factory=list)
    killed: set[int] = field(default_factory=set)
    ids: count[int] = field(default_factory=count)
    _one_birth: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def front(self) -> Server:
        return self.servers[0]

    @property
    def key_file(self) -> Path:
        return self.folder / "crash.key"

    def was_killed(self, owner: str) -> bool:
        """Whether the process whose leases bear this name was killed. Asked of a row, that says more than a look at the rows
        right after the kill: the database may still be busy with the last commit of the dead.
        """
        return int(owner.partition("-")[0]) in self.killed

    def person(self, who: str) -> Person:
        return self.people.setdefault(who, Person(self, who))

    async def place(self, *roles: str) -> Server:
        """One more server; the first is the one that takes events."""
        server = Server(self, f"server{len(self.servers)}", roles)
        self.servers.append(server)
        await server.restart()
        return server

    async def born(self, path: Path, roles: tuple[str, ...]) -> int:
        assert self.nursery.stdin
        assert self.nursery.stdout
        async with self._one_birth:
            self.nursery.stdin.write(f"{self.url} {self.key_file} {path} {' '.join(roles)}\n".encode())
            return int(await self.nursery.stdout.readline())

    async def listen(self, by: str, reader: asyncio.StreamReader) -> None:
        """Hand what a server writes to whom it is for, until it has ended."""
        while True:
            try:
                line = await reader.readline()
            except ConnectionError:
                return
            if not line.endswith(b"\n"):
                return
            said = orjson.loads(line)
            if "ack" in said:
                for person in self.people.values():
                    person.acked.add(said["ack"])
            else:
                self.shown.append(Shown(by, said["ref"], said["to"], said["at"], said["text"]))
                self.person(said["to"]).inbox.put_nowait(said)


@asynccontextmanager
async def crowd(folder: Path, url: str) -> AsyncIterator[Crowd]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.crash.nursery", stdin=-1, stdout=-1, cwd=Path(__file__).parents[2]
    )
    gathered = Crowd(folder, url, process)
    try:
        yield gathered
    finally:
        for server in gathered.servers:
            await server.kill()
        assert process.stdin
        process.stdin.close()
        await process.wait()
