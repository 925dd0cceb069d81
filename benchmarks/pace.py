"""How slow this core is just now: a fixed piece of the kind of work that a bot does, in CPU time.

Other work on a shared machine slows a core down without showing up in one's own CPU time, so figures are only comparable
when they are taken times the pace that was measured beside them. ``python -m benchmarks.pace`` prints one a line for ever.
"""

from __future__ import annotations

import gc
import json
import re
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

PIECE_MS = 1.0  # what the piece takes on the core that the targets were set on, when that is quiet
EVERY = 0.08  # seconds
_WORDS = re.compile(r"(\w+) (\w+)")


@dataclass
class _Thing:
    number: int
    name: str
    more: dict[str, int]


def _piece(number: int, documents: list[str]) -> float:
    began = time.thread_time()
    for _ in range(ROUNDS):
        number = (number + 37) % len(documents)
        document = json.loads(documents[number])
        document["things"] = [_Thing(each, str(each), {"n": each}).name for each in range(60)]
        document["said"] = _WORDS.sub(r"\2 \1", document["said"])
        documents[number] = json.dumps(document)
    return 1000 * (time.thread_time() - began)


ROUNDS = 14
_DOCUMENT = {
    "id": 1,
    "said": "warung makan bu siti delanggu klaten " * 4,
    "things": [],
    "keys": [{"t": f"Pilihan {n}", "d": n} for n in range(40)],
}
_documents = [json.dumps(_DOCUMENT) for _ in range(400)]  # more than fits in the fastest cache


def pace(samples: int = 9) -> float:
    """How many times slower this core is than the reference; 1.0 is as quick."""
    gc.disable()  # what a collection costs depends on the heap, not on the core
    taken = [_piece(number, _documents) for number in range(samples)]
    gc.enable()
    return statistics.median(taken) / PIECE_MS


class Beside:
    """The pace of one core for as long as the block runs, by a process of its own there. ``median()`` at its end."""

    def __init__(self, core: int) -> None:
        self._core = core
        self._from = 0.0
        self._said = ""

    def __enter__(self) -> Self:
        command = ["taskset", "-c", str(self._core), sys.executable, "-m", "benchmarks.pace"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        return self

    def begin(self) -> None:
        """What was measured until now does not count."""
        self._from = time.monotonic()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.terminate()
        self._said = self._process.communicate()[0]

    def median(self) -> float:
        lines = [line.split() for line in self._said.splitlines()]
        taken = [float(line[1]) for line in lines if len(line) == 2 and float(line[0]) > self._from]
        return statistics.median(taken) / PIECE_MS


def main() -> None:
    number = 0
    while True:
        number += 1
        taken = _piece(number, _documents)
        sys.stdout.write(f"{time.monotonic()} {taken}\n")
        sys.stdout.flush()
        time.sleep(EVERY)


if __name__ == "__main__":
    main()
