"""Where the lines and bars of a chart lie: plain numbers, which a template draws as SVG with the page's own classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from conversations.rules.funnel import STEPS, Funnel

WIDE, LABELS = 360, 30  # of the drawing, and of its left edge where the numbers stand
TOP, FLOOR = 12, 150  # of the plane on which lines run
BAR = 46  # from one bar to the next


@dataclass(frozen=True, slots=True)
class Bar:
    """One step of a funnel: where it begins, and how long it is."""

    step: str
    count: int
    y: int
    long: float


@dataclass(frozen=True, slots=True)
class Curve:
    """One step by week: its points, as SVG writes them."""

    step: str
    points: Sequence[tuple[float, float]]

    @property
    def path(self) -> str:
        return " ".join(f"{x:g},{y:g}" for x, y in self.points)


@dataclass(frozen=True, slots=True)
class LineChart:
    """The lines of all steps. ``marks``: (height, number) of the scale, ``weeks``: (place, Monday)."""

    curves: Sequence[Curve]
    marks: Sequence[tuple[float, int]]
    weeks: Sequence[tuple[float, date]]


def bars(funnel: Funnel) -> list[Bar]:
    """The bars of a funnel, the longest as wide as the drawing."""
    most = max(funnel.came, 1)
    counts = [getattr(funnel, step) for step in STEPS]
    return [
        Bar(step, count, at * BAR, round(WIDE * count / most, 1))
        for at, (step, count) in enumerate(zip(STEPS, counts, strict=True))
    ]


def line_chart(weeks: Mapping[date, Funnel]) -> LineChart:
    """The lines of these weeks, which are at least two."""
    most = _round_up(max(funnel.came for funnel in weeks.values()))
    step = (WIDE - LABELS - 12) / (len(weeks) - 1)
    places = [round(LABELS + at * step, 1) for at in range(len(weeks))]

    def height(count: int) -> float:
        return round(FLOOR - (FLOOR - TOP) * count / most, 1)

    curves = [
        Curve(name, [(x, height(getattr(funnel, name))) for x, funnel in zip(places, weeks.values(), strict=True)])
        for name in STEPS
    ]
    return LineChart(
        curves, [(height(mark), mark) for mark in (0, most // 2, most)], list(zip(places, weeks, strict=True))
    )


def _round_up(most: int) -> int:
    """The top of a scale: an even number of one digit and zeros that is at least as much.

    >>> [_round_up(most) for most in (0, 3, 17, 240)]
    [2, 4, 20, 400]
    """
    unit: int = 10 ** (len(str(most)) - 1)
    top = max(2, unit * -(-most // unit))
    return top + unit * (top // unit % 2) if unit > 1 or top % 2 else top
