"""The moment, as people in Central Java say it: the one place where the machine's clock is read."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

WIB = ZoneInfo("Asia/Jakarta")


def now() -> datetime:
    """The moment, as people in Central Java say it."""
    return datetime.now(WIB)
