"""Notes for the officer that are no answers: why a question has none, and who answers for whom.

A session keeps them beside its answers; a scene and a lead have them among these, under one key. They are shown in the
review and on the card.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NOTES = (
    "notes"  # {"unknown": [keys of questions], "refused": [keys], "kin": whom somebody else registers, "pay": see PAY}
)

PAY = "pay"  # the key of how workers are paid, where it is not plain money by time: one of PAYS
PAYS = ("share", "piece")
REASONS = ("unknown", "refused")  # why a question has no answer


def kin_of(answers: Mapping[str, Any]) -> str:
    """The key of the person for whom somebody else answers ("husband"); "" where owners answer for themselves."""
    return str((answers.get(NOTES) or {}).get("kin", ""))


def pay_of(answers: Mapping[str, Any]) -> str:
    """How the workers are paid, as a key of PAYS; "" where that was not told, or they are not paid."""
    paid = answers.get("wages") in ("all", "some")
    return str((answers.get(NOTES) or {}).get(PAY, "")) if paid else ""


def with_reason(notes: Mapping[str, Any], key: str, why: str) -> dict[str, Any]:
    """The notes with why the question of this key has no answer. ``why``: one of REASONS.

    >>> with_reason({"kin": "wife"}, "district", "unknown")
    {'kin': 'wife', 'unknown': ['district']}
    """
    return {**notes, why: sorted({*notes.get(why, ()), key})}


def still_without(answers: Mapping[str, Any], why: str) -> tuple[str, ...]:
    """The keys of questions that for this reason have no answer, and got none since."""
    noted = (answers.get(NOTES) or {}).get(why, ())
    return tuple(key for key in noted if answers.get(key) is None)
