"""What stands on a button, typed, does what the button does: at every question of every dialogue, for each label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.office.usual import answer_to, usual
from conversations.dialogues import admin
from conversations.dialogues.admin import BroadcastView
from conversations.dialogues.book import BOOK
from conversations.dialogues.bridge import end_button
from conversations.dialogues.officer import _card_buttons, lead_button
from conversations.engine.ask import buttons, command, offered_buttons
from conversations.engine.core import Button, Effect, Heard, Press, Question, Session, Text, Turn
from conversations.engine.effects import ListBroadcasts, ListTasks, ListUntaken, Relay
from conversations.engine.labels import OFFICER as OFFICER_LABELS
from conversations.engine.ladder import step
from conversations.engine.turn_state import scene_of
from conversations.engine.world import BridgeSide, Lead, Officer, OtherChat, World
from tests.stepwise import NINE, Person
from tests.town import known

OWNER = World(NINE, known(), fresh="RK-000001")
LEAD = Lead("RK-000002", "taken", NINE, {"name": {"name": "Siti", "address": "Ibu"}, "regency": "33.72"}, officer_id=7)
TWIN = replace(LEAD, code="RK-000004")
OFFICER = Officer(7, "Rina", "officer", ("33.72",))

# Who talks in each dialogue, and what is so then.
WORLDS: Mapping[str, World] = {
    "home": OWNER,
    "registration": OWNER,
    "news": replace(OWNER, leads=(LEAD,)),
    "calls": replace(OWNER, leads=(LEAD,), stopped=True),
    "deletion": replace(OWNER, leads=(LEAD,)),
    "followup": replace(OWNER, officer=OFFICER, lead=LEAD),
    "promise": replace(OWNER, officer=OFFICER, task_count=2, task_codes=(LEAD.code, "RK-000003")),
    "find": replace(OWNER, officer=OFFICER),
    "compose": replace(OWNER, officer=replace(OFFICER, role="admin")),
    "linking": replace(OWNER, other=OtherChat("telegram", OWNER.now)),
    "binding": replace(OWNER, invited=OFFICER),
    "away": replace(OWNER, officer=OFFICER),
    "inviting": replace(OWNER, officer=replace(OFFICER, role="coordinator", regencies=())),
    "handing": replace(OWNER, officer=OFFICER, lead=LEAD, team=(OFFICER, replace(OFFICER, id=8, name="Joko"))),
    "merging": replace(OWNER, officer=OFFICER, lead=replace(LEAD, owner_id=None, alike=(TWIN,))),
    "reply": replace(OWNER, leads=(LEAD,)),
    "giving_up": replace(OWNER, leads=(LEAD,)),
    "reopening": replace(OWNER, leads=(replace(LEAD, status="declined"),)),
    "passing_on": replace(OWNER, leads=(LEAD,)),
    "which_lead": replace(OWNER, leads=(LEAD, replace(LEAD, code="RK-000003"))),
}
OTHERS = (  # at home stand other buttons for these
    replace(OWNER, leads=(LEAD,)),
    replace(OWNER, officer=OFFICER, task_count=1, task_codes=(LEAD.code,)),
    replace(OWNER, officer=replace(OFFICER, role="admin", absent=True)),
)

UNASKED = tuple(q.key for q in BOOK["registration"].questions if q.default)  # opened by their names, at the review

ABOUT = ("followup", "reply", "handing", "merging", "giving_up", "reopening", "passing_on")  # dialogues about a lead
WAITING = ("passing_on", "which_lead")  # dialogues over words that wait

# Words for questions that no button goes on from, besides the usual ones; builders are asked more than others.
TYPED = {**usual(), "whom": "siti jebres", "sector": "borongan bangunan", "words": "Halo {nama}", "when": "besok jam 9"}
# Answers that are tried besides those of the buttons, for they lead to questions that others do not.
ALSO = {
    "regency": ("Surabaya", "Solo"),
    "sector": ("borongan bangunan",),
    "workers": ("2",),
    "income": ("100 ribu sehari", "500 ribu seminggu"),
    "district": ("Laweyan",),
    "outcome": ("janji temu",),
}


def sessions(dialogue: str, world: World) -> Iterator[Session]:
    """One session at each question of a dialogue that can be reached, and at each choice between readings."""
    words = {"words": "ubah nomor jadi 0857 0000 1234"} if dialogue in WAITING else {}
    waiting, seen = [Session(dialogue, words, began=1, about=LEAD.code if dialogue in ABOUT else "")], set()
    while waiting:
        session = waiting.pop()
        scene = scene_of(session, world)
        question = BOOK[dialogue].open(scene)
        if question is None:
            continue
        session = session._replace(asked=question.key, last="", haste=0)  # some time after the last press
        applying = tuple(q.key for q in BOOK[dialogue].questions if q.key not in session.answers and q.when(scene))
        state = (applying, question.choices(scene), session.offered, session.answers.get("under_65"))
        if state in seen:
            continue
        seen.add(state)
        yield session
        for heard in answers(question, session, world):
            after = step(session, heard, world, BOOK).session
            if after.dialogue == dialogue:
                waiting.append(after)


def answers(question: Question, session: Session, world: World) -> Iterator[Heard]:
    """Every answer by a button, those of ALSO, and where there are no buttons the usual words."""
    scene = scene_of(session, world)
    for button in offered_buttons(BOOK[session.dialogue], question, scene):
        if button.press.dialogue != "command":
            yield Heard(pressed=button.press)
    for key in UNASKED if question.exact else ():
        yield Heard(pressed=Press("command", "correct", key))
    for said in ALSO.get(question.key, ()):
        yield Heard(text=said)
    if not question.choices(scene) and not question.commands(scene):
        yield Heard(text=answer_to(question, scene, TYPED))


def of(turn: Turn) -> Any:
    """What came of a turn, but for the mark of the last press, which only a press leaves, and what only words leave."""
    return turn.session._replace(last="", haste=0, digits="", held=""), turn.effects


def differing(session: Session, buttons: tuple[Button, ...], world: World) -> list[str]:
    """The labels that do something else when they are typed than when they are pressed."""
    wrong = []
    for button in buttons:
        pressed = of(step(session, Heard(pressed=button.press), world, BOOK))
        labels = world.knows.labels(button.label)
        wrong += [label for label in labels if of(step(session, Heard(text=label), world, BOOK)) != pressed]
    return [f"{session.dialogue}.{session.asked}: {label}" for label in wrong]


def all_buttons(session: Session, world: World) -> tuple[Button, ...]:
    """The buttons below the open question, those between readings of an answer first."""
    question, scene = BOOK[session.dialogue].question(session.asked), scene_of(session, world)
    assert question
    between = buttons(BOOK[session.dialogue], question, session.offered, scene)
    return (*between, *offered_buttons(BOOK[session.dialogue], question, scene))


def test_there_is_a_world_for_every_dialogue() -> None:
    assert WORLDS.keys() == BOOK.keys()


@pytest.mark.parametrize("dialogue", BOOK)
def test_every_question_is_reached(dialogue: str) -> None:
    reached = {session.asked for session in sessions(dialogue, WORLDS[dialogue])}
    assert {question.key for question in BOOK[dialogue].questions} - reached == set()


@pytest.mark.parametrize("dialogue", BOOK)
def test_every_label_typed_does_what_its_button_does(dialogue: str) -> None:
    worlds = (WORLDS[dialogue], *(OTHERS if dialogue == "home" else ()))
    wrong = [
        each
        for world in worlds
        for session in sessions(dialogue, world)
        for each in differing(session, all_buttons(session, world), world)
    ]
    assert wrong == []


@pytest.mark.parametrize("typed", ["semua wilayah", "Semua wilayah.", "SEMUA  WILAYAH"])
def test_a_label_is_known_without_capitals_and_marks(typed: str) -> None:
    at = Session("compose", {"purpose": "news", "audience": "leads"}, asked="regency", began=1)
    person = Person(session=at, officer=replace(OFFICER, role="admin")).says(typed)
    assert person.asked == "compose.sector"
    assert person.session.answers["regency"] is None


# ------------------------------------------------------------------------------------------------ messages that ask nothing


def of_a_broadcast(state: str) -> tuple[Button, ...]:
    """The buttons of a broadcast's card in this state."""
    answers = {"purpose": "news", "audience": "leads", "words": "Halo"}
    return admin.card(BroadcastView(7, "Kabar", state, answers), OTHERS[2]).buttons


ON_MESSAGES = (  # who has them before them, the button, and what a typed label does where it does not act as the button
    (OTHERS[0], command("read"), None),
    (OTHERS[0], command("human"), None),
    (OTHERS[0], command("stop", "", "knock.stop"), None),
    (OTHERS[0], command("stop", "", "reminder.stop"), None),
    (OTHERS[0], command("faq", "payment_how", "reminder.how"), None),
    (OTHERS[0], command("correct", "contact_time", "reminder.change_time"), None),
    (OTHERS[0], command("change_lead"), None),
    (OTHERS[0], command("another"), None),
    (OTHERS[0], command("reply", LEAD.code), None),
    (replace(OTHERS[0], bridge=BridgeSide(LEAD.code, officer=False)), end_button(LEAD.code), None),
    (OTHERS[0], Button(Press("command", "change_lead", LEAD.code), LEAD.code), None),
    (OTHERS[1], command("read"), None),
    (OTHERS[1], command("tasks"), None),
    (OTHERS[1], command("untaken"), None),
    (OTHERS[1], lead_button("take", LEAD.code), ListUntaken(0)),
    (OTHERS[1], lead_button("note", LEAD.code), ListTasks(0)),
    (OTHERS[1], lead_button("write", LEAD.code), ListTasks(0)),
    (replace(OTHERS[1], lead=LEAD), Button(Press("lead", "show", LEAD.code), LEAD.code), None),
    (OTHERS[2], command("siaran", "new", "siaran.new"), None),
    *((OTHERS[2], each, ListBroadcasts()) for state in admin.BUTTONS for each in of_a_broadcast(state)),
)


@pytest.mark.parametrize(
    ("world", "button", "instead"), ON_MESSAGES, ids=lambda value: str(getattr(value, "press", ""))
)
def test_a_label_of_a_message_that_asks_nothing_acts_or_brings_the_list_in_which_each_has_its_button(
    world: World, button: Button, instead: Effect | None
) -> None:
    session = step(Session("home", {}, began=1), Heard(text="halo"), world, BOOK).session._replace(haste=0)
    pressed = of(step(session, Heard(pressed=button.press), world, BOOK))
    for label in world.knows.labels(button.label):
        typed = of(step(session, Heard(text=label), world, BOOK))
        assert typed == pressed if instead is None else typed[1] == (instead,), label


def test_words_that_are_passed_on_as_they_stand_are_no_label() -> None:
    person = Person(session=Session("home"), officer=OFFICER, bridge=BridgeSide(LEAD.code, officer=True)).says("Ambil")
    assert [effect.words for effect in person.did(Relay)] == ["Ambil"]


@pytest.mark.parametrize("answers", [{}, {"phone": {"kind": "none"}}])
@pytest.mark.parametrize("holder", [None, 7])
def test_every_button_of_a_card_is_among_the_labels_that_an_officer_may_type(
    holder: int | None, answers: Mapping[str, Any]
) -> None:
    lead = replace(LEAD, officer_id=holder, status="taken" if holder else "new", answers={**LEAD.answers, **answers})
    labels = {button.label.key for button in _card_buttons(lead, OWNER, OFFICER) if isinstance(button.label, Text)}
    assert labels
    assert labels <= OFFICER_LABELS.keys()
