"""A broadcast to thousands is sent, by ours with the limit off and by a bare library, to the same Bot API server."""

from __future__ import annotations

import asyncio
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvloop

from benchmarks.bot_api import BotApi
from benchmarks.planning import TEXT, started, state, without_clock
from bot.app import assemble
from bot.cli import collect_what_is_new
from bot.loading import knowledge
from bot.now import now
from storage import tables
from storage.broadcasts import recipients
from storage.engine.database import Database, migrate
from storage.people.people import Where, find
from storage.sealing.vault import Keyring, Vault

AT_ONCE = 100
TOKEN = "4242424242:" + "A" * 35
LOOK_EVERY = 0.2  # seconds between looks at whether all has been sent: a look costs a transaction


async def ours(api: str, number: int, folder: Path) -> dict[str, float]:
    """From the start of the broadcast until its last receipt is written down, the limit off."""
    from bot.channels.telegram_aiogram import AiogramTelegram

    url = str(folder / "bench.db")
    await asyncio.to_thread(migrate, url)
    async with await Database.open(url, now) as database:
        vault = Vault(Keyring.fresh())
        channel = AiogramTelegram(TOKEN, api=api, mode="none", clock=now)
        await owners(database, vault, channel.account, number)
        product = assemble(database, vault, knowledge("Bench"), {"telegram": channel}, now)
        collect_what_is_new()
        async with without_clock(product):
            began, cpu = time.perf_counter(), time.process_time()
            broadcast_id = await started(product)
            while await state(database, broadcast_id) != "done":
                await asyncio.sleep(LOOK_EVERY)
            seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
            async with database.read() as tx:
                assert (await recipients.progress(tx, broadcast_id)) == {"sent": number}
    return {"seconds": seconds, "cpu": cpu}


async def owners(database: Database, vault: Vault, account: str, number: int) -> None:
    at = now() - timedelta(days=1)
    ids = [database.ids() for _ in range(number)]
    values = {"created_at": at, "stopped": False, "news": True, "campaign": "", "wrong_codes": 0}
    chats = {i: Where("telegram", account, str(200_000_000 + n)) for n, i in enumerate(ids)}
    async with database.write() as tx:
        await tx.execute(tables.table(tables.Person).insert(), [{"id": i, **values} for i in ids])
        await tx.execute(
            tables.table(tables.Address).insert(),
            [
                {"id": i, "person_id": i, "channel": "telegram", "account": account, "reachable": True, "heard_at": at,
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


def server(pipe: Any, core: int) -> None:
    """Answer both, on a core of its own; its address goes through the pipe."""

    async def run() -> None:
        api = BotApi(lambda *_: None)
        pipe.send(await api.start())
        await asyncio.Event().wait()

    os.sched_setaffinity(0, {core})
    uvloop.run(run())
