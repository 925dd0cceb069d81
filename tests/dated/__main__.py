"""Run the suite on other days: ``python -m tests.dated [--day NAME]… [arguments of pytest]``.

Without a name all days are run, one after the other, and all of them although one has failed; exit code 1 then. What
follows is handed to pytest, for example ``-n 2``, or files to run instead of those that the day would have.
"""

from __future__ import annotations

import argparse
import sys
import time

from bot.now import now
from tests import once_more
from tests.dated.days import DAYS, SLOW, Day, environment

# time-machine is a plugin of pytest too, which would rather import it itself.
PYTEST = (sys.executable, "-m", "pytest", "-W", "ignore:Module already imported so cannot be rewritten; time_machine")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.dated", description=__doc__)
    parser.add_argument("--day", action="append", choices=[day.name for day in DAYS], help="only this one; repeatable")
    chosen, given = parser.parse_known_args()
    return max(run(day, given) for day in DAYS if not chosen.day or day.name in chosen.day)


def run(day: Day, given: list[str]) -> int:
    """One run of pytest on that day; 0 when all is well."""
    some = [] if day.whole else ["--dates", *(f"--ignore={path}" for path in SLOW)]
    say(f"\n=== {day.name}: {day.at:%A %d %B %Y %H:%M} WIB, TZ={day.zone}, {'all tests' if day.whole else 'dates'}")
    began = time.monotonic()
    code = once_more.run([*PYTEST, *some, *given], environment(day, now()))
    say(f"=== {day.name}: {'well' if code == 0 else 'NOT WELL'}, {time.monotonic() - began:.0f} s")
    return min(1, abs(code))


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
