"""The service window: what may go when, in which form, and to how many."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.channels import telegram, whatsapp
from bot.channels.base import Outgoing, Template
from bot.outbox.service_window import Budget, fit, is_open

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
DAY = timedelta(hours=24)
PLAIN = Outgoing("kabar")
WITH_TEMPLATE = Outgoing("kabar", template=Template("rangkul_ada_kabar", "id", "utility"))


def test_within_the_window_a_message_goes_as_it_is_and_without_its_template() -> None:
    assert fit(WITH_TEMPLATE, NOW - DAY + timedelta(seconds=1), NOW, whatsapp.LIMITS) == PLAIN
    assert fit(PLAIN, NOW, NOW, whatsapp.LIMITS) == PLAIN


def test_outside_only_a_template_goes() -> None:
    for heard_at in (NOW - DAY, NOW - 30 * DAY, None):
        assert fit(WITH_TEMPLATE, heard_at, NOW, whatsapp.LIMITS) == WITH_TEMPLATE
        assert fit(PLAIN, heard_at, NOW, whatsapp.LIMITS) is None


def test_a_channel_without_a_window_is_always_open() -> None:
    assert is_open(None, NOW, telegram.LIMITS)
    assert fit(WITH_TEMPLATE, None, NOW, telegram.LIMITS) == PLAIN


def test_who_was_reached_today_costs_no_place_and_nobody_else_gets_one_beyond_the_limit() -> None:
    budget = Budget(2, {1: NOW - timedelta(hours=20), 2: NOW - timedelta(hours=1)})
    assert budget.free_at(1, NOW) == NOW
    assert budget.free_at(3, NOW) == NOW + timedelta(hours=4), "when the first of them falls out"
    assert Budget(3, budget.reached).free_at(3, NOW) == NOW
    assert Budget(0, {}).free_at(3, NOW) is None


@given(st.integers(1, 5), st.lists(st.tuples(st.integers(0, 9), st.integers(0, 40)), max_size=60))
def test_no_span_of_a_day_reaches_more_people_than_the_limit(people: int, wishes: list[tuple[int, int]]) -> None:
    """Whoever wishes to send waits until ``free_at``; then the moving count never exceeds the limit."""
    reached: dict[int, datetime] = {}
    sent: list[tuple[datetime, int]] = []
    now = NOW
    for address_id, hours in wishes:
        now += timedelta(hours=hours)
        free = Budget(people, reached).free_at(address_id, now)
        assert free is not None
        now = max(now, free)
        assert Budget(people, reached).free_at(address_id, now) == now
        reached[address_id] = now
        sent.append((now, address_id))
    for at, _ in sent:
        assert len({address_id for then, address_id in sent if at - DAY < then <= at}) <= people
