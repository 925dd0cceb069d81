"""The coordinator's team: /tim, the list of an officer, an invitation made in chat, and the message of the week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from conversations.engine.ask import ask, command, place
from conversations.engine.core import (
    Button,
    Dialogue,
    Effect,
    Field,
    Heard,
    Lines,
    NotUnderstood,
    Press,
    Say,
    Scene,
    Text,
    Turn,
)
from conversations.engine.effects import InviteOfficer, ListTasksOf, ListTeam
from conversations.engine.turn_state import TurnState
from conversations.engine.world import World
from conversations.rules.funnel import Funnel
from conversations.rules.office_rights import OFFICE, may

from .handing import ALL, LATE

PER_PAGE = 7  # officers on one page, each with a button; WhatsApp shows ten rows
MOST_LEADS = 6  # of an officer, as buttons
LONGEST_NAME = 60  # characters of the name in an invitation


class Member(NamedTuple):
    """An officer as their coordinator sees them. ``until``: when their leave ends, where it ends by itself."""

    id: int
    name: str
    regencies: tuple[str, ...]
    bound: bool
    absent: bool
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Workload:
    """What an officer has (``held``, of it ``late``), and what became of what they took this week: reached within a
    working day; active counts first contributions, whenever the lead was taken."""

    held: int = 0
    late: int = 0
    taken: int = 0
    in_time: int = 0
    active: int = 0


def tim(state: TurnState, value: str) -> Turn:
    """The command /tim: a page of the officers that one looks after."""
    return Turn(state.session, (ListTeam(_number(value)),)) if _above(state) else state.say("team.not_yours")


def team_of(state: TurnState, value: str) -> Turn:
    """The open leads of one officer: ``value`` is "<officer id>" or "<officer id>:<page>"."""
    number, _, page = value.partition(":")
    if not _above(state) or not number.isdecimal():
        return state.say("team.not_yours")
    return Turn(state.session, (ListTasksOf(int(number), _number(page)),))


def invite(state: TurnState, value: str) -> Turn:
    """Invite an officer for one's own office."""
    return state.over("inviting").ask_open() if _above(state) else state.say("team.not_yours")


def _above(state: TurnState) -> bool:
    officer = state.world.officer
    return officer is not None and may(officer.role, "team", OFFICE)


def _number(value: str) -> int:
    return int(value) if value.isdecimal() and len(value) < 4 else 0


# ------------------------------------------------------------------------------------------------ what is shown


def team_list(members: Sequence[Member], figures: Mapping[int, Workload], page: int, world: World) -> Say:
    """One page of a team, with a button for each officer; ``page`` counts from 0."""
    some = members[page * PER_PAGE : (page + 1) * PER_PAGE]
    more = (command("tim", str(page + 1), "tasks.more"),) if (page + 1) * PER_PAGE < len(members) else ()
    keys = tuple(Button(Press("command", "team_of", str(each.id)), each.name) for each in some)
    inviting = command("invite")
    if not some:
        return Say(Text("team.none"), (inviting,))
    lines = Lines(_line(each, figures.get(each.id, Workload()), world) for each in some)
    return Say(Text("team.list", {"count": len(members), "lines": lines}), (*keys, *more, inviting))


def _line(member: Member, has: Workload, world: World) -> Text:
    fields: dict[str, Field] = {
        "name": member.name,
        "duty": _duty(member, world),
        "held": has.held,
        "late": has.late,
        "taken": has.taken,
        "in_time": has.in_time,
        "active": has.active,
    }
    return Text("team.line", fields)


def _duty(member: Member, world: World) -> Text:
    if not member.bound:
        return Text("team.unbound")
    if member.absent and member.until:
        return Text("team.away_until", {"day": world.here(member.until)})
    return Text("team.away" if member.absent else "team.on_duty")


def tasks_of(member: Member, listed: Say, page: int, more: bool) -> Say:
    """The list of an officer's leads as their coordinator sees it: the officer's own list, with buttons to hand them on."""
    shown = tuple(button for button in listed.buttons if button.press.dialogue == "lead")[:MOST_LEADS]
    hand = tuple(command("hand_many", f"{which}:{member.id}", f"team.hand_{which}") for which in (ALL, LATE))
    following = (command("team_of", f"{member.id}:{page + 1}", "tasks.more"),) if more else ()
    says = Text("team.tasks", {"name": member.name, "tasks": listed.text})
    return Say(says, (*shown, *following, *((command("pick", str(member.id)), *hand) if shown else ())))


def week_message(first: date, whole: Funnel, overdue: int, late: Sequence[tuple[str, Sequence[str]]]) -> Say:
    """The message of Monday: last week in ten lines. ``late``: officers by name, each with the codes of what has been
    overdue for longest."""
    lines = Lines(Text("team.week_late", {"name": name, "codes": ", ".join(codes)}) for name, codes in late)
    fields: dict[str, Field] = {
        "day": first,
        "came": whole.came,
        "taken": whole.taken,
        "in_time": whole.in_time,
        "registered": whole.registered,
        "active": whole.active,
        "overdue": overdue,
        "late": Text("team.week_longest", {"lines": lines}) if lines else "",
    }
    return Say(Text("team.week", fields), (command("tim"),))


# ------------------------------------------------------------------------------------------------ inviting


def their_name(heard: Heard, scene: Scene) -> Any:
    """Reader: the name of whoever is invited, as it is typed."""
    said = " ".join(heard.text.split())[:LONGEST_NAME]
    if not any(letter.isalpha() for letter in said):
        raise NotUnderstood("inviting.name.unclear")
    return said


def everywhere(scene: Scene) -> bool:
    """Whether the inviter looks after all regencies and named no office (on a page), so that one must be named."""
    named = "office" in scene.answers
    return not named and scene.world.officer is not None and scene.world.officer.area is None


def invited(scene: Scene) -> tuple[Effect, ...]:
    me = scene.world.officer
    if "office" in scene.answers:
        return (InviteOfficer(scene.answers["name"], office=scene.answers["office"]),)
    if "regency" in scene.answers:
        return (InviteOfficer(scene.answers["name"], (scene.answers["regency"],)),)
    if me is None or me.office is None:
        return (InviteOfficer(scene.answers["name"], me.regencies if me else ()),)
    return (InviteOfficer(scene.answers["name"], office=me.office),)


def only_above(scene: Scene) -> Text | None:
    officer = scene.world.officer
    return None if officer and may(officer.role, "invite", OFFICE) else Text("team.not_yours")


inviting = Dialogue(
    "inviting",
    (
        ask("inviting.name", their_name, open_only=True, verbatim=True),
        place("inviting.regency", open_only=True, when=everywhere),
    ),
    finish=invited,
    barred=only_above,
    answers=True,
)
