"""Identity numbers: sixteen digits are a NIK, which nobody here needs. The person is told so, and none of it is kept."""

from __future__ import annotations

import re
from datetime import timedelta

from conversations.hear import split_number
from conversations.hear.split_number import SMALLEST_PIECE, WITHIN_SECONDS

from .core import Session, Turn
from .effects import DropWords, ForgetMe
from .turn_state import TurnState

# A code of ours (storage/engine/readable_codes.py), typed once more: its digits are no piece of a NIK. It has no 0 and no 1.
_OUR_CODE = re.compile(r"[A-Z]{2,3}-[2-9A-HJKMNP-Z]{6,10}", re.IGNORECASE | re.ASCII)
TOLD_WITHIN = timedelta(seconds=4 * WITHIN_SECONDS)  # within which a number may have been told piece by piece


def identity_number(state: TurnState) -> Turn | None:
    """Rung: a NIK in one message was masked before; the end of a NIK that earlier messages began is found here."""
    if state.heard.masked:
        return state.say("keep_your_nik")
    before = _just_before(state)
    if not before or _is_our_code(state.heard.text) or not split_number.goes_on(before, state.heard.text):
        return None
    turn = state.at(_without(state.session, before)).say("keep_your_nik")
    return turn._replace(effects=(DropWords(state.world.now - TOLD_WITHIN), *turn.effects))


def left_open(state: TurnState, turn: Turn) -> str:
    """The digits of this message that the next one may complete to a NIK, to be remembered until then; "" for none."""
    text = state.heard.text
    if not _just_before(state) and _answers_alone(state, turn):
        return ""
    if not text or _is_our_code(text) or any(isinstance(effect, DropWords | ForgetMe) for effect in turn.effects):
        return ""
    return split_number.left_open(_just_before(state), text)


def _answers_alone(state: TurnState, turn: Turn) -> bool:
    """Whether a short number was all that was said, and the open question took it: "1" for a programme is no piece of
    the number that is told next."""
    question, said = state.open, state.heard.text.strip(" .)")
    short = said.isdecimal() and len(said) < SMALLEST_PIECE
    return short and question is not None and question.key in turn.session.answers.keys() - state.session.answers.keys()


def _is_our_code(text: str) -> bool:
    return bool(_OUR_CODE.fullmatch(text.strip()))


def _just_before(state: TurnState) -> str:
    """The digits that the message right before left open; "" where it was too long ago."""
    recent = state.world.now.timestamp() - state.session.at <= WITHIN_SECONDS
    return state.session.digits if recent else ""


def _without(session: Session, pieces: str) -> Session:
    """The session without answers that are pieces of this NIK, and without words in which one may stand."""
    numbers = {_digits(piece) for piece in (pieces, *pieces.split("\n"), *pieces.split())} - {""}
    return session._replace(held="", fragment="").forget(
        *(key for key, value in session.answers.items() if _digits(value) in numbers)
    )


def _digits(value: object) -> str:
    return "".join(c for c in str(value) if c.isdecimal()).lstrip("0")
