"""Rates that an admin enters take the place of what ships for as long as they are in force, and of nothing else."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from conversations.rules.rates import Rates
from conversations.rules.rates_over import EnteredRate, laid_over, names, value_of
from conversations.rules.validity import Terms, overlap
from storage import reference

SHIPPED = reference.rates()
FIRST = date(2025, 12, 1)
DAYS = st.integers(0, 500).map(lambda after: FIRST + timedelta(days=after))


@st.composite
def entered(draw: st.DrawFn) -> EnteredRate:
    first, length = draw(DAYS), draw(st.none() | st.integers(0, 200))
    last = None if length is None else first + timedelta(days=length)
    terms = Terms("PP", FIRST, first, last, "A")
    return EnteredRate(draw(st.sampled_from(names(SHIPPED))), draw(st.integers(1, 100)), terms)


def on(rates: Rates, name: str, day: date) -> int | None:
    found = [value_of(row) for row in rates.rates if row.name == name and row.terms.hold(day)]
    found += [value_of(row) for row in rates.cuts if row.name == name and row.terms.hold(day)]
    assert len(found) <= 1, "two rows are never in force on the same day"
    return found[0] if found else None


@given(st.lists(entered(), max_size=5), DAYS)
def test_on_every_day_the_last_that_was_entered_for_it_counts_else_what_ships(
    rows: list[EnteredRate], day: date
) -> None:
    rates = laid_over(SHIPPED, rows)
    for name in names(SHIPPED):
        mine = [row.value for row in rows if row.name == name and row.terms.hold(day)]
        assert on(rates, name, day) == (mine[-1] if mine else on(SHIPPED, name, day)), name
    for terms in rates._by_name().values():
        assert not overlap(terms)


def test_a_row_of_a_name_that_does_not_ship_any_more_is_passed_over() -> None:
    assert laid_over(SHIPPED, [EnteredRate("bpu.none", 5, Terms("PP", FIRST, FIRST, None, "A"))]) == SHIPPED
