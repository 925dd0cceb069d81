"""The days and zones that the suite must be green on, and which tests are run again on each."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from conversations.rules.quiet_hours import WIB

MOVED = Path(__file__).with_name("moved")

# A file knows of dates when it names one, or runs what reads the machine's date (the product's root, its command line) or
# what other files say of dates (doctests).
_KNOWS = re.compile(r"\b(datetime|timedelta|doctest)\b|\bbot\.(app|cli|now|office)\b|\"-m\", \"bot\"")
# These start whole processes or a browser, for minutes: they have their day in the whole run.
SLOW = ("tests/browser", "tests/crash", "tests/channels/test_serve_telegram.py")


@dataclass(frozen=True, slots=True)
class Day:
    """A moment at which a run begins, in a zone that the machine thinks it is in; ``whole``: of all tests."""

    name: str
    at: datetime
    zone: str
    whole: bool = False


# A working day, in office hours, after the last day of every row of storage/reference that ends: tests/dated/test_days.py
# says so when a row is added that ends later. Each zone has another date at these hours than Central Java, or may have.
WHOLE = Day("after every row's end", datetime(2027, 4, 5, 9, 30, tzinfo=WIB), "America/New_York", whole=True)
DAYS = (
    WHOLE,
    Day("a Sunday", datetime(2027, 4, 11, 10, 0, tzinfo=WIB), "Asia/Jayapura"),
    Day("the last minutes of a year", datetime(2026, 12, 31, 23, 30, tzinfo=WIB), "Asia/Jayapura"),
    Day("29 February", datetime(2028, 2, 29, 9, 30, tzinfo=WIB), "America/New_York"),
)


def knows_of_dates(path: Path) -> bool:
    """Whether the tests of this file are run again on each day."""
    return bool(_KNOWS.search(path.read_text(encoding="utf-8")))


def environment(day: Day, now: datetime) -> dict[str, str]:
    """What a Python process that is started ``now`` needs to find itself on that day, and those that it starts."""
    ahead = int(os.environ.get("DATE_MOVED_BY", "0")) + round((day.at - now).total_seconds())
    found = os.pathsep.join(filter(None, (str(MOVED), os.environ.get("PYTHONPATH", ""))))
    return {**os.environ, "TZ": day.zone, "DATE_MOVED_BY": str(ahead), "PYTHONPATH": found}
