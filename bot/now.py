"""The moment, as people in Central Java say it: the one place where the machine's clock is read."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

WIB = ZoneInfo("Asia/Jakarta")


def now() -> datetime:
    """The moment, as people in Central Java say it. Nothing else reads the machine's date: it is handed this, or a clock
    of its own (tests/test_machine_clock.py)."""
    return datetime.now(WIB)
