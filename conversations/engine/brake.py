"""The brake on one person's flood: a flood is answered once, then held back until it ends; each message is still heard.

How hastily somebody writes is a level that falls with time, ``Session.haste``. A turn that leads nowhere (chatter, the
same question again, a photo) raises the level more than one that leads on. Above ``FULL``, the says of turns are held
back: the last of them is said when the person has paused, so that a flood gets the answer to its last message.
"""

from __future__ import annotations

from .core import Document, Effect, Say, Session, Text, Toast, Turn
from .effects import (
    CallHuman,
    Complain,
    FindLeads,
    ForgetMe,
    HoldBack,
    ListBroadcasts,
    ListTasks,
    ListTasksOf,
    ListTeam,
    ListUntaken,
    Relay,
    ReportImpostor,
    ShowReport,
    SubmitLead,
)

FULL = 40
FALLS_IN = 60  # seconds in which the level falls from FULL to 0
LED_NOWHERE, LED_ON = 4, 1  # weights of a turn: FULL is ten of the first at once, or forty of the second

_SAYING = (Say, Document, Toast)
_TOLD_AT_ONCE = (ForgetMe, SubmitLead)  # effects whose says somebody must get, and cannot cause many times over
# Effects that another message of the same kind would bring again.
_ONLY_TELLING = (
    CallHuman,
    ReportImpostor,
    Complain,
    ListTeam,
    ListTasksOf,
    ListTasks,
    ListUntaken,
    ListBroadcasts,
    ShowReport,
    FindLeads,
    Relay,
)


def braked(before: Session, turn: Turn, now: int, *, at_work: bool = False) -> Turn:
    """The turn with the level after it, and with its says held back where the person floods. ``now``: epoch seconds.

    ``at_work``: an officer has pressed a button. Each press counts little, though another officer was faster: of twenty new
    leads somebody may lose the race for all, and must hear so of each.
    """
    level = fallen(before, now)
    was_full = level > FULL
    level += LED_ON if at_work else _weight(before, turn)
    effects = turn.effects
    if level > FULL and not any(isinstance(effect, _TOLD_AT_ONCE) for effect in effects):
        effects = _held_back(effects) if was_full else (Say(Text("flood")), *_held_back(effects))
        level = min(level, 2 * FULL) if was_full else 2 * FULL  # the flood is over after a quiet minute
    elif before.haste > FULL:
        effects = (*effects, HoldBack(()))
    return Turn(turn.session._replace(haste=level), effects)


def fallen(session: Session, now: int) -> int:
    """The level of a session at ``now`` (epoch seconds).

    >>> [fallen(Session("home", haste=60, at=100), now) for now in (90, 100, 130, 1000)]
    [60, 60, 40, 0]
    """
    return max(0, session.haste - max(0, now - session.at) * FULL // FALLS_IN)


def _weight(before: Session, turn: Turn) -> int:
    """The weight of a turn: low where it says nothing, or changes something; high where it only says something."""
    after = turn.session
    moved = any(getattr(after, name) != getattr(before, name) for name in ("dialogue", "answers", "asked", "about"))
    does = any(not isinstance(effect, (*_SAYING, CallHuman, ReportImpostor)) for effect in turn.effects)
    says = any(isinstance(effect, Say | Document | CallHuman) for effect in turn.effects)
    return LED_NOWHERE if says and not (moved or does) else LED_ON


def _held_back(effects: tuple[Effect, ...]) -> tuple[Effect, ...]:
    done = tuple(each for each in effects if not isinstance(each, (Say, Document, *_ONLY_TELLING)))
    said = tuple(each for each in effects if isinstance(each, Say | Document))
    if any(isinstance(each, Relay) for each in effects):
        said = (Say(Text("bridge.too_fast")), *said)
    return (*done, HoldBack(said)) if said else done
