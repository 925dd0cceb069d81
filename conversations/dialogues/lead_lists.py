"""Many leads in one message to an officer: pages of lists, and what a chat is told of many at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from conversations.engine.ask import command
from conversations.engine.core import Button, Field, Lines, Press, Say, Scene, Text
from conversations.engine.world import Lead, World

from .registration import shown

PER_PAGE = 5  # leads on one page of a list
FEW = 5  # so many leads at once, or more, are told in one message instead of a card each
MOST_SHOWN = 9  # leads named in one message, each with a button; WhatsApp shows ten


def task_list(count: int, tasks: Sequence[Lead], page: int, world: World) -> Say:
    """One page of an officer's ``count`` open leads, with a button for each. ``tasks`` are the leads of this page,
    which counts from 0."""
    if not count:
        return Say(Text("tasks.none"))
    lines = Lines(_task_line(lead, world) for lead in tasks)
    keys = _shown([lead.code for lead in tasks], "tasks", count, page)
    return Say(Text("tasks.list", {"count": count, "lines": lines}), keys)


class UntakenLead(NamedTuple):
    """An untaken lead for a list: ``place`` is a Kemendagri code. It names no owner."""

    code: str
    place: str
    created: datetime


def untaken_list(count: int, waiting: Sequence[UntakenLead], page: int, world: World) -> Say:
    """One page of the ``count`` untaken leads, with a button for each; ``page`` counts from 0."""
    if not count:
        return Say(Text("untaken.none"))
    lines = Lines(
        Text("untaken.line", {"code": each.code, "place": _place(each.place, world), "day": world.here(each.created)})
        for each in waiting
    )
    keys = _shown([each.code for each in waiting], "untaken", count, page)
    return Say(Text("untaken.list", {"count": count, "lines": lines}), keys)


def _shown(codes: Sequence[str], listed: str, count: int, page: int) -> tuple[Button, ...]:
    """A button for each lead of a page, and one for the next page of the command ``listed`` where there is one."""
    keys = tuple(Button(Press("lead", "show", code), code) for code in codes)
    more = (command(listed, str(page + 1), "tasks.more"),) if (page + 1) * PER_PAGE < count else ()
    return (*keys, *more)


def many_untaken(count: int) -> Say:
    """The one message about many leads that a chat may take."""
    return Say(Text("untaken.many", {"count": count}), (command("untaken"),))


def many_reminded(count: int) -> Say:
    """The one message to an officer about many leads whose owners they have not reached."""
    return Say(Text("officer.reminder_many", {"count": count}), (command("tasks"),))


def many_handed_over(count: int) -> Say:
    """The one message to an officer about many leads that are offered to others."""
    return Say(Text("officer.handed_over_many", {"count": count}))


def stalled(codes: Sequence[str]) -> Say:
    """What an officer is told of leads that they have contacted and noted nothing of for some days."""
    keys = tuple(Button(Press("lead", "show", code), code) for code in codes[:MOST_SHOWN])
    fields: dict[str, Field] = {"count": len(codes), "codes": ", ".join(codes[:MOST_SHOWN])}
    return Say(Text("officer.stalled", fields), keys)


def many_uncalled(codes: Sequence[str]) -> tuple[Say, ...]:
    """The messages to coordinators about many leads that nobody has called: every lead has its button."""
    some = (codes[start : start + MOST_SHOWN] for start in range(0, len(codes), MOST_SHOWN))
    return tuple(
        Say(
            Text("officer.nobody_called_many", {"count": len(part), "codes": ", ".join(part)}),
            tuple(Button(Press("lead", "show", code), code) for code in part),
        )
        for part in some
    )


def _task_line(lead: Lead, world: World) -> Text:
    scene = Scene(lead.answers, world)
    fields: dict[str, Field] = {
        "code": lead.code,
        "day": world.here(lead.created),
        "status": Text(f"status.{lead.status}"),
    }
    place = _place(lead.answers.get("district") or lead.answers.get("regency", ""), world)
    return Text("tasks.line", {**fields, "name": shown("name", lead.answers.get("name"), scene), "place": place})


def _place(code: str, world: World) -> str:
    return world.knows.ear.places.name(code)
