"""Taking an answer: by its question's reader, with answers that were told beside it; or asking back, or asking again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from conversations.engine.ask import SKIP, buttons, command
from conversations.engine.commands import COMMANDS, left_as_it_was
from conversations.engine.core import (
    Ask,
    Edit,
    Heard,
    Instead,
    Lines,
    NotUnderstood,
    Question,
    Reading,
    Say,
    Text,
    Turn,
)
from conversations.engine.patience import MISS, SECOND, THIRD, with_button
from conversations.engine.turn_state import TurnState, scene_of

from .amend import corrected
from .fragments import followed_by, joined_with
from .notes import kin_of
from .unasked import PERMISSION, briefer, elsewhere, own_part, told, volunteered


def attempt(state: TurnState, question: Question) -> Any:
    """The result of the question's reader: a value, a Reading, or the exception it raised instead. Clauses that answer
    other questions are left to those, where the rest is an answer."""
    own = own_part(state.dialogue, question.key, state.heard.text, state.scene) if state.heard.text else ""
    if own != state.heard.text:
        read = _attempt(state, question, replace(state.heard, text=own))
        if not isinstance(read, NotUnderstood):
            return read
    return _attempt(state, question, state.heard)


def _attempt(state: TurnState, question: Question, heard: Heard) -> Any:
    try:
        return question.hears(heard, state.scene)
    except (Ask, Edit, Instead, NotUnderstood) as instead:
        return instead


def take(state: TurnState, question: Question, heard: Any = None) -> Turn:
    """Take the words or the button as an answer to this question: taken, asked back, or not understood.

    ``heard`` is the result of :func:`attempt`, where that is known already.
    """
    if leaves_it(state, question):
        return left_as_it_was(state, question)
    if heard is None:
        heard = attempt(state, question)
    if isinstance(heard, Edit):
        return COMMANDS["correct"](state, heard.key)
    if isinstance(heard, Instead) and (meant := state.dialogue.question(heard.key)):
        return _answered(state, meant, heard.reading)
    if isinstance(heard, Ask):
        return _ask_back(state, question, heard)
    if isinstance(heard, NotUnderstood):
        state, heard = with_fragment(state, question, heard)
    if isinstance(heard, NotUnderstood):
        return _retry(state, question, heard)
    reading = with_address(state, question, heard if isinstance(heard, Reading) else Reading(heard))
    also = volunteered(state.dialogue, question.key, state.heard.text, state.scene)
    if question.key == PERMISSION:  # what waited for it is taken up, and what was said beside it
        also = told(state.dialogue, PERMISSION, f"{state.session.held}\n{state.heard.text}", state.scene)
    value = briefer(question.key, reading.value, state.heard.text, state.scene) if also else reading.value
    if question.key == PERMISSION and (kin := state.world.knows.ear.proxies.read(state.session.held)):
        state = noted(state, kin)
    also |= corrected(state.dialogue, question.key, state.heard.text, state.scene)
    shown = reading.also.keys() if state.heard.pressed else ()  # a button says all that it answers
    return _answered(state, question, replace(reading, value=value, also={**also, **reading.also}), shown)


def with_fragment(state: TurnState, question: Question, no: NotUnderstood) -> tuple[TurnState, Any]:
    """The words that were not understood once more, behind those of the message before; as they were, where that helps
    nothing."""
    both = joined_with(state.session.fragment, question.key, state.heard.text)
    if not both or question is not state.open:
        return state, no
    longer = state._replace(heard=replace(state.heard, text=both))
    read = attempt(longer, question)
    return (state, no) if isinstance(read, NotUnderstood | Ask | Edit) else (longer, read)


def noted(state: TurnState, kin: str) -> TurnState:
    """The state with the note for whom the answers are given."""
    return state.at(state.session._replace(notes={**state.session.notes, "kin": kin}))


def with_address(state: TurnState, question: Question, reading: Reading) -> Reading:
    """The name with the form of address that came alone in the message before: "bu", then "tumini"."""
    both = joined_with(state.session.fragment, question.key, state.heard.text) if question.key == "name" else ""
    if not both or not isinstance(reading.value, dict) or reading.value.get("address"):
        return reading
    read = attempt(state._replace(heard=replace(state.heard, text=both)), question)
    longer = read if isinstance(read, Reading) else Reading(read)
    same = isinstance(longer.value, dict) and longer.value.get("name") == reading.value["name"]
    return longer if same else reading


def leaves_it(state: TurnState, question: Question) -> bool:
    """Whether somebody who was changing this answer passes the question over: then the answer stays as it was."""
    if question.key not in state.session.undo:
        return False
    choices = state.world.knows.ear.choices
    said = state.heard.pressed.value if state.heard.pressed else state.heard.text
    return (said == SKIP and bool(state.heard.pressed)) or (choices.skips(said) and not choices.nothing(said))


def _answered(state: TurnState, question: Question, reading: Reading, seen: Collection[str] = ()) -> Turn:
    """The turn after an answer; the keys ``seen`` among those told beside it are not repeated."""
    session, path = state.session, f"{state.session.dialogue}.{question.key}"
    if isinstance(reading.value, str) and reading.value in question.then:
        return state.leave(question.key, question.then[reading.value])
    if (
        question.key in session.answers
        and session.answers[question.key] == reading.value
        and question is not state.open
    ):
        return state.ask_again()
    changed = session.answers.get(question.key, session.undo.get(question.key)) != reading.value
    if changed and question.resets:
        session = session.forget(*question.resets)
    if state.open and state.open.default and state.dialogue.comes_after(question, state.open):
        session = session.closed(state.open.key)  # "Dasar", pressed where the income for its price is asked
    after = state.at(session._replace(held="", fragment="").with_answers({question.key: reading.value, **reading.also}))
    effects = state.dialogue.answered(question.key, reading.value, after.scene)
    shown = question.show(reading.value, after.scene)
    now = state.open  # put in short where it is only put once more, and does not depend on this answer
    again = now is not None and now is not question and now.key not in question.resets
    besides = _besides(after, {key: value for key, value in reading.also.items() if key not in seen})
    if question.key == PERMISSION and (kin := kin_of(after.scene.answers)):
        besides = (*besides, Say(Text(f"proxy.{kin}")))
    if not reading.plain:
        change = command("correct", question.key, "change_this")
        said = Say(Text(reading.readback or "read_back", {"value": shown}))
        return with_button(after.ask_open(*effects, said, *besides, again=again), change)
    if question.echo:
        spoken = question.spoken(reading.value, after.scene) if question.spoken else shown
        taken = Say(Text(f"{path}.taken", {"value": spoken, "left": after.dialogue.left(after.scene)}))
        return after.ask_open(*effects, taken, *besides, again=again)
    return after.ask_open(*effects, *besides, again=again)


def _besides(state: TurnState, also: Mapping[str, Any]) -> tuple[Say, ...]:
    """The says that repeat answers told in passing, so that nobody is surprised by them at the review."""
    lines = item_lines(state, also, ahead=True)
    return (Say(Text("also_noted", {"items": lines})),) if lines else ()


def item_lines(state: TurnState, answers: Mapping[str, Any], *, ahead: bool = False) -> Lines:
    """Answers as a review shows them, where their questions apply; with ``ahead`` also those of questions still to
    come, of which it is not known yet whether they will."""
    dialogue, now = state.dialogue, state.open
    coming = dialogue.questions[dialogue.questions.index(now) :] if ahead and now else ()
    return Lines(
        Text(
            "review.item",
            {"label": Text(f"{dialogue.name}.{q.key}.label"), "value": q.show(answers[q.key], state.scene)},
        )
        for q in dialogue.questions
        if q.key in answers and (q in coming or q.when(state.scene))
    )


def _ask_back(state: TurnState, question: Question, doubt: Ask) -> Turn:
    """Ask back where an answer has two readings: both as buttons, and the words are kept until one is chosen."""
    said = state.heard.text or state.session.said
    values = tuple(doubt.candidates)
    state, besides = told_besides(state, question, asked_back=True)
    session = state.session._replace(said=said, asked=question.key, offered=values)
    offered = buttons(state.dialogue, question, values, scene_of(session, state.world))
    return Turn(session, (*besides, Say(Text(doubt.key, doubt.facts), offered, question.wants_contact)))


def told_besides(
    state: TurnState, question: Question, *, asked_back: bool = False
) -> tuple[TurnState, tuple[Say, ...]]:
    """The state with answers that were told in words that did not answer the question; they stay, whatever becomes of
    the answer. Words that are ``asked_back`` have a meaning here: "bandung" is a town, whatever trade it is like."""
    text = state.heard.text
    also = volunteered(state.dialogue, question.key, text, state.scene)
    if not also and not asked_back:
        also = elsewhere(state.dialogue, question.key, text, state.scene)
    if not also:
        return state, ()
    after = state.at(state.session._replace(answers={**state.session.answers, **also}))
    return after, _besides(after, also)


def _retry(state: TurnState, question: Question, no: NotUnderstood) -> Turn:
    """Ask again after an answer that was not understood: with help; the second time with an example, the third time
    with a person."""
    misses = state.session.misses + MISS
    path = f"{state.session.dialogue}.{question.key}"
    fragment = followed_by(state.session.fragment, question.key, state.heard.text)
    state, besides = told_besides(state, question)
    if besides:
        misses, fragment = 0, ""
    after = state.at(state.session._replace(misses=misses, fragment=fragment))
    if misses >= THIRD and state.world.officer is None:  # officers are the humans
        return with_button(after.ask_again(Say(Text("third_miss"))), command("human"))
    unclear = f"{path}.unclear"
    key = unclear if no.key == "not_a_choice" else no.key
    if besides and key == unclear:
        return after.ask_again(*besides)  # they were understood, only not here: nothing to be sorry for
    if SECOND <= misses < THIRD and key == unclear:
        return after.ask_again(*besides, Say(Text("second_miss", {"hint": Text(f"{path}.hint")})))
    return after.ask_again(*besides, Say(Text(key, no.facts)))
