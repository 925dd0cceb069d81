"""Twice the same: when two leads are likely to be one business, and which of two that are merged is kept.

Close are two leads of one regency

- with the same number; of one and the same owner, who may have two businesses, only in one trade as well;
- whose businesses have the same words, each compared by its sound, without those that many businesses share ("warung",
  "bu"): two such words in one district, or in one trade where a district was not told; a single one, "Warung Bu Siti",
  only in one district and one trade;
- whose owners have the same name of at least two words, in one district and one trade.

Two "warung makan" in Solo are not close: nothing is left of their names that tells one business from another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from .found_by import number, words
from .outcomes import AT_WORK, CLOSED, PAID, UNTAKEN, WAITING

UNDO_WITHIN = timedelta(days=1)  # in which a merging can be taken back
MOST = 2  # leads that a card names as perhaps the same

_WAY = (UNTAKEN, *AT_WORK, PAID)
_SOUNDS = (
    ("oe", "u"),
    ("dj", "j"),
    ("tj", "c"),
    ("ph", "f"),
    ("y", "i"),
    ("v", "f"),
    ("z", "j"),
    ("x", "ks"),
    ("q", "k"),
)
_TWICE = re.compile(r"(.)\1+")

Common = Callable[[str], bool]
"""Whether a word is one that many businesses share, or a form of address."""


def sound(word: str) -> str:
    """A word of a name as it sounds, however it is spelled.

    >>> sound("soember"), sound("rezeki") == sound("rejeki"), sound("barokkah") == sound("barokah")
    ('sumber', True, True)
    """
    for written, spoken in _SOUNDS:
        word = word.replace(written, spoken)
    return _TWICE.sub(r"\1", word)


def own_words(text: Any, common: Common) -> tuple[str, ...]:
    """The words of a business or a person that others do not share; the longest, which is likely the rarest, first."""
    return tuple(sorted((word for word in words(str(text or "")) if not common(word)), key=len, reverse=True))


def business(answers: Mapping[str, Any], common: Common) -> tuple[str, ...]:
    return own_words(answers.get("business_name"), common)


def owner(answers: Mapping[str, Any], common: Common) -> tuple[str, ...]:
    """The words of an owner's name; none of a name of one word, which many people have."""
    found = own_words((answers.get("name") or {}).get("name"), common)
    return found if len(found) > 1 else ()


def close(one: Mapping[str, Any], other: Mapping[str, Any], common: Common, *, one_owner: bool) -> bool:
    """Whether leads with these answers are likely one business. ``one_owner``: one person sent both."""
    if one.get("regency") != other.get("regency"):
        return number(one) == number(other) != "" and not one_owner
    same_trade = _trade(one) == _trade(other)
    if number(one) == number(other) != "" and (same_trade or not one_owner):
        return True
    districts = {one.get("district") or "", other.get("district") or ""}
    same_district, untold = len(districts) == 1 and "" not in districts, "" in districts
    named = _alike(business(one, common), business(other, common))
    if named > 1 and (same_district or (untold and same_trade)):
        return True
    called = 0 if one_owner else _alike(owner(one, common), owner(other, common))
    return bool(named or called) and same_district and same_trade


def _alike(some: tuple[str, ...], others: tuple[str, ...]) -> int:
    """How many words two names have, where they have the same; else 0."""
    sounds = set(map(sound, some))
    return len(sounds) if sounds == set(map(sound, others)) else 0


def _trade(answers: Mapping[str, Any]) -> str:
    return str((answers.get("sector") or {}).get("category", ""))


def how_far(status: str) -> int:
    """How far a lead has come, to keep the further of two: paid before open, along the way; an end without success comes
    last.

    >>> how_far("active") > how_far("interested") > how_far("new") > how_far("declined")
    True
    """
    if status in _WAY:
        return 1 + _WAY.index(status)
    return -1 if status in (*CLOSED, WAITING) else 0
