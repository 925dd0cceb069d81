"""The turn writer in process: real dialogue, effects, encryption, SQLite with ``synchronous=FULL``.

Callers play whole registrations, each its own person, as fast as they are answered. Everything shares one core with the
writer, the callers too: what a caller costs is counted against us.
"""

from __future__ import annotations

import asyncio
import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path

import uvloop

from bot import log
from bot.app import Product, assemble
from bot.channels.base import Inbound, Key, Limits, Outgoing, Receive, SendStatus, decode
from bot.loading import knowledge
from bot.now import now
from conversations.engine.core import Heard
from conversations.engine.knowledge import Knowledge
from storage import tables
from storage.engine.database import Database, migrate
from storage.sealing.vault import Keyring, Vault

from .contenders import OURS
from .pace import pace
from .script import script

PERSONS, SMALL = 1_000_000, 10_000


class Sink:
    """A channel that takes every message at once and lets a caller wait for theirs."""

    name, account, limits = "simulator", "local", Limits(4096, 20, 40)

    def __init__(self) -> None:
        self.waiting: dict[str, asyncio.Future[Outgoing]] = {}

    async def start(self, receive: Receive) -> None: ...

    async def stop(self) -> None: ...

    async def settle(self, inbound: Inbound, toast: str) -> None: ...

    async def send(self, address: str, message: Outgoing) -> SendStatus:
        waiter = self.waiting.pop(address, None)
        if waiter and not waiter.done():
            waiter.set_result(message)
        return SendStatus("1")


def heard_as(line: str, keys: Sequence[Key]) -> Heard:
    """A line of the script: words, or the button with the label in brackets."""
    if not line.startswith("["):
        return Heard(text=line)
    return Heard(pressed=decode(next(key.data for key in keys if key.label == line[1:-1])))


@dataclass(frozen=True, slots=True)
class Figure:
    turns_per_second: float
    p50_ms: float
    p99_ms: float


async def measure(callers: int, turns: int, persons: int = 0, knows: Knowledge | None = None) -> Figure:
    """Play until ``turns`` turns are done by ``callers`` at once, on a database that holds ``persons`` others."""
    with tempfile.TemporaryDirectory() as folder:
        url = str(Path(folder) / "bench.db")
        await asyncio.to_thread(migrate, url)
        async with await Database.open(url, now) as database:
            vault = Vault(Keyring.fresh())
            await fill(database, vault, persons)
            sink = Sink()
            product = assemble(database, vault, knows or knowledge("Bench"), {"simulator": sink}, now)
            product.writer.start()
            gc.collect()
            gc.freeze()
            figure = await _play(product, sink, callers, turns)
            assert product.delivery  # all roles are here
            await product.delivery.stop()
            await product.writer.stop()
            gc.unfreeze()
            return figure


async def _play(product: Product, sink: Sink, callers: int, turns: int) -> Figure:
    assert product.services
    said, took = tuple(script(product.services.knowledge, news=True).values()), list[float]()
    left = turns
    ids = count()
    started = time.perf_counter()

    async def turn(address: str, heard: Heard) -> Outgoing:
        nonlocal left
        left -= 1
        waiter = sink.waiting[address] = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        await product.writer.receive(Inbound("simulator", "local", str(next(ids)), address, heard, now()))
        took.append(time.perf_counter() - began)
        told: Outgoing = await waiter
        return told

    async def caller() -> None:
        while left > 0:
            address = f"pemilik-{next(ids)}"
            keys: list[Key] = []
            for line in said:
                message = await turn(address, heard_as(line, keys))
                keys = [key for row in message.keys for key in row]

    await asyncio.gather(*(caller() for _ in range(callers)))
    seconds = time.perf_counter() - started
    took.sort()
    return Figure(len(took) / seconds, 1000 * statistics.median(took), 1000 * took[int(len(took) * 0.99)])


async def fill(database: Database, vault: Vault, persons: int) -> None:
    """So many other people with a session each, stored in large chunks."""
    at = now()
    chunk = 20_000
    for first in range(0, persons, chunk):
        ids = [database.ids() for _ in range(min(chunk, persons - first))]
        async with database.write() as tx:
            await tx.execute(
                tables.table(tables.Person).insert(),
                [{"id": i, "created_at": at, "stopped": False, "campaign": "", "wrong_codes": 0} for i in ids],
            )
            await tx.execute(
                tables.table(tables.Address).insert(),
                [
                    {"id": i, "person_id": i, "channel": "telegram", "account": "1", "sealed": b"x" * 45,
                     "find": vault.find("address", f"telegram|1|{i}"), "reachable": True, "heard_at": at}
                    for i in ids
                ],
            )  # fmt: skip
            await tx.execute(
                tables.table(tables.Conversation).insert(),
                [
                    {"person_id": i, "sealed": b"x" * 300, "dialogue": "registration", "question": "name",
                     "touched_at": at, "nudge_at": at + timedelta(days=9), "nudged": 0, "erase_at": at + timedelta(days=30)}
                    for i in ids
                ],
            )  # fmt: skip


def line(name: str, figures: list[Figure], paces: list[float]) -> None:
    """One row: the median, the spread, and the median at the reference pace."""
    rates = [figure.turns_per_second for figure in figures]
    even = [rate * pace for rate, pace in zip(rates, paces, strict=True)]
    p50, p99 = (statistics.median(getattr(figure, name) for figure in figures) for name in ("p50_ms", "p99_ms"))
    print(
        f"{name:34} {statistics.median(rates):8.0f} turns/s ({min(rates):.0f}-{max(rates):.0f}), "
        f"even {statistics.median(even):.0f}; p50 {p50:.1f} ms, p99 {p99:.1f} ms",
        flush=True,
    )


def cost(run: tuple[list[Figure], list[float]]) -> list[float]:
    """Seconds a turn at the reference pace, by round."""
    return [1 / (figure.turns_per_second * pace) for figure, pace in zip(*run, strict=True)]


def main(times: int) -> None:
    log.configure("error")
    os.sched_setaffinity(0, {OURS})  # one core for everything: writer, database thread, callers
    knows = knowledge("Bench")
    runs: dict[str, tuple[list[Figure], list[float]]] = {}
    plan = (
        ("64 callers, nobody else stored", 64, 8_000, 0),
        ("1 caller, nobody else stored", 1, 600, 0),
        (f"64 callers, {SMALL:,} stored", 64, 6_000, SMALL),
        (f"64 callers, {PERSONS:,} stored", 64, 6_000, PERSONS),
    )
    print("\n## The turn writer alone, in process\n")
    for number in range(times):
        for name, callers, turns, stored in plan:
            sys.stderr.write(f"\rround {number + 1} of {times}: {name:40}")
            before = pace()
            figure = uvloop.run(measure(callers, turns, stored, knows))
            figures, paces = runs.setdefault(name, ([], []))
            figures.append(figure)
            paces.append((before + pace()) / 2)
    sys.stderr.write("\n")
    for name, (figures, paces) in runs.items():
        line(name, figures, paces)
    small, large = (statistics.median(cost(runs[name])) for name, *_ in plan[2:])
    print(f"cost of a turn at {PERSONS:,} persons: {large / small:.2f} times that at {SMALL:,}")
