"""Whatever carries time takes the clock that is handed in: only the named places ask the machine what day it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("conversations", "locales", "storage", "bot", "tests", "benchmarks")
# Durations are measured by time.monotonic and time.perf_counter, which know no date; anybody may ask these.
DATES = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "localtime", "gmtime", "ctime", "asctime"},
    "func": {"now", "current_timestamp", "current_date", "clock_timestamp", "localtimestamp"},
}
MAY_ASK = {
    "bot/now.py": "the one function for it; the composition root hands `now` to everything else",
    "storage/outbox/rate_limits.py": "PostgreSQL's own clock, which is one for all processes",
    "tests/standins/bot_api.py": "Telegram has a clock of its own",
    "tests/standins/cloud_api.py": "so has WhatsApp",
    "benchmarks/bot_api.py": "as the first",
    "benchmarks/owners.py": "as the first",
}


def asked(tree: ast.AST) -> Iterator[str]:
    """Each way in which this code asks for the date, as it is written."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
            of = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
            if node.attr in DATES.get(of, ()):
                yield f"{of}.{node.attr}"
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (
                f"from time import {a.name}" for a in node.names if node.module == "time" and a.name in DATES["time"]
            )


@pytest.mark.parametrize("folder", FOLDERS)
def test_only_the_named_places_ask_the_machine_for_the_date(folder: str) -> None:
    found = {
        str(path.relative_to(ROOT)): sorted(set(ways))
        for path in sorted((ROOT / folder).rglob("*.py"))
        if (ways := list(asked(ast.parse(path.read_text(encoding="utf-8")))))
    }
    assert found.keys() - MAY_ASK.keys() == set(), found
    assert {name for name in MAY_ASK if name.startswith(f"{folder}/")} <= found.keys(), "named without need"


@pytest.mark.parametrize(
    "code",
    ["datetime.now(UTC)", "datetime.datetime.now()", "date.today()", "f(clock=time.time)", "from time import time_ns"],
)
def test_every_way_to_ask_is_seen(code: str) -> None:
    assert list(asked(ast.parse(code)))


@pytest.mark.parametrize("code", ["world.now", "self.now()", "time.monotonic()", "datetime.time(9)", "now()"])
def test_what_was_handed_in_and_durations_are_not_taken_for_it(code: str) -> None:
    assert not list(asked(ast.parse(code)))
