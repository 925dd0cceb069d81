"""A process that has loaded everything once and forks products on request, each with a clock that its world sets.

Standard input: one line per product wanted, ``<database> <key file> <socket>``; standard output: the pid of each. On its
socket a product takes steps, one JSON line each: the moment, what people do at it, and whether the clock ticks. It
acknowledges each event after the commit, writes all that it sends, and says when it has come to rest.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
import traceback
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

import bot.broadcasts.pump
import bot.timers.clock
import bot.turns.batch
import bot.turns.writer
from bot import log
from bot.app import Product, assemble, running
from bot.channels.base import Inbound, Limits, Outgoing, Receive, SendFailed, SendStatus, Unavailable, decode
from bot.loading import knowledge
from conversations.engine.core import Heard
from storage.engine.database import Database
from storage.sealing import key_check
from storage.sealing.vault import Vault, open_key_file

PR_SET_PDEATHSIG = 1  # prctl(2)


class Moment:
    """The clock of a product: the moment of the step that it is in."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


class Wire:
    """A channel over the socket on which the steps come."""

    name, account, limits = "telegram", "1", Limits(4096, 20, 40)

    def __init__(self, clock: Moment) -> None:
        self.clock = clock
        self.blocked: frozenset[str] = frozenset()
        self.writer: asyncio.StreamWriter | None = None
        self._receive: Receive | None = None

    async def start(self, receive: Receive) -> None:
        self._receive = receive

    async def stop(self) -> None: ...

    async def settle(self, inbound: Inbound, toast: str) -> None: ...

    async def take(self, event: Mapping[str, str]) -> None:
        """One event; it is acknowledged once it is stored."""
        assert self._receive
        pressed = decode(event["press"]) if event["press"] else None
        heard = Heard(text=event["text"], pressed=pressed)
        with suppress(Unavailable):
            await self._receive(
                Inbound(self.name, self.account, event["id"], event["who"], heard, self.clock(), reach=event["reach"])
            )
            self._write({"ack": event["id"]})

    async def send(self, address: str, message: Outgoing) -> SendStatus:
        if address in self.blocked:
            raise SendFailed("bot was blocked by the user", gone=True)
        keys = [[key.label, key.data] for row in message.keys for key in row]
        said = {"to": address, "text": message.text, "keys": keys, "edits": bool(message.edits)}
        self._write({**said, "ref": message.ref})
        await asyncio.sleep(0)  # a kill may come between a message and its receipt
        return SendStatus(str(message.ref))

    def say(self, said: Mapping[str, Any]) -> None:
        self._write(said)

    def _write(self, said: Mapping[str, Any]) -> None:
        if self.writer:
            self.writer.write(orjson.dumps(said) + b"\n")


async def at_rest(product: Product) -> None:
    """Wait until all that was to be sent is sent and written down."""
    assert product.delivery
    while product.delivery.waiting or product.writer.busy:
        await asyncio.sleep(0.0005)


async def stepped(product: Product, wire: Wire, step: Mapping[str, Any]) -> None:
    """All that happens at one moment."""
    wire.clock.at = datetime.fromisoformat(step["now"])
    wire.blocked = frozenset(step["blocked"])
    await asyncio.gather(*(wire.take(event) for event in step["events"]))
    if step["tick"]:
        assert product.clock
        assert product.pump
        assert product.delivery
        await product.clock.tick()
        await product.pump.tick()
        await product.delivery.claim()
    await at_rest(product)
    wire.say({"done": True})


async def serve(url: str, key_file: str, path: str) -> None:
    opened = asyncio.Event()
    lines: asyncio.Queue[bytes] = asyncio.Queue()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wire.writer = writer
        opened.set()
        while line := await reader.readline():
            lines.put_nowait(line)

    clock = Moment(datetime.fromisoformat("2026-01-01T00:00+07:00"))
    wire = Wire(clock)
    await asyncio.start_unix_server(listen, path, limit=1 << 22)
    await opened.wait()
    first = orjson.loads(await lines.get())
    clock.at = datetime.fromisoformat(first["now"])
    async with await Database.open(url, clock) as database:
        vault = Vault(open_key_file(Path(key_file)))
        await key_check.check(database, vault)
        product = assemble(database, vault, KNOWN, {wire.name: wire}, clock)
        async with running(product):
            await stepped(product, wire, first)
            while True:
                await stepped(product, wire, orjson.loads(await lines.get()))


def main() -> None:
    log.configure("error")  # to standard error: standard output is for pids
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the killed
    for line in sys.stdin:
        if (pid := os.fork()) == 0:
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # it must not outlive a run that was cut short
            try:
                asyncio.run(serve(*line.split()))
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(1)  # a child must never go on as the one that forks
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    bot.timers.clock.EVERY = timedelta(days=1).total_seconds()  # the world says when the clock ticks
    bot.turns.writer.SETTLE_WITHIN = 0.001  # nobody waits for receipts
    KNOWN = knowledge("Uji")
    main()
