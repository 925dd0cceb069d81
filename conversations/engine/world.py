"""The world of a turn: the person's leads, the officer who is talking, the time, and other facts for the reply."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from conversations.rules.office_rights import OFFICE, office_of
from conversations.rules.outcomes import CLOSED

if TYPE_CHECKING:
    from .knowledge import Knowledge


@dataclass(frozen=True, slots=True)
class Visit:
    """One outcome in a lead's history, as an officer noted it."""

    outcome: str
    at: datetime
    officer: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead as a reply needs it. ``answers`` are those of the registration, by question key."""

    code: str
    status: str
    created: datetime
    answers: Mapping[str, Any]
    expires: date | None = None
    officer: str = ""  # the name of the officer who took the lead; "" while nobody has
    officer_id: int | None = None
    owner_id: int | None = None
    estimate: Mapping[str, Any] = field(default_factory=dict)
    channel: str = ""
    campaign: str = ""
    history: tuple[Visit, ...] = ()
    offered: bool = False  # others may take the lead though it has an officer
    offered_to: int | None = None  # the officer to whom its holder wants to hand it, and who has not answered
    next_at: datetime | None = None  # when its next step is to be taken, and why (rules/next_step.py)
    next_reason: str = ""
    contacted: bool = False  # an officer has reached the owner since taking the lead
    stopped: bool = False  # the owner wants no messages
    into: str = ""  # the code of the lead that this one was merged into, which goes on for both
    merged: tuple[Lead, ...] = ()  # those that were merged into this one
    alike: tuple[Lead, ...] = ()  # others that may be the same business; of their answers only the regency
    may_call: bool | None = None  # a stopped owner's answer about calls; None: not asked, or not answered

    @property
    def is_open(self) -> bool:
        """Whether the lead can still be followed up: no outcome has closed it."""
        return self.status not in CLOSED


@dataclass(frozen=True, slots=True)
class Officer:
    """The officer (petugas) who is talking to the bot."""

    id: int
    name: str
    role: str  # officer | coordinator | admin
    regencies: tuple[str, ...] = ()  # their own, else those of their office
    absent: bool = False
    office: int | None = None  # the id of their office

    @property
    def area(self) -> tuple[str, ...] | None:
        """The regencies that they look after; None for all: an admin's, and a coordinator's of no office nor regency."""
        everywhere = self.role == "coordinator" and self.office is None and not self.regencies
        return None if everywhere or self.role == "admin" else self.regencies

    def oversees(self, other: Officer) -> bool:
        """Whether the other is of their office: the same one, or with a regency in common; of all where they look after
        all."""
        same = self.office is not None and self.office == other.office
        return same or office_of(self.area, other.regencies) == OFFICE


@dataclass(frozen=True, slots=True)
class BridgeSide:
    """Whom the words of this person go to now: the owner of the lead with this code, or its officer."""

    code: str
    officer: bool  # this person is the officer


@dataclass(frozen=True, slots=True)
class OtherChat:
    """The chat in which a linking code was given: enough to know whether it is one's own, and no more."""

    channel: str  # the channel that the chat's person used last
    since: datetime
    ending: str = ""  # the last digits of the person's number, where a channel vouches for one


@dataclass(frozen=True, slots=True)
class World:
    """Every fact that a reply may depend on, read before the step: the step itself reads nothing."""

    now: datetime  # aware, in the zone people live in (WIB unless an office says otherwise)
    knows: Knowledge
    channel: str = "simulator"
    chat: int = 0  # the chat of this event: one of those that the person has
    fresh: str = ""  # an unused reference code, should this turn need one
    phone: str = ""  # the person's own number where the channel vouches for it; E.164
    profile: str = field(default="", repr=False)  # the name on the person's profile at the channel, as it stands there
    shares_contact: bool = False  # the channel has a share-my-number button
    leads: tuple[Lead, ...] = ()  # this person's own, oldest first
    stopped: bool = False  # the person said "berhenti"
    news: bool | None = None  # may we send reminders and news?
    campaign: str = ""
    language: str = ""  # code of the language to answer in; "": none was chosen, so the source
    officer: Officer | None = None
    lead: Lead | None = None  # the lead that a card button or the open officer dialogue is about
    team: tuple[Officer, ...] = ()  # who works in the offices, read where something is handed over
    task_count: int = 0  # how many open leads an officer has
    task_codes: tuple[str, ...] = ()  # codes of these leads, oldest first; read where remind_me.asks_for_codes says so
    staffed: frozenset[str] = frozenset()  # regencies that have an officer at work
    above: bool = False  # somebody is at work who is told of all regencies where no officer is: an admin, say
    overseen: frozenset[str] = frozenset()  # regencies whose coordinator is at work
    joined: str = ""  # the other channel of this person, when two chats have just been linked
    join_code: str = ""  # result of a linking code or a parting: a constant of dialogues/linking.py; "" for neither
    other: OtherChat | None = None  # the chat in which that linking code was given
    quoted: str = ""  # "dialogue.question" that the message asked which the words reply to
    redraws: bool = True  # the channel can replace a card that it has shown
    bridge: BridgeSide | None = None  # whom this person's words go to instead of to the bot (dialogues/bridge.py)
    draft: Mapping[str, Any] | None = None  # answers of the broadcast that an admin wants to change
    invitation: str = ""  # "" unless heard.start or the text was an officer's code: "ok" | "bad"
    invited: Officer | None = None  # the officer of that code, or of a code that waits for confirmation

    @property
    def open_leads(self) -> tuple[Lead, ...]:
        """This person's own leads that are still open, oldest first."""
        return tuple(lead for lead in self.leads if lead.is_open)

    @property
    def office_days(self) -> Container[date]:
        """The working days of the office of the officer who is talking, for ``rules/workdays.py``."""
        return self.knows.working_days(self.officer.regencies[0] if self.officer and self.officer.regencies else None)

    def is_overseen(self, regency: str) -> bool:
        """Whether a coordinator or admin is at work who is told of this regency where no officer is."""
        return self.above or regency in self.overseen

    def here(self, moment: datetime) -> datetime:
        """A stored moment (UTC) in the zone of ``now``, in which people here read the clock."""
        return moment.astimezone(self.now.tzinfo)
