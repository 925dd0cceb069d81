"""Putting an answer right by a sentence, at any question and after sending: "usahanya di klaten bukan solo".

What the new words mean, the reader of that question says; exactly that answer changes, with those that follow from it.
Where the words name no answer, it is the one whose value is denied ("4 bukan 3"), or else the last one ("eh salah, 4").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from conversations.dialogues import which_lead
from conversations.engine.ask import CHANGE, command, spelt_out
from conversations.engine.commands import COMMANDS, opened_lead
from conversations.engine.core import (
    Ask,
    Edit,
    Heard,
    Instead,
    NotUnderstood,
    Press,
    Question,
    Reading,
    Say,
    Text,
    Turn,
)
from conversations.engine.patience import with_button
from conversations.engine.turn_state import TurnState
from conversations.engine.world import Lead
from conversations.hear.amendments import Amendment
from conversations.hear.cards import Card
from conversations.hear.corrections import SENT
from conversations.hear.text.words import edgeless

from .accept import attempt, item_lines, take
from .amend import corrected
from .literal import commands

PLACE = "regency"  # a known town goes before what else the words may name: "usahanya di klaten"
# What else may be meant by the name of an answer, where its own reader does not take the words: "telponnya sore aja".
OR_ELSE = {"sector": PLACE, "district": PLACE, "phone": "contact_time", "contact_time": "phone", "member": "under_65",
           "income": "wages"}  # fmt: skip
LEAST_WORDS = 2  # of a choice that is named after its question
ANSWERED_ALONE = frozenset({"home", "news", "calls"})  # dialogues in which a lead that was sent can be changed by words


def amended(state: TurnState) -> Turn | None:
    """Rung: a sentence that corrects an earlier answer and says how it is."""
    text = state.heard.text
    if not text or not state.session.asked:
        return None
    sent = state.session.dialogue in ANSWERED_ALONE
    if not (sent or (state.session.dialogue == "registration" and "consent" in state.session.answers)):
        return None
    said = state.world.knows.ear.intents.amendment(text, SENT if sent else state.session.asked)
    if said is None or (sent and not (said.surely or said.old)):
        return _another_number(state) if not sent else None
    return _of_a_sent_lead(state, said) if sent else _put_right(state, said)


def _of_a_sent_lead(state: TurnState, said: Amendment) -> Turn | None:
    """Of several leads the owner is asked which; the words, and with them the new value, wait meanwhile."""
    leads = state.world.open_leads
    if len(leads) > 1:
        return state.over(which_lead.NAME, words=state.heard.text).ask_open()
    return _put_right(opened_lead(state, leads[0]), said, sent=True) if leads else None


def another_time(state: TurnState, lead: Lead) -> Turn | None:
    """Change when the owner of this lead is to be called, by words that name a time: "besok aja ditelponnya jam 10"."""
    return _put_right(
        opened_lead(state, lead), Amendment(state.heard.text, field="contact_time", surely=True), sent=True
    )


def put_right(state: TurnState, question: Question, heard: Any) -> Turn | None:
    """Correct an earlier answer by words that do not answer the open question, or at a review, which then has to be
    seen again; None where nothing is corrected."""
    if not (question.exact or isinstance(heard, NotUnderstood)):
        return None
    values = corrected(state.dialogue, question.key, state.heard.text, state.scene)
    return _with(state, values) if values else None


def chosen_before(state: TurnState) -> Turn | None:
    """Rung: words of another choice of the question before, which the open one does not take: "dulu pernah", after
    "Belum". Of one word none: "sudah" may say anything; and none at a review, where "gak usah" may be about all of it."""
    text, question = state.heard.text, state.open
    if state.session.dialogue != "registration" or len(text.split()) < LEAST_WORDS or not question or question.exact:
        return None
    before = _last_given(state)
    if before is None or before.open_only or before.then:
        return None
    ear = state.world.knows.ear
    path, offered = f"{state.session.dialogue}.{before.key}", (*before.choices(state.scene), *before.besides)
    said = ear.choices.without_why(text)
    labels = (value for value in offered if {edgeless(text), said} & _shown(state, before, value))
    value = next(labels, None) or ear.choices.exact(said, path, offered) or _too_old(state, offered)
    if value is None or _reads(state, question, text):  # reading costs most, so it comes last
        return None
    pressed = Heard(pressed=Press(state.session.dialogue, before.key, value))
    read = attempt(state._replace(heard=pressed), before)
    if isinstance(read, Instead):
        return _with(state, {read.key: read.reading.value, **read.reading.also})
    if isinstance(read, NotUnderstood | Ask | Edit):
        return None
    found = read if isinstance(read, Reading) else Reading(read)
    return _with(state, {before.key: found.value, **found.also})


def _too_old(state: TurnState, offered: Sequence[str]) -> str | None:
    """The choice of who is 65 or older, where that question offers it and the words tell no more than such an age:
    "sudah 66 pak"."""
    card = state.world.knows.ear.cards.read(state.heard.text, state.world.now.year)
    told = isinstance(card, Card) and card.value == "over_65" and card.value in offered
    return card.value if isinstance(card, Card) and told else None


def led_here_by_mistake(state: TurnState) -> Turn | None:
    """Rung: at a question that turns somebody away, words that deny what led there: "bukan, saya 56", "itu KIS". What its
    own reader takes is put right at once; a bare denial opens it again."""
    question, text = state.open, state.heard.text
    if not text or question is None or state.session.asked != question.key:
        return None
    spelt = map(spelt_out, question.commands(state.scene))
    led = next((state.dialogue.question(value) for name, value, _ in spelt if name == CHANGE), None)
    ear = state.world.knows.ear
    if led is None or "?" in text or ear.choices.unknown(text) or _reads(state, question, text):
        return None
    if ear.intents.denies(text):
        return COMMANDS[CHANGE](state, led.key)
    about = ear.intents.read(text, question.key, lambda: False)[0]
    if about.startswith("correct:") or ear.yesno.read(text, question.key) == "yes":
        return None  # "ubah waktu"; and "iya betul" agrees with what was read back
    read = attempt(state, led)
    if isinstance(read, NotUnderstood | Ask | Edit | Instead):
        return None
    found = read if isinstance(read, Reading) else Reading(read)
    same = found.value == state.scene.answers.get(led.key)
    return None if same else _with(state, {led.key: found.value, **found.also})


def _shown(state: TurnState, question: Question, value: str) -> set[str]:
    """What stands on the button of a choice, in each language."""
    return {edgeless(label) for label in state.world.knows.labels(question.label(value, state.scene))}


def _last_given(state: TurnState) -> Question | None:
    """The question that was answered last before the open one."""
    given = state.dialogue.applying(state.scene)
    before = state.dialogue.questions[: state.dialogue.questions.index(state.open)] if state.open else ()
    return next((q for q in reversed(before) if q.key in given and not q.unasked(given[q.key], state.scene)), None)


def _another_number(state: TurnState) -> Turn | None:
    """At a review another number than the one that stands there, or when to be called, whatever is said around it; not in
    a command that stops or erases: "jangan hubungi saya lagi"."""
    question = state.open
    if question is None or not question.exact:
        return None
    ear, text = state.world.knows.ear, state.heard.text
    another_way = ear.times.only_writing(text) and not ear.intents.stops(text)  # "jangan telepon, chat saja"
    return put_right(state, question, None) if another_way or not commands(state, text) else None


def _put_right(state: TurnState, said: Amendment, *, sent: bool = False) -> Turn | None:
    question = _meant(state, said, sent=sent)
    if question is None or question.open_only or question.exact:
        return None
    instead = state._replace(heard=replace(state.heard, text=said.new))
    if question is state.open:
        return None if isinstance(attempt(instead, question), NotUnderstood) else take(instead, question)
    read = attempt(instead, question)
    if isinstance(read, NotUnderstood) and said.old:  # "workersnya 4 bukan 3": as many words as are denied
        instead = state._replace(heard=replace(state.heard, text=_last(said.new, len(said.old.split()))))
        read = attempt(instead, question)
    if isinstance(read, NotUnderstood | Edit | Instead) or (question.key != PLACE and _is_a_place(instead, question)):
        question = state.dialogue.question(OR_ELSE.get(question.key, ""))
        read = attempt(instead, question) if question else read
    if question is None or question.key not in state.dialogue.applying(state.scene):
        return None
    if isinstance(read, NotUnderstood | Edit | Instead):
        return None
    if isinstance(read, Ask):
        asked = state.session.forget(question.key)
        undo = {**asked.undo, question.key: state.session.answers[question.key]}
        return take(instead.at(asked._replace(undo=undo)), question, read)
    found = read if isinstance(read, Reading) else Reading(read)
    value = found.value
    if question.key == "name" and not value["address"]:  # a new name alone leaves how the person is addressed
        value = {**value, "address": state.session.answers["name"]["address"]}
    return _with(state, {question.key: value, **found.also}, sent=sent)


def _last(words: str, count: int) -> str:
    return " ".join(words.split()[-count:])


def _meant(state: TurnState, said: Amendment, *, sent: bool) -> Question | None:
    """The question whose answer is put right; None where that is not clear."""
    given = state.dialogue.applying(state.scene)
    if said.old:
        denied = [
            q
            for q in state.dialogue.questions
            if q.key in given
            and _says(state, q, said.old, given[q.key])
            and not _says(state, q, said.new, given[q.key])
        ]
        if len(denied) == 1:
            return denied[0]
    if said.field and (said.surely or not sent):
        field = said.field if said.field in given else OR_ELSE.get(said.field, "")
        question = state.dialogue.question(field if field in given else said.field)
        return question if question and (question is state.open or question.key in given) else None
    if said.old or not said.surely:
        return None
    taken = _reads(state, state.open, said.new) and not said.new.isdecimal()  # "salah tadi 3" is no third choice
    return None if taken else _last_given(state)


def _says(state: TurnState, question: Question, words: str, value: Any) -> bool:
    """Whether these words, at that question, would give the very answer that was given."""
    if question.open_only or question.exact or (words.isdecimal() and isinstance(value, str)):
        return False  # a number is no third choice here
    read = attempt(state._replace(heard=replace(state.heard, text=words)), question)
    if isinstance(read, NotUnderstood | Ask | Edit | Instead):
        return False
    told = read.value if isinstance(read, Reading) else read
    if isinstance(told, dict) and isinstance(value, dict):
        return all(_same(name, part, value.get(name)) for name, part in told.items() if part)
    return bool(told == value and told is not None)


def _same(name: str, told: Any, given: Any) -> bool:
    if name in ("said", "name"):
        return set(str(told).casefold().split()) <= set(str(given).casefold().split())
    return name == "source" or bool(told == given)


def _is_a_place(state: TurnState, question: Question) -> bool:
    """Whether the words that shall be the trade are a town: "usahanya di klaten"."""
    place = state.dialogue.question(PLACE)
    return question.key == "sector" and not isinstance(attempt(state, place), NotUnderstood) if place else False


def _reads(state: TurnState, question: Question | None, words: str) -> bool:
    instead = state._replace(heard=replace(state.heard, text=words))
    return question is not None and not isinstance(attempt(instead, question), NotUnderstood)


def _with(state: TurnState, values: Mapping[str, Any], *, sent: bool = False) -> Turn:
    """The turn with these answers changed, and with those that follow from them open again. ``sent``: the lead was sent
    before, so it is changed at once where nothing else has to be asked for it, with a button to change it again."""
    key, session = next(iter(values)), state.session
    if all(session.answers.get(name) == value for name, value in values.items()):
        return state.ask_again(Say(Text("kept_as_it_was", {"items": item_lines(state, {key: values[key]})})))
    question = state.dialogue.question(key)
    if question and session.answers.get(key) != values[key]:
        session = session.forget(*question.resets)
    after = _with_ways_on(state, state.at(session.with_answers(values)))
    said = Say(Text("put_right", {"items": item_lines(after, values)}))
    review = after.open
    if not sent or review is None or not review.exact:
        return after.ask_open(said)
    again = after.at(after.session.with_answers({review.key: "send"}))
    return with_button(again.ask_open(said), command("correct", key, "change_this"))


def _with_ways_on(before: TurnState, after: TurnState) -> TurnState:
    """The state after a change, with the chosen ways on that a change makes void (Question.then), where they are still
    offered: a fourth worker changes nothing about "tanya petugas"."""
    lost = before.session.answers.keys() - after.session.answers.keys()
    ways = [q for q in after.dialogue.questions if q.key in lost and q.then and q.when(after.scene)]
    kept = {q.key: before.session.answers[q.key] for q in ways}
    still = {q.key: kept[q.key] for q in ways if kept[q.key] in q.choices(after.scene)}
    return after.at(after.session.with_answers(still)) if still else after
