"""``make mutants``: put each small fault into a file, run the tests near that file, and print the faults that none saw.

``python -m tests.mutants storage/outbox/claims.py bot/outbox`` for some files or folders; ``--count`` only counts.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.mutants.faults import Fault, faults
from tests.mutants.near import NEAR
from tests.mutants.running import Run, begin, ended, share

PATIENCE = 4.0  # times as long as the tests take on the program as it stands, and
ANYHOW = 20.0  # seconds more; then a fault counts as seen: something waits for ever


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("paths", nargs="*", help="files or folders; all that are listed in near.py where none is named")
    parser.add_argument("--at-once", type=int, default=2, help="runs beside each other")
    parser.add_argument("--count", action="store_true", help="say how many faults there are, run nothing")
    asked = parser.parse_args()
    files = [file for file in NEAR if not asked.paths or any(_within(file, path) for path in asked.paths)]
    if not files:
        parser.error(f"none of these is listed in near.py: {' '.join(asked.paths)}")
    share()
    whole = unseen = 0
    for file in files:
        made = faults(file, Path(file).read_text(encoding="utf-8"))
        whole += len(made)
        if not asked.count:
            _say(f"{file}: {len(made)} faults are tried on {' '.join(NEAR[file])}")
            survivors = 0
            for fault in unseen_of(file, made, asked.at_once):
                survivors += 1
                _say(f"{file}:{fault.line}: {fault.before}\n{' ' * len(file)}     → {fault.after}")
            unseen += survivors
        _say(f"{file}: {len(made)} faults" + ("" if asked.count else f", {survivors} not seen by its tests"))
    _say(f"all: {whole} faults" + ("" if asked.count else f", {unseen} not seen by the tests near them"))
    return 0


def unseen_of(file: str, made: list[Fault], at_once: int) -> Iterator[Fault]:
    """The faults of a file with which the tests near it pass. Raises RuntimeError where they fail without any."""
    tests = NEAR[file]
    took = _as_it_stands(file)
    running: list[Run] = []
    waiting = iter(made)
    while True:
        while len(running) < at_once and (fault := next(waiting, None)):
            running.append(begin(fault, tests))
        if not running:
            return
        for run in tuple(running):
            code = ended(run, PATIENCE * at_once * took + ANYHOW)
            if code is not None:
                running.remove(run)
                if code == 0 and run.fault:
                    yield run.fault
        time.sleep(0.02)


def _as_it_stands(file: str) -> float:
    """Seconds that the tests near a file take without any fault."""
    run = begin(None, NEAR[file])
    while (code := ended(run, 1800)) is None:
        time.sleep(0.02)
    if code:
        raise RuntimeError(f"the tests near {file} fail without any fault: {' '.join(NEAR[file])}")
    return time.monotonic() - run.since


def _within(file: str, path: str) -> bool:
    return Path(path) in (Path(file), *Path(file).parents)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
