"""The people of a business as somebody lists them: each number with its noun, and persons named without a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conversations.hear.text.phrases import PhraseTag
from conversations.hear.text.spans import Item

from .numbers import Number

PEOPLE = ("head", "staff", "kin", "several")
_LINKS = ("and", "plus", "include", "helped", "namely")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list of people. ``number`` is None for "istri"; ``nouns``: kinds of people named with it;
    ``link``: what joined the entry to the one before."""

    number: Number | None
    nouns: frozenset[str] = frozenset()
    link: str = ""


def people_only(items: Sequence[Item]) -> list[Item]:
    """The items with "saya" of "istri saya" dropped and "ibu" of "sama ibu" made a person; other forms of address are
    dropped."""
    out: list[Item] = []
    for item in items:
        before = out[-1] if out else None
        name = before.name if isinstance(before, PhraseTag) else ""
        if isinstance(item, PhraseTag) and item.name == "self" and name in PEOPLE:
            continue
        if isinstance(item, PhraseTag) and item.name == "address":
            if name in ("include", "helped"):
                out.append(PhraseTag("kin", item.text))
            continue
        out.append(item)
    return out


def entries(items: Sequence[Item]) -> list[Entry]:
    """The entries of a list of people: nouns stand before their numbers ("anak 2") or after ("2 anak"), not both in one
    message."""
    nouns_first = _nouns_first(items)
    found: list[Entry] = []
    link, open_entry = "", False
    for item in items:
        if isinstance(item, Number):
            if nouns_first and open_entry and found[-1].number is None:
                found[-1] = Entry(item, found[-1].nouns, found[-1].link)
            else:
                found.append(Entry(item, link=link))
            link, open_entry = "", True
        elif isinstance(item, PhraseTag) and item.name in PEOPLE:
            if open_entry and _joins(found[-1], item.name, nouns_first):
                found[-1] = Entry(found[-1].number, found[-1].nouns | {item.name}, found[-1].link)
            else:
                found.append(Entry(None, frozenset({item.name}), link))
            link, open_entry = "", True
        elif isinstance(item, PhraseTag) and item.name in _LINKS:
            link, open_entry = item.name, False
    return found


def _joins(entry: Entry, noun: str, nouns_first: bool) -> bool:
    """Whether a noun says more about the same people ("2 orang tukang") and does not begin others ("istri anak")."""
    if entry.number is None:
        return "kin" not in entry.nouns and noun != "kin"
    return noun == "head" or not nouns_first or not entry.nouns - {"head"}


def _nouns_first(items: Sequence[Item]) -> bool:
    told = [
        item
        for item in items
        if isinstance(item, Number) or (isinstance(item, PhraseTag) and item.name in PEOPLE and item.name != "head")
    ]
    return len(told) > 1 and isinstance(told[0], PhraseTag) and isinstance(told[-1], Number)
