"""``make soak``: owners register through the Telegram webhook while everything that can go wrong does.

``python -m benchmarks.soak --minutes 30 --owners 2000``: the real ``rangkul serve`` on SQLite, beside a local Bot API that
refuses, cuts connections, answers late, floods, and brings updates twice; a SIGKILL and a restart every two minutes. At
its end the sums: every registration that was begun ended with one lead and its owner knows the code, nothing waits, memory
did not grow. Exit code 1 when a sum is wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import signal
import socket
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import aiohttp
from sqlalchemy import select

from benchmarks.script import script
from bot.loading import knowledge
from bot.now import now
from storage import tables
from storage.engine.database import Database
from storage.leads import lead_list
from tests.standins.bot_api import TOKEN, BotApi
from tests.standins.bot_api_people import Person

ROOT = Path(__file__).parents[1]
SECRET = "rahasia-percobaan"
CODE = re.compile(r"RK-\w{6}")
AT_ONCE = 60  # owners who are registering at a time
KILL_EVERY, LOOK_EVERY = 120.0, 10.0  # seconds
STUCK = 180.0  # seconds without an answer
WARM, GROWTH = 3, 1.25  # looks after which a life counts as warm; its memory at the end against then, at most

ours = cache(lambda: script(knowledge("Soak")))


class Server:
    """``rangkul serve`` as an operator runs it."""

    def __init__(self, folder: Path, api: BotApi) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._api = api
        self.folder, self.url, self.key = folder, f"sqlite:///{folder / 'soak.db'}", folder / "soak.key"
        ours = {key: value for key, value in os.environ.items() if not key.startswith("RANGKUL")}
        self._env = {
            **ours, "PYTHONPATH": str(ROOT), "RANGKUL_DATABASE_URL": self.url, "RANGKUL_KEY_FILE": str(self.key),
            "RANGKUL_DELETIONS_FILE": str(folder / "soak.deletions"), "RANGKUL_CONTROLLER": "Kantor Percontohan",
            "RANGKUL_TELEGRAM_TOKEN": TOKEN, "RANGKUL_TELEGRAM_API": api.url, "RANGKUL_TELEGRAM_MODE": "webhook",
            "RANGKUL_TELEGRAM_WEBHOOK_SECRET": SECRET, "RANGKUL_PUBLIC_URL": "https://soak.invalid",
            "RANGKUL_TELEGRAM_RATE": "1000", "RANGKUL_PORT": str(self.port), "RANGKUL_LOG_LEVEL": "error",
        }  # fmt: skip
        self.process: asyncio.subprocess.Process | None = None
        self.memory: list[list[float]] = []  # MiB, each life's

    async def start(self) -> None:
        """Begin a life, unless one goes on; returns once it is ready and Telegram knows where it is."""
        if self.process and self.process.returncode is None:
            return
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "serve", env=self._env, cwd=self.folder
        )
        async with aiohttp.ClientSession() as http, asyncio.timeout(120):
            while True:
                with suppress(aiohttp.ClientError):
                    async with http.get(f"http://127.0.0.1:{self.port}/health/ready") as answer:
                        if answer.status == 200:
                            break
                await asyncio.sleep(0.2)
        self.memory.append([])
        # It tells Telegram its public address; the stand-in is told where that leads.
        await self._api.until(lambda: self._api.updates.webhook.url, 60)
        self._api.updates.leads_to = f"http://127.0.0.1:{self.port}/webhook/telegram"

    async def end(self, by: signal.Signals) -> None:
        if self.process and self.process.returncode is None:
            self.process.send_signal(by)
            await self.process.wait()

    def look(self) -> None:
        if self.memory and self.process and self.process.returncode is None:
            pages = int((Path("/proc") / str(self.process.pid) / "statm").read_text().split()[1])
            self.memory[-1].append(pages * 4096 / 2**20)


async def registers(api: BotApi, number: int, thinks: float) -> str:
    """One owner, from the greeting to the code, who ``thinks`` so many seconds on average before each answer.

    Raises TimeoutError when they are stuck.
    """
    person = api.person(number + 1, f"Pemilik {number}")
    told, own = 0, {"business_name": f"Warung {number}", "phone": f"08120000{number:04}"}
    for answer in {**ours(), **own}.values():
        _act(person, answer)
        async with asyncio.timeout(STUCK):
            while len(_texts(person)) <= told:
                await asyncio.sleep(0.05)
        await asyncio.sleep(random.uniform(0.0, 2 * thinks))
        told = len(_texts(person))
    found = CODE.search(" ".join(_texts(person)))
    return found[0] if found else ""


def _texts(person: Person) -> list[str]:
    """What they were told, each once: after a crash the last message may come again."""
    return list(dict.fromkeys(shown.text for shown in person.told))


def _act(person: Person, answer: str) -> None:
    if answer.startswith("["):
        person.tap(answer[1:-1])
    else:
        person.say(answer)


async def misfortune(api: BotApi) -> None:
    """Something goes wrong every second or so; whom it did not befall by then, it spares.

    Faults that were kept for whoever comes next would all fall on the last few owners of a run.
    """
    chance = random.Random(20261122)
    while True:
        await asyncio.sleep(chance.uniform(0.3, 1.5))
        people = list(api.people.values())
        api.spare()
        match chance.randrange(6):
            case 0:
                api.fail("sendMessage", 500, times=3)
            case 1:
                api.cut("sendMessage", "before", times=2)
            case 2:
                api.cut("sendMessage", "after", times=2)
            case 3 if people:
                api.flood(chance.uniform(1, 3), chance.choice(people))
            case 4 if api.updates.past:
                api.updates.repeat(chance.choice(list(api.updates.past)))
            case 5:
                api.fail("answerCallbackQuery", 400, "Bad Request: query is too old", times=2)


class Soak:
    """What goes on meanwhile, and what came of it. ``codes`` of those who registered; ``stuck``: who got no answer."""

    def __init__(self, api: BotApi, server: Server, minutes: float, kill_every: float) -> None:
        self._api, self._server, self._minutes = api, server, minutes
        self._kill_every = min(kill_every, 30 * minutes)
        self.codes: dict[int, str] = {}
        self.stuck: list[int] = []

    async def run(self, owners: int) -> None:
        numbers = iter(range(owners))
        thinks = 60 * self._minutes * AT_ONCE / (owners * len(ours()))
        others = [asyncio.create_task(each) for each in (misfortune(self._api), self._watch(), self._kill())]
        await asyncio.gather(*(self._queue(numbers, thinks) for _ in range(AT_ONCE)))
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _queue(self, numbers: Iterator[int], thinks: float) -> None:
        """One owner after another."""
        for number in numbers:
            try:
                self.codes[number] = await registers(self._api, number, thinks)
            except TimeoutError:
                self.stuck.append(number)
            self._api.calls.clear()  # a stand-in that remembers everything would be the first to fill the memory

    async def _watch(self) -> None:
        while True:
            self._server.look()
            await asyncio.sleep(LOOK_EVERY)

    async def _kill(self) -> None:
        while self._kill_every:
            await asyncio.sleep(self._kill_every)
            await self._server.end(signal.SIGKILL)
            await self._server.start()


async def soak(minutes: float, owners: int, kill_every: float, folder: Path) -> bool:
    async with BotApi() as api:
        server = Server(folder, api)
        try:
            await server.start()
            run = Soak(api, server, minutes, kill_every)
            await run.run(owners)
            await server.start()
            states = await _settled(server)
        finally:
            await server.end(signal.SIGTERM)
        async with await Database.open(server.url, now) as database, database.read() as tx:
            stored = [lead.code for lead in await lead_list.page(tx, 0, 1_000_000)]
        return _sums(run.codes, run.stuck, stored, states, server.memory, api.problems)


async def _settled(server: Server) -> Counter[str]:
    """How many rows of the outbox are in each state once nothing waits, or after a minute."""
    outbox = tables.table(tables.Outbox)
    async with await Database.open(server.url, now, exclusive=False) as database:
        for _ in range(60):
            async with database.read() as tx:
                states = Counter((await tx.execute(select(outbox.c.state))).scalars())
            if not states["due"] and not states["sending"]:
                break
            await asyncio.sleep(1)
    return states


def _sums(
    codes: dict[int, str],
    stuck: list[int],
    stored: list[str],
    states: Counter[str],
    memory: list[list[float]],
    problems: list[str],
) -> bool:
    growth = max((life[-1] / life[WARM] for life in memory if len(life) > 2 * WARM), default=1.0)
    table = [
        ("registrations begun", len(codes) + len(stuck), True),
        ("whose owner was stuck", len(stuck), not stuck),
        ("whose owner got no code", sum(not code for code in codes.values()), all(codes.values())),
        ("leads", len(stored), sorted(stored) == sorted(codes.values())),
        ("leads twice", len(stored) - len(set(stored)), len(stored) == len(set(stored))),
        ("rows still waiting", states["due"] + states["sending"], not states["due"] and not states["sending"]),
        ("calls against the schema", len(problems), not problems),
        ("lives of the server", len(memory), True),
        ("largest memory, MiB", round(max((max(life) for life in memory if life), default=0)), True),
        ("growth within a life, %", round(100 * (growth - 1)), growth <= GROWTH),
    ]
    for name, value, right in table:
        print(f"{name:<28}{value:>8}{'' if right else '   WRONG'}")
    print("rows of the outbox:", dict(states))
    return all(right for _, _, right in table)


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m benchmarks.soak", description="everything that can go wrong does")
    asked.add_argument("--minutes", type=float, default=30.0)
    asked.add_argument("--owners", type=int, default=2000, help="spread over the minutes, 60 at a time")
    asked.add_argument("--kill-every", type=float, default=KILL_EVERY, help="seconds; 0: never")
    wanted = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="rangkul-soak-") as folder:
        raise SystemExit(0 if asyncio.run(soak(wanted.minutes, wanted.owners, wanted.kill_every, Path(folder))) else 1)


if __name__ == "__main__":
    main()
