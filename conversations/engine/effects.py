"""Effects of a turn besides words. Plain values; ``bot/turns/effects.py`` has one handler for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from conversations.rules.found_by import Sought
from conversations.rules.next_step import NextStep

from .core import Document, Lines, Say


@dataclass(frozen=True, slots=True)
class HoldBack:
    """Say this when the person has paused, in place of what was held back before; empty: only drop what was held back."""

    says: tuple[Say | Document, ...]


@dataclass(frozen=True, slots=True)
class GiveConsent:
    """Store a consent or its refusal. ``purpose``: data | news | waiting; ``version``: of the text that was shown."""

    purpose: str
    version: str
    given: bool


@dataclass(frozen=True, slots=True)
class SubmitLead:
    """Hand these answers to the officers of the regency. ``status``: new, or waiting (outside the area)."""

    code: str
    answers: Mapping[str, Any]
    status: str
    kind: str  # the indication's kind
    estimate: Mapping[str, Any]
    promised: bool = False  # the owner was told a day by which somebody contacts them


@dataclass(frozen=True, slots=True)
class ChangeLead:
    """Store an owner's change of a lead that was sent; its officer is told ``changes`` (lines "label: old → new").

    ``status``: the status of an untaken lead by its regency now: new, or waiting (outside the area).
    """

    code: str
    status: str
    answers: Mapping[str, Any]
    kind: str
    estimate: Mapping[str, Any]
    changes: Lines


@dataclass(frozen=True, slots=True)
class AllowNews:
    """Store whether this person may be sent reminders and news."""

    allowed: bool


@dataclass(frozen=True, slots=True)
class StopMessages:
    """ "Berhenti": send this person nothing but direct answers any more; ``stopped`` False undoes it."""

    stopped: bool


@dataclass(frozen=True, slots=True)
class AllowCalls:
    """Store whether an officer may ring up this person, who wants no messages. The officers of their open leads are told."""

    allowed: bool


@dataclass(frozen=True, slots=True)
class ChooseLanguage:
    """Answer this person in the language of this code from now on, in this very turn too."""

    language: str


@dataclass(frozen=True, slots=True)
class DropWords:
    """Erase the messages that this person wrote from ``since`` on, because together they held an identity number."""

    since: datetime


@dataclass(frozen=True, slots=True)
class ForgetMe:
    """Erase this person: messages, session, leads, addresses. A pseudonymous audit line stays."""

    why: str  # refused | cancelled | asked


@dataclass(frozen=True, slots=True)
class CallHuman:
    """Tell the officer of this lead (or the officers of its regency) that its owner wants to talk, and tell the owner
    who was reached."""

    code: str


@dataclass(frozen=True, slots=True)
class ReportImpostor:
    """Tell the coordinators (or the admins) that this person reports a false officer, and tell the person whether one
    was reached. ``code`` is that of their lead, "" before one was sent; ``regency`` is theirs as far as known."""

    code: str
    regency: str


@dataclass(frozen=True, slots=True)
class NotCalled:
    """Tell the officer of this lead, and those above, that its owner says nobody called; and tell the owner who was
    reached."""

    code: str


@dataclass(frozen=True, slots=True)
class OwnerSaid:
    """Note in the lead's history what its owner says of it (``outcomes.SAID``), and tell whoever has it where they have to
    do something."""

    code: str
    what: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """End this lead, which its owner gives up, and tell whoever has it."""

    code: str


@dataclass(frozen=True, slots=True)
class Reopen:
    """Open this ended lead again, as its owner asks, and tell whoever has it, or offer it."""

    code: str


@dataclass(frozen=True, slots=True)
class TakeLead:
    code: str


@dataclass(frozen=True, slots=True)
class NoteOutcome:
    """Store the outcome of following a lead up; the lead's status moves with it. ``step``: its next step; None where the
    outcome ends the lead, or leaves the next step as it is."""

    code: str
    outcome: str
    step: NextStep | None = None


@dataclass(frozen=True, slots=True)
class AddNote:
    """Keep an officer's words with the outcome that was noted last of this lead."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class ComeBack:
    """Bring this lead back to its officer at this next step, in place of the one it has."""

    code: str
    step: NextStep


@dataclass(frozen=True, slots=True)
class ReleaseLead:
    """Give back this lead, which its officer took by mistake."""

    code: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """Hand leads to the officer ``to``: the one with this ``code``, those with these ``codes``, or those of the officer
    ``of``, with ``late`` only what is overdue. What a colleague hands over is theirs once they agree; what those above
    move is theirs at once."""

    to: int
    code: str = ""
    of: int | None = None
    late: bool = False
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MergeLeads:
    """Merge these two leads, which are one business: one ends, and both codes lead to the other."""

    code: str
    other: str


@dataclass(frozen=True, slots=True)
class AnswerHanded:
    """Take this lead, which a colleague hands over, or give it back to them; they are told."""

    code: str
    accepted: bool


@dataclass(frozen=True, slots=True)
class Undo:
    """Put this lead back to what it was before the last thing that an officer did with it, and tell who asked."""

    code: str


@dataclass(frozen=True, slots=True)
class UndoMoved:
    """Put the leads back that were moved together with the one of this event, but for those with which something was
    done since."""

    event_id: int


@dataclass(frozen=True, slots=True)
class OpenBridge:
    """Have what the officer and the owner of this lead write go to each other from now on; asked by either, who is told how
    to write and how to end."""

    code: str
    by_officer: bool


@dataclass(frozen=True, slots=True)
class Relay:
    """Pass these words on to the other side of this lead's open bridge."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class EndBridge:
    """End the bridge of this lead, and tell both."""

    code: str


@dataclass(frozen=True, slots=True)
class WriteToOfficer:
    """Pass these words of a lead's owner on to its officer, or to whoever looks after its regency now."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class BindOfficer:
    """Make this chat that of the officer whose one-time code came in."""


@dataclass(frozen=True, slots=True)
class WrongCode:
    """Count a code that fits no invitation, so that nobody guesses."""


@dataclass(frozen=True, slots=True)
class SetAbsent:
    """Store that an officer is absent (new leads pass by), or back. ``since``: the leave begins only then; ``until``: it
    ends by itself then."""

    absent: bool
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class SetDigest:
    """Store whether this officer wants the morning digest."""

    wanted: bool


@dataclass(frozen=True, slots=True)
class ListTasks:
    """Show this officer's open leads, by when their next step is due; ``page`` counts from 0. ``only``: one of
    ``lead_lists.ONLY``, "" for all."""

    page: int
    only: str = ""


@dataclass(frozen=True, slots=True)
class FindLeads:
    """Show this officer the leads that they look for, as far as they may see them."""

    sought: Sought


@dataclass(frozen=True, slots=True)
class ListTeam:
    """Show this coordinator or admin a page of the officers whom they look after; ``page`` counts from 0."""

    page: int


@dataclass(frozen=True, slots=True)
class ListTasksOf:
    """Show this coordinator or admin a page of an officer's open leads; ``page`` counts from 0."""

    officer_id: int
    page: int


@dataclass(frozen=True, slots=True)
class PickLeads:
    """Show this coordinator or admin a page of open leads with those that are ``marked``: of the officer ``of``, or (0) of
    all whom they look after, what is overdue; ``page`` counts from 0."""

    of: int
    page: int = 0
    marked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InviteOfficer:
    """Invite an officer of this name for the regencies of an office (by id), or for these, and show the one-time code."""

    name: str
    regencies: tuple[str, ...] = ()
    office: int | None = None


@dataclass(frozen=True, slots=True)
class Complain:
    """Pass an owner's words about the officer of this lead on to those above that officer, and tell the owner."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class ListUntaken:
    """Show the untaken leads that this officer may take, oldest first; ``page`` counts from 0."""

    page: int


@dataclass(frozen=True, slots=True)
class ShowReport:
    """Tell who asked the figures of the month that begins on this day."""

    first: date


@dataclass(frozen=True, slots=True)
class ListBroadcasts:
    """Show this admin the latest broadcasts."""


@dataclass(frozen=True, slots=True)
class DraftBroadcast:
    """Store a broadcast as composed, and show it as it would arrive; ``replaces`` is the id of an earlier draft."""

    answers: Mapping[str, Any]
    replaces: int | None


@dataclass(frozen=True, slots=True)
class TreatBroadcast:
    """Do one of ``admin.ACTS`` to the broadcast with this id; then show its card."""

    id: int
    act: str


@dataclass(frozen=True, slots=True)
class OpenConsole:
    """Give this officer a one-time link to the console."""


@dataclass(frozen=True, slots=True)
class LetBrowserIn:
    """Let the browser that shows these six digits in on the console, as this officer."""

    digits: str


@dataclass(frozen=True, slots=True)
class LookedAt:
    """Audit that an officer was shown a lead's personal data."""

    code: str


@dataclass(frozen=True, slots=True)
class MakeJoinCode:
    """Give this person a one-time linking code, by which another chat becomes theirs too."""


@dataclass(frozen=True, slots=True)
class JoinChats:
    """Merge this person with the person who was given this code; then the turn is run once more for the merged person."""

    code: str


@dataclass(frozen=True, slots=True)
class PartChats:
    """Undo the latest linking of this person; then the turn is run once more for the person without it."""


@dataclass(frozen=True, slots=True)
class RefusedOffice:
    """Tell the coordinators that somebody tried to link an officer's chat with another."""


@dataclass(frozen=True, slots=True)
class TellOtherChannel:
    """Tell the other chat of this person that this chat has just been linked with it."""


@dataclass(frozen=True, slots=True)
class ReadNews:
    """Show this person the messages that waited for them."""


@dataclass(frozen=True, slots=True)
class KeepCampaign:
    """Store the campaign whose link brought this person here."""

    campaign: str
