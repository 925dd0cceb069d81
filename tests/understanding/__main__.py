"""``make understanding``: right, asked, wrong and grave per file, for the tuned and the held-out part; then the speed.

``--missed`` prints every line that was not right as well.
"""

from __future__ import annotations

import sys
from collections import Counter

from tests.understanding import figures, speed
from tests.understanding.marks import FILES, Marks, lines, marked
from tests.understanding.predict import predict

OUTCOMES = ("right", "asked", "wrong")


def main(arguments: list[str]) -> int:
    figures_of_build = figures.build_seconds(), figures.build_megabytes()
    for held_out, title in ((False, "tuned"), (True, "held out")):
        print(f"{title:14}{'lines':>7}{'right':>9}{'asked':>9}{'wrong':>9}{'grave':>7}")  # noqa: T201 - prints are its output
        parts = {file: marked(file, _part(file, held_out), predict) for file in FILES}
        for file, marks in parts.items():
            print(_row(file, marks))  # noqa: T201 - prints are its output
            if "--missed" in arguments:
                print(*(f"    {line}" for line in marks.missed), sep="\n")  # noqa: T201 - prints are its output
        print(_row("all", Marks(sum((marks.count for marks in parts.values()), Counter()))), "\n")  # noqa: T201 - as above
    spent = figures.seconds_per_message((row["question"], row["text"]) for file in FILES for row in lines(file))
    median, worst = figures.at_percentile(spent, 50) * 1e3, figures.at_percentile(spent, 99) * 1e3
    print(f"one message through everything: median {median:.2f} ms, p99 {worst:.2f} ms")  # noqa: T201 - as above
    print(f"start: {figures_of_build[0]:.2f} s of processor time, {figures_of_build[1]:.0f} MB held\n")  # noqa: T201 - as above
    return 0 if speed.report() else 1


def _part(file: str, held_out: bool) -> list[dict[str, object]]:
    return [row for row in lines(file) if row.get("held_out", False) is held_out]


def _row(name: str, marks: Marks) -> str:
    shares = "".join(f"{marks.share(outcome):9.1%}" for outcome in OUTCOMES)
    return f"{name:14}{marks.count['lines']:7}{shares}{marks.count['grave']:7}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
