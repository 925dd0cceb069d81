"""The same registrations where every call takes 50 ms, as the real Bot API's do: 300 owners at once."""

from __future__ import annotations

import os

from .contenders import OURS, contenders
from .registration import rounds, table

OWNERS, LATENCY = 300, 0.05


def main(times: int) -> None:
    os.sched_setaffinity(0, {OURS})
    print(f"\n## {OWNERS} owners at once, {1000 * LATENCY:.0f} ms for each call\n")
    table(rounds(times, [one for one in contenders() if one.talks], OWNERS, LATENCY))
