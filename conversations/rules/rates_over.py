"""Rates that an admin has entered, laid over those that ship with the program.

A row takes the place of whatever has its name for as long as it is in force: on every other day stands what stood before.
Of two entered rows the later one counts. How a number is meant (rupiah, a share, a percentage off) is as it ships.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar

from .rates import Cut, Rate, Rates
from .validity import Terms

FLAT, SHARE, OFF = "flat", "share", "off"
_Row = TypeVar("_Row", Rate, Cut)
_DAY = timedelta(days=1)
MOST = {FLAT: 100_000_000, SHARE: 10_000, OFF: 100}  # rupiah; basis points; percent


@dataclass(frozen=True, slots=True)
class EnteredRate:
    """A row that an admin has entered: ``value`` is whole rupiah, basis points or percent off, by :func:`meant`."""

    name: str
    value: int
    terms: Terms
    id: int = 0


def names(shipped: Rates) -> tuple[str, ...]:
    """The names of the rates and cuts of which a row may be entered, as they ship."""
    return tuple(dict.fromkeys((*(rate.name for rate in shipped.rates), *(cut.name for cut in shipped.cuts))))


def meant(shipped: Rates, name: str) -> str:
    """What the number of a row of this name is: ``FLAT``, ``SHARE`` or ``OFF``. Raises StopIteration for an unknown name."""
    like = _like(shipped, name)
    return OFF if isinstance(like, Cut) else FLAT if like.flat else SHARE


def value_of(row: Rate | Cut) -> int:
    """The number of a row, in the unit of :func:`meant`."""
    return row.percent_off if isinstance(row, Cut) else row.flat or row.basis_points


def _like(shipped: Rates, name: str) -> Rate | Cut:
    rows: tuple[Rate | Cut, ...] = (*shipped.rates, *shipped.cuts)
    return next(row for row in rows if row.name == name)


def laid_over(shipped: Rates, entered: Iterable[EnteredRate]) -> Rates:
    """The rates with these rows in their places, in the order in which they were entered; those of a name that does not
    ship are passed over."""
    rates, cuts, known = list(shipped.rates), list(shipped.cuts), names(shipped)
    for row in entered:
        if row.name not in known:
            continue
        like = _like(shipped, row.name)
        if isinstance(like, Cut):
            cuts = [piece for cut in cuts for piece in _beside(cut, row)]
            cuts.append(replace(like, percent_off=row.value, terms=row.terms))
        else:
            rates = [piece for rate in rates for piece in _beside(rate, row)]
            flat = row.value if like.flat else 0
            rates.append(Rate(row.name, flat, 0 if like.flat else row.value, row.terms))
    return replace(shipped, rates=tuple(rates), cuts=tuple(cuts))


def _beside(old: _Row, new: EnteredRate) -> Iterator[_Row]:
    """What is left of a row beside one of its name: before it, behind it, all of it where they do not meet."""
    first, last = new.terms.valid_from, new.terms.valid_to
    begins, ends = old.terms.valid_from, old.terms.valid_to
    apart = (ends is not None and ends < first) or (last is not None and last < begins)
    if old.name != new.name or apart:
        yield old
        return
    if begins < first:
        yield replace(old, terms=replace(old.terms, valid_to=first - _DAY))
    if last is not None and (ends is None or last < ends):
        yield replace(old, terms=replace(old.terms, valid_from=last + _DAY))


def has_ended(terms: Terms, today: date) -> bool:
    """Whether a row's last day is over: what was said by it stands, so that it is not changed any more."""
    return terms.valid_to is not None and terms.valid_to < today
