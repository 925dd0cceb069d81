"""The officer's morning digest: what waits for them today. No name and no number, for it may show on a lock screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from conversations.engine.ask import command
from conversations.engine.core import Button, Lines, Press, Say, Text

from .next_step import APPOINTMENT

MOST_CODES = 3  # lead codes in one line
MOST_SHOWN = 3  # leads as buttons, the oldest


class Coming(NamedTuple):
    """A lead whose next step an officer is to take by the end of the day: when (aware), and why (``rules/next_step.py``)."""

    code: str
    next_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Agenda:
    """An officer's day: ``coming``, the leads whose next step is due by the evening, earliest first; ``unpaid``, how many
    owners are registered and have not paid; ``untaken``, codes of leads that they may take, oldest first."""

    coming: Sequence[Coming] = ()
    unpaid: int = 0
    untaken: Sequence[str] = ()


def digest(agenda: Agenda, now: datetime) -> Say | None:
    """The digest of an agenda in a few lines; None for an empty agenda. ``now`` is on the officer's own clock."""
    lines = Lines(_lines(agenda, now))
    if not lines:
        return None
    oldest = (*(each.code for each in agenda.coming), *agenda.untaken)[:MOST_SHOWN]
    show = (Button(Press("lead", "show", code), code) for code in oldest)
    return Say(Text("digest", {"day": now.date(), "lines": lines}), (command("tasks"), *show))


def _lines(agenda: Agenda, now: datetime) -> Iterator[Text]:
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    late = [each for each in agenda.coming if each.next_at < today]
    due = [each for each in agenda.coming if each.next_at >= today]
    if late:
        yield Text(
            "digest.overdue", {**_counted([each.code for each in late]), "day": late[0].next_at.astimezone(now.tzinfo)}
        )
    if met := [each.code for each in due if each.reason == APPOINTMENT]:
        yield Text("digest.appointments", _counted(met))
    if rest := [each.code for each in due if each.reason != APPOINTMENT]:
        yield Text("digest.today", _counted(rest))
    if agenda.unpaid:
        yield Text("digest.unpaid", {"count": agenda.unpaid})
    if agenda.untaken:
        yield Text("digest.untaken", _counted(agenda.untaken))


def _counted(codes: Sequence[str]) -> dict[str, int | str]:
    return {"count": len(codes), "codes": ", ".join((*codes[:MOST_CODES], *(("…",) if codes[MOST_CODES:] else ())))}
