"""Reader of income: how much a business earns, and per what period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from conversations.hear.text.phrases import TOO_LONG, Phrases, PhraseTag, Word, too_long
from conversations.hear.text.readings import Amount, Unsure
from conversations.hear.text.spans import Item, Span, below_zero, has, numbers_in, settled, span

from .numbers import Number, Numbers

PERIODS = ("month", "day", "week", "year", "hour", "harvest", "piece")
_BARE_LEAST = 10_000  # a smaller number without its unit says nothing: "4", "600", "1.500"
_THOUSANDS = range(10, 1000)  # a bare number of a day or a week is thousands: "sehari 150"
_SHORT_PERIODS = ("day", "week", "harvest", "piece")
_LARGE = 50_000_000  # rupiah; from here on the income is asked again, as a slip by ten is likelier
_LARGE_YEAR = 1_000_000_000
_MILLION = 10**6
_STRANGE = 1  # unread words beside "gak tentu" and its kin
_REFUSED = ("foreign", "percent", "minimum_wage", "occasion", "aid")
_LABELS = ("net", "gross")


class Money:
    """The reader of income. ``table`` is ``rupiah.toml``: ``[phrases]`` by tag, and ``[time_nouns]`` from period to its
    bare nouns."""

    def __init__(self, numbers: Numbers, table: Mapping[str, Any]) -> None:
        self._numbers = numbers
        links = table.get("links", {})
        around = {name: [*phrases, *links.get(name, ())] for name, phrases in numbers.around.items()}
        self._phrases = Phrases({**around, **table["phrases"]})
        self._beside = frozenset(table.get("beside", {}).get("words", ()))
        self._nouns = {noun: period for period, nouns in table.get("time_nouns", {}).items() for noun in nouns}

    def read(self, text: str) -> Amount | Unsure:
        """The earnings in a message, never converted to another period.

        Unsure.why: long, nothing, unsaid (they do not want to tell, or it is never the same), foreign, percent,
        minimum_wage, occasion ("sekali melaut"), aid, gross, unclear, unit, large. Of ``unit`` candidates are rupiah.
        """
        pieces = () if too_long(text) else self._numbers.pieces(text)
        if too_long(text) or len(pieces) > TOO_LONG:
            return Unsure(why="long")
        items = [_about(item) for item in self._phrases.tagged(pieces)]
        if not numbers_in(items):
            return Unsure(why=_unsaid(items, self._beside))
        why = next((name for name in _REFUSED if has(items, name)), "")
        if why:
            return Unsure(why=why)
        said = None if below_zero(items) else settled(items)
        said = said and self._counted(said)
        if not said:
            return Unsure(why="unclear")
        earned = _earned(said)
        return _read(earned) if earned else Unsure(why="gross")

    def _counted(self, items: Sequence[Item]) -> Sequence[Item] | None:
        """The items without numbers of days or things; None for "3 hari" without a period ("1 hari" is a period)."""
        out: list[Item] = []
        lengths: list[int] = []
        skip = False
        for item, following in pairwise((*items, None)):
            if skip:
                skip = False
                continue
            noun = following if isinstance(following, PhraseTag) else None
            if isinstance(item, Number) and item.scale == 1 and noun and noun.name in ("time_noun", "things"):
                skip = True
                period = self._nouns.get(noun.text)
                if period and item.whole == 1:
                    out.append(PhraseTag(period, noun.text))
                elif noun.name == "time_noun":
                    lengths.append(len(out))
            elif item is not None:
                out.append(item)
        return None if lengths and not has(out, *PERIODS) else out


def _about(item: Item) -> Item:
    """The item; "paling 90" of money is about as much, as nobody tells the most they ever earned in a day."""
    return PhraseTag("approx", item.text) if isinstance(item, PhraseTag) and item.name == "loosely" else item


def _earned(items: Sequence[Item]) -> Sequence[Item]:
    """The items about what is left over, where turnover, costs or others' wages are named as well; () where none are."""
    if not has(items, "gross"):
        return items
    if not has(items, "net"):
        return ()
    marks = [at for at, item in enumerate(items) if isinstance(item, (Number, PhraseTag)) and _is_label_or_number(item)]
    labels = [at for at in marks if isinstance(items[at], PhraseTag)]
    label_first = marks[0] == labels[0]
    for place, at in enumerate(labels):
        tag = items[at]
        if not isinstance(tag, PhraseTag) or tag.name != "net":
            continue
        after = items[at + 1 : labels[place + 1] if place + 1 < len(labels) else len(items)]
        before = items[labels[place - 1] + 1 if place else 0 : at]
        for part in (after, before) if label_first else (before, after):
            if numbers_in(part):
                periods = [item for item in items if isinstance(item, PhraseTag) and item.name in PERIODS]
                return part if has(part, *PERIODS) else [*part, *periods]  # "omset 500rb sehari, untung 100rb"
    return ()


def _is_label_or_number(item: Number | PhraseTag) -> bool:
    return isinstance(item, Number) or item.name in _LABELS


def _read(items: Sequence[Item]) -> Amount | Unsure:
    periods = [item.name for item in items if isinstance(item, PhraseTag) and item.name in PERIODS]
    if len(set(periods)) > 1:
        items = _monthly(items)
        periods = ["month"]
    found = span(items)
    if found is None and not periods and len(numbers_in(items)) == 1 and _bare(number := numbers_in(items)[0]):
        return Unsure(_with_unit(number.value), why="unit")  # "bersih paling 80"
    if found is None or _fraction(items, found):
        return Unsure(why="unclear")
    period = periods[0] if periods else "month"
    if period in _SHORT_PERIODS:
        found = replace(found, numbers=tuple(map(_in_thousands, found.numbers)))
    return _amount(found, period, told=bool(periods), loose=_is_loose(items, found))


def _in_thousands(number: Number) -> Number:
    if number.scale != 1 or number.value not in _THOUSANDS:
        return number
    return replace(number, value=number.value * 1000, scale=1000)


def _is_loose(items: Sequence[Item], found: Span) -> bool:
    """Whether a single word for a few thousand stands in a sentence without any word about money: "diam seribu bahasa"."""
    number = found.numbers[0]
    about_money = has(items, "currency", "net", *PERIODS) or number.plain
    return not about_money and any(isinstance(item, Word) and item.text.isalpha() for item in items)


def _unsaid(items: Sequence[Item], beside: frozenset[str]) -> str:
    """Whether words without an amount say that there is none to tell; beside many others they may say anything."""
    strange = sum(isinstance(item, Word) and item.text.isalpha() and item.text not in beside for item in items)
    return "unsaid" if has(items, "unsaid") and strange <= _STRANGE else "nothing"


def _monthly(items: Sequence[Item]) -> Sequence[Item]:
    """The items about the month in "sehari 100rb sebulan 3jt"; () when numbers and periods do not pair."""
    marks = [
        item for item in items if isinstance(item, Number) or (isinstance(item, PhraseTag) and item.name in PERIODS)
    ]
    pairs = list(zip(marks[::2], marks[1::2], strict=False))
    if len(marks) % 2 or any(isinstance(one, Number) == isinstance(other, Number) for one, other in pairs):
        return ()
    return [
        item
        for pair in pairs
        if any(isinstance(item, PhraseTag) and item.name == "month" for item in pair)
        for item in pair
        if isinstance(item, Number)
    ]


def _fraction(items: Sequence[Item], found: Span) -> bool:
    """Whether a slash makes a fraction: "1/2 juta" is half a million more likely than one or two."""
    slash = any(isinstance(item, PhraseTag) and item.text == "/" for item in items)
    first, last = found.numbers[0], found.numbers[-1]
    return slash and first.scale == 1 and first.value <= 3 and last.value <= 4 * last.scale


def _amount(found: Span, period: str, *, told: bool, loose: bool) -> Amount | Unsure:
    if loose and max(_value(number) for number in found.numbers) < _BARE_LEAST:
        return Unsure(why="unclear")
    if any(number.doubtful for number in found.numbers):
        return Unsure(why="unclear")
    if found.kind == "range":
        ends = _ends(*found.numbers)
    else:
        number = found.numbers[0]
        if _bare(number):
            return Unsure(_with_unit(number.value), why="unit")
        ends = (_value(number), _value(number))
    if ends is None or any(end.denominator != 1 for end in ends):
        return Unsure(why="unclear")
    low, high = int(ends[0]), int(ends[1])
    if high >= (_LARGE_YEAR if period in ("year", "harvest") else _LARGE):
        return Unsure((high,), why="large")
    typed = not told and found.kind == "exact" and found.numbers[0].plain and not found.approx
    return Amount(
        None if found.kind in ("at_most", "less_than") else low,
        None if found.kind in ("at_least", "more_than") else high,
        period,
        typed,
        found.approx,
        told,
    )


def _value(number: Number) -> Fraction:
    return number.elliptic or number.value


def _bare(number: Number) -> bool:
    return number.scale == 1 and 0 < number.value < _BARE_LEAST


def _with_unit(value: Fraction) -> tuple[int, ...]:
    """The amounts that a bare number may have meant, the likelier first."""
    scales = (1000, _MILLION) if value < 100 else (1000,) if value < 1000 else (1, 1000)
    meant = (value * scale for scale in scales)
    return tuple(int(rupiah) for rupiah in meant if rupiah.denominator == 1 and rupiah < _LARGE)


def _ends(first: Number, last: Number) -> tuple[Fraction, Fraction] | None:
    """Both ends of a range; the unit of one holds for the other ("2-3jt", "500-1jt", "1jt-1,5"). None where they do not
    fit."""
    low, high = _value(first), _value(last)
    if _bare(first) and last.scale > 1:
        low = first.value * last.scale
        if low > high and last.scale == _MILLION and first.value >= 100:
            low = first.value * 1000
    elif _bare(last) and first.scale > 1:
        high = last.value * first.scale
    elif _bare(first) or _bare(last):
        return None
    return (low, high) if low <= high else None
