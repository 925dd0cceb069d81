"""The rights of officers, coordinators and admins: the table cell by cell, and the chat that keeps to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conversations.dialogues.officer import card
from conversations.engine.core import Heard, Press
from conversations.engine.effects import AnswerHanded, HandOver, LookedAt, ReleaseLead, TakeLead, Undo
from conversations.engine.world import Lead, Officer, World
from conversations.rules.office_rights import ACTIONS, HANDED, OFFICE, OTHER, OWN, RIGHTS, WHOSE, may
from tests.stepwise import NINE, Person
from tests.town import known

# What may be done with: own leads, leads handed to one, leads of the office, leads of another office.
GRID = """
            officer  coordinator  admin
see         xxx.     xxx.         xxxx
take        ..x.     ..x.         ..xx
note        x...     x...         x...
undo        xxx.     xxx.         xxxx
release     x...     x...         x...
hand        x...     ....         ....
answer      .x..     .x..         .x..
merge       x...     xxx.         xxxx
move        ....     xxx.         xxxx
team        ....     xxx.         xxxx
invite      ....     xxx.         xxxx
complaint   ....     xxx.         xxxx
"""
_ROLES, *_LINES = (line.split() for line in GRID.strip().splitlines())
CELLS = [
    (role, action, whose, cell == "x")
    for action, *rows in _LINES
    for role, row in zip(_ROLES, rows, strict=True)
    for whose, cell in zip(WHOSE, row, strict=True)
]

BOUND = {"officer": ("33.72",), "coordinator": ("33.72",), "admin": ()}
COLLEAGUE = Officer(9, "Joko", "officer", ("33.72", "33.11"))
TAKEN = Lead(
    "RK-000002",
    "taken",
    NINE,
    {"name": {"name": "Siti", "address": "Ibu"}, "regency": "33.72"},
    officer_id=8,
    officer="Wati",
)
LEADS = {
    OWN: replace(TAKEN, officer_id=7),
    HANDED: replace(TAKEN, offered_to=7),
    OFFICE: TAKEN,
    OTHER: replace(TAKEN, answers={**TAKEN.answers, "regency": "33.11"}),
}
FREE: dict[str, Any] = {"officer_id": None, "officer": "", "status": "new"}


def test_every_role_has_a_cell_for_every_action() -> None:
    assert {role: tuple(row) for role, row in RIGHTS.items()} == dict.fromkeys(_ROLES, ACTIONS)
    assert len(CELLS) == 3 * len(ACTIONS) * len(WHOSE)


@pytest.mark.parametrize(("role", "action", "whose", "allowed"), CELLS)
def test_the_table_is_as_agreed(role: str, action: str, whose: str, allowed: bool) -> None:
    assert may(role, action, whose) == allowed


def officer(role: str) -> Officer:
    return Officer(7, "Rina", role, BOUND[role])


def pressing(role: str, verb: str, lead: Lead) -> Person:
    person = Person(officer=officer(role), lead=lead, team=(officer(role), COLLEAGUE))
    return person.does(Heard(pressed=Press("lead", verb, lead.code)))


BY_CHAT = {
    "see": ("show", LookedAt),
    "take": ("take", TakeLead),
    "release": ("release", ReleaseLead),
    "undo": ("undo", Undo),
    "answer": ("accept", AnswerHanded),
}


@pytest.mark.parametrize(("role", "action", "whose", "allowed"), [cell for cell in CELLS if cell[1] in BY_CHAT])
def test_a_press_does_what_the_table_allows_and_nothing_else(role: str, action: str, whose: str, allowed: bool) -> None:
    verb, effect = BY_CHAT[action]
    lead = replace(LEADS[whose], **FREE) if action == "take" and whose in (OFFICE, OTHER) else LEADS[whose]
    assert bool(pressing(role, verb, lead).did(effect)) == allowed


@pytest.mark.parametrize("role", _ROLES)
@pytest.mark.parametrize("whose", WHOSE)
def test_handing_over_is_begun_by_whom_the_table_allows_it(role: str, whose: str) -> None:
    allowed = may(role, "hand", whose) or may(role, "move", whose)
    person = pressing(role, "hand", LEADS[whose])
    assert (person.session.dialogue == "handing") == allowed
    assert bool(person.says("Joko").did(HandOver)) == allowed


@pytest.mark.parametrize("role", _ROLES)
@pytest.mark.parametrize("whose", WHOSE)
def test_noting_is_begun_by_whom_the_table_allows_it(role: str, whose: str) -> None:
    assert (pressing(role, "note", LEADS[whose]).session.dialogue == "followup") == may(role, "note", whose)


@pytest.mark.parametrize(("role", "action", "whose", "allowed"), [cell for cell in CELLS if cell[1] == "see"])
def test_a_card_shows_no_button_that_the_table_refuses(role: str, action: str, whose: str, allowed: bool) -> None:
    needs = {"accept": "answer", "return": "answer", "hand": "hand", "remind": "note", "more": "note", "write": "note"}
    if not allowed:
        return  # and so no card
    for lead in (LEADS[whose], replace(LEADS[whose], offered=True)):
        shown = {b.press.question for b in card(lead, World(NINE, known()), officer(role)).buttons}
        refused = {verb for verb in shown if not may(role, needs.get(verb, verb), whose)}
        assert refused <= ({"hand"} if may(role, "move", whose) else set())


@pytest.mark.parametrize("role", _ROLES)
@pytest.mark.parametrize("whose", [OFFICE, OTHER])
def test_who_may_not_see_a_lead_reads_nothing_of_its_owner(role: str, whose: str) -> None:
    said = pressing(role, "show", LEADS[whose])
    assert ("Siti" in str(said.effects)) == may(role, "see", whose)


@pytest.mark.parametrize("role", ["officer", "coordinator"])
@pytest.mark.parametrize(
    "verb", ["show", "take", "note", "remind", "more", "release", "undo", "hand", "accept", "return"]
)
def test_a_refusal_reads_the_same_whether_the_lead_exists_or_not(role: str, verb: str) -> None:
    gone = Person(officer=officer(role), lead=None, team=(officer(role), COLLEAGUE))
    nowhere = gone.does(Heard(pressed=Press("lead", verb, TAKEN.code)))
    assert pressing(role, verb, LEADS[OTHER]).effects == nowhere.effects
