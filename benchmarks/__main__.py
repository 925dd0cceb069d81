"""``make bench``: every figure as the median of several rounds, beside a measure of how busy the machine was.

``python -m benchmarks [rounds] [persons]``: how often each is measured, and how many persons the large database holds.
"""

from __future__ import annotations

import gc
import os
import statistics
import sys
import time

import uvloop

from benchmarks.writer import Figure, measure
from bot import log
from bot.app import knowledge

ROUNDS, PERSONS, SMALL = 3, 1_000_000, 10_000
PIECE_MS = 2.8  # what `pace` takes on the core that the targets were set on, when it is quiet


def pace() -> float:
    """How many times slower this core is just now than the reference: a fixed piece of interpreter work, in CPU time."""
    taken = []
    gc.disable()  # what a collection costs depends on the heap, not on the core
    for _ in range(9):
        began = time.thread_time()
        table = {number: str(number) for number in range(20_000)}
        sum(len(table[number]) for number in range(20_000))
        sorted(table.values())
        taken.append(1000 * (time.thread_time() - began))
    gc.enable()
    return statistics.median(taken) / PIECE_MS


def line(name: str, figures: list[Figure], paces: list[float]) -> None:
    """One row: the median, the spread, and the median at the reference pace."""
    rates = [f.turns_per_second for f in figures]
    even = [rate * p for rate, p in zip(rates, paces, strict=True)]
    sys.stdout.write(
        f"{name:34} {statistics.median(rates):8.0f} turns/s ({min(rates):.0f}-{max(rates):.0f}), "
        f"at reference pace {statistics.median(even):.0f}; "
        f"p50 {statistics.median(f.p50_ms for f in figures):.1f} ms, p99 {statistics.median(f.p99_ms for f in figures):.1f} ms\n"
    )
    sys.stdout.flush()


def main(rounds: int, persons: int) -> None:
    log.configure("error")
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # one core for everything: writer, database thread, callers
    knows = knowledge("Bench")
    runs: dict[str, tuple[list[Figure], list[float]]] = {}
    plan = (
        ("64 callers, nobody else stored", 64, 8_000, 0),
        ("1 caller, nobody else stored", 1, 600, 0),
        (f"64 callers, {SMALL:,} stored", 64, 6_000, SMALL),
        (f"64 callers, {persons:,} stored", 64, 6_000, persons),
    )
    for number in range(rounds):
        for name, callers, turns, stored in plan:
            sys.stderr.write(f"\rround {number + 1} of {rounds}: {name}          ")
            before = pace()
            figure = uvloop.run(measure(callers, turns, stored, knows))
            figures, paces = runs.setdefault(name, ([], []))
            figures.append(figure)
            paces.append((before + pace()) / 2)
    sys.stderr.write("\n")
    for name, (figures, paces) in runs.items():
        line(name, figures, paces)
    small, large = (statistics.median(cost(runs[name])) for name, *_ in plan[2:])
    sys.stdout.write(f"cost of a turn at {persons:,} persons: {large / small:.2f} times that at {SMALL:,}\n")


def cost(run: tuple[list[Figure], list[float]]) -> list[float]:
    """Seconds a turn at the reference pace, by round."""
    return [1 / (f.turns_per_second * p) for f, p in zip(*run, strict=True)]


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    main(*(numbers + [ROUNDS, PERSONS][len(numbers) :]))
