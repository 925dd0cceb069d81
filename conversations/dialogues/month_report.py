"""``/laporan``: the month in figures, in one message to a coordinator or an admin."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from conversations.engine.core import Field, Lines, Say, Text, Turn
from conversations.engine.effects import ShowReport
from conversations.engine.turn_state import TurnState
from conversations.rules.funnel import Funnel
from conversations.rules.quiet_hours import zone

MOST = 8  # offices and officers named in one message
LAST_MONTH = "last"


def report(state: TurnState, value: str) -> Turn:
    """Show the current month, or with ``value`` "last" the one before, to who looks after officers."""
    officer = state.world.officer
    if officer is None or officer.role == "officer":
        return state.say("card.not_yours")
    this = state.world.now.astimezone(zone("")).date().replace(day=1)
    first = (this - timedelta(days=1)).replace(day=1) if value == LAST_MONTH else this
    return Turn(state.session, (ShowReport(first),))


def month_report(first: Text, whole: Funnel, offices: Mapping[str, Funnel], officers: Mapping[str, Funnel]) -> Say:
    """The message: the funnel of all, then of each office and each officer."""
    fields: dict[str, Field] = {
        "month": first,
        "came": whole.came,
        "taken": whole.taken,
        "in_time": whole.in_time,
        "registered": whole.registered,
        "active": whole.active,
        "offices": _each(offices),
        "officers": _each(officers),
    }
    return Say(Text("report.month", fields))


def _each(groups: Mapping[str, Funnel]) -> Lines:
    some = list(groups.items())[:MOST]
    return Lines(
        Text("report.line", {"name": name, "came": f.came, "in_time": f.in_time, "active": f.active})
        for name, f in some
    )
