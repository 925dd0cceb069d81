"""The clock of the program, in Central Java's zone: the one place where the machine's clock is read."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

WIB = ZoneInfo("Asia/Jakarta")


def now() -> datetime:
    """The present moment in WIB. No other code reads the machine's date: it is handed this function, or another clock
    (tests/test_machine_clock.py)."""
    return datetime.now(WIB)
