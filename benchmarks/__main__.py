"""``make bench``: ours beside its peers, in one run. ``python -m benchmarks [part ...] [--rounds N]`` for some of it.

Every figure is the median of several rounds, taken in turns, beside a measure of how busy the machine was.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

from . import broadcast, following, latency, memory, office, pacing, pages, registration, writer

PARTS: dict[str, Callable[[int], None]] = {
    "registration": registration.main,
    "latency": latency.main,
    "pacing": pacing.main,
    "broadcast": broadcast.main,
    "memory": memory.main,
    "writer": writer.main,
    "following": following.main,
    "office": office.main,
    "pages": pages.main,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="all where none is named")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    for name in asked.parts or PARTS:
        PARTS[name](asked.rounds)


if __name__ == "__main__":
    main()
