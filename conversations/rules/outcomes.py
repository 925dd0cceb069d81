"""Outcomes of following a lead up that an officer may note, and the effect of each on the lead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

PAID = "active"  # the first contribution was paid: the aim of the whole bot; offered once a lead is registered


class Outcome(NamedTuple):
    """The effect of an outcome on a lead: its ``status`` from then on ("" keeps the one it has), whether the owner was
    ``reached``, so that nobody is reminded to call, whether the lead ``ends``, and whether a broadcast may be for
    the owners of such leads (``addressed``)."""

    status: str
    reached: bool = True
    ends: bool = False
    addressed: bool = True


NOTED: Mapping[str, Outcome] = {  # in the order of the buttons
    "contacted": Outcome("contacted"),
    "unreached": Outcome("unreached", reached=False),
    "interested": Outcome("interested"),
    "registered": Outcome("registered"),
    PAID: Outcome(PAID, ends=True),
    "declined": Outcome("declined", ends=True),
    "member": Outcome("member", ends=True, addressed=False),
    "other": Outcome("", reached=False),
}
OUTCOMES = tuple(name for name in NOTED if name != PAID)
STATUS_AFTER = {name: outcome.status for name, outcome in NOTED.items()}
CLOSED = (*(outcome.status for outcome in NOTED.values() if outcome.ends), "withdrawn")
REACHED = frozenset(name for name, outcome in NOTED.items() if outcome.reached)
