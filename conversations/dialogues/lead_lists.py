"""Many leads in one message to an officer: pages of lists, and what a chat is told of many at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from conversations.engine.ask import command
from conversations.engine.core import Button, Field, Lines, Say, Scene, Text
from conversations.engine.world import Lead, World

from .officer import lead_button, show_button
from .registration import shown

PER_PAGE = 5  # leads on one page of a list
FEW = 5  # so many leads at once, or more, are told in one message instead of a card each
MOST_SHOWN = 9  # leads named in one message, each with a button; WhatsApp shows ten


def task_list(count: int, tasks: Sequence[Lead], page: int, world: World, untaken: int = 0) -> Say:
    """One page of an officer's ``count`` open leads, with a button for each. ``tasks`` are the leads of this page,
    which counts from 0; without any it says how many wait for an officer, of the ``untaken``."""
    if not count:
        waits = Say(Text("tasks.none_taken", {"count": untaken}), (command("untaken"),))
        return waits if untaken else Say(Text("tasks.none"))
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
    keys = tuple(show_button(code) for code in codes)
    more = (command(listed, str(page + 1), "tasks.more"),) if (page + 1) * PER_PAGE < count else ()
    return (*keys, *more)


def many_untaken(count: int) -> Say:
    """The one message about many leads that a chat may take."""
    return Say(Text("untaken.many", {"count": count}), (command("untaken"),))


def due(leads: Sequence[Lead], world: World, count: int = 0) -> Say:
    """The one message to an officer about leads of theirs whose next step is due: one with its reason and its button, or
    how many there are, with a button for each as far as there is room. ``count``: how many in all, where there are more
    than ``leads``."""
    count = max(count, len(leads))
    if count == 1:
        fields: dict[str, Field] = {"code": leads[0].code, "step": Text(f"next.{leads[0].next_reason}")}
        return Say(Text("next.due", fields), (show_button(leads[0].code), lead_button("note", leads[0].code)))
    some = leads[: MOST_SHOWN - 1]
    fields = {"count": count, "codes": ", ".join(lead.code for lead in some)}
    return Say(Text("next.due_many", fields), (command("tasks"), *(show_button(lead.code) for lead in some)))


def also_offered(codes: Sequence[str], count: int = 0) -> Say:
    """The one message to an officer about leads of theirs that others may take now; ``count`` as in :func:`due`."""
    count = max(count, len(codes))
    if count == 1:
        return Say(Text("next.also_offered", {"code": codes[0]}), (lead_button("note", codes[0]),))
    return Say(Text("next.also_offered_many", {"count": count}), (command("tasks"),))


def back(held: int, late: int, untaken: int) -> Say:
    """The one message to an officer whose leave is over: how many leads they have, and how many wait."""
    more: Field = Text("officer.untaken", {"count": untaken}) if untaken else ""
    said = Text("officer.back_again", {"count": held, "late": late, "untaken": more})
    return Say(said, (command("tasks"), *((command("untaken"),) if untaken else ())))


def some_codes(codes: Sequence[str]) -> str:
    """The first of these codes, as far as a message has buttons for them."""
    return ", ".join((*codes[: MOST_SHOWN - 1], *(("…",) if codes[MOST_SHOWN - 1 :] else ())))


def handed(codes: Sequence[str], by: str) -> Say:
    """The one message about leads that are its reader's now; ``by``: who gave them."""
    fields: dict[str, Field] = {"count": len(codes), "codes": some_codes(codes), "name": by}
    keys = tuple(show_button(code) for code in codes[: MOST_SHOWN - 1])
    return Say(Text("handed.to_you", fields), (command("tasks"), *keys))


def moved(codes: Sequence[str], to: str) -> Say:
    """The one message about leads of its reader's that ``to`` has now."""
    return Say(Text("handed.from_you", {"count": len(codes), "codes": some_codes(codes), "name": to}))


def unanswered(codes: Sequence[str]) -> Say:
    """The one message about leads that a colleague was offered, and has not answered about."""
    keys = tuple(show_button(code) for code in codes[:MOST_SHOWN])
    return Say(Text("handed.unanswered", {"codes": some_codes(codes)}), keys)


def overdue(codes: Sequence[str], count: int = 0) -> Say:
    """The one message to coordinators or admins about leads whose next step nobody takes; ``count`` as in :func:`due`."""
    some = codes[:MOST_SHOWN]
    fields: dict[str, Field] = {"count": max(count, len(codes)), "codes": ", ".join(some)}
    return Say(Text("next.overdue", fields), tuple(show_button(code) for code in some))


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
