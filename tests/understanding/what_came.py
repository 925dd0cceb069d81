"""What came of words: the answers that a session keeps now, what was done, and which topics answered.

It looks at the session's keys and at the effects, never at which question holds an answer: where two questions are made
one, nothing changes here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from conversations.dialogues.registration import registration
from conversations.engine.core import Say, Session, Turn
from conversations.engine.effects import CallHuman, ChangeLead, ForgetMe, StopMessages, SubmitLead
from conversations.engine.world import Lead

BINDING = frozenset({"sent", "refused", "left", "stop", "delete_data", "cancel"})  # what ends or hands on something
ASIDE = frozenset({"consent", "confirm", "notes"})  # what is kept and says nothing of an owner

# What is done, by the head of the key of the sentence that tells of it.
_TOLD = {
    "human": "human",
    "status": "status",
    "cancelled": "cancel",
    "again": "again",
    "another": "another",
    "withdraw": "withdraw",
    "data": "show_data",
    "back": "back",
}


_SENTENCES = {"registration.notice": "notice", "correct.which": "which", "registration.confirm.which": "which"}


@dataclass(frozen=True, slots=True)
class Came:
    """``stored``: answers that are new or other than before. ``removed``: those that are asked again."""

    stored: Mapping[str, Any]
    removed: frozenset[str]
    done: frozenset[str]
    topics: frozenset[str]
    session: Session


def came(before: Session, turn: Turn) -> Came:
    """What a turn of the registration changed."""
    return came_of((before, turn.session), turn.effects, answers_of(before), answers_of(turn.session))


def came_of(
    sessions: tuple[Session, Session], effects: tuple[Any, ...], old: Mapping[str, Any], new: Mapping[str, Any]
) -> Came:
    """What one or several turns changed, from the first session and its answers, ``old``, to the last and its, ``new``;
    ``effects`` are those of all turns."""
    before, after = sessions
    keys = [effect.text.key for effect in effects if isinstance(effect, Say)]
    stored = {key: value for key, value in new.items() if key not in old or not _same(old[key], value)}
    removed = frozenset(key for key in old if key not in new)
    over = any(isinstance(effect, SubmitLead | ForgetMe) for effect in effects) or after.dialogue in ("home", "news")
    if over and before.dialogue == "registration":  # what is left of a registration that is over is no answer
        stored, removed = {}, frozenset()
    topics = frozenset(key.split(".")[1] for key in keys if key.startswith("faq."))
    return Came(stored, removed, frozenset(_done(before, after, effects, keys, removed)), topics, after)


def _same(old: Any, new: Any) -> bool:
    """Whether an answer is unchanged: of an income, which a lead keeps as brackets and a session as an amount, that is so
    wherever the two forms meet."""
    return bool(old == new) or {type(old), type(new)} == {list, dict}


def answers_of(session: Session, leads: Sequence[Lead] = ()) -> Mapping[str, Any]:
    """The answers of the registration in hand, also where another dialogue stands on top of it; else of the last lead."""
    own = next((s for s in (session, session.under) if s and s.dialogue == "registration"), None)
    if own:
        return own.answers
    return leads[-1].answers if leads else {}


def after_changes(leads: Sequence[Lead], effects: tuple[Any, ...]) -> Sequence[Lead]:
    """The leads once the changes among these effects are stored."""
    changed = {effect.code: effect.answers for effect in effects if isinstance(effect, ChangeLead)}
    return [replace(lead, answers=changed.get(lead.code, lead.answers)) for lead in leads]


def _done(
    before: Session, after: Session, effects: tuple[Any, ...], keys: list[str], removed: frozenset[str]
) -> Iterator[str]:
    yield from filter(None, map(_by_effect, effects))
    yield from filter(None, map(_told, keys))
    if after.dialogue == "deletion":
        yield "delete_data"
    yield from _moved(before, after, removed)


def _by_effect(effect: Any) -> str:
    match effect:
        case SubmitLead():
            return "sent"
        case StopMessages(stopped=True):
            return "stop"
        case CallHuman():
            return "human"
        case ForgetMe(why="asked"):
            return "delete_data"
    return ""


def _told(key: str) -> str:
    """What was done, by the sentence that tells of it."""
    head, _, rest = key.partition(".")
    if head == "talk":
        return rest
    if key.startswith("registration.left."):
        return "refused" if key.endswith(".consent") else "left"
    if key.endswith(".hint"):
        return "help"
    return _SENTENCES.get(key) or _TOLD.get(head, "")


def _moved(before: Session, after: Session, removed: frozenset[str]) -> Iterator[str]:
    """Earlier answers that are open again: to be changed, or because the person went back."""
    if after.dialogue == "registration" and before.dialogue == "home" and after.about:
        yield f"change:{after.asked}" if after.asked in after.undo else "change_lead"
    for key in removed:
        if key in after.undo:
            yield f"change:{key}"
        elif key == after.asked and registration.question(key):
            yield "back"
    if before.asked == "confirm" and after.dialogue == "registration" and after.asked != "confirm":
        yield f"change:{after.asked}"
