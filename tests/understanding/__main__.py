"""``make understanding``: how much is understood, how little is made of what means nothing, how long the way is, how fast.

python -m tests.understanding                        all of it
python -m tests.understanding --only false,name      parts (corpus, slang, owners, false, straight, speed), and what
                                                     they are about: files of the corpus, questions
python -m tests.understanding --only owners --missed   every line that was not right as well, of the tuned part: what
                                                     is held out stays unread
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from tests.understanding import false_alarms, figures, owners, slang, speed, straight
from tests.understanding.marks import FILES, Marks, lines, marked
from tests.understanding.predict import predict
from tests.understanding.progress import shown

OUTCOMES = ("right", "asked", "wrong")
PARTS = ("corpus", "slang", "owners", "false", "straight", "speed")


def main(arguments: list[str]) -> int:
    missed = "--missed" in arguments
    wanted = next((after.split(",") for flag, after in pairwise(arguments) if flag == "--only"), [])
    parts = [part for part in PARTS if part in wanted] or PARTS
    about = set(wanted) - set(PARTS)

    def only(name: str) -> bool:
        return not about or name in about

    begun = (figures.build_seconds(), figures.build_megabytes()) if "speed" in parts else None
    if "corpus" in parts:
        _corpus([file for file in FILES if only(file)], missed=missed, by_kind="--kinds" in arguments)
    if "slang" in parts and not about:
        _table("slang", {held: {"slang": slang.marks(held_out=held)} for held in (False, True)}, missed=missed)
    if "owners" in parts:
        _table("owners", {held: owners.marked(only, held_out=held) for held in (False, True)}, missed=missed)
    if "false" in parts:
        false_alarms.report(only, missed=missed)
    if "straight" in parts and not about:
        straight.report()
    return _speed(*begun) if begun and not about else 0


def _corpus(files: Iterable[str], *, missed: bool, by_kind: bool) -> None:
    parts = {
        held: {file: marked(file, shown(file, _part(file, held)), predict) for file in files} for held in (False, True)
    }
    _table("", parts, missed=missed, by_kind=by_kind)


def _table(name: str, parts: dict[bool, dict[str, Marks]], *, missed: bool, by_kind: bool = False) -> None:
    """Print the marks of the tuned part and of the held-out one, whose lines are never shown."""
    for held_out, rows in parts.items():
        title = f"{name} {'held out' if held_out else 'tuned'}".strip()
        print(f"{title:16}{'lines':>7}{'right':>9}{'asked':>9}{'wrong':>9}{'grave':>7}")  # noqa: T201 - prints are its output
        for row, marks in rows.items():
            print(_row(row, marks))  # noqa: T201 - as above
            for line in marks.missed if missed and not held_out else ():
                print(f"    {line}")  # noqa: T201 - as above
            for kind, count in sorted(marks.kinds.items()) if by_kind and len(marks.kinds) > 1 else ():
                print(_row(f"    {kind or 'before'}", Marks(count)))  # noqa: T201 - as above
        if len(rows) > 1:
            print(_row("all", Marks(sum((marks.count for marks in rows.values()), Counter()))))  # noqa: T201 - as above
        print()  # noqa: T201 - as above


def _speed(seconds: float, megabytes: float) -> int:
    said = [(row["question"], row["text"]) for file in FILES for row in lines(file)]
    spent = figures.seconds_per_message(shown("speed", said))
    median, worst = figures.at_percentile(spent, 50) * 1e3, figures.at_percentile(spent, 99) * 1e3
    print(f"one message through everything: median {median:.2f} ms, p99 {worst:.2f} ms")  # noqa: T201 - as above
    print(f"start: {seconds:.2f} s of processor time, {megabytes:.0f} MB held\n")  # noqa: T201 - as above
    return 0 if speed.report() else 1


def _part(file: str, held_out: bool) -> list[dict[str, object]]:
    return [row for row in lines(file) if row.get("held_out", False) is held_out]


def _row(name: str, marks: Marks) -> str:
    shares = "".join(f"{marks.share(outcome):9.1%}" for outcome in OUTCOMES)
    never = f"   never asked: {marks.count['unreached']}" if marks.count["unreached"] else ""
    return f"{name:{max(16, len(name) + 1)}}{marks.count['lines']:7}{shares}{marks.count['grave']:7}{never}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
