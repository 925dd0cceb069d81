"""What may follow from a turn besides words. Plain values; ``bot/turns/effects.py`` has one handler for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .core import Document, Lines, Say


@dataclass(frozen=True, slots=True)
class HoldBack:
    """Say this when this person has stopped for a moment, in the place of what was held back before; nothing: only let
    that go."""

    says: tuple[Say | Document, ...]


@dataclass(frozen=True, slots=True)
class GiveConsent:
    """Write down a consent or its refusal. ``purpose``: data | news | waiting; ``version``: of the text that was shown."""

    purpose: str
    version: str
    given: bool


@dataclass(frozen=True, slots=True)
class SubmitLead:
    """Hand these answers to the officers of the regency. ``status``: new, or waiting (outside the area)."""

    code: str
    answers: Mapping[str, Any]
    status: str
    kind: str  # of the indication
    estimate: Mapping[str, Any]
    promised: bool = False  # the owner was told a day by which somebody contacts them


@dataclass(frozen=True, slots=True)
class ChangeLead:
    """The owner changed a lead that was sent; whoever has it is told ``changes`` (lines "label: old → new").

    ``status``: what an untaken lead is by its regency now: new, or waiting (outside the area).
    """

    code: str
    status: str
    answers: Mapping[str, Any]
    kind: str
    estimate: Mapping[str, Any]
    changes: Lines


@dataclass(frozen=True, slots=True)
class AllowNews:
    """May reminders and news be sent to this person?"""

    allowed: bool


@dataclass(frozen=True, slots=True)
class StopMessages:
    """ "Berhenti": nothing but direct answers any more; ``stopped`` False undoes it."""

    stopped: bool


@dataclass(frozen=True, slots=True)
class AllowCalls:
    """May an officer ring this person up, who wants no messages? The officers of their open leads are told."""

    allowed: bool


@dataclass(frozen=True, slots=True)
class ChooseLanguage:
    """Speak with this person in the language of this code from now on, in this very turn too."""

    language: str


@dataclass(frozen=True, slots=True)
class DropWords:
    """What this person wrote since then is not kept: together it was an identity number."""

    since: datetime


@dataclass(frozen=True, slots=True)
class ForgetMe:
    """Erase this person: messages, session, leads, addresses. A pseudonymous audit line stays."""

    why: str  # refused | cancelled | asked


@dataclass(frozen=True, slots=True)
class CallHuman:
    """Tell the officer of this lead (or whoever looks after its regency) that its owner wants to talk, and the owner whom
    that has reached."""

    code: str


@dataclass(frozen=True, slots=True)
class TakeLead:
    code: str


@dataclass(frozen=True, slots=True)
class NoteOutcome:
    """What came of following a lead up; the lead's status moves with it."""

    code: str
    outcome: str
    note: str


@dataclass(frozen=True, slots=True)
class Promise:
    """Show this lead to its officer again at ``at`` (aware)."""

    code: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BindOfficer:
    """This chat belongs to the officer whose one-time code came in."""


@dataclass(frozen=True, slots=True)
class WrongCode:
    """A code that fits no invitation: counted, so that nobody guesses."""


@dataclass(frozen=True, slots=True)
class SetAbsent:
    """An officer is away (new leads pass by), or back."""

    absent: bool


@dataclass(frozen=True, slots=True)
class SetDigest:
    """Does this officer want the summary of the morning?"""

    wanted: bool


@dataclass(frozen=True, slots=True)
class ListTasks:
    """Tell this officer of their open leads, the oldest first; ``page`` counts from 0."""

    page: int


@dataclass(frozen=True, slots=True)
class ListUntaken:
    """Tell this officer of leads that nobody has and that they may take, the oldest first; ``page`` counts from 0."""

    page: int


@dataclass(frozen=True, slots=True)
class ListBroadcasts:
    """Tell this admin of the latest broadcasts."""


@dataclass(frozen=True, slots=True)
class DraftBroadcast:
    """Keep a broadcast as it was composed, and show it as it would arrive; ``replaces`` is the id of an earlier draft."""

    answers: Mapping[str, Any]
    replaces: int | None


@dataclass(frozen=True, slots=True)
class TreatBroadcast:
    """One of ``admin.ACTS`` on the broadcast with this id; then show it as it is."""

    id: int
    act: str


@dataclass(frozen=True, slots=True)
class LookedAt:
    """An officer was shown a lead's personal data."""

    code: str


@dataclass(frozen=True, slots=True)
class MakeJoinCode:
    """Give this person a one-time code by which another chat becomes theirs too."""


@dataclass(frozen=True, slots=True)
class JoinChats:
    """Make this person one with whoever was given this code; then the turn is taken once more, as the one they are."""

    code: str


@dataclass(frozen=True, slots=True)
class PartChats:
    """Undo the latest joining of this person; then the turn is taken once more, as who they are without it."""


@dataclass(frozen=True, slots=True)
class RefusedOffice:
    """Somebody tried to make an officer's chat one with another: the coordinators are told."""


@dataclass(frozen=True, slots=True)
class TellOtherChannel:
    """This chat has just been joined with another one of the same person: say so there."""


@dataclass(frozen=True, slots=True)
class ReadNews:
    """This person wants to see what waited for them."""


@dataclass(frozen=True, slots=True)
class KeepCampaign:
    """The campaign whose link brought this person here."""

    campaign: str
