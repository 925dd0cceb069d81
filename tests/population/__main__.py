"""``python -m tests.population``: the whole of it, with progress and a report. ``--owners 200`` is a smaller one."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from storage.engine.database import migrate
from tests.conftest import IN_MEMORY
from tests.population.play import Outcome, play


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.population", description=__doc__)
    parser.add_argument("--owners", type=int, default=2000)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--url", default="", help="an empty database; a new SQLite file without it")
    parser.add_argument("--no-kills", action="store_true")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(
        prefix="rangkul-population-", dir=IN_MEMORY if IN_MEMORY.is_dir() else None
    ) as made:
        folder = Path(made)
        url = wanted.url or str(folder / "population.db")
        migrate(url)
        outcome = play(
            folder, url, owners_count=wanted.owners, days=wanted.days, seed=wanted.seed, progress=say,
            kill_every=None if wanted.no_kills else (2.0, 7.0),
        )  # fmt: skip
    report(outcome)
    return 1 if outcome.broken else 0


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def report(outcome: Outcome) -> None:
    say(f"{outcome.owners} owners, {outcome.turns} turns, {outcome.told} messages, {outcome.ticks} ticks, "
        f"{outcome.kills} kills, {outcome.seconds:.0f} s")  # fmt: skip
    for state, number in outcome.states.most_common():
        say(f"{number:6} {state}")
    say(f"counted: {outcome.counted}"[:160])
    say(f"happened: {dict(outcome.happened)}")
    say(f"broken: {len(outcome.broken)}")
    for line in outcome.broken[:200]:
        say(line)


if __name__ == "__main__":
    sys.exit(main())
