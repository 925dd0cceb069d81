"""What it costs: the whole table, and that an expired row never prices anything."""

from __future__ import annotations

import copy
import tomllib
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.engine.core import Heard, Scene
from conversations.engine.world import World
from conversations.hear.readers import trade
from conversations.rules.pricing import carries, price
from conversations.rules.rates import PARTS, Program, Rates
from conversations.rules.validity import Terms
from storage import reference
from tests.town import known

RATES = reference.rates()
NOVEMBER, DECEMBER, JANUARY, APRIL = date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1), date(2027, 4, 1)
WIB = ZoneInfo("Asia/Jakarta")

# number: (lower bound, upper bound, base, two programmes, three programmes, both again at half JKK and JKM)
PRICES = {
    1: (0, 1_099_000, 1_000_000, 16_800, 36_800, 8_400, 28_400),
    2: (1_100_000, 1_299_000, 1_200_000, 18_800, 42_800, 9_400, 33_400),
    3: (1_300_000, 1_499_000, 1_400_000, 20_800, 48_800, 10_400, 38_400),
    4: (1_500_000, 1_699_000, 1_600_000, 22_800, 54_800, 11_400, 43_400),
    5: (1_700_000, 1_899_000, 1_800_000, 24_800, 60_800, 12_400, 48_400),
    6: (1_900_000, 2_099_000, 2_000_000, 26_800, 66_800, 13_400, 53_400),
    7: (2_100_000, 2_299_000, 2_200_000, 28_800, 72_800, 14_400, 58_400),
    8: (2_300_000, 2_499_000, 2_400_000, 30_800, 78_800, 15_400, 63_400),
    9: (2_500_000, 2_699_000, 2_600_000, 32_800, 84_800, 16_400, 68_400),
    10: (2_700_000, 3_199_000, 2_950_000, 36_300, 95_300, 18_150, 77_150),
    11: (3_200_000, 3_699_000, 3_450_000, 41_300, 110_300, 20_650, 89_650),
    12: (3_700_000, 4_199_000, 3_950_000, 46_300, 125_300, 23_150, 102_150),
    13: (4_200_000, 4_699_000, 4_450_000, 51_300, 140_300, 25_650, 114_650),
    14: (4_700_000, 5_199_000, 4_950_000, 56_300, 155_300, 28_150, 127_150),
    15: (5_200_000, 5_699_000, 5_450_000, 61_300, 170_300, 30_650, 139_650),
    16: (5_700_000, 6_199_000, 5_950_000, 66_300, 185_300, 33_150, 152_150),
    17: (6_200_000, 6_699_000, 6_450_000, 71_300, 200_300, 35_650, 164_650),
    18: (6_700_000, 7_199_000, 6_950_000, 76_300, 215_300, 38_150, 177_150),
    19: (7_200_000, 7_699_000, 7_450_000, 81_300, 230_300, 40_650, 189_650),
    20: (7_700_000, 8_199_000, 7_950_000, 86_300, 245_300, 43_150, 202_150),
    21: (8_200_000, 9_199_000, 8_700_000, 93_800, 267_800, 46_900, 220_900),
    22: (9_200_000, 10_199_000, 9_700_000, 103_800, 297_800, 51_900, 245_900),
    23: (10_200_000, 11_199_000, 10_700_000, 113_800, 327_800, 56_900, 270_900),
    24: (11_200_000, 12_199_000, 11_700_000, 123_800, 357_800, 61_900, 295_900),
    25: (12_200_000, 13_199_000, 12_700_000, 133_800, 387_800, 66_900, 320_900),
    26: (13_200_000, 14_199_000, 13_700_000, 143_800, 417_800, 71_900, 345_900),
    27: (14_200_000, 15_199_000, 14_700_000, 153_800, 447_800, 76_900, 370_900),
    28: (15_200_000, 16_199_000, 15_700_000, 163_800, 477_800, 81_900, 395_900),
    29: (16_200_000, 17_199_000, 16_700_000, 173_800, 507_800, 86_900, 420_900),
    30: (17_200_000, 18_199_000, 17_700_000, 183_800, 537_800, 91_900, 445_900),
    31: (18_200_000, 19_199_000, 18_700_000, 193_800, 567_800, 96_900, 470_900),
    32: (19_200_000, 20_199_000, 19_700_000, 203_800, 597_800, 101_900, 495_900),
    33: (20_200_000, None, 20_700_000, 213_800, 627_800, 106_900, 520_900),
}

brackets = st.tuples(st.integers(1, 33), st.integers(1, 33)).map(lambda pair: (min(pair), max(pair)))
programs = st.sampled_from(sorted(PARTS))
days = st.dates(date(2025, 1, 1), date(2028, 12, 31))


@pytest.fixture
def table() -> dict[str, Any]:
    """The shipped file, to be changed at will."""
    return tomllib.loads(files("storage.reference").joinpath("rates.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("number", PRICES)
def test_each_of_the_33_brackets_has_its_bounds_its_base_and_its_four_prices(number: int) -> None:
    low, high, base, two, three, two_cut, three_cut = PRICES[number]
    bracket = RATES.brackets[number - 1]
    assert (bracket.number, bracket.low, bracket.high, bracket.base) == (number, low, high, base)
    rows: tuple[tuple[Program, int, int], ...] = (("two", two, two_cut), ("three", three, three_cut))
    for program, normal, reduced in rows:
        estimate = RATES.estimate(program, (number, number), transport=False, employer=False, month=DECEMBER)
        assert estimate is not None
        assert (estimate.low, estimate.high) == (normal, normal)
        assert (estimate.reduced_low, estimate.reduced_high) == (reduced, reduced)
        assert estimate.base_low == base


def test_there_are_33_brackets() -> None:
    assert len(RATES.brackets) == len(PRICES) == 33


@pytest.mark.parametrize(
    ("income", "number"),
    [
        *((-5, 1), (0, 1), (999_999, 1), (1_099_000, 1), (1_099_500, 1), (1_099_999, 1), (1_100_000, 2)),
        *((2_000_000, 6), (3_199_999, 10), (3_200_000, 11), (20_199_999, 32), (20_200_000, 33), (10**12, 33)),
    ],
)
def test_an_income_falls_into_the_last_bracket_whose_lower_bound_it_reaches(income: int, number: int) -> None:
    assert RATES.bracket(income) == number


@given(st.integers(0, 30_000_000), st.integers(0, 30_000_000))
def test_who_earns_more_is_never_in_a_lower_bracket(one: int, other: int) -> None:
    assert RATES.bracket(min(one, other)) <= RATES.bracket(max(one, other))


@given(st.integers(0, 30_000_000))
def test_an_income_lies_within_its_bracket_or_in_the_hole_above_it(income: int) -> None:
    bracket = RATES.brackets[RATES.bracket(income) - 1]
    assert bracket.low <= income
    assert bracket.high is None or income < bracket.high + 1_000


def test_six_spoken_ranges_take_every_bracket_once_from_nothing_to_no_end() -> None:
    assert [each.key for each in RATES.ranges] == ["r1", "r2", "r3", "r4", "r6", "r7"]
    assert [(each.low_bracket, each.high_bracket) for each in RATES.ranges] == [
        (1, 1),
        (2, 6),
        (7, 10),
        (11, 14),
        (15, 22),
        (23, 33),
    ]
    assert [(each.min, each.max) for each in RATES.ranges] == [
        (0, 1_099_000),
        (1_100_000, 2_099_000),
        (2_100_000, 3_199_000),
        (3_200_000, 5_199_000),
        (5_200_000, 10_199_000),
        (10_200_000, None),
    ]


def test_without_an_income_the_lowest_price_is_given() -> None:
    estimate = RATES.estimate("two", None, transport=False, employer=False, month=APRIL)
    assert estimate is not None
    assert (estimate.low, estimate.high, estimate.base_low) == (16_800, 16_800, 1_000_000)
    assert (estimate.reduced_low, estimate.reduced_high, estimate.reduced_until) == (None, None, None)
    assert not estimate.reduced_sure


@given(programs, brackets, st.booleans(), st.booleans(), days)
def test_an_estimate_is_a_price_from_low_to_high_and_a_cut_makes_it_cheaper_but_not_free(
    program: Program, low_high: tuple[int, int], transport: bool, employer: bool, month: date
) -> None:
    estimate = RATES.estimate(program, low_high, transport, employer, month)
    if estimate is None:
        assert month < date(2026, 1, 1)
        return
    assert 16_800 <= estimate.low <= estimate.high
    if estimate.reduced_low is None or estimate.reduced_high is None:
        assert estimate.reduced_until is None
    else:
        assert estimate.reduced_until is not None
        assert month <= estimate.reduced_until
        assert 0 < estimate.reduced_low <= estimate.reduced_high
        assert estimate.low / 2 <= estimate.reduced_low < estimate.low
        assert estimate.high / 2 <= estimate.reduced_high < estimate.high


@given(programs, st.integers(1, 32), st.booleans(), st.booleans())
def test_the_next_bracket_costs_more_with_and_without_the_cut(
    program: Program, number: int, transport: bool, employer: bool
) -> None:
    here = RATES.estimate(program, (number, number), transport, employer, DECEMBER)
    above = RATES.estimate(program, (number + 1, number + 1), transport, employer, DECEMBER)
    assert here is not None
    assert above is not None
    assert here.low < above.low
    assert here.base_low < above.base_low
    assert (here.reduced_low or 0) < (above.reduced_low or 0)


@given(brackets, st.booleans(), st.booleans(), days)
def test_the_cut_takes_nothing_off_jht(low_high: tuple[int, int], transport: bool, employer: bool, month: date) -> None:
    two = RATES.estimate("two", low_high, transport, employer, month)
    three = RATES.estimate("three", low_high, transport, employer, month)
    assert (two is None) == (three is None)
    if two and three and two.reduced_low is not None and three.reduced_low is not None:
        jht = three.low - two.low
        assert jht == two.base_low * 2 // 100
        assert three.reduced_low - two.reduced_low == jht


@pytest.mark.parametrize(
    ("transport", "last_day"), [(False, date(2026, 12, 31)), (True, date(2027, 3, 31))], ids=["others", "transport"]
)
@pytest.mark.parametrize("employer", [False, True])
def test_the_cut_holds_on_its_last_day_and_is_gone_on_the_next(transport: bool, employer: bool, last_day: date) -> None:
    inside = RATES.estimate("two", None, transport, employer, last_day)
    after = RATES.estimate("two", None, transport, employer, last_day + timedelta(days=1))
    assert inside is not None
    assert after is not None
    assert (inside.reduced_low, inside.reduced_until) == (8_400, last_day)
    assert (after.reduced_low, after.low) == (None, 16_800)


@pytest.mark.parametrize(("transport", "first_day"), [(False, date(2026, 4, 1)), (True, date(2026, 1, 1))])
def test_the_cut_begins_on_its_first_day(transport: bool, first_day: date) -> None:
    begun = RATES.estimate("two", None, transport, employer=False, month=first_day)
    before = RATES.estimate("two", None, transport, employer=False, month=first_day - timedelta(days=1))
    assert begun is not None
    assert begun.reduced_low == 8_400
    assert before is None or before.reduced_low is None


def test_the_last_day_of_a_row_ends_at_midnight_in_wib_not_in_utc() -> None:
    last_evening = datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC).astimezone(WIB).date()
    new_year = datetime(2026, 12, 31, 17, 0, tzinfo=UTC).astimezone(WIB).date()
    priced = [
        RATES.estimate("two", None, transport=False, employer=False, month=day) for day in (last_evening, new_year)
    ]
    assert [estimate and estimate.reduced_low for estimate in priced] == [8_400, None]


@pytest.mark.parametrize("transport", [False, True])
def test_the_cut_is_sure_for_the_self_employed_and_open_for_owners_who_employ(transport: bool) -> None:
    alone = RATES.estimate("two", None, transport, employer=False, month=DECEMBER)
    employer = RATES.estimate("two", None, transport, employer=True, month=DECEMBER)
    assert alone is not None
    assert employer is not None
    assert (alone.reduced_sure, employer.reduced_sure) == (True, False)


@pytest.mark.parametrize(
    ("today", "month"),
    [
        (date(2026, 11, 22), DECEMBER),
        (date(2026, 12, 1), JANUARY),
        (date(2026, 12, 31), JANUARY),
        (date(2028, 1, 31), date(2028, 2, 1)),
    ],
)
def test_who_is_met_today_pays_next_month(today: date, month: date) -> None:
    assert RATES.payment_month(today) == month


def test_a_trader_met_in_december_is_not_promised_the_cut_that_ends_with_the_year() -> None:
    met = date(2026, 12, 2)
    estimate = RATES.estimate("two", None, transport=False, employer=False, month=RATES.payment_month(met))
    driver = RATES.estimate("two", None, transport=True, employer=False, month=RATES.payment_month(met))
    assert estimate is not None
    assert driver is not None
    assert (estimate.reduced_low, driver.reduced_low) == (None, 8_400)


@pytest.mark.parametrize("wrong", [(0, 1), (1, 34), (5, 4), (-1, -1)])
def test_brackets_that_do_not_exist_are_an_error(wrong: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="no such brackets"):
        RATES.estimate("two", wrong, transport=False, employer=False, month=DECEMBER)


# ---------------------------------------------------------------------------------------------- workers


@pytest.mark.parametrize(
    ("wage", "shares"),
    [
        (2_327_813, (12_570, 19_554, 27_701, 36_547, 47_487)),  # the lowest minimum wage of 2026, Banjarnegara
        (2_538_691, (13_709, 21_325, 30_210, 39_857, 51_789)),  # Klaten
        (3_701_709, (19_989, 31_094, 44_050, 58_117, 75_515)),  # the highest, Kota Semarang
    ],
)
def test_an_employer_pays_jkk_and_jkm_of_the_wage_by_risk_group(wage: int, shares: tuple[int, ...]) -> None:
    assert tuple(RATES.worker_share(wage, group, DECEMBER) for group in range(1, 6)) == shares


@given(st.integers(0, 10**8), st.integers(0, 10**6), st.integers(1, 5))
def test_a_higher_wage_or_a_riskier_trade_never_costs_less(wage: int, more: int, group: int) -> None:
    share = RATES.worker_share(wage, group, DECEMBER)
    assert share is not None
    assert share <= (RATES.worker_share(wage + more, group, DECEMBER) or 0)
    assert share <= (RATES.worker_share(wage, min(5, group + 1), DECEMBER) or 0)


@pytest.mark.parametrize(("wage", "group"), [(1, 0), (1, 6), (-1, 1)])
def test_a_risk_group_or_wage_that_cannot_be_is_an_error(wage: int, group: int) -> None:
    with pytest.raises(ValueError, match="no such risk group or wage"):
        RATES.worker_share(wage, group, DECEMBER)


def test_a_worker_costs_from_the_lowest_wage_in_a_shop_to_the_highest_in_a_workshop() -> None:
    assert RATES.worker_range(DECEMBER) == (12_570, 44_050)


@pytest.mark.parametrize("name", ["pu.jkk.1", "pu.jkk.3", "pu.jkm", "wage.lowest", "wage.highest"])
def test_the_range_of_a_worker_goes_with_its_rows(table: dict[str, Any], name: str) -> None:
    assert Rates.from_table(end(table, name, NOVEMBER)).worker_range(DECEMBER) is None


# ---------------------------------------------------------------------------------------------- cuts


@pytest.mark.parametrize(
    ("day", "sectors"),
    [
        (date(2026, 11, 30), ("transport", "other")),
        (date(2026, 12, 31), ("transport", "other")),
        (date(2027, 1, 1), ("transport",)),
        (date(2027, 4, 1), ()),
    ],
)
def test_the_cuts_that_are_told_are_those_in_force_that_day(day: date, sectors: tuple[str, ...]) -> None:
    assert tuple(cut.sector for cut in RATES.cuts_on(day)) == sectors


# ---------------------------------------------------------------------------------------------- rows that end


def end(table: dict[str, Any], name: str, last_day: date) -> dict[str, Any]:
    """The table with all rows of this name ended."""
    ended = copy.deepcopy(table)
    for row in ended["rate"]:
        if row["name"] == name:
            row["valid_to"] = last_day
    return ended


@pytest.mark.parametrize("name", ["bpu.jkk", "bpu.jkm"])
def test_an_expired_rate_prices_nothing(table: dict[str, Any], name: str) -> None:
    rates = Rates.from_table(end(table, name, NOVEMBER))
    assert rates.estimate("two", None, transport=False, employer=False, month=NOVEMBER) is not None
    assert rates.estimate("two", None, transport=False, employer=False, month=DECEMBER) is None
    assert rates.estimate("three", None, transport=False, employer=False, month=DECEMBER) is None


def test_an_expired_jht_rate_leaves_the_price_of_two_programmes(table: dict[str, Any]) -> None:
    rates = Rates.from_table(end(table, "bpu.jht", NOVEMBER))
    assert rates.estimate("two", None, transport=False, employer=False, month=DECEMBER) is not None
    assert rates.estimate("three", None, transport=False, employer=False, month=DECEMBER) is None


def test_expired_brackets_price_nothing(table: dict[str, Any]) -> None:
    table["brackets"]["valid_to"] = NOVEMBER
    rates = Rates.from_table(table)
    assert rates.estimate("two", None, transport=False, employer=False, month=DECEMBER) is None


@pytest.mark.parametrize("name", ["pu.jkk.2", "pu.jkm"])
def test_an_expired_worker_rate_prices_nothing(table: dict[str, Any], name: str) -> None:
    rates = Rates.from_table(end(table, name, NOVEMBER))
    assert rates.worker_share(2_327_813, 2, NOVEMBER) == 19_554
    assert rates.worker_share(2_327_813, 2, DECEMBER) is None


def test_a_row_that_follows_takes_over_and_ends_the_warning(table: dict[str, Any]) -> None:
    table = end(table, "bpu.jkm", date(2026, 12, 31))
    old = next(row for row in table["rate"] if row["name"] == "bpu.jkm")
    assert "bpu.jkm" in {row.name for row in Rates.from_table(table).ending(date(2026, 12, 1))}
    table["rate"].append(old | {"flat": 7_000, "valid_from": JANUARY, "valid_to": "open"})
    rates = Rates.from_table(table)
    estimate = rates.estimate("two", None, transport=False, employer=False, month=JANUARY)
    assert estimate is not None
    assert estimate.low == 17_000
    assert "bpu.jkm" not in {row.name for row in rates.ending(date(2026, 12, 1))}


def test_rows_about_to_end_are_named_and_those_that_have_ended_stay_named() -> None:
    others = ["cut.other.employer", "cut.other.self_employed", "wage.highest", "wage.lowest"]
    drivers = ["cut.transport.employer", "cut.transport.self_employed"]
    assert RATES.ending(date(2026, 10, 31)) == ()
    assert [row.name for row in RATES.ending(date(2026, 11, 1))] == others
    assert not any(row.ended for row in RATES.ending(date(2026, 12, 31)))
    assert all(row.ended and row.valid_to == date(2026, 12, 31) for row in RATES.ending(JANUARY, within_days=0))
    assert [(row.name, row.ended) for row in RATES.ending(date(2027, 3, 1))] == [
        *((name, True) for name in others),
        *((name, False) for name in drivers),
    ]


# ---------------------------------------------------------------------------------------------- the file


def test_two_rows_of_one_name_in_force_on_the_same_day_are_an_error(table: dict[str, Any]) -> None:
    table["rate"].append(dict(table["rate"][0]))
    with pytest.raises(ValueError, match=r"two rows of bpu\.jkk"):
        Rates.from_table(table)


def test_a_hole_or_a_repeat_in_brackets_and_ranges_is_an_error(table: dict[str, Any]) -> None:
    holed, unspoken = copy.deepcopy(table), copy.deepcopy(table)
    del holed["brackets"]["steps"][4]
    with pytest.raises(ValueError, match="brackets are numbered"):
        Rates.from_table(holed)
    unspoken["brackets"]["spoken"][1]["from"] = 3
    with pytest.raises(ValueError, match="spoken ranges"):
        Rates.from_table(unspoken)


@pytest.mark.parametrize(
    "wrong",
    [
        {"flat": 5, "basis_points": 5},
        {"valid_to": date(2020, 1, 1)},
        {"valid_from": datetime(2026, 1, 1, tzinfo=UTC)},
        {"confidence": "Z"},
        {"source": ""},
    ],
)
def test_a_rate_that_makes_no_sense_is_an_error(table: dict[str, Any], wrong: dict[str, Any]) -> None:
    table["rate"][0] |= wrong
    with pytest.raises(ValueError, match=r"row|rate|day"):
        Rates.from_table(table)


@pytest.mark.parametrize("missing", ["source", "checked_on", "valid_from", "valid_to", "confidence"])
def test_a_row_without_its_small_print_is_an_error(table: dict[str, Any], missing: str) -> None:
    del table["cut"][0][missing]
    with pytest.raises(KeyError, match=missing):
        Rates.from_table(table)


@pytest.mark.parametrize("wrong", [{"sector": "fishing"}, {"segment": "all"}, {"programs": ["jp"]}, {"percent_off": 0}])
def test_a_cut_for_nobody_is_an_error(table: dict[str, Any], wrong: dict[str, Any]) -> None:
    table["cut"][0] |= wrong
    with pytest.raises(ValueError, match="cut"):
        Rates.from_table(table)


def test_no_shipped_row_that_prices_rests_on_memory_and_only_the_disputed_cut_is_unsure() -> None:
    assert RATES.bracket_terms.sure
    assert all(rate.terms.sure for rate in RATES.rates)
    assert {cut.name for cut in RATES.cuts if not cut.terms.sure} == {"cut.other.employer", "cut.transport.employer"}


@given(days, days)
def test_terms_hold_from_their_first_to_their_last_day(one: date, other: date) -> None:
    first, last = min(one, other), max(one, other)
    terms = Terms("a source", first, first, last, "A")
    assert terms.hold(first)
    assert terms.hold(last)
    assert not terms.hold(first - timedelta(days=1))
    assert not terms.hold(last + timedelta(days=1))


@pytest.mark.parametrize(
    ("said", "reduced"),
    [("ojek", True), ("sopir truk", True), ("tukang parkir", False), ("kuli panggul", False), ("food truck", False)],
)
def test_the_longer_cut_is_shown_only_to_who_carries_people_or_goods(said: str, reduced: bool) -> None:
    after_the_others = World(datetime(2027, 1, 20, 9, tzinfo=WIB), known())
    sector = trade(Heard(text=said), Scene({}, after_the_others))
    shown = price("two", Scene({"sector": sector, "workers": [0, 0]}, after_the_others))
    assert shown is not None
    assert (shown.reduced_low is not None) is reduced


def test_an_answer_from_before_is_priced_by_its_category() -> None:
    after_the_others = World(datetime(2027, 1, 20, 9, tzinfo=WIB), known())
    for category, carries_on in (("transport", True), ("kuliner", False)):
        assert carries(Scene({"sector": {"category": category, "said": ""}}, after_the_others)) is carries_on
