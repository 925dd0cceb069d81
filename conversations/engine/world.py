"""The world as a reply may need it: whose leads there are, who is talking, what time it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .knowledge import Knowledge


@dataclass(frozen=True, slots=True)
class Visit:
    """One line of a lead's history: what an officer noted, and when."""

    outcome: str
    at: datetime
    officer: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead as a reply may need it. ``answers`` are those of the registration, by question key."""

    code: str
    status: str
    created: datetime
    answers: Mapping[str, Any]
    expires: date | None = None
    officer: str = ""  # the name of who took it; empty while nobody has
    officer_id: int | None = None
    owner_id: int | None = None
    estimate: Mapping[str, Any] = field(default_factory=dict)
    channel: str = ""
    campaign: str = ""
    history: tuple[Visit, ...] = ()
    contacted: bool = False  # an officer has reached its owner since they took it
    stopped: bool = False  # its owner wants no messages
    may_call: bool | None = None  # and what they said of calls; None: not asked, or not answered


@dataclass(frozen=True, slots=True)
class Officer:
    """The officer (petugas) who is talking to us."""

    id: int
    name: str
    role: str  # officer | coordinator | admin
    regencies: tuple[str, ...] = ()
    absent: bool = False


@dataclass(frozen=True, slots=True)
class OtherChat:
    """The chat in which a code to be joined by was given: enough to know whether it is one's own, and no more."""

    channel: str  # that its person used last
    since: datetime
    ending: str = ""  # the last digits of their number, where a channel vouches for one


@dataclass(frozen=True, slots=True)
class World:
    """Every fact a reply may depend on, read before the step: the step itself reads nothing."""

    now: datetime  # aware, in the zone people live in (WIB unless an office says otherwise)
    knows: Knowledge
    channel: str = "simulator"
    fresh: str = ""  # an unused reference code, should this turn need one
    phone: str = ""  # the person's own number where the channel vouches for it; E.164
    shares_contact: bool = False  # the channel has a share-my-number button
    leads: tuple[Lead, ...] = ()  # this person's own, oldest first
    stopped: bool = False  # said "berhenti"
    news: bool | None = None  # may we send reminders and news?
    campaign: str = ""
    language: str = ""  # the code of the one in which we answer; "": none was chosen, so the source
    officer: Officer | None = None
    lead: Lead | None = None  # the lead that a card button or the open officer dialogue is about
    task_count: int = 0  # how many open leads an officer has
    task_codes: tuple[str, ...] = ()  # their codes, oldest first; read where promise.asks_for_codes says so
    staffed: frozenset[str] = frozenset()  # regencies that have an officer at work
    above: bool = False  # a coordinator or admin is at work, who is told where no officer is
    joined: str = ""  # the channel of the person who has just turned out to be this one
    join_code: str = ""  # of a code to be joined by, or of a parting: one of dialogues/linking.py's; "" for neither
    other: OtherChat | None = None  # whose code it is
    redraws: bool = True  # the channel can replace a card that it has shown
    draft: Mapping[str, Any] | None = None  # answers of the broadcast that an admin wants to change
    invitation: str = ""  # "" unless heard.start or the text was an officer's code: "ok" | "bad"
    invited: Officer | None = None  # whose code that is, or the one that is being thought over

    def here(self, moment: datetime) -> datetime:
        """A stored moment (UTC) on the clock that people here look at."""
        return moment.astimezone(self.now.tzinfo)
