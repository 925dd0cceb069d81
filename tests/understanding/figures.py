"""What understanding costs: the time for one message through everything, and the time and memory of the words' tables."""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Iterable

from bot.labels import item_names
from conversations.engine.ladder import step
from conversations.hear import Ear, listen
from locales import Catalog, read_tables
from storage.reference.areas import read_areas
from tests.understanding.predict import moment


def seconds_per_message(said: Iterable[tuple[str, str]]) -> list[float]:
    """For each (question, text) the processor seconds of one turn, reading and reply together; in rising order."""
    spent = []
    for question, text in said:
        now = moment(question, text)
        began = time.process_time()
        step(now.session, now.heard, now.world, now.book)
        spent.append(time.process_time() - began)
    return sorted(spent)


def at_percentile(rising: list[float], percent: float) -> float:
    """The value that this share of a rising list does not exceed.

    >>> at_percentile([1.0, 2.0, 3.0, 4.0], 50), at_percentile([1.0, 2.0], 99)
    (2.0, 2.0)
    """
    return rising[max(0, -int(-len(rising) * percent // 100) - 1)]


def build_seconds() -> float:
    """Processor seconds from files to an ear, without looking for garbage meanwhile, as the service starts
    (``bot/cli.py``); the best of three, for other work on the machine only adds."""
    gc.collect()
    gc.disable()
    try:
        return min(_seconds_of_an_ear() for _ in range(3))
    finally:
        gc.enable()


def _seconds_of_an_ear() -> float:
    began = time.process_time()
    ear()
    return time.process_time() - began


def build_megabytes() -> float:
    """Megabytes that an ear holds."""
    gc.collect()
    tracemalloc.start()
    heard = ear()
    gc.collect()
    held = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    return held if heard.intents else 0.0


def ear() -> Ear:
    """A new one, from the files."""
    return listen(read_tables("id"), read_areas(), item_names(Catalog.load("id")))
