"""Several leads picked from a list with tick marks, to hand them on: those of one officer, or what is overdue in the office.

What is marked stands in ``Session.listed``, so that a press on an older list counts by the lead's code and not by its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from conversations.engine.ask import command
from conversations.engine.core import Button, Lines, Press, Say, Text, Turn
from conversations.engine.effects import PickLeads
from conversations.engine.turn_state import TurnState
from conversations.engine.world import Lead, World
from conversations.rules.office_rights import OFFICE, may

from .handing import SOME
from .lead_lists import labelled_leads, task_line

PER_PAGE = 7  # with the ways on, ten rows of WhatsApp
MOST = 20  # leads picked at once
LISTED = "pick"  # how ``Session.listed`` begins


class Picked(NamedTuple):
    """Where somebody is with picking. ``of``: an officer's id; 0 for whatever is overdue in the office."""

    of: int
    page: int = 0
    codes: tuple[str, ...] = ()


def picked(listed: str) -> Picked | None:
    """What ``Session.listed`` says of picking; None where another list was seen last.

    >>> picked("pick 12 1 RK-7F3K9P,RK-222AAA"), picked("tasks overdue.2")
    (Picked(of=12, page=1, codes=('RK-7F3K9P', 'RK-222AAA')), None)
    """
    name, *said = listed.split(" ")
    if name != LISTED or len(said) != 3:
        return None
    return Picked(int(said[0]), int(said[1]), tuple(filter(None, said[2].split(","))))


def pick(state: TurnState, value: str) -> Turn:
    """A press while picking: ``value`` is "<officer id>" (the list, nothing marked), "<officer id>:<page>", or
    "<officer id>:<code>", which marks a lead or unmarks it."""
    officer = state.world.officer
    of, _, said = value.partition(":")
    if officer is None or not may(officer.role, "team", OFFICE) or not of.isdecimal():
        return state.say("team.not_yours")
    now = picked(state.session.listed)
    now = now if now is not None and now.of == int(of) and said else Picked(int(of))
    if said.isdecimal():
        now = now._replace(page=int(said[:3]))
    elif said in now.codes:
        now = now._replace(codes=tuple(code for code in now.codes if code != said))
    elif said:
        now = now._replace(codes=(*now.codes, said)[:MOST])
    listed = f"{LISTED} {now.of} {now.page} {','.join(now.codes)}"
    return Turn(state.session._replace(listed=listed), (PickLeads(*now),))


def hand_picked(state: TurnState, value: str) -> Turn:
    """Ask whom the marked leads are handed to."""
    now = picked(state.session.listed)
    if now is None or not now.codes:
        return state.say("picking.none")
    return state.over("handing", about=f"{SOME}:{now.of}:{','.join(now.codes)}").ask_open()


def picking(now: Picked, name: str, count: int, leads: Sequence[Lead], world: World) -> Say:
    """A page of the list with a tick before each lead that is marked. ``name``: the officer's, "" for what is overdue."""
    if not count:
        return Say(Text("picking.empty"))
    keys = [
        Button(
            Press("command", LISTED, f"{now.of}:{lead.code}"),
            Text("picking.marked", {"lead": label}) if lead.code in now.codes else label,
            alone=True,
        )
        for lead, label in labelled_leads(leads, world)
    ]
    more = (now.page + 1) * PER_PAGE < count
    if now.codes:
        keys.append(command("hand_picked"))
    if now.page:
        keys.append(command(LISTED, f"{now.of}:{now.page - 1}", "tasks.back"))
    if more:
        keys.append(command(LISTED, f"{now.of}:{now.page + 1}", "tasks.more"))
    lines = Lines(task_line(lead, world) for lead in leads)
    whose = Text("picking.of", {"name": name}) if name else Text("picking.overdue")
    return Say(Text("picking.list", {"whose": whose, "count": len(now.codes), "lines": lines}), tuple(keys))
