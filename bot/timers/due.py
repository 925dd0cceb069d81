"""Timers that are due, each with its lead; a timer whose lead does not open is postponed to another day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bot.mail.mail import Mail
from bot.timers.row_by_row import Work, row_by_row
from conversations.engine.world import Lead
from storage.leads import leads, timers
from storage.leads.timers import Due


class DueLead(NamedTuple):
    """A timer that is due, with its lead. ``contacted``: an officer has reached the owner since the lead was taken."""

    timer: Due
    lead: Lead
    contacted: bool

    @property
    def id(self) -> int:
        """The lead's id."""
        return self.timer.lead_id


async def take_due(mail: Mail, kind: str) -> list[DueLead]:
    """Take the timers of this kind that are due at ``mail.now``, in the order of their times.

    A timer whose lead was erased, or merged into another that has its own, is dropped. A timer whose lead does not open
    is set again for ``timers.UNREADABLE_AGAIN`` later: it keeps no other timer from being taken, and goes on once the lead
    opens.
    """
    taken = await timers.take_due(mail.tx, kind, mail.now)
    if not taken:
        return []
    found = await leads.by_ids(mail.tx, mail.services.vault, [timer.lead_id for timer in taken])
    again_at = mail.now + timers.UNREADABLE_AGAIN
    await timers.put_all(mail.tx, kind, [(timer, again_at) for timer in taken if timer.lead_id in found.unreadable])
    return [
        DueLead(timer, found.leads[timer.lead_id], timer.lead_id in found.contacted)
        for timer in taken
        if timer.lead_id in found.leads and not found.leads[timer.lead_id].into
    ]


async def each_done(mail: Mail, kind: str, due: Sequence[DueLead], work: Work[DueLead]) -> list[DueLead]:
    """Do this work for these leads; those for which it succeeded. The timers of the others are set again for
    ``timers.UNREADABLE_AGAIN`` later."""
    failed = await row_by_row(mail, "lead", due, lambda one: one.id, work)
    await timers.put_all(mail.tx, kind, [(one.timer, mail.now + timers.UNREADABLE_AGAIN) for one in failed])
    return [one for one in due if one not in failed] if failed else list(due)
