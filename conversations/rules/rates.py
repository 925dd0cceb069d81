"""Contribution rates from dated rows. An expired row never prices anything: it switches itself off.

BPU (somebody who works for himself, or owns a business) pays by the bracket that his income falls into: the law fixes
one base per bracket, so the price moves in steps. PU (a worker who is paid wages) is not priced here.
Every amount is in whole rupiah for one person and one month. Nothing here is a bill, all of it is an estimate.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from .validity import Terms, overlap, succeeded

Program = Literal["two", "three"]

PARTS: Mapping[Program, tuple[str, ...]] = {"two": ("jkk", "jkm"), "three": ("jkk", "jkm", "jht")}
SECTORS = ("transport", "other")
SEGMENTS = ("self_employed", "employer")
RISK_GROUPS = range(1, 6)
USUAL_GROUPS = (1, 2, 3)  # shops, food and crafts; transport, building and mining are above


@dataclass(frozen=True, slots=True)
class Bracket:
    """A contribution bracket: monthly incomes from ``low`` to ``high`` (both inclusive, None without end) pay on ``base``."""

    number: int
    low: int
    high: int | None
    base: int


@dataclass(frozen=True, slots=True)
class Range:
    """A button for a few brackets in a row; ``min`` and ``max`` are their outer bounds in rupiah a month, None without
    end."""

    key: str
    low_bracket: int
    high_bracket: int
    min: int
    max: int | None


@dataclass(frozen=True, slots=True)
class Rate:
    """The rate of one contribution: a flat amount of rupiah, or basis points (hundredths of a percent) of the base."""

    name: str
    flat: int
    basis_points: int
    terms: Terms

    def amount(self, base: int) -> int:
        """The contribution on a base, in ten-thousandths of a rupiah, so that only the sum is rounded."""
        return self.flat * 10_000 + base * self.basis_points


@dataclass(frozen=True, slots=True)
class Cut:
    """A temporary reduction of some contributions, for one sector and one kind of BPU."""

    sector: str
    segment: str
    programs: tuple[str, ...]
    percent_off: int
    terms: Terms

    @property
    def name(self) -> str:
        return f"cut.{self.sector}.{self.segment}"

    def kept(self, program: str) -> int:
        """The percentage of a contribution that is still paid."""
        return 100 - self.percent_off if program in self.programs else 100


@dataclass(frozen=True, slots=True)
class PriceEstimate:
    """A price per month, ``low`` to ``high`` when the income is only known as a range.

    ``base_low`` is the income that the law takes for the lower end: sick pay after a work accident follows it, so it
    belongs beside the price. ``reduced_*`` are None without a cut; ``reduced_until`` is the cut's last day (None: no
    end is known), and ``reduced_sure`` False means that it is disputed whether this person gets the cut, so never
    promise it.
    """

    low: int
    high: int
    reduced_low: int | None
    reduced_high: int | None
    reduced_until: date | None
    reduced_sure: bool
    base_low: int


@dataclass(frozen=True, slots=True)
class EndingRow:
    """A dated row that ends soon or has ended, without a row that takes over."""

    name: str
    valid_to: date
    ended: bool
    source: str


@dataclass(frozen=True, slots=True)
class Rates:
    """All brackets, rates and cuts. Built once from ``rates.toml`` by :meth:`from_table`, never changed."""

    brackets: tuple[Bracket, ...]
    ranges: tuple[Range, ...]
    bracket_terms: Terms
    rates: tuple[Rate, ...]
    cuts: tuple[Cut, ...]

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Rates:
        """The rates from a parsed TOML table. Raises KeyError when a row lacks a field, ValueError when rows contradict
        each other."""
        brackets = _brackets(table["brackets"]["steps"])
        rates = cls(
            brackets=brackets,
            ranges=_ranges(table["brackets"]["spoken"], brackets),
            bracket_terms=Terms.of(table["brackets"]),
            rates=tuple(_rate(row) for row in table["rate"]),
            cuts=tuple(_cut(row) for row in table["cut"]),
        )
        for name, rows in rates._by_name().items():
            if overlap(rows):
                raise ValueError(f"two rows of {name} are in force on the same day")
        return rates

    def bracket(self, income: int) -> int:
        """The number of the bracket of a monthly income: the last bracket whose lower bound is not above the income.

        The law leaves holes of Rp1,000 between brackets (1,099,000 to 1,100,000); this rule closes them downwards, and
        puts an income below the lowest bound in the first bracket.
        """
        return max(1, bisect_right(self.brackets, income, key=lambda bracket: bracket.low))

    def estimate(
        self, program: Program, brackets: tuple[int, int] | None, transport: bool, employer: bool, month: date
    ) -> PriceEstimate | None:
        """The price of one person in the month of payment, or None when a row that the price needs is not in force then.

        ``program``: "two" is JKK and JKM, "three" adds JHT. ``brackets``: the lowest and highest that the income may
        fall into; None prices the lowest ("mulai dari"). ``employer``: pays workers. ``month``: the day, in WIB, on
        which the rows must be in force; :meth:`payment_month` gives it. Raises ValueError for brackets that do not exist.
        """
        low, high = brackets or (1, 1)
        if not 1 <= low <= high <= len(self.brackets):
            raise ValueError(f"no such brackets: {low} to {high}")
        parts = self._parts(program, month)
        if not parts or not self.bracket_terms.hold(month):
            return None
        cut = self._cut(transport, employer, month)
        low_base, high_base = self.brackets[low - 1].base, self.brackets[high - 1].base
        return PriceEstimate(
            low=_price(parts, low_base),
            high=_price(parts, high_base),
            reduced_low=_price(parts, low_base, cut) if cut else None,
            reduced_high=_price(parts, high_base, cut) if cut else None,
            reduced_until=cut.terms.valid_to if cut else None,
            reduced_sure=cut is not None and cut.terms.sure,
            base_low=low_base,
        )

    def cuts_on(self, day: date) -> tuple[Cut, ...]:
        """The cuts for the self-employed that are in force on this day, in the order of ``SECTORS``."""
        found = (self._cut(sector == SECTORS[0], employer=False, on=day) for sector in SECTORS)
        return tuple(cut for cut in found if cut)

    def worker_share(self, wage: int, group: int, month: date) -> int | None:
        """What the employer pays for one worker and month: JKK by risk group (1 to 5) and JKM, of the monthly wage.

        None when a row it needs is not in force. Raises ValueError for another group or a negative wage.
        """
        if group not in RISK_GROUPS or wage < 0:
            raise ValueError(f"no such risk group or wage: {group}, {wage}")
        jkk, jkm = self._rate(f"pu.jkk.{group}", month), self._rate("pu.jkm", month)
        return _whole((jkk.amount(wage) + jkm.amount(wage)) * 100) if jkk and jkm else None

    def worker_range(self, month: date) -> tuple[int, int] | None:
        """From what to what an employer pays for one worker and month in the usual trades (``USUAL_GROUPS``), for the
        lowest and the highest minimum wage; None when a row it needs is not in force."""
        wages = self._rate("wage.lowest", month), self._rate("wage.highest", month)
        low = wages[0] and self.worker_share(wages[0].flat, USUAL_GROUPS[0], month)
        high = wages[1] and self.worker_share(wages[1].flat, USUAL_GROUPS[-1], month)
        return (low, high) if low and high else None

    def ending(self, today: date, within_days: int = 60) -> tuple[EndingRow, ...]:
        """Rows that end within ``within_days`` or have ended, earliest first, without rows that another row follows."""
        soon = today + timedelta(days=within_days)
        rows = (
            EndingRow(name, terms.valid_to, terms.valid_to < today, terms.source)
            for name, group in self._by_name().items()
            for terms in group
            if terms.valid_to and terms.ended_by(soon) and not succeeded(terms, group)
        )
        return tuple(sorted(rows, key=lambda row: (row.valid_to, row.name)))

    @staticmethod
    def payment_month(today: date) -> date:
        """The first day of the month in which a person who registers today is expected to pay first: the next month.

        >>> Rates.payment_month(date(2026, 12, 24))
        datetime.date(2027, 1, 1)
        """
        return date(today.year + today.month // 12, today.month % 12 + 1, 1)

    def _rate(self, name: str, on: date) -> Rate | None:
        return next((rate for rate in self.rates if rate.name == name and rate.terms.hold(on)), None)

    def _parts(self, program: Program, on: date) -> dict[str, Rate]:
        """The rates that make up a programme, by name; {} when one of the rates is not in force."""
        found = {part: rate for part in PARTS[program] if (rate := self._rate(f"bpu.{part}", on))}
        return found if len(found) == len(PARTS[program]) else {}

    def _cut(self, transport: bool, employer: bool, on: date) -> Cut | None:
        wanted = SECTORS[0 if transport else 1], SEGMENTS[1 if employer else 0]
        return next((cut for cut in self.cuts if (cut.sector, cut.segment) == wanted and cut.terms.hold(on)), None)

    def _by_name(self) -> dict[str, list[Terms]]:
        named = [(rate.name, rate.terms) for rate in self.rates] + [(cut.name, cut.terms) for cut in self.cuts]
        rows = {"bpu.brackets": [self.bracket_terms]}
        for name, terms in named:
            rows.setdefault(name, []).append(terms)
        return rows


def _price(parts: Mapping[str, Rate], base: int, cut: Cut | None = None) -> int:
    return _whole(sum(rate.amount(base) * (cut.kept(part) if cut else 100) for part, rate in parts.items()))


def _whole(millionths: int) -> int:
    """Rupiah from millionths of a rupiah (ten-thousandths times percent); half a rupiah is rounded up.

    >>> _whole(499_999), _whole(500_000)
    (0, 1)
    """
    return (millionths + 500_000) // 1_000_000


def _rate(row: Mapping[str, Any]) -> Rate:
    if ("flat" in row) == ("basis_points" in row):
        raise ValueError(f"a rate is either flat or in basis points: {row}")
    return Rate(row["name"], row.get("flat", 0), row.get("basis_points", 0), Terms.of(row))


def _cut(row: Mapping[str, Any]) -> Cut:
    cut = Cut(row["sector"], row["segment"], tuple(row["programs"]), row["percent_off"], Terms.of(row))
    if cut.sector not in SECTORS or cut.segment not in SEGMENTS or not set(cut.programs) <= set(PARTS["three"]):
        raise ValueError(f"a cut for nobody: {row}")
    if not 0 < cut.percent_off <= 100:
        raise ValueError(f"a cut takes off more than nothing and at most all: {row}")
    return cut


def _brackets(steps: list[Mapping[str, int]]) -> tuple[Bracket, ...]:
    brackets = tuple(Bracket(step["number"], step["from"], step.get("to"), step["base"]) for step in steps)
    floor_so_far = -1
    for number, bracket in enumerate(brackets, 1):
        last = number == len(brackets)
        if bracket.number != number or bracket.low <= floor_so_far or (bracket.high is None) != last:
            raise ValueError(f"brackets are numbered from 1, rise, and only the last has no end: {bracket}")
        floor_so_far = bracket.low if bracket.high is None else bracket.high
    return brackets


def _ranges(spoken: list[Mapping[str, Any]], brackets: tuple[Bracket, ...]) -> tuple[Range, ...]:
    ranges = tuple(
        Range(row["key"], row["from"], row["to"], brackets[row["from"] - 1].low, brackets[row["to"] - 1].high)
        for row in spoken
    )
    covered = [number for each in ranges for number in range(each.low_bracket, each.high_bracket + 1)]
    if covered != [bracket.number for bracket in brackets]:
        raise ValueError("the spoken ranges take every bracket once, in order")
    return ranges
