"""Broadcasts measured: planning for a million persons with replies meanwhile, and sending beside a bare library.

``python -m benchmarks broadcast [rounds]``, or a part of it: ``python -m benchmarks.broadcast plan|send [rounds]``. Each
run is a process of its own, so that its memory and its CPU time are its own.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import uvloop

from benchmarks.bot_api import BotApi
from benchmarks.writer import SCRIPT, Sink
from bot import log
from bot.app import Product, assemble, knowledge
from bot.broadcast_text import Content
from bot.broadcasts import estimate, start
from bot.channels.base import Inbound, Key, decode
from bot.mail import Mail
from conversations.core import Heard
from storage import broadcasts, recipients, tables
from storage.audience import Audience
from storage.database import Database, migrate
from storage.ids import new_id
from storage.officers import Roster
from storage.people import Where, find
from storage.vault import Keyring, Vault

PERSONS, RECIPIENTS, AT_ONCE = 1_000_000, 20_000, 100
TEXT = "Halo Bapak/Ibu, pendaftaran program UMKM gelombang ke-3 sudah dibuka. Balas YA untuk ikut. " * 2
TOKEN = "4242424242:" + "A" * 35
LOOK_EVERY = 0.2  # seconds between looks at whether all has been sent: a look costs a transaction
REPLIES_EVERY = 0.05  # seconds between the owners who write while a broadcast is planned


# ------------------------------------------------------------------------------------------------ planning


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
    async with await Database.open(url) as database:
        sink = Sink()
        product = assemble(
            database, Vault(Keyring.fresh()), knowledge("Bench"), {"simulator": sink}, lambda: datetime.now(UTC)
        )
        async with _without_clock(product):
            took: list[float] = []
            talking = asyncio.create_task(_talk(product, sink, took))
            await asyncio.sleep(3)
            took.clear()
            began = time.perf_counter()
            broadcast_id = await _started(product)
            while await _state(database, broadcast_id) == "planning":
                await asyncio.sleep(0.05)
            seconds = time.perf_counter() - began
            while_planned = sorted(took)
            talking.cancel()
            async with database.write() as tx:
                size = (await recipients.progress(tx, broadcast_id))["planned"]
                await broadcasts.pause(tx, broadcast_id, datetime.now(UTC))
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
async def _without_clock(product: Product) -> AsyncIterator[None]:
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
    number = 0
    while True:
        number += 1
        asyncio.create_task(_register(product, sink, f"pemilik-{number}", took))  # noqa: RUF006 - ends by itself
        await asyncio.sleep(REPLIES_EVERY * len(SCRIPT))


async def _register(product: Product, sink: Sink, address: str, took: list[float]) -> None:
    keys: list[Key] = []
    for number, line in enumerate(SCRIPT):
        heard = Heard(pressed=decode(keys[int(line[1:-1])].data)) if line.startswith("[") else Heard(text=line)
        reply = sink.waiting[address] = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        await product.writer.receive(
            Inbound("simulator", "local", f"{address}-{number}", address, heard, datetime.now(UTC))
        )
        keys = [key for row in (await reply).keys for key in row]
        took.append(time.perf_counter() - began)
        await asyncio.sleep(REPLIES_EVERY)


async def _started(product: Product) -> int:
    now = datetime.now(UTC)
    assert product.shell
    async with product.database.read() as tx:
        counted = await estimate(tx, product.shell, Audience(), now)
    async with product.database.write() as tx:
        broadcast_id = await broadcasts.draft(
            tx, product.vault, name="Bench", author_id=None, purpose="news", audience=Audience(),
            content=Content(TEXT).json(), now=now,
        )  # fmt: skip
        await start(Mail(tx, product.shell, now, Roster(tx)), broadcast_id, size=counted.count)
    return broadcast_id


async def _state(database: Database, broadcast_id: int) -> str:
    async with database.read() as tx:
        plan = await broadcasts.find(tx, broadcast_id)
    assert plan
    return plan.state


# ------------------------------------------------------------------------------------------------ sending


async def ours(api: str, number: int, folder: Path) -> dict[str, float]:
    """From the start of the broadcast until its last receipt is written down, the limit off."""
    from bot.channels.telegram_aiogram import Telegram

    url = str(folder / "bench.db")
    await asyncio.to_thread(migrate, url)
    async with await Database.open(url) as database:
        vault = Vault(Keyring.fresh())
        channel = Telegram(TOKEN, api=api, mode="none")
        await _owners(database, vault, channel.account, number)
        product = assemble(database, vault, knowledge("Bench"), {"telegram": channel}, lambda: datetime.now(UTC))
        async with _without_clock(product):
            began, cpu = time.perf_counter(), time.process_time()
            broadcast_id = await _started(product)
            while await _state(database, broadcast_id) != "done":
                await asyncio.sleep(LOOK_EVERY)
            seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
            async with database.read() as tx:
                assert (await recipients.progress(tx, broadcast_id)) == {"sent": number}
    return {"seconds": seconds, "cpu": cpu}


async def _owners(database: Database, vault: Vault, account: str, number: int) -> None:
    now = datetime.now(UTC) - timedelta(days=1)
    ids = [new_id() for _ in range(number)]
    values = {"created_at": now, "stopped": False, "news": True, "campaign": "", "wrong_codes": 0}
    chats = {i: Where("telegram", account, str(200_000_000 + n)) for n, i in enumerate(ids)}
    async with database.write() as tx:
        await tx.execute(tables.table(tables.Person).insert(), [{"id": i, **values} for i in ids])
        await tx.execute(
            tables.table(tables.Address).insert(),
            [
                {"id": i, "person_id": i, "channel": "telegram", "account": account, "reachable": True, "heard_at": now,
                 "sealed": vault.seal(chat.address, table="address", column="sealed", row=i), "find": find(vault, chat)}
                for i, chat in chats.items()
            ],
        )  # fmt: skip


async def aiogram(api: str, number: int, _: Path) -> dict[str, float]:
    """The library alone, as people write it: gather behind a semaphore; nothing stored, nothing survives a crash."""
    from aiogram import Bot
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer

    bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(api)))
    room = asyncio.Semaphore(AT_ONCE)

    async def send(chat: int) -> None:
        async with room:
            await bot.send_message(chat, TEXT)

    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(send(200_000_000 + n) for n in range(number)))
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    await bot.session.close()
    return {"seconds": seconds, "cpu": cpu}


def _server(pipe: Any, core: int) -> None:
    async def run() -> None:
        api = BotApi(lambda *_: None)
        pipe.send(await api.start())
        await asyncio.Event().wait()

    os.sched_setaffinity(0, {core})
    uvloop.run(run())


# ------------------------------------------------------------------------------------------------ printing

PARTS: dict[str, Callable[..., Coroutine[Any, Any, dict[str, float]]]] = {"ours": ours, "aiogram": aiogram}


def one(what: str, *args: str) -> dict[str, float]:
    """One run in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.broadcast", "--run", what, *args]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = orjson.loads(done.stdout)
    return found


def plan(rounds: int) -> None:
    """Print the median of each figure, with the spread of the seconds."""
    runs = [one("plan", str(PERSONS)) for _ in range(rounds)]
    middle = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
    spread = f"{min(r['seconds'] for r in runs):.1f}-{max(r['seconds'] for r in runs):.1f}"
    sys.stdout.write(
        f"planning {middle['recipients']:,.0f} recipients: {middle['seconds']:.1f} s ({spread}), at most {middle['mb']:.0f} MB; "
        f"{middle['replies']:.0f} replies meanwhile: p50 {middle['p50_ms']:.1f} ms, p99 {middle['p99_ms']:.1f} ms, "
        f"worst {middle['worst_ms']:.0f} ms\n"
    )


def send(rounds: int) -> None:
    """Print the rates of both, by the clock and by CPU time, and their ratio; rounds interleaved."""
    ends = multiprocessing.Pipe()
    cores = sorted(os.sched_getaffinity(0))
    server = multiprocessing.get_context("spawn").Process(target=_server, args=(ends[1], cores[0]), daemon=True)
    server.start()
    api = ends[0].recv()
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in PARTS}
    for _ in range(rounds):
        for name, found in runs.items():
            found.append(one(name, api, str(RECIPIENTS)))
    server.terminate()
    for unit in ("seconds", "cpu"):
        rates = {name: [RECIPIENTS / run[unit] for run in found] for name, found in runs.items()}
        told = "; ".join(f"{n} {statistics.median(r):,.0f} ({min(r):,.0f}-{max(r):,.0f})" for n, r in rates.items())
        ratio = statistics.median(o / a for o, a in zip(rates["ours"], rates["aiogram"], strict=True))
        per = "second" if unit == "seconds" else "CPU second"
        sys.stdout.write(f"sending to {RECIPIENTS:,}, messages a {per}: {told}; {ratio:.2f} times\n")


@asynccontextmanager
async def _folder() -> AsyncIterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


async def _one(what: str, args: list[str]) -> dict[str, float]:
    async with _folder() as folder:
        if what == "plan":
            return await planned(int(args[0]), folder)
        return await PARTS[what](args[0], int(args[1]), folder)


def main(rounds: int = 3) -> None:
    plan(rounds)
    send(rounds)


if __name__ == "__main__":
    what, *rest = sys.argv[1:] or [""]
    if what == "--run":
        log.configure("error")
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
        sys.stdout.buffer.write(orjson.dumps(uvloop.run(_one(rest[0], rest[1:]))))
    else:
        {"plan": plan, "send": send, "": main}[what](int(rest[0]) if rest else 3)
