"""A broadcast to very many is planned while owners register: how long it takes, its memory, how long they wait."""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
import sqlite3
import statistics
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from benchmarks.script import script
from benchmarks.writer import Sink, heard_as
from bot.app import Product, assemble
from bot.broadcasts.plans import estimate, start
from bot.broadcasts.text import Content
from bot.channels.base import Inbound, Key
from bot.loading import knowledge
from bot.mail.mail import Mail
from bot.now import now
from storage.broadcasts import broadcasts, recipients
from storage.broadcasts.audience import Audience
from storage.engine.database import Database, migrate
from storage.leads.officers import Roster
from storage.sealing.vault import Keyring, Vault

TEXT = "Halo Bapak/Ibu, pendaftaran program UMKM gelombang ke-3 sudah dibuka. Balas YA untuk ikut. " * 2
REPLIES_EVERY = 0.05  # seconds between the owners who write while a broadcast is planned


def fill(path: str, persons: int) -> None:
    """So many owners who agreed, written by SQLite itself: what their addresses hold does not matter here."""
    with sqlite3.connect(path, isolation_level=None) as database:
        database.execute(
            "INSERT INTO person (id, created_at, stopped, news, campaign, wrong_codes) "
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
            "SELECT i, '2026-01-01 00:00:00.000000', 0, 1, '', 0 FROM n",
            (persons,),
        )
        database.execute(
            "INSERT INTO address (id, person_id, channel, account, sealed, find, reachable, heard_at) "
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
            "SELECT i, i, 'telegram', '1', randomblob(45), randomblob(16), 1, '2026-01-01 00:00:00.000000' FROM n",
            (persons,),
        )


async def planned(persons: int, folder: Path) -> dict[str, float]:
    """Plan a broadcast to all of them while owners register; nothing is sent."""
    url = str(folder / "bench.db")
    await asyncio.to_thread(migrate, url)
    await asyncio.to_thread(_apart, fill, url, persons)
    async with await Database.open(url, now) as database:
        sink = Sink()
        product = assemble(database, Vault(Keyring.fresh()), knowledge("Bench"), {"simulator": sink}, now)
        async with without_clock(product):
            took: list[float] = []
            talking = asyncio.create_task(_talk(product, sink, took))
            await asyncio.sleep(3)
            took.clear()
            began = time.perf_counter()
            broadcast_id = await started(product)
            while await state(database, broadcast_id) == "planning":
                await asyncio.sleep(0.05)
            seconds = time.perf_counter() - began
            while_planned = sorted(took)
            talking.cancel()
            async with database.write() as tx:
                size = (await recipients.progress(tx, broadcast_id))["planned"]
                await broadcasts.cancel(tx, broadcast_id, now())  # no address of these opens
    return {
        "recipients": size,
        "seconds": seconds,
        "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "replies": len(while_planned),
        "p50_ms": 1000 * statistics.median(while_planned),
        "p99_ms": 1000 * while_planned[int(len(while_planned) * 0.99)],
        "worst_ms": 1000 * while_planned[-1],
    }


@asynccontextmanager
async def without_clock(product: Product) -> AsyncIterator[None]:
    """All that a broadcast needs, but not the clock, which would erase people of whom nothing is kept."""
    parts = [part for part in (product.writer, product.delivery, product.pump) if part]
    for part in parts:
        part.start()
    try:
        yield
    finally:
        for part in reversed(parts):
            await part.stop()


def _apart(work: Callable[..., None], *args: Any) -> None:
    """In a process of its own, whose memory is not counted as ours."""
    process = multiprocessing.get_context("spawn").Process(target=work, args=args)
    process.start()
    process.join()
    assert process.exitcode == 0


async def _talk(product: Product, sink: Sink, took: list[float]) -> None:
    """Owners who register, several at a time, each turn timed until its reply has left."""
    assert product.services
    number, said = 0, tuple(script(product.services.knowledge, news=True).values())
    while True:
        number += 1
        asyncio.create_task(_register(product, sink, f"pemilik-{number}", said, took))  # noqa: RUF006 - ends by itself
        await asyncio.sleep(REPLIES_EVERY * len(said))


async def _register(product: Product, sink: Sink, address: str, said: Sequence[str], took: list[float]) -> None:
    keys: list[Key] = []
    for number, line in enumerate(said):
        heard = heard_as(line, keys)
        reply = sink.waiting[address] = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        await product.writer.receive(Inbound("simulator", "local", f"{address}-{number}", address, heard, now()))
        keys = [key for row in (await reply).keys for key in row]
        took.append(time.perf_counter() - began)
        await asyncio.sleep(REPLIES_EVERY)


async def started(product: Product) -> int:
    at = now()
    assert product.services
    async with product.database.read() as tx:
        counted = await estimate(tx, product.services, Audience(), at)
    async with product.database.write() as tx:
        broadcast_id = await broadcasts.draft(
            tx, product.vault, name="Bench", author_id=None, purpose="news", audience=Audience(),
            content=Content(TEXT).json(), now=at,
        )  # fmt: skip
        await start(Mail(tx, product.services, at, Roster(tx)), broadcast_id, size=counted.count)
    return broadcast_id


async def state(database: Database, broadcast_id: int) -> str:
    async with database.read() as tx:
        plan = await broadcasts.find(tx, broadcast_id)
    assert plan
    return plan.state
