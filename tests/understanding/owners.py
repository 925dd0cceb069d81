"""What owners say at each question, and what a careful field worker would make of it.

A line of ``corpus/owners.jsonl``: ``at``, a question's key, "first" (the very first words) or "home" (after the lead was
sent); ``say``, a phrase or several in turn; ``pre``, other plain answers on the way there; ``expect`` and, equally good,
each of ``also``, one of

    {"stored": {key: value}}   these answers are kept now, and no others; {"later": …} of first words: once consent was given
    {"done": what}             sent, refused, cancel, stop, delete_data, human, status, back, change:<key>, … and nothing kept
    {"topic": [names]}         one of these topics answers, and nothing is kept
    {"asks": true}             the question is put again or choices are offered; nothing is kept or done
    {"kind": true}             the same, and a kind word may be said

A value may be {"one_of": [values]}, "~words" (they stand in it), or a mapping of which only the named fields count.
``needless``: more that counts as asked; ``may``: answers that may be kept besides.

right   what is expected, or one of ``also``
asked   nothing kept that was not said, nothing done, and the words were clear
wrong   anything else
grave   of the wrong: consent taken, the lead sent, data deleted, messages stopped, somebody turned away, none of it wanted;
        and a wish to stop or to be deleted that was missed
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

from tests.stepwise import Person
from tests.understanding.marks import CORPUS, Marks
from tests.understanding.progress import shown
from tests.understanding.way import led
from tests.understanding.what_came import ASIDE, BINDING, Came, answers_of, came_of

Row = Mapping[str, Any]
Expected = Mapping[str, Any]

ORDER = ("first", "consent", "name", "regency", "outside", "sector", "workers", "wages", "project", "under_65", "over_age",
         "member", "member_next", "income", "work_days", "program", "district", "business_name", "phone", "contact_time",
         "confirm", "home")  # fmt: skip
POLITE = frozenset({"help", "which"})  # done without a consequence, while the question stays
KIND = POLITE | {"greeting", "thanks", "abuse", "offtopic", "language"}
HEARD = frozenset({"stop", "delete_data"})


@dataclass(frozen=True, slots=True)
class Played:
    """``later``: what came of first words once consent was given, else the same."""

    asked: str  # before
    it: Came
    later: Came


def rows() -> list[Row]:
    return [json.loads(line) for line in (CORPUS / "owners.jsonl").read_text("utf-8").splitlines() if line.strip()]


def played(row: Row) -> Played:
    """The phrases of a line said one after the other. Raises LookupError where its question never comes."""
    person = led(row["at"], **row.get("pre", {}))
    before, old = person.session, answers_of(person.session, person.world.leads)
    effects: list[Any] = []

    def now(person: Person) -> Came:
        new = answers_of(person.session, person.world.leads)
        return came_of((before, person.session), tuple(effects), old, new)

    for words in [row["say"]] if isinstance(row["say"], str) else row["say"]:
        effects += person.says(words).effects
    it = now(person)
    if row["at"] != "first" or person.session.asked != "consent":
        return Played(before.asked, it, it)
    agreed = copy(person).says("ya")
    effects += agreed.effects
    return Played(before.asked, it, now(agreed))


# ------------------------------------------------------------------------------------------------ was it this?


def outcome(row: Row, one: Played) -> str:
    """right, asked, wrong or grave."""
    wanted = [row["expect"], *row.get("also", ())]
    if any(met(row, one, each) for each in wanted):
        return "right"
    if _is_grave(row, one.it, wanted):
        return "grave"
    needless = any(met(row, one, each) for each in row.get("needless", ()))
    return "asked" if needless or _asks_needlessly(row, one) else "wrong"


def met(row: Row, one: Played, want: Expected) -> bool:
    """Whether this is what came of it."""
    kept, binding = _kept(row, one.it), one.it.done & BINDING
    if "stored" in want:
        return not binding and _fits_all(want["stored"], one.it) and not kept - want["stored"].keys()
    if "later" in want:
        return _met_later(row, one, want["later"])
    if "done" in want:
        return want["done"] in one.it.done and not kept and binding <= {want["done"], "sent"} - _unsent(want)
    return not (kept or binding) and _met_idle(row, one, want)


def _met_later(row: Row, one: Played, told: Mapping[str, Any]) -> bool:
    """Whether first words that tell something were answered by the opening alone, and are known after the consent."""
    if one.it.done & (BINDING | {"offtopic"}) or one.it.topics:
        return False
    return _fits_all(told, one.later) and not _kept(row, one.later) - told.keys()


def _met_idle(row: Row, one: Played, want: Expected) -> bool:
    """Whether words that answer nothing were answered so."""
    if "topic" in want:
        return bool(one.it.topics & set(want["topic"]))
    soft = KIND if "kind" in want else POLITE
    return not one.it.topics and one.it.done <= soft and _stays(row, one)


def _unsent(want: Expected) -> set[str]:
    return set() if want["done"] == "sent" else {"sent"}


def _kept(row: Row, it: Came) -> set[str]:
    """The keys that were stored, without those that a line allows and those that say nothing."""
    may = {*row.get("may", ()), *(ASIDE - {row["at"]})}
    told = {key for key, value in it.stored.items() if value is not None or key == row["at"]}
    if it.stored.get("under_65") == "yes":  # follows from an answer about the card
        told.discard("under_65")
    return told - may


def _fits_all(want: Mapping[str, Any], it: Came) -> bool:
    return all(_fits(key, value, it) for key, value in want.items())


def _fits(key: str, value: Any, it: Came) -> bool:
    if value is None:  # nothing: the answer is passed over, whether or not that is kept
        return it.stored.get(key) is None and it.session.asked != key
    return key in it.stored and fits(value, it.stored[key])


def fits(want: Any, got: Any) -> bool:
    """Whether a stored value is the one wanted.

    >>> fits({"part": "pagi"}, {"day": "any", "part": "pagi"}), fits("~tum", "Bu Tum"), fits({"one_of": [1, 2]}, 2)
    (True, True, True)
    """
    if isinstance(want, Mapping):
        if "one_of" in want:
            return any(fits(each, got) for each in want["one_of"])
        return isinstance(got, Mapping) and all(fits(value, got.get(key)) for key, value in want.items())
    if isinstance(want, str) and want.startswith("~"):
        return want[1:].casefold() in json.dumps(got, ensure_ascii=False).casefold()
    return bool(want == (list(got) if isinstance(got, tuple) else got))


def _stays(row: Row, one: Played) -> bool:
    """Whether the question is still open; first words are answered by the opening, which asks for the consent."""
    asked = {"first": "consent", "home": one.asked}.get(row["at"], one.asked)
    return one.it.session.asked == asked and not one.it.removed


# ------------------------------------------------------------------------------------------------ and if not?


def _is_grave(row: Row, it: Came, wanted: Sequence[Expected]) -> bool:
    names = {each.get("done") for each in wanted}
    if (it.done & (BINDING - {"cancel"})) - names - ({"sent"} if "sent" in names else set()):
        return True
    for key, value in (("consent", "yes"), ("member", "yes"), ("member", "over_65"), ("under_65", "no")):
        if it.stored.get(key) == value and not any(_wants(each, key) for each in wanted):
            return True
    return row["expect"].get("done") in HEARD and row["expect"]["done"] not in it.done


def _wants(each: Expected, key: str) -> bool:
    stored = each.get("stored", {})
    return key in stored or {key, *stored} >= {"member", "under_65"}


def _asks_needlessly(row: Row, one: Played) -> bool:
    expect, it = row["expect"], one.it
    if it.done & BINDING or it.topics or it.done - KIND - _opened(expect):
        return False
    if "later" in expect:
        it = one.later
    told = expect.get("stored", expect.get("later", {}))
    if _kept(row, it) - told.keys() or any(
        not fits(told[key], it.stored[key]) for key in told.keys() & it.stored.keys()
    ):
        return False
    return bool(told or "done" in expect or "topic" in expect) and "offtopic" not in it.done


def _opened(expect: Expected) -> set[str]:
    """An answer may be opened for a change whose new value was told: the rest is asked."""
    return {f"change:{key}" for key in expect.get("stored", ())} | {"change_lead"}


# ------------------------------------------------------------------------------------------------ telling


def marked(only: Callable[[str], bool], *, held_out: bool) -> dict[str, Marks]:
    """The marks at each question; a line whose question never comes is counted as unreached, and left out of the shares."""
    found: dict[str, Marks] = {}
    chosen = [row for row in rows() if only(row["at"]) and row.get("held_out", False) is held_out]
    for row in shown("what owners say", sorted(chosen, key=lambda row: ORDER.index(row["at"]))):
        marks = found.setdefault(row["at"], Marks())
        try:
            one = played(row)
        except LookupError:
            marks.count["unreached"] += 1
            continue
        what = outcome(row, one)
        marks.count.update(("lines", "wrong", "grave") if what == "grave" else ("lines", what))
        if what != "right":
            wanted = json.dumps([row["expect"], *row.get("also", ())], ensure_ascii=False)
            marks.missed.append(f"{what} at {row['at']}: {row['say']!r}\n      wanted {wanted}\n      did {_told(one)}")
    return found


def _told(one: Played) -> str:
    parts = [
        f"kept {dict(one.it.stored)}" if one.it.stored else "",
        f"done {sorted(one.it.done)}" if one.it.done else "",
    ]
    parts += [f"topics {sorted(one.it.topics)}" if one.it.topics else "", f"asks {one.it.session.asked}"]
    if one.later is not one.it and answers_of(one.later.session) != answers_of(one.it.session):
        parts.append(f"later {dict(one.later.stored)}")
    return "; ".join(part for part in parts if part)
