"""One person's flood: answered once, then nothing is said until it ends; each message is heard all the same.

How hastily somebody writes is a level that falls with time, ``Session.haste``. A turn that leads nowhere (chatter, the same
question again, a photo) raises it more than one that does. Once it is full, what turns say is held back: the last of it is
said when that person has stopped for a moment, so that a flood gets the answer to its last message.
"""

from __future__ import annotations

from .core import Document, Effect, Say, Session, Text, Toast, Turn
from .effects import CallHuman, ForgetMe, HoldBack, ListBroadcasts, ListTasks, ListUntaken, SubmitLead

FULL = 40
FALLS_IN = 60  # seconds, from full to nothing
LED_NOWHERE, LED_ON = 4, 1  # ten of the one at once, or forty of the other, and as many in a minute

_SAYING = (Say, Document, Toast)
_TOLD_AT_ONCE = (ForgetMe, SubmitLead)  # what somebody must know, and cannot have said many times over
_ONLY_TELLING = (
    CallHuman,
    ListTasks,
    ListUntaken,
    ListBroadcasts,
)  # what another message of the same would bring again


def braked(before: Session, turn: Turn, now: int) -> Turn:
    """The turn with the level after it; with what it says held back where this person floods. ``now``: epoch seconds."""
    level = fallen(before, now)
    was_full = level > FULL
    level += _weight(before, turn)
    effects = turn.effects
    if level > FULL and not any(isinstance(effect, _TOLD_AT_ONCE) for effect in effects):
        effects = _held_back(effects) if was_full else (Say(Text("flood")), *_held_back(effects))
        level = min(level, 2 * FULL) if was_full else 2 * FULL  # it is over when a quiet minute has passed
    elif before.haste > FULL:
        effects = (*effects, HoldBack(()))
    return Turn(turn.session._replace(haste=level), effects)


def fallen(session: Session, now: int) -> int:
    """The level by now.

    >>> [fallen(Session("home", haste=60, at=100), now) for now in (90, 100, 130, 1000)]
    [60, 60, 40, 0]
    """
    return max(0, session.haste - max(0, now - session.at) * FULL // FALLS_IN)


def _weight(before: Session, turn: Turn) -> int:
    """A turn that says nothing costs little; one that says something must have changed something."""
    after = turn.session
    moved = any(getattr(after, name) != getattr(before, name) for name in ("dialogue", "answers", "asked", "about"))
    does = any(not isinstance(effect, (*_SAYING, CallHuman)) for effect in turn.effects)
    says = any(isinstance(effect, Say | Document | CallHuman) for effect in turn.effects)
    return LED_NOWHERE if says and not (moved or does) else LED_ON


def _held_back(effects: tuple[Effect, ...]) -> tuple[Effect, ...]:
    done = tuple(each for each in effects if not isinstance(each, (Say, Document, *_ONLY_TELLING)))
    said = tuple(each for each in effects if isinstance(each, Say | Document))
    return (*done, HoldBack(said)) if said else done
