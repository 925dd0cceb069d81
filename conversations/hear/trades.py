"""Reader of trades: what somebody does for a living, as one of fourteen categories.

The activity decides, not the goods: each part of the message is an activity ("jual", "bikin", "servis") with an object
("batik", "hp").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from conversations.hear.text.readings import Unsure
from conversations.hear.text.words import clean

from .everyday import Everyday
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


SELLING = "dagang"
CARRYING = "transport"  # the category of those who carry, and of some who do not
_SELLING = frozenset({"sell", "stall", "order"})
_SAYS_NOTHING = frozenset({"filler", "beside", "told", "everyday", "name"})  # marks of what is no word of a trade
_BRIEF = 5  # words of a message that names a trade and little else
_DEALING = frozenset({"sell", "trade", "shop", "stall", "offer"})
_CHAIN = 3  # objects in a row that are materials and steps of one trade
_MEANS = "means"  # the kind of what any trade uses, dropped beside other goods
_OPEN = ("general", "unknown")  # reasons without anything certain, so misspellings are worth a look


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade: ``category`` is one of CATEGORIES; ``said``: the person's own words, cleaned; ``drives``: whether people
    or goods are carried for pay, as these words say; ``doing``: whether they hold a word of doing ("menjual …")."""

    category: str
    said: str
    drives: bool = False
    doing: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class _TradePart:
    """One business as far as it was named: ``activity`` and ``kind`` are keys of the table, or ""."""

    activity: str = ""
    kind: str = ""
    cooked: bool = False
    sold: bool = False  # also in the same words: "membuat dan menjual"
    shared: bool = False  # the activity of the part before: "membuat keripik pisang dan singkong"
    aside: bool = False  # no object, and said in one breath with the part before: "ayam kampung, ternak sendiri"


class Trades:
    """The reader of trades. Built from ``trades.toml`` and the ``everyday`` words of the language. Raises ValueError when
    a phrase stands in two lists or a category is none of the fourteen."""

    def __init__(self, table: Mapping[str, Any], everyday: Everyday) -> None:
        self._activities: Mapping[str, Mapping[str, Any]] = table["activity"]
        self._objects: Mapping[str, Mapping[str, Any]] = table["object"]
        self._cooked: Mapping[str, Any] = table["cooked"]
        self._sidelines: Mapping[str, Sequence[str]] = table["sidelines"]
        self._above: Mapping[str, Sequence[str]] = table["above"]
        self._words = TradeWords(_phrases(table), table["skip_after"].split(), everyday, _marked(table))
        wrong = {self._objects[kind]["category"] for kind in self._objects} - set(CATEGORIES)
        if wrong:
            raise ValueError(f"no such category: {sorted(wrong)}")

    def read(self, text: str) -> Trade | Unsure:
        """The trade, or Unsure: ``why`` is "employee", "two" (with the categories as candidates), "general" or "unknown"."""
        sure = self._reading(text, guess=False)
        reading = self._reading(text, guess=True) if isinstance(sure, Unsure) and sure.why in _OPEN else sure
        if isinstance(reading, Unsure):
            return reading
        category, part = reading
        return Trade(category, clean(text), category == CARRYING and self._drives(part), bool(part.activity))

    def _drives(self, part: _TradePart) -> bool:
        objects, activities = self._objects.get(part.kind, {}), self._activities.get(part.activity, {})
        return bool(objects.get("drives") or activities.get("drives"))

    def knows(self, word: str) -> bool:
        """Whether a word (no capitals) stands in the words of trades."""
        return self._words.knows(word)

    def _reading(self, text: str, guess: bool) -> tuple[str, _TradePart] | Unsure:
        for said in _latest_first(self._words.phrases(text, guess)):
            reading = self._category(said, guess)
            if not isinstance(reading, Unsure) or reading.why != "unknown":
                return reading
        return Unsure(why="unknown")

    def _category(self, found: Sequence[Phrase], guess: bool) -> tuple[str, _TradePart] | Unsure:
        told = [phrase for phrase in found if phrase.mark not in _SAYS_NOTHING]
        if not told:
            return Unsure(why="unknown")
        retired = told[0].mark == "pensioner"
        if told[0].mark == "employee":
            return Unsure(why="employee")
        said = self._parts(told)
        parts = _joined(said, self._rank, self._alone)
        if any(phrase.activity in _SELLING for phrase in told):
            parts = [replace(part, sold=part.activity == "make") for part in parts]
        named = [(category, part) for part in parts if (category := self._of(part))]
        if not named:
            employed = retired or any(phrase.mark == "employee" for phrase in told)
            return Unsure(why="employee" if employed else _vague(told))
        guessed = guess and any(phrase.mark in _SAYS_NOTHING and phrase.mark != "filler" for phrase in found)
        if guessed or not self._tells_a_trade(told, found):
            return Unsure(why="unknown")
        return self._one_of([*named, *self._unnamed_shop(said, named)])

    def _unnamed_shop(
        self, said: Sequence[_TradePart], named: Sequence[tuple[str, _TradePart]]
    ) -> list[tuple[str, _TradePart]]:
        """A shop of which nothing more is said, beside a trade that needs none: "ojek sama warung"."""
        if not self._is_own(named[0][1].kind):
            return []
        return [
            (SELLING, part)
            for part in said[1:]
            if part.activity in ("stall", "shop") and not part.kind and not part.aside
        ]

    def _tells_a_trade(self, told: Sequence[Phrase], found: Sequence[Phrase]) -> bool:
        """Whether the words of trades (``told``) are what the message (``found``) is about.

        Goods alone bear no everyday word beside them ("nasinya enak"); with a word of doing they bear as many as there
        are goods.
        """
        others = Counter(phrase.mark for phrase in found)
        goods = [phrase for phrase in told if phrase.kind]
        doing = any(phrase.activity or phrase.mark == "general" for phrase in told)
        if doing:
            alone = len(found) <= _BRIEF and any(self._alone(phrase.activity) for phrase in told)  # "les baca anak"
            return others["everyday"] <= max(len(goods), int(alone))
        own = any(self._is_own(phrase.kind) for phrase in goods)
        led = bool(told[0].kind) and self._is_own(told[0].kind)
        bears = 1 if led and len(found) <= _BRIEF else 0  # "kos putri 10 kamar"
        if others["everyday"] > bears or (others["told"] and not own):
            return False
        return any(phrase.mark != "weak" for phrase in goods)

    def _parts(self, told: Iterable[Phrase]) -> list[_TradePart]:
        """The parts, cut at every connector, and before an activity that follows an object."""
        parts: list[_TradePart] = []
        here: list[Phrase] = []
        aside = False
        for phrase in [*told, Phrase(mark="connector")]:
            if here and (phrase.mark == "connector" or (phrase.activity and any(map(_is_object, here)))):
                parts.append(self._part(here, aside))
                here, aside = [], phrase.mark != "connector"
            if phrase.mark != "connector":
                here.append(phrase)
        return [part for part in parts if part.activity or part.kind]

    def _part(self, here: Sequence[Phrase], aside: bool) -> _TradePart:
        """One part: of several activities the most telling, of several objects the first, unless all are steps of one
        trade."""
        kinds = [seen.kind for seen in here if _is_object(seen)] or [seen.kind for seen in here if seen.kind]
        chain = [kind for kind in kinds if self._objects[kind].get("chain")] if len(kinds) >= _CHAIN else []
        activities = [seen.activity for seen in here]
        if not kinds:
            activities = [activity for activity in activities if self._alone(activity)] or activities
        activity = max(activities, key=self._rank)
        cooked = any(seen.mark == "cooked" for seen in here)
        return _TradePart(activity, (*chain, *kinds, "")[0], cooked, aside=aside and not kinds)

    def _is_own(self, kind: str) -> bool:
        return bool(self._objects.get(kind, {}).get("own"))

    def _rank(self, activity: str) -> int:
        return int(self._activities[activity]["rank"]) if activity else 0

    def _alone(self, activity: str) -> bool:
        return "alone" in self._activities.get(activity, {})

    def _one_of(self, named: Sequence[tuple[str, _TradePart]]) -> tuple[str, _TradePart] | Unsure:
        named = [each for each in named if each[1].kind != _MEANS and not each[1].aside] or named
        first, main = self._main(named)
        others = [category for category, part in named if category != first and not self._belongs(first, main, part)]
        return Unsure(tuple(dict.fromkeys((first, *others))), "two") if others else (first, main)

    def _main(self, named: Sequence[tuple[str, _TradePart]]) -> tuple[str, _TradePart]:
        """The part that the others belong to: the first, but for one that what follows is above, or is made of."""
        first = named[0][1]
        if not first.activity and not self._is_own(first.kind):
            made = next((each for each in named[1:] if each[1].activity == "make"), None)
            if made:
                return made
        above = self._above.get(first.kind, ())
        return next((each for each in named[1:] if each[1].kind in above), named[0])

    def _belongs(self, first: str, main: _TradePart, part: _TradePart) -> bool:
        """Whether a part is no second business: a sideline, or the sale of what is made."""
        made = self._objects.get(part.kind, {}).get("category") == first and part.activity in ("", "sell", "order")
        # Who deals in two things has two businesses, and what is a trade by itself is one.
        shared = part.shared and part.activity not in _DEALING and not self._is_own(part.kind)
        same = part.kind == main.kind and {part.activity, main.activity} <= _DEALING
        return made or shared or same or part.kind in self._sidelines.get(main.kind, ())

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
        sure = (
            activity.get("always") or (part.sold and kind.get("sold")) or kind.get(activity.get("like", part.activity))
        )
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
        "filler": [*table["fillers"].split(), *table["going_by"]],
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
    for said in table["weak"].split():
        phrases[said] = replace(phrases[said], mark="weak")
    return phrases


def _marked(table: Mapping[str, Any]) -> dict[str, str]:
    return {word: mark for mark in ("beside", "told") for word in table[mark].split()}


def _latest_first(found: Sequence[Phrase]) -> Iterator[Sequence[Phrase]]:
    """The phrases about the present ("dulu bakso, sekarang laundry") before the others; a denial alone says nothing."""
    marks = [phrase.mark for phrase in found]
    if "correction" in marks:
        at = len(marks) - marks[::-1].index("correction")
        yield found[at:]
    if "not_this" in marks:
        yield found[: marks.index("not_this")]
        return
    past = marks.index("past", 1) if "past" in marks[1:] else len(found)
    yield [*found[:past], *(phrase for phrase in found[past:] if phrase.mark == "everyday")]


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
        shared = bool(not activity and joined and joined[-1].activity)
        if shared:
            activity = joined[-1].activity
        joined.append(replace(part, activity=max(activity, waiting, key=rank), shared=shared))
        waiting = ""
    if waiting and joined and rank(waiting) > rank(joined[-1].activity) and joined[-1].kind:
        joined[-1] = replace(joined[-1], activity=waiting)
    return joined


def _vague(told: Iterable[Phrase]) -> str:
    return "general" if any(phrase.activity or phrase.mark == "general" for phrase in told) else "unknown"
