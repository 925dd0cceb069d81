"""The knowledge of every conversation: words, places, rates, offices. Loaded by the shell, and given by value."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from conversations.hear import Ear
from conversations.rules.offices import Offices
from conversations.rules.opening import USUAL
from conversations.rules.rates import Rates
from conversations.rules.workdays import WorkingDays


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything that conversations know, by value; ``holidays`` are the days off of all offices. Only ``offices`` and
    ``rates`` change in the life of a process, and then the whole is another one (``bot/timers/offices_seen.py``).

    ``ears``: ears by language code, of languages that are heard otherwise than by ``ear``. ``labels`` gives, for the
    label of a button (a Text or a str), every wording that may stand on that button.
    """

    ear: Ear
    rates: Rates
    offices: Offices
    controller: str  # who runs the bot; stands in the privacy notice
    holidays: Container[date] = frozenset()
    ears: Mapping[str, Ear] = field(default_factory=dict)
    labels: Callable[[Any], tuple[str, ...]] = field(kw_only=True)

    def heard_in(self, language: str) -> Knowledge:
        """The knowledge for a person of this language ("": none was chosen), with that language's ear."""
        return replace(self, ear=self.ears[language]) if language in self.ears else self

    def working_days(self, regency: str | None) -> Container[date]:
        """The days off, and where it has its own the hours, of the office that looks after a regency (by code, if any):
        for ``rules/workdays.py``."""
        office = self.offices.of(regency or "")
        return WorkingDays(office.hours, self.holidays) if office and office.hours != USUAL else self.holidays

    def office_name(self, regency: str) -> str:
        """The name of the office that looks after a regency (by code); the regency's own where no office is known."""
        office = self.offices.of(regency)
        return office.name if office else self.ear.places.name(regency)
