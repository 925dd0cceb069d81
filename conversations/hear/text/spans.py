"""Spans: one value, a bound or a range, from the numbers of a message and the words around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from conversations.hear.numbers import Number

from .phrases import PhraseTag, Word

Item = Number | Word | PhraseTag

_BEFORE = {
    "at_least": "at_least",
    "at_most": "at_most",
    "more_than": "more_than",
    "less_than": "less_than",
    "absent": "less_than",  # "gak ada lima": there are not even five
    "to": "at_most",
}
_AFTER = {
    "or_more": "at_least",
    "more_than": "at_least",
    "or_less": "at_most",
    "at_least": "at_least",
    "at_most": "at_most",
}
_LINKS = frozenset({"to", "or", "sometimes"})


@dataclass(frozen=True, slots=True)
class Span:
    """The numbers of a message as one reading. ``kind``: exact, at_least, at_most, more_than, less_than (one number) or
    range (two, as said)."""

    kind: str
    numbers: tuple[Number, ...]
    approx: bool = False


def numbers_in(items: Sequence[Item]) -> list[Number]:
    """The numbers of a message, in order."""
    return [item for item in items if isinstance(item, Number)]


def has(items: Sequence[Item], *names: str) -> bool:
    """Whether a phrase of one of these lists was said."""
    return any(isinstance(item, PhraseTag) and item.name in names for item in items)


def below_zero(items: Sequence[Item]) -> bool:
    """Whether a message begins with a negative number: "-2", "minus tiga"."""
    if has(items, "negative"):
        return True
    return len(items) > 1 and isinstance(items[0], PhraseTag) and items[0].text == "-" and isinstance(items[1], Number)


def settled(items: Sequence[Item]) -> Sequence[Item] | None:
    """The items after the speaker's own corrections ("2 eh 3", "bukan 2 tapi 3"); None when they undo themselves."""
    corrections = [at for at, item in enumerate(items) if isinstance(item, PhraseTag) and item.name == "correction"]
    if corrections:
        items = items[corrections[-1] + 1 :]
        if not numbers_in(items):
            return None
    for at, item in enumerate(items[:-1]):
        if isinstance(item, PhraseTag) and item.name == "not_this" and isinstance(items[at + 1], Number):
            rest = items[at + 2 :]
            return rest if numbers_in(rest) and not numbers_in(items[:at]) else None
    return items


def span(items: Sequence[Item]) -> Span | None:
    """The one reading of the numbers; None without numbers, or when the words do not say how they belong together."""
    places = [at for at, item in enumerate(items) if isinstance(item, Number)]
    if not places:
        return None
    found = numbers_in(items)
    approx = has(items, "approx") or any(number.approx for number in found)
    before, after = _names(items[: places[0]]), _names(items[places[-1] + 1 :])
    if len(found) == 1:
        kind = _bound(before, after)
        return Span(kind, (found[0],), approx) if kind else None
    gaps = [items[left + 1 : right] for left, right in pairwise(places)]
    return _range(found, before, gaps, after, approx)


def _names(items: Sequence[Item]) -> set[str]:
    return {item.name for item in items if isinstance(item, PhraseTag)}


def _bound(before: set[str], after: set[str]) -> str:
    if before & {"sometimes", "between", "loosely"} or after & {"sometimes", "less_than"}:
        return ""
    bounds = {_BEFORE[name] for name in before if name in _BEFORE} | {_AFTER[name] for name in after if name in _AFTER}
    if "or" in after and not bounds:
        return ""
    return bounds.pop() if len(bounds) == 1 else "" if bounds else "exact"


def _range(
    found: list[Number], before: set[str], gaps: list[Sequence[Item]], after: set[str], approx: bool
) -> Span | None:
    first, last = found[0], found[-1]
    inside = [_names(gap) for gap in gaps]
    if len(found) == 2:
        limits = _limits(before, inside[0], after)
        if limits:
            return Span("range", (first, last) if limits == "rising" else (last, first), approx)
    if (before | after).union(*inside) & {"at_least", "at_most", "more_than", "less_than"}:
        return None
    if "between" in before and len(gaps) == 1 and inside[0] & {"and", "to", "or"}:
        return Span("range", (first, last), approx)
    if all(names & _LINKS for names in inside) or ("sometimes" in before | after and len(found) == 2):
        ordered = (first, last) if "to" in inside[0] else _by_size(first, last)
        return Span("range", ordered, approx)
    if len(found) == 2 and not gaps[0] and last.value / last.scale - first.value == 1 and first.scale == 1:
        return Span("range", (first, last), approx=approx)  # "dua tiga orang"
    return None


def _by_size(first: Number, last: Number) -> tuple[Number, Number]:
    """Two numbers by size, as "kadang 4 kadang 2" names no order; numbers of different scales are compared by the caller."""
    return (last, first) if first.scale == last.scale and first.value > last.value else (first, last)


def _limits(before: set[str], inside: set[str], after: set[str]) -> str:
    """Whether one number is called the least and the other the most: "rising", "falling" or "" for neither."""
    sides = (before, inside) if before & {"at_least", "at_most"} else (inside, after)
    if "at_least" in sides[0] and "at_most" in sides[1]:
        return "rising"
    return "falling" if "at_most" in sides[0] and "at_least" in sides[1] else ""
