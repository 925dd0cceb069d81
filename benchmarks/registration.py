"""Whole registrations through Telegram's webhook, ours beside the peers: every contender once a round, in turns.

Ours is durable (SQLite, ``synchronous=FULL``), encrypted, its secret checked, acknowledged after the commit; every
pressed button is answered and loses its keyboard. "even" figures are turns for a core-second times the core's slowness.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import uvloop

from benchmarks.peers.questions import SCRIPT
from bot.loading import knowledge

from .contenders import CORE, OURS, RANGKUL, Contender, contenders, running
from .owners import Load, api
from .pace import Beside
from .script import script

OWNERS, WARM, SECONDS = 80, 3.0, 8.0


@dataclass(frozen=True, slots=True)
class Result:
    """One contender in one round. Latencies are from an owner's word to the reply, in milliseconds."""

    even: float
    wall: float
    p50: float
    p99: float
    slowness: float
    calls_a_turn: float
    memory: float
    stuck: int


@cache
def ours() -> tuple[str, ...]:
    """What an owner says to us, who answer by question; to the peers it is their own list."""
    return tuple(script(knowledge("Bench"), hello="/start").values())


def measure(contender: Contender, owners: int = OWNERS, latency: float = 0.0, seconds: float = SECONDS) -> Result:
    """Raises RuntimeError when the contender does not start."""
    with tempfile.TemporaryDirectory() as folder:
        return uvloop.run(_measured(contender, owners, latency, seconds, Path(folder)))


async def _measured(contender: Contender, owners: int, latency: float, seconds: float, folder: Path) -> Result:
    load = Load(ours() if contender is RANGKUL else SCRIPT, "")
    server = api(load, latency)
    with Beside(CORE) as beside:
        async with running(contender, await server.start(), folder) as process:
            load.webhook = process.webhook
            run = asyncio.create_task(load.run(owners, WARM + seconds))
            await asyncio.sleep(WARM)
            load.forget()
            beside.begin()
            cpu, calls = process.cpu(), server.calls.total()
            await asyncio.sleep(seconds)
            turns, cpu, calls = len(load.took), process.cpu() - cpu, server.calls.total() - calls
            memory = process.memory()
            took = sorted(load.took)
            await run
    server.stop()
    slow = beside.median()
    p50, p99 = (1000 * took[int(len(took) * share)] for share in (0.5, 0.99))
    return Result(turns / cpu * slow, turns / seconds, p50, p99, slow, calls / turns, memory, load.stuck)


def rounds(times: int, all_of_them: Sequence[Contender], owners: int, latency: float) -> dict[str, list[Result]]:
    results: dict[str, list[Result]] = {}
    for number in range(times):
        for contender in all_of_them:
            sys.stderr.write(f"\rround {number + 1} of {times}: {contender.name:40}")
            results.setdefault(contender.name, []).append(measure(contender, owners, latency))
    sys.stderr.write("\n")
    return results


def table(results: dict[str, list[Result]]) -> None:
    """Medians with their spread, and ratios to the first row."""
    first = statistics.median(result.even for result in next(iter(results.values())))
    print(
        "| contender | rounds | turns a core-second, even (min-max) | ratio | turns/s | p50 / p99 ms | slowness "
        "| calls a turn | MB | stuck |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name, found in results.items():
        even = [result.even for result in found]
        m = {
            key: statistics.median(getattr(r, key) for r in found)
            for key in ("wall", "p50", "p99", "slowness", "calls_a_turn", "memory")
        }
        print(
            f"| {name} | {len(found)} | {statistics.median(even):.0f} ({min(even):.0f}-{max(even):.0f}) | "
            f"{statistics.median(even) / first:.2f} | {m['wall']:.0f} | {m['p50']:.0f} / {m['p99']:.0f} | {m['slowness']:.2f} | "
            f"{m['calls_a_turn']:.2f} | {m['memory']:.0f} | {sum(r.stuck for r in found)} |"
        )


def main(times: int) -> None:
    os.sched_setaffinity(0, {OURS})
    print("\n## Registrations, 80 owners at once, 50 ms of thought\n")
    table(rounds(times, contenders(), OWNERS, 0.0))
