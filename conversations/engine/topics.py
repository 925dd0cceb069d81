"""Topics: what people ask on the way. The nearest one is answered; where it is not clear which one is meant, the nearest
stand as buttons.

After an answer the open question stands again, so that nobody loses their place.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from conversations.hear.text.words import edgeless
from conversations.rules.pricing import day_name, price, worker_cost

from .core import Button, Field, Lines, Press, Rupiah, Say, Scene, Text, Turn
from .effects import ReportImpostor
from .patience import MISS, THIRD
from .turn_state import TurnState


def explain(state: TurnState, topic: str) -> Text:
    """The answer to a question, with prices and dates by the rows that are in force today, where it names any."""
    knows, today = state.world.knows, state.world.now.date()
    plain = Scene({}, state.world)
    two, three = price("two", plain), price("three", plain)
    if topic == "questions_left" and "consent" in state.session.answers and state.open:
        return Text("faq.questions_left.count", {"left": state.dialogue.left(state.scene)})
    if topic == "cost" and not (two and three):
        return Text("faq.cost_unpriced")
    if topic in ("processing_time", "next_step") and (nobody := _nobody_at_work(state)):
        return nobody
    cuts = Lines(
        Text(f"faq.cut.{cut.sector}", {"percent": cut.percent_off, "until": _day(cut.terms.valid_to)})
        for cut in knows.rates.cuts_on(today)
        if cut.terms.sure and cut.terms.valid_to
    )
    if topic == "cut" and not cuts:
        return Text("faq.cut.none")
    fields: dict[str, Field] = {"controller": knows.controller, "cuts": cuts, "office": _office(state)}
    fields |= {"cut_now": Text("faq.cost.cut_now", {"cuts": cuts}) if cuts else "", "worker": worker_cost(state.world)}
    fields |= {"officer": _officer(state)}
    if two and three:
        fields |= {"two": Rupiah(two.low), "three": Rupiah(three.low)}
    return Text(f"faq.{topic}", fields)


def _nobody_at_work(state: TurnState) -> Text | None:
    """The text that nobody works where this lead was sent to; None where somebody does, or no lead was sent."""
    lead = state.world.open_leads[-1] if state.world.open_leads else None
    regency = (lead.answers if lead else {}).get("regency") or ""
    if not regency or regency in state.world.staffed or state.world.is_overseen(regency):
        return None
    return Text("registration.done.nobody", {"place": state.world.knows.ear.places.name(regency)})


def faq(state: TurnState, topic: str) -> Turn:
    """Answer a question; who reports a false officer is heard by a person as well."""
    if topic != "impostor":
        return state.ask_again(Say(explain(state, topic)))
    lead = state.world.open_leads[-1] if state.world.open_leads else None
    regency = (lead.answers if lead else state.session.answers).get("regency") or ""
    return state.ask_again(Say(explain(state, topic)), ReportImpostor(lead.code if lead else "", regency))


def which(state: TurnState, topics: str) -> Turn:
    """Offer the nearest topics (``topics``, with commas between them) below the open question; the third time in a row
    a person as well."""
    near, misses = tuple(topics.split(",")), state.session.misses + MISS
    turn = state.at(state.session._replace(misses=misses)).ask_again(Say(Text("which_topic")))
    *before, last = turn.effects
    offered = tuple(Button(Press("command", "faq", topic), Text(f"topic.{topic}")) for topic in near)
    if misses >= THIRD and not state.world.officer:
        offered = (*offered, Button(Press("command", "human", ""), Text("command.human")))
    with_topics = replace(last, buttons=(*last.buttons, *offered))
    return Turn(turn.session._replace(topics=near), (*before, with_topics))


def topic_picked(state: TurnState) -> Turn | None:
    """Rung: one of the topics that were offered below the open question, by its label, or its number where buttons are
    written out."""
    question, said = state.open, edgeless(state.heard.text)
    if not (state.session.topics and question and said):
        return None
    first = len(question.choices(state.scene)) + len(question.commands(state.scene)) + 1
    for number, topic in enumerate(state.session.topics, first):
        labels = map(edgeless, state.world.knows.labels(Text(f"topic.{topic}")))
        if said == str(number) or said in labels:
            return faq(state.at(state.session._replace(misses=0)), topic)
    return None


def _day(day: date | None) -> Field:
    return day_name(day) if day else ""


def _office(state: TurnState) -> Field:
    """The line that names the office of the person's regency, as far as it is known which one that is."""
    lead = state.world.leads[-1] if state.world.leads else None
    regency = state.session.answers.get("regency") or (lead.answers.get("regency") if lead else "") or ""
    office = state.world.knows.offices.of(regency)
    return Text("faq.office_location.near", {"office": office.name}) if office and office.confidence != "C" else ""


def _officer(state: TurnState) -> Field:
    """The line that names the officer who has the person's lead; "" while nobody has it."""
    named = [lead.officer for lead in state.world.open_leads if lead.officer]
    return Text("faq.who_runs.officer", {"name": named[-1]}) if named else ""
