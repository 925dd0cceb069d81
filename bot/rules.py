"""Rules of sending from the settings: rates, daily budgets, the cap per person, approval of broadcasts, quiet hours."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Self

from bot.settings import Settings
from conversations.rules.quiet_hours import Quiet


@dataclass(frozen=True, slots=True)
class Rules:
    """Limits of reminders and broadcasts. By default nothing is limited, which is what tests and the simulator want.

    ``rates``: messages a second by channel; a channel that is not named has no limit. ``daily``: how many different
    people may be written to in 24 hours outside their service window, by channel. ``weekly``: reminders and broadcasts
    to one person in seven days. ``approval``: more recipients than that need a second admin. ``errors``: the share of
    failures past which a broadcast halts.
    """

    rates: Mapping[str, float] = field(default_factory=dict)
    daily: Mapping[str, int] = field(default_factory=dict)
    weekly: int = 1_000
    approval: int = 1_000_000_000
    errors: float = 1.0
    quiet: Quiet = field(default_factory=Quiet)

    @classmethod
    def of(
        cls, settings: Settings, holidays: Container[date], rates: Mapping[str, float], daily: Mapping[str, int]
    ) -> Self:
        return cls(
            rates=rates,
            daily=daily,
            weekly=settings.broadcast_weekly,
            approval=settings.broadcast_approval,
            errors=settings.broadcast_errors,
            quiet=Quiet.of(settings.quiet_from, settings.quiet_until, settings.quiet_days, holidays),
        )
