"""What every conversation knows: words, places, rates, offices. Loaded once by the shell, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from conversations.hear import Ear
from conversations.rules.offices import Offices
from conversations.rules.rates import Rates


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Immutable for the life of the process; ``holidays`` are the national days off that offices keep."""

    ear: Ear
    rates: Rates
    offices: Offices
    controller: str  # who runs the bot; stands in the privacy notice
    holidays: frozenset[date] = frozenset()
