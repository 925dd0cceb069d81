"""``make coverage``: how much of each package the tests run through, in lines and branches.

Reads the data that ``coverage combine`` left and prints a table, as it stands in CONTRIBUTING.md.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any

import coverage
import orjson

DEEP = ("bot", "conversations", "storage")  # packages that are told by their folders


def package(file: str) -> str:
    """The package that a file counts for.

    >>> package("bot/turns/writer.py"), package("bot/app.py"), package("locales/__init__.py")
    ('bot/turns', 'bot', 'locales')
    """
    folders = PurePath(file).parts[:-1]
    return "/".join(folders[: 2 if folders[0] in DEEP else 1])


def by_package(files: Mapping[str, Mapping[str, Any]]) -> dict[str, Counter[str]]:
    """The counts of ``coverage json`` for each package."""
    found: dict[str, Counter[str]] = {}
    for file, told in sorted(files.items()):
        counts = {key: value for key, value in told["summary"].items() if isinstance(value, int)}
        found.setdefault(package(file), Counter()).update(counts)
    return found


def percent(counts: Mapping[str, int]) -> float:
    """Of all lines and branches those that ran."""
    there = counts["num_statements"] + counts.get("num_branches", 0)
    return 100 * (counts["covered_lines"] + counts.get("covered_branches", 0)) / there if there else 100.0


def table(packages: Mapping[str, Counter[str]]) -> Iterator[str]:
    yield "| package | lines | not run | lines and branches run |"
    yield "|---|---:|---:|---:|"
    everything = sum(packages.values(), Counter[str]())
    for name, counts in (*packages.items(), ("all", everything)):
        yield f"| `{name}` | {counts['num_statements']:,} | {counts['missing_lines']:,} | {percent(counts):.1f} % |"


def main(report: Path) -> None:
    """Print the table; ``report`` is where the counts of each file are left as JSON."""
    data = coverage.Coverage()
    data.load()
    data.json_report(outfile=str(report))
    sys.stdout.write("\n".join(table(by_package(orjson.loads(report.read_bytes())["files"]))) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
