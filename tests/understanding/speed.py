"""How fast the ear must be, and whether it is: part of ``make understanding``, for an idle machine; never of the suite."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product

from conversations.engine.ladder import step
from tests.understanding import figures
from tests.understanding.marks import FILES, lines
from tests.understanding.predict import moment

LONGEST = ("a" * 4096, "1" * 4096, "12 " * 1365, "juta " * 819, "?" * 4096, "🙏" * 4096, "jl. mawar 3, " * 315,
           "kec " * 1024, "kota " * 800, "klaten solo " * 340, "bayar iuran berapa? " * 205, "x y " * 1024)  # fmt: skip
QUESTIONS = ("start", "consent", "name", "regency", "district@33.72", "sector", "workers", "under_65", "member", "income",
             "program", "business_name", "phone", "contact_time", "confirm", "done")  # fmt: skip
SHORTEST = ("Siti", "3", "ya", "Laweyan")


def promises() -> Iterator[tuple[str, float, float]]:
    """(what, milliseconds promised, milliseconds measured) of each."""
    yield "the longest message, at any question", 50, max(_turn(q, text) for q, text in product(QUESTIONS, LONGEST))
    said = [(row["question"], row["text"]) for file in FILES for row in lines(file)]
    yield "of a hundred messages all but one", 3, figures.at_percentile(figures.seconds_per_message(said), 99) * 1e3
    ear = figures.ear()
    short = (partial(ear.intents.read, text, "name", lambda: True) for text in SHORTEST)
    yield "a short plain answer", 0.1, max(map(_each, short))
    question = "kalau telat bayar iuran sebulan apa kena denda ya kak"
    yield "a question among all topics", 2, _each(lambda: ear.intents.topic(question))
    yield "the words read from their files", 500, figures.build_seconds() * 1e3


def _turn(question: str, text: str) -> float:
    """Milliseconds of processor time for one turn, the best of three."""
    now = moment(question, text)
    spent = []
    for _ in range(3):
        began = time.process_time()
        step(now.session, now.heard, now.world, now.book)
        spent.append(time.process_time() - began)
    return min(spent) * 1e3


def _each(read: Callable[[], object], times: int = 200) -> float:
    began = time.process_time()
    for _ in range(times):
        read()
    return (time.process_time() - began) / times * 1e3


def report() -> bool:
    """Print each promise with what was measured; whether all were kept."""
    kept = True
    for what, promised, measured in promises():
        kept &= measured <= promised
        mark = "" if measured <= promised else "   NOT KEPT"
        print(f"{what:38}{measured:10.2f} ms, promised {promised:g}{mark}")  # noqa: T201 - prints are its output
    return kept
