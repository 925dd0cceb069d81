"""Outcomes of following a lead up that an officer may note: which may follow which status, and what each sets as next.

One way: new, taken, (unreached, tries counted,) contacted, interested, appointment, papers, registered, active. The end
that counts is ``active``: the first contribution was paid. Steps and ends after reference/domain.md 6 [C], our own
proposal of 22 November 2026, for the states of BPJS Ketenagakerjaan were not found.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

PAID = "active"
UNTAKEN, TAKEN, TRIED, REGISTERED, WITHDRAWN = "new", "taken", "unreached", "registered", "withdrawn"
DUPLICATE = "duplicate"
WAITING = "waiting"  # of a place where nobody works
AT_WORK = (TAKEN, TRIED, "contacted", "interested", "appointment", "papers", REGISTERED)
"""The statuses in which an officer works on a lead, in the order of the way."""
UNDO_WITHIN = timedelta(days=7)  # in which what an officer did with a lead can be taken back


class Outcome(NamedTuple):
    """The effect of an outcome on a lead.

    ``status``: the lead's status from then on; "" keeps the status. ``follows``: the statuses in which the outcome can
    be noted. ``reached``: somebody spoke with the owner. ``ends``: the lead is over. ``addressed``: a broadcast may be
    for the owners of such leads. ``reason``, ``days``: why the lead comes back, and after how many working days; "" for
    an outcome that leaves the next step as it is, or ends the lead.
    """

    status: str
    follows: tuple[str, ...] = AT_WORK
    reached: bool = True
    ends: bool = False
    addressed: bool = True
    reason: str = ""
    days: int = 0


def _end(status: str, *, addressed: bool = False, reached: bool = True) -> Outcome:
    return Outcome(status, ends=True, addressed=addressed, reached=reached)


# How many working days until a lead comes back: our own assumption of 30 November 2026, one for whoever was not reached
# and for papers that are complete, three for all else (three days until an unpaid registration lapses: domain.md 6).
NOTED: Mapping[str, Outcome] = {  # in the order of the buttons
    "contacted": Outcome("contacted", AT_WORK[:2], reason="call", days=3),
    "unreached": Outcome(TRIED, reached=False, reason="retry", days=1),
    "interested": Outcome("interested", AT_WORK[:5], reason="call", days=3),
    "appointment": Outcome("appointment", AT_WORK[:6], reason="appointment", days=1),
    "papers": Outcome("papers", AT_WORK[:5], reason="papers", days=1),
    "registered": Outcome(REGISTERED, AT_WORK[:6], reason="payment", days=3),
    PAID: Outcome(PAID, (REGISTERED,), ends=True),
    "declined": _end("declined", addressed=True),
    "member": _end("member"),
    "sponsored": _end("sponsored"),
    "ineligible": _end("ineligible"),
    DUPLICATE: _end(DUPLICATE, reached=False),
    "elsewhere": _end("elsewhere", addressed=True),
    "wrong_number": _end("wrong_number", reached=False),
    "other": Outcome("", reached=False),
}
OUTCOMES = tuple(NOTED)
STATUS_AFTER = {name: outcome.status for name, outcome in NOTED.items()}
ENDS = tuple(name for name, outcome in NOTED.items() if outcome.ends and name != PAID)
CLOSED = (*(outcome.status for outcome in NOTED.values() if outcome.ends), WITHDRAWN)
SAID = ("registered", "called", "not_called", "paid")
"""What an owner tells of how their lead stands; an officer checks it."""
ENDS_OF_OWNER = ("given_up", "reopened")
"""How an owner ends a lead, or takes it up again, as it stands in the lead's history."""
REOPENED = ("declined", "member", "sponsored", "ineligible", "elsewhere", "wrong_number", WITHDRAWN)
"""The ends after which an owner who writes again may go on with the same lead."""
REACHED = frozenset(name for name, outcome in NOTED.items() if outcome.reached)


def possible(status: str) -> tuple[str, ...]:
    """The outcomes that may be noted of a lead in this status, in the order of the buttons.

    >>> "active" in possible("registered"), "active" in possible("contacted")
    (True, False)
    """
    return tuple(name for name, outcome in NOTED.items() if status in outcome.follows)


def status_after(outcome: str, status: str) -> str:
    """The status after this outcome of a lead in ``status``: who was not reached once keeps how far they had come.

    >>> status_after("unreached", "taken"), status_after("unreached", "interested"), status_after("other", "papers")
    ('unreached', 'interested', 'papers')
    """
    if outcome == "unreached" and status not in (TAKEN, TRIED):
        return status
    return NOTED[outcome].status or status
