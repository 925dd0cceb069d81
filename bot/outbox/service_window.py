"""The service window: for how long after a person wrote any message may be sent to them; afterwards only templates.

WhatsApp opens the window for 24 hours with each message of a person; outside only a template goes, and only to so many
different people within 24 hours
(https://developers.facebook.com/documentation/business-messaging/whatsapp/messaging-limits). Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.channels.base import Limits, Outgoing

COUNTED = timedelta(hours=24)  # the moving span in which different people are counted


def is_open(heard_at: datetime | None, now: datetime, limits: Limits) -> bool:
    """Whether the service window of a person who wrote last at ``heard_at`` is open; None (never wrote) is closed."""
    return limits.window is None or (heard_at is not None and now - heard_at < limits.window)


def fit(message: Outgoing, heard_at: datetime | None, now: datetime, limits: Limits) -> Outgoing | None:
    """The message in the form in which it may go: free within the window, as its template outside; None where it has
    none and must wait until its person writes."""
    if is_open(heard_at, now, limits):
        return replace(message, template=None) if message.template else message
    return message if message.template else None


@dataclass(frozen=True, slots=True)
class Budget:
    """The daily budget of templates: to how many different people in a moving span of 24 hours; 0 is nobody.

    ``reached``: when each address in that span was last sent a template, by address id.
    """

    people: int
    reached: Mapping[int, datetime]

    def free_at(self, address_id: int, now: datetime) -> datetime | None:
        """From when on this address may be sent a template: ``now``, or when the budget is next free; None for never."""
        counted = sorted(at for at in self.reached.values() if now - at < COUNTED)
        again = now - self.reached.get(address_id, now - COUNTED) < COUNTED
        if again or len(counted) < self.people:
            return now
        return counted[len(counted) - self.people] + COUNTED if self.people else None
