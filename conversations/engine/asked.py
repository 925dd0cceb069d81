"""What happened at the questions of a registration in one turn, to be counted without a person.

A question counts as shown, and as answered, once a visit; what is changed afterwards counts as edited.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .core import Book, Session, Turn
from .effects import SubmitLead
from .patience import ASIDE, MISS

COUNTED = "registration"  # the dialogue whose questions are counted
EVENTS = ("shown", "answered", "again", "help", "edited")


class AtQuestion(NamedTuple):
    """One event at one question ("dialogue.question")."""

    question: str
    event: str


def happened(before: Session, turn: Turn, book: Book) -> Iterator[AtQuestion]:
    """What happened in the turn that led from this session to the turn's."""
    was, now = _registration(before), _registration(turn.session)
    if was and now and was.began != now.began:
        was = None  # begun anew
    if was is None and now is None:
        return
    asked, asks = was.asked if was else "", now.asked if now else ""
    old, new = (each.answers if each else {} for each in (was, now))
    old_undo, undo = (each.undo if each else {} for each in (was, now))
    sent = any(isinstance(effect, SubmitLead) for effect in turn.effects)
    for question in book[COUNTED].questions:
        key = question.key
        name = f"{COUNTED}.{key}"
        if key == asks and key != asked and key not in undo and key not in old:
            yield AtQuestion(name, "shown")
        if key == asked and key not in old_undo and ((key in new and key not in old) or (sent and now is None)):
            yield AtQuestion(name, "answered")
        if (key in undo and key not in old_undo) or (key in old and key in new and old[key] != new[key]):
            yield AtQuestion(name, "edited")
        if key == asked == asks and was and now and key not in new:
            if now.misses - was.misses >= MISS:
                yield AtQuestion(name, "again")
            elif now.misses - was.misses >= ASIDE:
                yield AtQuestion(name, "help")


def _registration(session: Session) -> Session | None:
    """The registration that runs, or waits below what runs."""
    if session.dialogue == COUNTED:
        return session
    return session.under if session.under and session.under.dialogue == COUNTED else None
