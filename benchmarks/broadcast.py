"""Broadcasts measured: planning for a million persons with replies meanwhile, and sending beside a bare library.

``python -m benchmarks broadcast [rounds]``, or a part of it: ``python -m benchmarks.broadcast plan|send [rounds]``. Each
run is a process of its own, so that its memory and its CPU time are its own.
"""

from __future__ import annotations

import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import uvloop

from benchmarks import sending
from benchmarks.planning import planned
from bot import log

PERSONS, RECIPIENTS = 1_000_000, 20_000

PARTS: dict[str, Callable[..., Coroutine[Any, Any, dict[str, float]]]] = {
    "ours": sending.ours,
    "aiogram": sending.aiogram,
}


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
    server = multiprocessing.get_context("spawn").Process(target=sending.server, args=(ends[1], cores[0]), daemon=True)
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
