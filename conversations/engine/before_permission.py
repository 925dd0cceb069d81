"""What people tell before they were asked whether it may be kept: held, sealed in the session, until they answer that.

It is taken up with a yes ("Kami catat juga: ..."); a no, an end, an erasure or a number of an identity card drops it. Several
first messages belong together ("p", "saya punya warung", "di solo").
"""

from __future__ import annotations

from typing import Any

from .answers.unasked import PERMISSION, told
from .core import Dialogue, NotUnderstood, Question, Session, Turn
from .effects import ForgetMe
from .turn_state import TurnState

MOST_LETTERS = 500  # held of all first messages together, the latest
_LINE = "\n"


def held(state: TurnState, turn: Turn) -> str:
    """What is held after this turn of typed words: these besides what was held before; "" once the permission is given
    or refused."""
    waited = state.session.dialogue == "home" or _waits(state.session, state.dialogue)
    waits = waited and _waits(turn.session, state.book[turn.session.dialogue])
    if not waits or any(isinstance(effect, ForgetMe) for effect in turn.effects):
        return ""
    return _LINE.join(filter(None, (state.session.held, " ".join(state.heard.text.split()))))[-MOST_LETTERS:]


def only_tells(state: TurnState) -> bool:
    """Whether these words neither ask something nor command it: "mau tanya bpjs", "saya punya warung makan di solo"."""
    text = state.heard.text
    if not state.world.knows.ear.intents.wants_reply(text):
        return True
    return "?" not in text and bool(told(state.dialogue, PERMISSION, text, state.scene))


def nothing_but_told(state: TurnState, question: Question, label: str, tried: Any) -> bool:
    """Whether words at the question for the permission answer it in no way, and tell something for later: "saya punya
    warung makan di solo"."""
    if question.key != PERMISSION or not isinstance(tried, NotUnderstood) or label.partition(":")[0] in _ACTS:
        return False
    return only_tells(state) and bool(told(state.dialogue, PERMISSION, state.heard.text, state.scene))


# What a message may be about that tells nothing for later.
_ACTS = frozenset({"register", "greeting", "thanks", "abuse", "language"})


def _waits(session: Session, dialogue: Dialogue) -> bool:
    return dialogue.question(PERMISSION) is not None and PERMISSION not in session.answers
