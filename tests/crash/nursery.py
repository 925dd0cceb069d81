"""A process that has loaded everything once and forks servers on request: killing one costs milliseconds, not seconds.

Standard input: one line per server wanted, ``<database> <key file> <socket> [role …]``. Standard output: the pid of each.
A server takes events as JSON lines on its Unix socket, acknowledges each after the commit, and writes what it sends.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
import time
import traceback
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import orjson

import bot.outbox.leased_rows

# What a killed process held is free sooner than in life. Set before it is used, and only where this is the program.
if __name__ == "__main__":
    bot.outbox.leased_rows.LEASE = timedelta(seconds=5)

from bot import leases, log
from bot.app import assemble, running
from bot.channels.base import Inbound, Limits, Outgoing, Receive, SendStatus, Unavailable, decode
from bot.loading import knowledge
from bot.now import now
from bot.roles import chosen
from conversations.engine.core import Heard
from storage.engine.database import Database
from storage.sealing import key_check
from storage.sealing.vault import Vault, open_key_file

PR_SET_PDEATHSIG = 1  # prctl(2)
RATE = 400.0  # messages a second
TAKES = 0.003  # seconds that a platform needs for a message, so that a kill may hit one half-way


class Wire:
    """A channel over one Unix socket."""

    name, account, limits = "telegram", "1", Limits(4096, 20, 40)

    def __init__(self, path: str) -> None:
        self._path = path
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listening = asyncio.Event()

    async def start(self, receive: Receive) -> None:
        async def take(writer: asyncio.StreamWriter, line: bytes) -> None:
            event = orjson.loads(line)
            pressed = decode(event["press"]) if event["press"] else None
            heard = Heard(text=event["text"], pressed=pressed)
            with suppress(Unavailable):
                await receive(Inbound(self.name, self.account, event["id"], event["who"], heard, now()))
                writer.write(orjson.dumps({"ack": event["id"]}) + b"\n")

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._writers.add(writer)
            self._listening.set()
            while line := await reader.readline():
                task = asyncio.create_task(take(writer, line))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

        await asyncio.start_unix_server(serve, self._path)

    async def stop(self) -> None: ...

    async def settle(self, inbound: Inbound, toast: str) -> None: ...

    async def send(self, address: str, message: Outgoing) -> SendStatus:
        await self._listening.wait()
        keys_ = [[key.label, key.data] for row in message.keys for key in row]
        said = {"to": address, "text": message.text, "keys": keys_, "edits": message.edits}
        line = orjson.dumps({**said, "ref": message.ref, "at": time.monotonic_ns()}) + b"\n"
        for writer in self._writers:
            writer.write(line)
        await asyncio.sleep(TAKES)
        return SendStatus(str(message.ref))


async def serve(url: str, key_file: str, path: str, *roles: str) -> None:
    async with await Database.open(url, now) as database:
        vault = Vault(open_key_file(Path(key_file)))
        await key_check.check(database, vault)
        wire = Wire(path)
        product = assemble(database, vault, KNOWN, {wire.name: wire}, now, rates={wire.name: RATE}, roles=chosen(roles))
        async with running(product):
            await asyncio.Event().wait()


def main() -> None:
    log.configure("error")  # to standard error: standard output is for pids
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the killed
    for line in sys.stdin:
        if (pid := os.fork()) == 0:
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # it must not outlive a test that was cut short
            try:
                asyncio.run(serve(*line.split()))
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(1)  # a child must never go on as a nursery
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    leases.LENGTH, leases.RENEW_EVERY, leases.ASK_EVERY = timedelta(seconds=3), 0.5, 0.3  # likewise
    KNOWN = knowledge("Uji")
    main()
