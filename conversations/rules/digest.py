"""The officer's morning digest: what waits for them today. No name and no number, for it may show on a lock screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from conversations.engine.ask import command
from conversations.engine.core import Button, Lines, Press, Say, Text
from conversations.engine.world import Lead

from .reminders import appointment_begins

MOST_CODES = 3  # lead codes in one line
MOST_SHOWN = 2  # untaken leads as buttons: WhatsApp shows three buttons in a message, and one opens the list


@dataclass(frozen=True, slots=True)
class Agenda:
    """An officer's day, oldest first: ``uncontacted``, open leads whose owners the officer has not reached;
    ``promised``, codes of leads that they want to be reminded of; ``untaken``, codes of leads that they may take."""

    uncontacted: Sequence[Lead] = ()
    promised: Sequence[str] = ()
    untaken: Sequence[str] = ()


def digest(agenda: Agenda, now: datetime) -> Say | None:
    """The digest of an agenda in a few lines; None for an empty agenda. ``now`` is on the officer's own clock."""
    lines = Lines(_lines(agenda, now))
    if not lines:
        return None
    show = (Button(Press("lead", "show", code), code) for code in agenda.untaken[:MOST_SHOWN])
    return Say(Text("digest", {"day": now.date(), "lines": lines}), (command("tasks"), *show))


def _lines(agenda: Agenda, now: datetime) -> Iterator[Text]:
    if agenda.uncontacted:
        oldest = agenda.uncontacted[0].created.astimezone(now.tzinfo)
        yield Text("digest.uncontacted", {"count": len(agenda.uncontacted), "day": oldest})
    named = [(lead.code, begins) for lead in agenda.uncontacted if (begins := appointment_begins(lead.answers))]
    today = now.date()
    if passed := [code for code, begins in named if begins.date() < today]:
        yield Text("digest.passed", _counted(passed))
    if chosen := [code for code, begins in named if begins.date() == today]:
        yield Text("digest.chosen", _counted(chosen))
    if agenda.promised:
        yield Text("digest.promised", _counted(agenda.promised))
    if agenda.untaken:
        yield Text("digest.untaken", _counted(agenda.untaken))


def _counted(codes: Sequence[str]) -> dict[str, int | str]:
    return {"count": len(codes), "codes": ", ".join((*codes[:MOST_CODES], *(("…",) if codes[MOST_CODES:] else ())))}
