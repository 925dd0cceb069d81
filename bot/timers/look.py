"""One look of the clock at all leads that are due, some in each transaction: who was told of what, and of how many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.mail.cards import Many
from bot.mail.mail import Mail
from conversations.engine.world import Lead
from storage.leads import following
from storage.leads.following import DueStep

REMIND, OTHERS, COORDINATORS, ADMINS = range(4)  # the rungs, one working day each
LENT = "lent"  # Outbox.kind of a message that counts leads of an officer's that others may take too
OFFERED = 4  # no rung: whoever may take leads that are free, or that others are offered too, is told of them together


class Overdue(NamedTuple):
    """A lead whose next step is due, and the rung of the ladder that it has come to."""

    step: DueStep
    lead: Lead

    @property
    def id(self) -> int:
        """The lead's id."""
        return self.step.lead_id

    @property
    def regency(self) -> str:
        """The code of the lead's regency; "" for none."""
        return self.lead.answers.get("regency") or ""


class Look:
    """One look at all leads that are due, ``following.AT_ONCE`` in each transaction: so that nobody is told twice, what
    was told so far, and how many leads there are in all.

    ``more``: whether some may be left.
    """

    def __init__(self) -> None:
        self.more = False
        self.large = False  # more than one transaction takes
        self.lent: set[int] = set()  # ids of leads that others were offered too
        self._told: set[tuple[int, int]] = set()  # (person id, rung)
        self._telling: set[tuple[int, int]] = set()
        self._counts: Mapping[tuple[int | None, str, int], int] = {}
        self._offered: Mapping[int, int] | None = None  # how many leads each person may take

    async def begin(self, tx: AsyncConnection, now: datetime, found: int, opened: Sequence[Overdue]) -> None:
        """Go on with so many leads, before any of them is worked on; ``opened``: those of them that open."""
        self.more = found == following.AT_ONCE
        self.large |= self.more
        if self.more and not self._counts:
            self._counts = await following.counted(tx, now)
        elif not self._counts:
            self._counts = Counter((each.lead.officer_id, each.regency, each.step.rung) for each in opened)

    def count(self, rung: int, officer_id: int | None = None, area: Container[str] | None = None) -> int:
        """How many leads were due at this rung when the look began, of this officer or of all, in these regencies or
        (None) in all."""
        return sum(
            number
            for (theirs, regency, at), number in self._counts.items()
            if at == rung and (officer_id is None or theirs == officer_id) and (area is None or regency in area)
        )

    @property
    def holders(self) -> set[int]:
        """The officers (ids) of the leads that :func:`count` counts."""
        return {officer_id for officer_id, _, _ in self._counts if officer_id is not None}

    def regencies(self, rung: int) -> set[str]:
        """The regencies of the leads that :func:`count` counts."""
        return {regency for _, regency, at in self._counts if at == rung}

    async def many(self, mail: Mail) -> Many:
        """How many leads each person may take of those that were free, or offered to others too, when the look began."""
        if self._offered is None:
            found = Counter[int]()
            for (officer_id, regency, rung), number in self._counts.items():
                free = officer_id is None and rung <= OTHERS
                if free or await rung_now(mail, rung, officer_id) == OTHERS:
                    found.update(dict.fromkeys((p for _, p in await mail.whom(regency, but=officer_id)), number))
            self._offered = found
        return Many(self._offered, lambda person_id: self.tells(person_id, OFFERED))

    def tells(self, person_id: int, rung: int) -> bool:
        """Whether this person is to be told of this rung, as they have not been."""
        self._telling.add((person_id, rung))
        return (person_id, rung) not in self._told

    def has_told(self, person_ids: Iterable[int | None], rung: int) -> None:
        """Note who was told, of these persons to whom messages go."""
        self._told |= self._telling & {(person_id, rung) for person_id in person_ids}


async def rung_now(mail: Mail, rung: int, officer_id: int | None) -> int:
    """The rung to take now: of an officer who is not at work, nobody needs to be reminded, so others are offered theirs."""
    if rung == REMIND and officer_id is not None:
        return REMIND if await mail.roster.holder(officer_id) else OTHERS
    return rung
