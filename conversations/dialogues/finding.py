"""An officer finds a lead: "/cari siti jebres", "cari 0812…", a number alone."""

from __future__ import annotations

from conversations.engine.ask import ask
from conversations.engine.core import Dialogue, Effect, Heard, NotUnderstood, Say, Scene, Text, Turn
from conversations.engine.effects import FindLeads
from conversations.engine.turn_state import TurnState
from conversations.hear import Ear
from conversations.hear.phones import PhoneNumber
from conversations.hear.text.readings import Unsure
from conversations.rules.found_by import Sought, Term, words

from .lead_lists import MOST_FOUND
from .remind_me import code_in, only_officers

LONGEST = 120  # letters that are looked at
MOST_TERMS = 8
_LONGEST_PLACE = 3  # words of a place's name
_FIRST = 2  # of these words one says that something is looked for: "tolong cari …"


def looked_for(text: str, ear: Ear, *, stroke_only: bool) -> str | None:
    """What stands behind the word that looks for something; None where there is no such word. ``stroke_only``: it must
    begin with a stroke, for the words may answer the open question."""
    said = text[:LONGEST].split()
    for at, word in enumerate(said[:_FIRST]):
        if (word.startswith("/") or not stroke_only) and ear.choices.exact(word, "officer.find", ("find",)):
            return " ".join(said[at + 1 :])
    return None


def number_alone(text: str, ear: Ear) -> bool:
    """Whether a message is a telephone number and nothing else."""
    if any(letter.isalpha() for letter in text):
        return False
    return bool(_number(text, ear))


def sought(text: str, ear: Ear) -> Sought | None:
    """What these words look for; None where they look for nothing."""
    if code := code_in(text):
        return Sought(code=code)
    if number := _number(text, ear):
        return Sought(phone=number)
    terms = _terms(text[:LONGEST], ear)
    return Sought(terms=terms) if terms else None


def _number(text: str, ear: Ear) -> str:
    read = ear.phones.read(text) if any(letter.isdecimal() for letter in text) else None
    return read.e164 if isinstance(read, PhoneNumber) else ""


def _terms(text: str, ear: Ear) -> tuple[Term, ...]:
    """The terms of a search: names of places are read as such, forms of address and small words are none."""
    said = [word for word in words(text) if not ear.choices.exact(word, "officer.find_beside", ("beside",))]
    said = [word for word in said if not ear.names.titles(word)] or said  # a shop may be called "Bunda"
    found, at = list[Term](), 0
    while at < len(said) and len(found) < MOST_TERMS:
        places, size = _place(said, at, ear)
        found.append(Term(tuple(said[at : at + size]), places))
        at += size
    return tuple(found)


def _place(said: list[str], at: int, ear: Ear) -> tuple[tuple[str, ...], int]:
    """The places (codes) that the words from here on name, and how many words that takes; ((), 1) for none."""
    for size in range(min(_LONGEST_PLACE, len(said) - at), 0, -1):
        some = said[at : at + size]
        places = _named(some, ear)
        if places and places not in (_named(some[1:], ear), _named(some[:-1], ear)):
            return places, size  # no word of which is beside the name: not "siti semarang"
    return (), 1


def _named(some: list[str], ear: Ear) -> tuple[str, ...]:
    """The places (codes) of which these words name one."""
    place = ear.places.regency(" ".join(some)) if some else Unsure()
    if isinstance(place, Unsure):
        return place.candidates if place.why == "place.several" else ()
    return (place.district or place.regency,) if place.plain else ()


def find(state: TurnState, value: str) -> Turn:
    """Look for a lead by these words; without words, ask for them."""
    if state.world.officer is None:
        return state.say("card.not_yours")
    if not value.strip():
        return state.over("find").ask_open()
    wanted = sought(value, state.world.knows.ear)
    return Turn(state.session, (FindLeads(wanted),)) if wanted else state.over("find").ask_open()


def whom(heard: Heard, scene: Scene) -> str:
    """Reader: whom to look for, in the officer's words."""
    ear = scene.world.knows.ear
    behind = looked_for(heard.text, ear, stroke_only=False)
    text = (heard.text if behind is None else behind)[:LONGEST]
    if sought(text, ear) is None:
        raise NotUnderstood("find.whom.unclear")
    return text


def found(scene: Scene) -> tuple[Effect, ...]:
    wanted = sought(scene.answers["whom"], scene.world.knows.ear)
    return (FindLeads(wanted),) if wanted else ()


finding = Dialogue(
    "find",
    (ask("find.whom", whom, verbatim=True),),
    finish=found,
    barred=only_officers,
    answers=True,
)


def many_found(count: int, most: int) -> Say:
    """Said where more leads fit than are shown; ``most``: so many are counted."""
    fields = {"count": min(count, most)}
    return Say(Text("find.many" if count <= most else "find.very_many", {**fields, "shown": MOST_FOUND}))
