"""Price estimates for the owner, from their answers: always "perkiraan", for the month in which they would first pay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from conversations.engine.core import Field, Rupiah, Scene, Text
from conversations.engine.world import World
from conversations.hear.trades import CARRYING

from .rates import PriceEstimate

WEEK, DAY = "week", "day"


def monthly(income: Mapping[str, Any], days: int | None) -> tuple[int | None, int | None]:
    """(low, high) income of a month in rupiah, from an income answer; None for an open end. ``days``: working days (or
    weeks) of a month, needed for an income by day or week."""
    if income["period"] == "year":
        return tuple(None if end is None else end // 12 for end in (income["low"], income["high"]))  # type: ignore[return-value]  # two in, two out
    times = 1 if income["period"] == "month" else days or 1
    return tuple(None if end is None else end * times for end in (income["low"], income["high"]))  # type: ignore[return-value]  # two in, two out


def brackets(scene: Scene) -> tuple[int, int] | None:
    """The lowest and highest contribution bracket that the stated income may fall into; None when no income was given."""
    income = scene.answers.get("income")
    if not income:
        return None
    if isinstance(income, list):  # as a lead keeps it
        return income[0], income[1]
    rates = scene.world.knows.rates
    chosen = next((r for r in rates.ranges if r.key == income.get("range")), None)
    if chosen:
        return chosen.low_bracket, chosen.high_bracket
    low, high = monthly(income, scene.answers.get("work_days"))
    first = rates.bracket(low or 0)
    return first, rates.bracket(high) if high is not None else first


def has_workers(scene: Scene) -> bool:
    """Whether anyone besides the owner works in the business, paid or not."""
    low, high = scene.answers.get("workers") or (0, 0)
    return bool(high is None or high > 0 or (low or 0) > 0)


def employs(scene: Scene) -> bool:
    """Whether the owner pays at least one worker, as far as was said."""
    return has_workers(scene) and scene.answers.get("wages") != "none"


def carries(scene: Scene) -> bool:
    """Whether the owner carries people or goods for pay, for whom contributions are cut longer: as the words for the trade
    said, or, in answers that were given before they were asked for it, by its category."""
    sector = scene.answers.get("sector") or {}
    return bool(sector.get("drives", sector.get("category") == CARRYING))


def price(program: str, scene: Scene, month: date | None = None) -> PriceEstimate | None:
    """The estimate for ``two`` or ``three`` programmes in ``month``, by default that of the expected payment; None once
    the rates have expired."""
    rates = scene.world.knows.rates
    return rates.estimate(
        "three" if program == "three" else "two",
        brackets(scene),
        transport=carries(scene),
        employer=employs(scene),
        month=month or rates.payment_month(scene.world.now.date()),
    )


def estimate(scene: Scene) -> dict[str, Any]:
    """The prices that the owner was shown, for the officer: plain JSON by programme; {} where no rates are in force."""
    seen: dict[str, Any] = {"month": scene.world.knows.rates.payment_month(scene.world.now.date()).isoformat()}
    for program in ("two", "three"):
        if found := price(program, scene):
            seen[program] = {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in asdict(found).items()}
    return seen if "two" in seen else {}


def amount(low: int, high: int) -> Field:
    return Rupiah(low) if low == high else Text("money.between", {"low": Rupiah(low), "high": Rupiah(high)})


WORKER_COST_HOLDS_FOR = frozenset({"dagang", "kuliner", "kerajinan"})  # the trades that its line names


def program_prompt(scene: Scene) -> Text:
    """The question for the programme, each in plain words with its price; a temporary cut as sure or as "mungkin",
    never as a promise."""
    two, three = price("two", scene), price("three", scene)
    if two is None or three is None:
        return Text("registration.program.ask_unpriced")
    starting = brackets(scene) is None
    trade = (scene.answers.get("sector") or {}).get("category")
    told = has_workers(scene) and trade in WORKER_COST_HOLDS_FOR and worker_cost(scene.world)
    fields: dict[str, Field] = {
        "two": Text("money.from" if starting else "money.plain", {"amount": amount(two.low, two.high)}),
        "three": Text("money.from" if starting else "money.plain", {"amount": amount(three.low, three.high)}),
        "cut": cut(scene),
        "worker": Text("registration.program.worker", {"cost": worker_cost(scene.world)}) if told else "",
        "month": month_name(scene.world.knows.rates.payment_month(scene.world.now.date())),
    }
    return Text("registration.program.ask", fields)


def worker_cost(world: World) -> Field:
    """The line that says from what to what an employer pays for one worker and month; "" once the rows have ended."""
    found = world.knows.rates.worker_range(world.now.date())
    low, high = found or (0, 0)
    rounded = {"low": Rupiah(low // 1000 * 1000), "high": Rupiah(-(-high // 1000) * 1000)}
    return Text("worker_cost", rounded) if found else ""


def month_name(day: date) -> Text:
    """A month by name, "Desember 2026": a price holds for a month, so no day of the week is named."""
    return Text(f"month.{day.month}", {"year": str(day.year)})


def cut(scene: Scene) -> Field:
    """The line about a temporary cut: of the month of payment, else one that ends before it and holds today; "" without one."""
    if line := _cut(scene, "cut", None):
        return line
    return _cut(scene, "cut_ending", scene.world.now.date()) or ""


def _cut(scene: Scene, kind: str, day: date | None) -> Text | None:
    two, three = price("two", scene, day), price("three", scene, day)
    if (
        two is None
        or three is None
        or two.reduced_low is None
        or three.reduced_low is None
        or two.reduced_until is None
    ):
        return None
    fields = {
        "two": amount(two.reduced_low, two.reduced_high or two.reduced_low),
        "three": amount(three.reduced_low, three.reduced_high or three.reduced_low),
        "until": day_name(two.reduced_until),
    }
    return Text(f"registration.program.{kind}_{'sure' if two.reduced_sure else 'maybe'}", fields)


def day_name(day: date) -> Text:
    """A day of a year without its weekday, "31 Desember 2026"."""
    return Text("day", {"day": str(day.day), "month": month_name(day)})
