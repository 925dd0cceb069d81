"""The book of every dialogue, by name."""

from __future__ import annotations

from conversations.engine.core import Book, Session
from conversations.engine.world import World

from .away import away_dialogue
from .compose import compose
from .finding import finding
from .handing import handing
from .home import calls, deletion, home, news
from .invited import binding
from .letters import answer
from .linking import linking
from .merging import merging
from .officer import followup
from .own_lead import giving_up, passing_on, reopening
from .registration import registration
from .remind_me import promise_dialogue
from .team import inviting
from .which_lead import which_lead

_ALL = (
    home,
    registration,
    news,
    calls,
    deletion,
    followup,
    promise_dialogue,
    handing,
    merging,
    away_dialogue,
    inviting,
    finding,
    compose,
    linking,
    binding,
    answer,
    giving_up,
    reopening,
    passing_on,
    which_lead,
)

BOOK: Book = {dialogue.name: dialogue for dialogue in _ALL}


def first_session(world: World) -> Session:
    """The first session of a person: at the registration; at home for a person with a lead or an office."""
    began = int(world.now.timestamp())
    return Session("home" if world.leads or world.officer else "registration", began=began)
