"""Many leads in one message to an officer: pages of lists, and what a chat is told of many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from conversations.engine.ask import command
from conversations.engine.core import Button, Field, Lines, Press, Say, Scene, Text
from conversations.engine.world import Lead, World
from conversations.rules.next_step import CALL
from conversations.rules.outcomes import REGISTERED, TAKEN
from conversations.rules.size import beginning, shortened, size

from .officer import lead_button, show_button
from .registration import shown

PER_PAGE = 10  # leads on one page of a list
FEW = 5  # so many leads at once, or more, are told in one message instead of a card each
MOST_SHOWN = 9  # leads named in one message, each with a button; WhatsApp shows ten
MOST_FOUND = 5  # cards shown of the leads that an officer looks for
ONLY = ("overdue", "today", "new", "unpaid")  # parts of an officer's list

_LABEL = 24  # letters of a lead's button, a row of WhatsApp
_NAME = 6  # of these, letters of the name at least


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list. ``number`` counts from 0; ``size``: leads on each page; ``only``: one of ``ONLY``, "" for all;
    ``rows``: buttons that the channel shows at most, 0 for as many as there are."""

    number: int = 0
    size: int = PER_PAGE
    only: str = ""
    rows: int = 0

    @property
    def skip(self) -> int:
        return self.number * self.size

    def within(self, count: int) -> Page:
        """This page, or the last where there are fewer."""
        return replace(self, number=max(0, min(self.number, (count - 1) // self.size)))


def page(number: int, only: str, rows: int) -> Page:
    """A page for a channel that shows so many rows of choices (0: any number): one row is left for the next page."""
    return Page(number, min(PER_PAGE, rows - 1) if rows else PER_PAGE, only, rows)


def page_of(value: str) -> tuple[str, int]:
    """The part of the list and the page that the value of a list's button names.

    >>> page_of("overdue.2"), page_of("3"), page_of("unpaid"), page_of("nonsense.-1")
    (('overdue', 2), ('', 3), ('unpaid', 0), ('', 0))
    """
    only, _, number = (
        value.rpartition(".") if "." in value else ("", "", value) if value.isdecimal() else (value, "", "")
    )
    counted = int(number) if number.isascii() and number.isdecimal() and len(number) < 4 else 0
    return only if only in ONLY else "", counted


def page_value(only: str, number: int) -> str:
    """The value of the button of a page; :func:`page_of` reads it.

    >>> page_value("overdue", 2), page_value("", 3), page_value("unpaid", 0), page_value("", 0)
    ('overdue.2', '3', 'unpaid', '')
    """
    return f"{only}.{number}" if only and number else only or (str(number) if number else "")


def beside(listed: str) -> dict[str, tuple[str, str]]:
    """The labels of the buttons for the pages beside the one that was ``listed`` last (``Session.listed``), each with its
    command and value."""
    name, _, value = listed.partition(" ")
    if name not in ("tasks", "untaken"):
        return {}
    only, number = page_of(value)
    following, before = page_value(only, number + 1), page_value(only, max(0, number - 1))
    return {"tasks.more": (name, following), "tasks.back": (name, before)}


def due_between(only: str, now: datetime) -> tuple[datetime | None, datetime | None]:
    """From when on, and before when, the next steps are due of the leads in this part of the list. ``now`` is on the
    officer's own clock."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if only == "today":
        return today, today + timedelta(days=1)
    return None, now if only == "overdue" else None


STATUS = {"new": TAKEN, "unpaid": REGISTERED}
"""The status of all leads in a part of the list."""


def task_list(count: int, tasks: Sequence[Lead], page: Page, world: World, untaken: int = 0) -> Say:
    """One page of an officer's ``count`` open leads, with a button for each. ``tasks`` are the leads of this page;
    without any it says how many wait for an officer, of the ``untaken``."""
    if not count and not page.only:
        waits = Say(Text("tasks.none_taken", {"count": untaken}), (command("untaken"),))
        return waits if untaken else Say(Text("tasks.none"))
    if not count:
        return Say(Text("tasks.none_of", {"part": Text(f"tasks.{page.only}")}), (command("tasks"), *_parts(page)))
    lines = Lines(task_line(lead, world) for lead in tasks)
    rows = [Button(Press("lead", "show", lead.code), label, alone=True) for lead, label in labelled_leads(tasks, world)]
    keys = _filled(rows, [*_pages("tasks", count, page), *_parts(page)], page)
    title = Text(f"tasks.{page.only}" if page.only else "tasks.open")
    typed: Field = Text("tasks.typed") if page.rows and len(keys) == page.rows else ""
    fields: dict[str, Field] = {"title": title, "count": count, "lines": lines, "page": _page_line(count, page)}
    return Say(Text("tasks.list", {**fields, "typed": typed}), keys)


class UntakenLead(NamedTuple):
    """An untaken lead for a list: ``place`` is a Kemendagri code. It names no owner."""

    code: str
    place: str
    created: datetime


def untaken_list(count: int, waiting: Sequence[UntakenLead], page: Page, world: World) -> Say:
    """One page of the ``count`` untaken leads, with a button for each."""
    if not count:
        return Say(Text("untaken.none"))
    lines = Lines(
        Text("untaken.line", {"code": each.code, "place": _place(each.place, world), "day": world.here(each.created)})
        for each in waiting
    )
    keys = _filled([show_button(each.code) for each in waiting], _pages("untaken", count, page), page)
    return Say(Text("untaken.list", {"count": count, "lines": lines, "page": _page_line(count, page)}), keys)


def _filled(rows: Sequence[Button], others: Sequence[Button], page: Page) -> tuple[Button, ...]:
    """The buttons of the leads, and of the others as many as the channel has room for."""
    return (*rows, *others)[: page.rows or None]


def _pages(listed: str, count: int, page: Page) -> list[Button]:
    """The buttons for the next page of the command ``listed`` and the one before, where there are such pages; the next
    first where there may be no room for both."""
    back = command(listed, page_value(page.only, page.number - 1), "tasks.back") if page.number else None
    more = command(listed, page_value(page.only, page.number + 1), "tasks.more") if _goes_on(count, page) else None
    return [button for button in ((more, back) if page.rows else (back, more)) if button]


def _goes_on(count: int, page: Page) -> bool:
    return (page.number + 1) * page.size < count


def _parts(page: Page) -> list[Button]:
    """The buttons for the other parts of an officer's list."""
    return [command("tasks", only, f"tasks.{only}") for only in ONLY if only != page.only]


def _page_line(count: int, page: Page) -> Field:
    pages = -(-count // page.size)
    return Text("tasks.page", {"number": page.number + 1, "count": pages}) if pages > 1 else ""


def labelled_leads(leads: Sequence[Lead], world: World) -> list[tuple[Lead, str]]:
    """Each lead with the label of its button: its owner's name and its place; where two would be the same, the code."""
    labels = [_label(lead, _short(lead, world)) for lead in leads]
    return [
        (lead, label if labels.count(label) == 1 else _label(lead, lead.code))
        for lead, label in zip(leads, labels, strict=True)
    ]


def _label(lead: Lead, behind: str) -> str:
    """A lead's name and what stands behind it, as much of both as there is room for."""
    name = str((lead.answers.get("name") or {}).get("name") or lead.code)
    if not behind:
        return shortened(name, _LABEL)
    name = shortened(name, max(_NAME, _LABEL - size(behind) - 2))
    return beginning(f"{name}, {behind}", _LABEL).rstrip()


def _short(lead: Lead, world: World) -> str:
    code = lead.answers.get("district") or lead.answers.get("regency") or ""
    return world.knows.ear.places.short(code) if code else ""


def many_untaken(count: int) -> Say:
    """The one message about many leads that a chat may take."""
    return Say(Text("untaken.many", {"count": count}), (command("untaken"),))


def due(leads: Sequence[Lead], world: World, count: int = 0) -> Say:
    """The one message to an officer about leads of theirs whose next step is due: one with its reason and its button, or
    how many there are, with a button for each as far as there is room. ``count``: how many in all, where there are more
    than ``leads``."""
    count = max(count, len(leads))
    if count == 1 and leads:
        fields: dict[str, Field] = {"code": leads[0].code, "step": Text(f"next.{leads[0].next_reason}")}
        return Say(Text("next.due", fields), (show_button(leads[0].code), lead_button("note", leads[0].code)))
    some = leads[: MOST_SHOWN - 1]
    fields = {"count": count, "codes": ", ".join(lead.code for lead in some)}
    return Say(Text("next.due_many", fields), (command("tasks"), *(show_button(lead.code) for lead in some)))


def also_offered(codes: Sequence[str], count: int = 0) -> Say:
    """The one message to an officer about leads of theirs that others may take now; ``count`` as in :func:`due`."""
    count = max(count, len(codes))
    if count == 1 and codes:
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
    keys = tuple(show_button(code) for code in some)
    return Say(Text("next.overdue", fields), (*keys, command("pick", "0")))


def task_line(lead: Lead, world: World) -> Text:
    at = lead.next_at or world.now
    fields: dict[str, Field] = {
        "code": lead.code,
        "name": shown("name", lead.answers.get("name"), Scene(lead.answers, world)),
        "place": _place(lead.answers.get("district") or lead.answers.get("regency", ""), world),
        "step": Text(f"next.{lead.next_reason or CALL}"),
        "when": world.here(at),
    }
    return Text("tasks.line" if at > world.now else "tasks.line_overdue", fields)


def _place(code: str, world: World) -> str:
    return world.knows.ear.places.name(code) if code else ""
