"""Reader of trades: what somebody does for a living, as one of fourteen categories.

The activity decides, not the goods: each part of the message is an activity ("jual", "bikin", "servis") with an object
("batik", "hp").
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from conversations.hear.text.readings import Unsure
from conversations.hear.text.words import clean

from .trade_words import Phrase, TradeWords

CATEGORIES = (
    "tani",
    "olah_makanan",
    "tekstil",
    "kerajinan",
    "bangunan",
    "bengkel",
    "dagang",
    "transport",
    "kuliner",
    "jasa_usaha",
    "pendidikan",
    "kesehatan",
    "jasa_perorangan",
    "lainnya",
)


_OPEN = ("general", "unknown")  # reasons without anything certain, so misspellings are worth a look


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade: ``category`` is one of CATEGORIES; ``said``: the person's own words, cleaned."""

    category: str
    said: str


@dataclass(frozen=True, slots=True)
class _TradePart:
    """One business as far as it was named: ``activity`` and ``kind`` are keys of the table, or ""."""

    activity: str = ""
    kind: str = ""
    cooked: bool = False


class Trades:
    """The reader of trades. Built from ``trades.toml``. Raises ValueError when a phrase stands in two lists or a
    category is none of the fourteen."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._activities: Mapping[str, Mapping[str, Any]] = table["activity"]
        self._objects: Mapping[str, Mapping[str, Any]] = table["object"]
        self._cooked: Mapping[str, Any] = table["cooked"]
        self._sidelines: Mapping[str, Sequence[str]] = table["sidelines"]
        self._words = TradeWords(_phrases(table), table["skip_after"].split())
        wrong = {self._objects[kind]["category"] for kind in self._objects} - set(CATEGORIES)
        if wrong:
            raise ValueError(f"no such category: {sorted(wrong)}")

    def read(self, text: str) -> Trade | Unsure:
        """The trade, or Unsure: ``why`` is "employee", "two" (with the categories as candidates), "general" or "unknown"."""
        sure = self._reading(text, guess=False)
        reading = self._reading(text, guess=True) if isinstance(sure, Unsure) and sure.why in _OPEN else sure
        return Trade(reading, clean(text)) if isinstance(reading, str) else reading

    def knows(self, word: str) -> bool:
        """Whether a word (no capitals) stands in the words of trades."""
        return self._words.knows(word)

    def _reading(self, text: str, guess: bool) -> str | Unsure:
        for said in _latest_first(self._words.phrases(self._words.words(text, guess))):
            reading = self._category(said)
            if isinstance(reading, str) or reading.why != "unknown":
                return reading
        return Unsure(why="unknown")

    def _category(self, found: Sequence[Phrase]) -> str | Unsure:
        told = [phrase for phrase in found if phrase.mark != "filler"]
        if not told:
            return Unsure(why="unknown")
        retired = told[0].mark == "pensioner"
        if told[0].mark == "employee":
            return Unsure(why="employee")
        parts = _joined(_parts(told, self._rank), self._rank, self._alone)
        named = [(category, part) for part in parts if (category := self._of(part))]
        if not named:
            employed = retired or any(phrase.mark == "employee" for phrase in told)
            return Unsure(why="employee" if employed else _vague(told))
        return self._one_of(named)

    def _rank(self, activity: str) -> int:
        return int(self._activities[activity]["rank"]) if activity else 0

    def _alone(self, activity: str) -> bool:
        return "alone" in self._activities.get(activity, {})

    def _one_of(self, named: Sequence[tuple[str, _TradePart]]) -> str | Unsure:
        first, main = named[0]
        belong = self._sidelines.get(main.kind, ())
        others = [category for category, part in named[1:] if category != first and part.kind not in belong]
        return Unsure(tuple(dict.fromkeys((first, *others))), "two") if others else first

    def _of(self, part: _TradePart) -> str:
        """The category of one part, "" when it says too little.

        An activity may be sure of its category whatever the object (teaching); else an object may be a trade by itself
        ("salon"), know the activity, or leave it to the activity.
        """
        activity = self._activities.get(part.activity, {})
        if not part.kind:
            return str(activity.get("alone", ""))
        kind = self._objects[part.kind]
        if part.cooked and part.kind in self._cooked["objects"] and part.activity in self._cooked["activities"]:
            return str(self._cooked["category"])
        sure = activity.get("always") or kind.get(part.activity)
        if sure or kind.get("own"):
            return str(sure or kind["category"])
        return str(activity.get("any") or kind["category"])


def _phrases(table: Mapping[str, Any]) -> dict[str, Phrase]:
    phrases: dict[str, Phrase] = {}
    for name, kind in table["object"].items():
        for said in kind["words"]:
            if said in phrases and phrases[said].kind != name:
                raise ValueError(f"{said!r} is both {phrases[said].kind} and {name}")
            phrases[said] = Phrase(kind=name)
    for name, activity in table["activity"].items():
        for said in activity["words"]:
            phrases[said] = Phrase(activity=name, kind=phrases.get(said, Phrase()).kind)
    marks = {
        "filler": table["fillers"].split(),
        "connector": table["connectors"].split(),
        "general": table["general"],
        "employee": table["employee"],
        "pensioner": table["pensioner"],
        "cooked": table["cooked"]["words"],
        "correction": table["corrections"],
        "past": table["past"],
        "not_this": table["not_this"],
    }
    for mark, words in marks.items():
        for said in words:
            phrases.setdefault(said, Phrase(mark=mark))
    return phrases


def _latest_first(found: Sequence[Phrase]) -> Iterator[Sequence[Phrase]]:
    """The phrases about the present ("dulu bakso, sekarang laundry") before the others; a denial alone says nothing."""
    marks = [phrase.mark for phrase in found]
    if "correction" in marks:
        at = len(marks) - marks[::-1].index("correction")
        yield found[at:]
    if "not_this" in marks:
        yield found[: marks.index("not_this")]
        return
    yield found[: marks.index("past")] if "past" in marks[1:] else found


def _parts(told: Iterable[Phrase], rank: Callable[[str], int]) -> list[_TradePart]:
    """The parts, cut at every connector, and before an activity that follows an object; of several activities the most
    telling."""
    parts: list[_TradePart] = []
    here: list[Phrase] = []
    for phrase in [*told, Phrase(mark="connector")]:
        if here and (phrase.mark == "connector" or (phrase.activity and any(_is_object(seen) for seen in here))):
            activity = max((seen.activity for seen in here), key=rank)
            kinds = [seen.kind for seen in here if _is_object(seen)] or [seen.kind for seen in here if seen.kind]
            parts.append(_TradePart(activity, kinds[0] if kinds else "", any(seen.mark == "cooked" for seen in here)))
            here = []
        if phrase.mark != "connector":
            here.append(phrase)
    return [part for part in parts if part.activity or part.kind]


def _is_object(phrase: Phrase) -> bool:
    return bool(phrase.kind) and not phrase.activity


def _joined(parts: Sequence[_TradePart], rank: Callable[[str], int], alone: Callable[[str], bool]) -> list[_TradePart]:
    """Parts joined: a part without activity shares the one before ("jual baju dan sepatu"); an activity without object
    that is no trade of its own joins the object beside it ("produksi dan jual batik" is producing)."""
    joined: list[_TradePart] = []
    waiting = ""
    for part in parts:
        activity = part.activity
        if not part.kind and not alone(activity):
            if joined and not joined[-1].activity:
                joined[-1] = replace(joined[-1], activity=activity)
            waiting = max(waiting, activity, key=rank)
            continue
        if not activity and joined:
            activity = joined[-1].activity
        joined.append(replace(part, activity=max(activity, waiting, key=rank)))
        waiting = ""
    if waiting and joined and rank(waiting) > rank(joined[-1].activity) and joined[-1].kind:
        joined[-1] = replace(joined[-1], activity=waiting)
    return joined


def _vague(told: Iterable[Phrase]) -> str:
    return "general" if any(phrase.activity or phrase.mark == "general" for phrase in told) else "unknown"
