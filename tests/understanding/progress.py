"""How far a long measurement is, on the terminal of whoever waits for it."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
EVERY = 1.0  # seconds between two signs of life


def shown(what: str, items: Sequence[T]) -> Iterator[T]:
    """The items one by one; meanwhile "what 1200/2400" on the standard error, where that is a terminal."""
    said = time.monotonic()
    for number, item in enumerate(items):
        yield item
        if sys.stderr.isatty() and time.monotonic() - said > EVERY:
            said = time.monotonic()
            print(f"\r{what} {number + 1}/{len(items)} ", end="", file=sys.stderr, flush=True)  # noqa: T201 - prints are its output
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)  # noqa: T201 - as above
