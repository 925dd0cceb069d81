"""Notes for the officer that are no answers: why a question has none, and who answers for whom.

They stand among the answers under one key, and on the card and in the review in one line.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NOTES = "notes"  # {"unknown": [keys of questions], "refused": [keys], "kin": whom somebody else registers}

REASONS = ("unknown", "refused")  # why a question has no answer


def kin_of(answers: Mapping[str, Any]) -> str:
    """The key of the person for whom somebody else answers ("husband"); "" where owners answer for themselves."""
    return str((answers.get(NOTES) or {}).get("kin", ""))


def with_kin(answers: Mapping[str, Any], kin: str) -> dict[str, Any]:
    """The answers with a note that they are given for this person."""
    return {**answers, NOTES: {**(answers.get(NOTES) or {}), "kin": kin}}


def with_reason(answers: Mapping[str, Any], key: str, why: str) -> dict[str, Any]:
    """The answers with a note why the question of this key has none. ``why``: one of REASONS.

    >>> with_reason({"name": 1}, "district", "unknown")
    {'name': 1, 'notes': {'unknown': ['district']}}
    """
    notes = dict(answers.get(NOTES) or {})
    return {**answers, NOTES: {**notes, why: sorted({*notes.get(why, ()), key})}}


def still_without(answers: Mapping[str, Any], why: str) -> tuple[str, ...]:
    """The keys of questions that for this reason have no answer, and got none since."""
    noted = (answers.get(NOTES) or {}).get(why, ())
    return tuple(key for key in noted if answers.get(key) is None)
