"""What an office's work holds up, on SQLite and PostgreSQL: an export of a year's leads, and a tick with many leads due.

The tick is the clock's own, on leads whose next step is due at once: those that twenty officers have, and untaken ones. Of
each transaction that writes it is measured for how long it held its locks.
"""

from __future__ import annotations

import asyncio
import resource
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app import Product, assemble
from bot.loading import knowledge
from bot.office import export
from bot.settings import Settings
from bot.timers.clock import Clock
from conversations.engine.knowledge import Knowledge
from storage import tables
from storage.engine.database import Database, migrate
from storage.engine.ids import first_id
from storage.sealing import key_check

from .following import bound, clock, fill, lead
from .pacing import postgresql
from .writer import Sink

outbox = tables.table(tables.Outbox)

LEADS, DUE, UNTAKEN, OFFICERS = 36_000, 20_000, 2_000, 20


class Timed:
    """A database that notes how long each transaction that writes held its locks, and how much of that this process
    worked, in milliseconds."""

    def __init__(self, database: Database) -> None:
        self._database, self.held, self.worked = database, list[float](), list[float]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    def write(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return self._timed()

    @asynccontextmanager
    async def _timed(self) -> AsyncIterator[AsyncConnection]:
        async with self._database.write() as tx:
            began, worked = time.perf_counter(), time.process_time()
            yield tx
        self.held.append((time.perf_counter() - began) * 1000)
        self.worked.append((time.process_time() - worked) * 1000)


async def measure(url: str, folder: Path, knows: Knowledge) -> None:
    settings = Settings(_env_file=None, database_url=url, key_file=folder / "bench.key", controller="Bench")
    await asyncio.to_thread(migrate, url)
    places = knows.ear.places
    regencies = ("33.72", "33.10", "33.11", "33.13", "33.09")
    districts = [district for regency in regencies for district in places.districts(regency)]
    async with await Database.open(url, clock) as database:
        vault = await key_check.unlocked(database, "", settings.key_file)
        await fill(database, vault, districts, LEADS)
    for form in ("csv", "xlsx"):
        before, began, worked = resident(), time.perf_counter(), time.process_time()
        most = asyncio.create_task(highest())
        await export.export(settings, form, folder / f"leads.{form}")
        took, worked = time.perf_counter() - began, time.process_time() - worked
        most.cancel()
        print(
            f"export of {LEADS} leads, {form}: {took:.1f} s, of these {worked:.1f} s at work, "
            f"{await most - before:.0f} MB above idle",
            flush=True,
        )
    async with await Database.open(url, clock) as database:
        sink = Sink()
        product = assemble(database, vault, knows, {"simulator": sink}, clock)
        product.writer.start()
        await tick(product, sink, regencies)
        assert product.delivery  # all roles are here
        await product.delivery.stop()
        await product.writer.stop()


async def tick(product: Product, sink: Sink, regencies: tuple[str, ...]) -> None:
    names = [f"Petugas {number}" for number in range(OFFICERS)]
    ids = [
        await bound(product, sink, name, "officer", regencies[number % len(regencies)])
        for number, name in enumerate(names)
    ]
    async with product.database.write() as tx:
        due = {"ring_at": clock(), "next_at": clock(), "rung": 0}
        first = lead.select().with_only_columns(lead.c.id).order_by(lead.c.id).limit(DUE).scalar_subquery()
        await tx.execute(lead.update().where(lead.c.id.in_(first)).values(**due, officer_id=None, status="new"))
        for number, officer_id in enumerate(ids):
            its = lead.c.id.in_(first) & text(f"lead.id % {OFFICERS} = {number}")
            taken = its & text(f"(lead.id / {OFFICERS}) % {DUE // UNTAKEN} <> 0")
            await tx.execute(lead.update().where(taken).values(officer_id=officer_id, status="contacted"))
        if product.database.dialect == "postgresql":
            await tx.execute(text("ANALYZE"))
    timed, last = Timed(product.database), first_id(clock())
    assert product.services
    all_due = Clock(cast("Database", timed), product.services, lambda: clock() + timedelta(minutes=1))
    began = time.perf_counter()
    await all_due.tick()
    took = time.perf_counter() - began
    async with product.database.read() as tx:
        told = select(outbox.c.kind, func.count()).where(outbox.c.id > last).group_by(outbox.c.person_id, outbox.c.kind)
        counts = [(row[0], row[1]) for row in await tx.execute(told)]
    most = {kind: max(number for name, number in counts if name == kind) for kind, _ in counts}
    print(
        f"tick, {DUE} leads due: {took:.1f} s, {len(timed.held)} transactions; to one officer at most {most}",
        flush=True,
    )
    for what, found in (("held", timed.held), ("at work", timed.worked)):
        in_order = sorted(found)
        print(
            f"  {what}: p50 {statistics.median(in_order):.1f} ms, p99 {in_order[int(len(in_order) * 0.99)]:.1f} ms, "
            f"longest {in_order[-1]:.1f} ms",
            flush=True,
        )


def resident() -> float:
    """Megabytes now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1024**2


async def highest() -> float:
    """The most megabytes until it is cancelled."""
    found = resident()
    with suppress(asyncio.CancelledError):
        while True:
            await asyncio.sleep(0.02)
            found = max(found, resident())
    return found


async def both() -> None:
    knows = knowledge("Bench")
    with tempfile.TemporaryDirectory() as folder:
        print("SQLite", flush=True)
        await measure(str(Path(folder) / "bench.db"), Path(folder), knows)
    with tempfile.TemporaryDirectory() as folder:
        async with postgresql(Path(folder)) as url:
            print("PostgreSQL", flush=True)
            await measure(url, Path(folder), knows)


def main(times: int) -> None:
    print("\n## An office's work\n")
    for _ in range(times):
        asyncio.run(both())
