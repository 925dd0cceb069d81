"""The days on which the suite is run again are those that they claim to be, and a test process lives on them wholly."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from bot.now import now
from conversations.rules.workdays import WORK_END, WORK_START, is_workday
from storage import reference
from tests import children
from tests.dated.days import DAYS, WHOLE, environment, knows_of_dates

REFERENCE = Path(reference.__file__).parent
TESTS = Path(__file__).parents[1]


def ends(rows: Any) -> Iterator[date]:
    """Every last day that these tables name, however deep."""
    if isinstance(rows, dict):
        if isinstance(rows.get("valid_to"), date):
            yield rows["valid_to"]
        rows = list(rows.values())
    for row in rows if isinstance(rows, list) else ():
        yield from ends(row)


def test_the_whole_suite_is_run_on_a_day_after_every_dated_row_has_ended() -> None:
    """A row that ends later than that: move ``WHOLE`` behind it."""
    found = {path.name: list(ends(tomllib.loads(path.read_text("utf-8")))) for path in REFERENCE.glob("*.toml")}
    assert found["rates.toml"]
    late = {name: max(days) for name, days in found.items() if days and max(days) >= WHOLE.at.date()}
    assert not late


def test_the_whole_suite_is_run_on_a_monday_in_office_hours() -> None:
    assert WHOLE.at.strftime("%A") == "Monday"
    assert is_workday(WHOLE.at.date(), reference.holidays())
    assert WORK_START <= WHOLE.at.time() < WORK_END


def test_a_sunday_a_new_year_and_a_leap_day_are_among_the_days_and_both_far_zones() -> None:
    assert [day.at.weekday() for day in DAYS].count(6) >= 1
    assert {(day.at.month, day.at.day) for day in DAYS} >= {(12, 31), (2, 29)}
    assert {day.zone for day in DAYS} == {"America/New_York", "Asia/Jayapura"}


@pytest.mark.parametrize("day", DAYS, ids=lambda day: day.name)
def test_a_process_that_is_started_on_a_day_finds_itself_there_and_those_that_it_starts(day: Any) -> None:
    """Each tells the date by four ways to ask for it, and the zone; then it starts another one, once."""
    program = (
        "import datetime as d, subprocess, sys, time\n"
        "asked = d.datetime.now(d.UTC).timestamp(), time.time(), time.time_ns() / 1e9, d.datetime.now().timestamp()\n"
        "print(round(max(asked)), round(max(asked) - min(asked)), d.datetime.now().astimezone().utcoffset().total_seconds())\n"
        "sys.argv[2:] and subprocess.run([sys.executable, '-c', sys.argv[1], sys.argv[1]], check=True)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, program, "again"],
        env=environment(day, now()), capture_output=True, text=True, check=True,
    )  # fmt: skip
    lines = [line.split() for line in told.stdout.splitlines()]
    assert len(lines) == 2
    for at, apart, zone in lines:
        assert 0 <= int(at) - day.at.timestamp() < 120
        assert apart == "0"
        assert float(zone) == day.at.astimezone(ZoneInfo(day.zone)).utcoffset().total_seconds()


def test_a_process_that_tests_start_has_the_date_and_the_zone_of_the_tests() -> None:
    program = "import datetime as d; print(d.datetime.now().astimezone().isoformat())"
    told = subprocess.run(
        [sys.executable, "-c", program], env=children.environment(), capture_output=True, text=True, check=True
    )
    at = type(now()).fromisoformat(told.stdout.strip())
    assert abs(at - now()) < timedelta(minutes=2)
    assert at.utcoffset() == now().astimezone(None).utcoffset()


def test_a_run_on_another_day_is_on_that_day_and_any_other_on_the_machines() -> None:
    assert time_machine.escape_hatch.is_travelling() == ("DATE_MOVED_BY" in os.environ)


def test_what_failed_on_a_date_before_is_among_what_is_run_again_on_each_day() -> None:
    for name in ("test_broadcast_recipients.py", "test_clock.py", "test_digest.py", "test_rates.py", "test_cli.py"):
        assert knows_of_dates(TESTS / name), name
    assert not knows_of_dates(TESTS / "hear" / "test_names.py")
