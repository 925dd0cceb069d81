"""The results of readers: a count, an amount of money, or the reason why a reader would rather ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Unsure:
    """The result where no value may be stored: nothing was said, or the words can be taken in more than one way.

    ``candidates`` are values worth offering as buttons, best first; ``why`` is a key for the reply, never a sentence.
    """

    candidates: tuple[Any, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """A number of people, both bounds inclusive; a missing bound is None, and an exact count has ``low == high``.

    ``plain`` is False when it was not simply typed as a number: the bot then repeats the number as understood.
    """

    low: int | None
    high: int | None
    plain: bool
    approx: bool = False


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of whole rupiah per ``period`` (month, day, week, year, hour, harvest or piece), both bounds inclusive.

    Nothing is converted: how many days somebody works in a month is for the dialogue to ask. ``told`` is False where no
    period was said, and a month is only the likeliest.
    """

    low: int | None
    high: int | None
    period: str
    plain: bool
    approx: bool = False
    told: bool = True
