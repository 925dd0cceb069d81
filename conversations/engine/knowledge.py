"""What every conversation knows: words, places, rates, offices. Loaded once by the shell, never changed."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from conversations.hear import Ear
from conversations.rules.offices import Offices
from conversations.rules.rates import Rates


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Immutable for the life of the process; ``holidays`` are the national days off that offices keep.

    ``ears``: by their codes, the languages in which people are heard otherwise than by ``ear``.
    ``labels`` gives, for the label of a button (a Text or a str), every wording that may stand on that button.
    """

    ear: Ear
    rates: Rates
    offices: Offices
    controller: str  # who runs the bot; stands in the privacy notice
    holidays: Container[date] = frozenset()
    ears: Mapping[str, Ear] = field(default_factory=dict)
    labels: Callable[[Any], tuple[str, ...]] = field(kw_only=True)

    def heard_in(self, language: str) -> Knowledge:
        """The same for somebody who is spoken with in this language ("": in none that they chose)."""
        return replace(self, ear=self.ears[language]) if language in self.ears else self
