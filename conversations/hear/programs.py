"""Reader of the programme: which of the two offers somebody wants, or that the officer shall explain them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from conversations.hear.text.phrases import TOO_LONG, Phrases, PhraseTag, Word, too_long
from conversations.hear.text.readings import Unsure
from conversations.hear.text.spans import Item, numbers_in, settled

from .numbers import Number, Numbers

Program = Literal["two", "three", "explain"]

_BORNE = 2  # unread words beside a programme that is named
_OFFERS: tuple[Program, Program] = ("two", "three")


class Programs:
    """The reader of programmes. ``table`` is ``programs.toml``: ``[phrases]`` by tag, and ``[contributions]`` in rupiah
    per offer."""

    def __init__(self, numbers: Numbers, table: Mapping[str, Any]) -> None:
        self._numbers = numbers
        corrections = {name: numbers.around[name] for name in ("correction",) if name in numbers.around}
        self._phrases = Phrases({**corrections, **table["phrases"]})
        self._beside = frozenset(table.get("beside", {}).get("words", ()))
        self._prices: dict[int, Program] = {
            rupiah: offer for offer in _OFFERS for rupiah in table.get("contributions", {}).get(offer, ())
        }

    def read(self, text: str) -> Program | Unsure:
        """``two`` is JKK and JKM, ``three`` adds JHT, ``explain`` leaves the choice to the officer.

        Unsure.why: long, nothing, other, one, unclear.
        """
        pieces = () if too_long(text) else self._numbers.pieces(text)
        if too_long(text) or len(pieces) > TOO_LONG:
            return Unsure(why="long")
        items: Sequence[Item] = self._phrases.tagged(pieces)
        if numbers_in(items):
            items = settled(items) or ()
        names = [item.name for item in items if isinstance(item, PhraseTag)]
        if "other" in names:
            return Unsure(why="other")
        if "explain" in names:
            return "explain"
        votes = self._votes(items, names)
        if len(votes) != 1 or "doubt" in names:
            return Unsure(_OFFERS if votes else (), why="unclear" if votes else "nothing")
        if self._unread(items) > (_BORNE if _named_at_all(names) else 0):
            return Unsure(_OFFERS, why="unclear")
        vote = votes.pop()
        return vote if vote in ("two", "three") else Unsure(why="one")

    def _unread(self, items: Sequence[Item]) -> int:
        """How many words are left that nothing explains."""
        return sum(isinstance(item, Word) and item.text.isalpha() and item.text not in self._beside for item in items)

    def _votes(self, items: Sequence[Item], names: Sequence[str]) -> set[Any]:
        votes: set[Any] = {name for name in names if name in _OFFERS}
        if "without" in names and votes:  # "jangan yang murah" leaves open which one
            return {"not"}
        named = {name for name in names if name in ("jkk", "jkm", "jht")}
        if named:
            votes.add(_named(items, named))
        votes |= {offer for name, offer in (("first", "two"), ("second", "three")) if name in names}
        if "third" in names:
            votes.add("one")
        if "all_three" in names:  # "tiga-tiganya"
            return votes | {"three"}
        if "both" in names:  # both programmes of the smaller offer, or both offers?
            return votes | {"both"}
        votes |= {self._of_number(item, names) for item in items if isinstance(item, Number)}
        return votes

    def _of_number(self, number: Number, names: Sequence[str]) -> Program | Literal["one"]:
        """The offer of a number: a bare number is a button, "N program" is how many, and an amount is the contribution."""
        whole = number.whole
        if whole is None:
            return "one"
        if whole >= 1000:
            return self._prices.get(whole, "one")
        if "program" in names and "number" not in names:
            return "two" if whole == 2 else "three" if whole == 3 else "one"
        return "two" if whole == 1 else "three" if whole == 2 else "one"


def _named_at_all(names: Sequence[str]) -> bool:
    """Whether a programme was named, beside which a few more words say what it is for."""
    return any(name in ("jkk", "jkm", "jht", "program") for name in names)


def _named(items: Sequence[Item], named: set[str]) -> str:
    """The offer that holds the programmes named; one alone is none of the offers, save JHT added to the rest."""
    if "jht" in named:
        before = [item.name for item in items[: _place(items, "jht")] if isinstance(item, PhraseTag)]
        if "without" in before and not named & set(before[before.index("without") :]):
            return "two"
        if "without" in before:
            return "one"
        if _after(items, "jht") == "without":  # "jht gak usah"
            return "two"
        alone = any(isinstance(item, PhraseTag) and item.name == "alone" for item in items)
        added = "with" in before or len(named) == 3
        return "three" if len(named) == 3 or (added and len(named) == 1 and not alone) else "one"
    return "two" if named == {"jkk", "jkm"} and not _denied(items) else "one"


def _denied(items: Sequence[Item]) -> bool:
    return any(isinstance(item, PhraseTag) and item.name == "without" for item in items)


def _place(items: Sequence[Item], name: str) -> int:
    return next(at for at, item in enumerate(items) if isinstance(item, PhraseTag) and item.name == name)


def _after(items: Sequence[Item], name: str) -> str:
    """The list of the phrase right behind the first phrase of the list ``name``; "" for none."""
    following = items[_place(items, name) + 1 :][:1]
    return following[0].name if following and isinstance(following[0], PhraseTag) else ""
