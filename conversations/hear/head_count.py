"""Reader of the head count: how many people work in a business besides its owner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from conversations.hear.text.phrases import TOO_LONG, Phrases, PhraseTag, Word, too_long
from conversations.hear.text.readings import Count, Unsure
from conversations.hear.text.spans import Item, Span, below_zero, has, numbers_in, settled, span

from .crew import PEOPLE, Entry, entries, people_only
from .numbers import Number, Numbers

_MOST = 99  # a hundred or more is no micro business, so it is asked again
_BOUNDS = ("at_least", "at_most", "more_than", "less_than", "or_more", "or_less")
_UNREAD = 1  # words that nothing explains, beside people who are named
_NOBODY = Count(0, 0, plain=False)


class HeadCount:
    """The reader of head counts. ``table`` is ``people.toml``: ``[phrases]`` by tag, and ``[together]`` from a number
    to its words ("bertiga")."""

    def __init__(self, numbers: Numbers, table: Mapping[str, Any]) -> None:
        together = table.get("together", {})
        self._numbers = numbers
        self._together = {said: int(size) for size, all_said in together.items() for said in all_said}
        self._phrases = Phrases({**numbers.around, **table["phrases"], "together": self._together})
        self._beside = frozenset(table.get("beside", ()))

    def read(self, text: str) -> Count | Unsure:
        """The number of people other than the speaker.

        Unsure.why: long, nothing, money, unclear, resellers, together, with_whom, fraction, large.
        """
        pieces = () if too_long(text) else self._numbers.pieces(text)
        if too_long(text) or len(pieces) > TOO_LONG:
            return Unsure(why="long")
        items: Sequence[Item] = self._phrases.tagged(pieces)
        if has(items, "money") or any(number.scale > 1 for number in numbers_in(items)):
            return Unsure(why="money")
        now = None if below_zero(items) else settled(_present(items))
        return Unsure(why="unclear") if now is None else self._of(now, plain=len(items) == 1)

    def _of(self, now: Sequence[Item], *, plain: bool) -> Count | Unsure:
        """The count of the items about the present."""
        counted = _without_resellers(now)
        if len(counted) < len(now) and not _tells(counted):
            return Unsure(why="resellers")
        told = people_only(_people(counted))
        if self._strange(told, now):
            return Unsure(why="unclear")
        size = self._group_size(told)
        if size:
            return _together(size, told)
        if numbers_in(told):
            return _numbered(told, plain)
        return Unsure(why="unclear") if numbers_in(now) else _unnumbered(told)

    def _strange(self, told: Sequence[Item], items: Sequence[Item]) -> bool:
        """Whether so many words are unread that the rest may be about something else: one beside a bare number, more beside
        people, and one that is said to be missing ("gak ada response")."""
        unread = [
            item for item in items if isinstance(item, Word) and item.text.isalpha() and item.text not in self._beside
        ]
        unread = [item for item in unread if item.text != "an"]
        if has(items, "other_before") and not has(told, *PEOPLE):  # "jam 07:00"
            return True
        missing = any(_is_none(one) and next_ in unread for one, next_ in pairwise(items))
        mere_kin = has(told, "kin") and not has(
            told, "head", "staff", "helped", "include", "only", "alone", "and", "plus"
        )
        bears = _UNREAD if has(told, *PEOPLE, "alone", "self") and not mere_kin else 0  # not "mertua lagi masak"
        return missing or len(unread) > bears

    def _group_size(self, items: Sequence[Item]) -> int:
        """The N of "bertiga" or "ber-3"; 0 without such a word."""
        for item, following in pairwise((*items, None)):
            if isinstance(item, PhraseTag) and item.name == "together":
                return self._together[item.text]
            if isinstance(item, Word) and item.text == "ber" and isinstance(following, Number):
                return following.whole or 0
        return 0


def _is_none(item: Item) -> bool:
    return isinstance(item, PhraseTag) and item.name in ("none", "absent")


def _without_resellers(items: Sequence[Item]) -> list[Item]:
    """The items without resellers and the number that stands with them."""
    out: list[Item] = []
    skip = False
    for at, item in enumerate(items):
        following = items[at + 1] if at + 1 < len(items) else None
        if skip:
            skip = False
        elif isinstance(item, PhraseTag) and item.name == "resellers":
            skip = isinstance(following, Number) and not (out and isinstance(items[at - 1], Number))
            if not isinstance(following, Number) and has(out[-1:], "head"):
                out.pop()  # "20 orang reseller"
            if out and isinstance(out[-1], Number):
                out.pop()
        else:
            out.append(item)
    return out


def _present(items: Sequence[Item]) -> Sequence[Item]:
    """The items about the present: "dulu 6 skrg 4", "sekarang 4, dulu 6"."""
    marks = {
        item.name: at for at, item in enumerate(items) if isinstance(item, PhraseTag) and item.name in ("past", "now")
    }
    if "past" in marks and marks["past"] > marks.get("now", -1):
        items = items[: marks["past"]] if _tells(items[: marks["past"]]) else ()
    if "now" in marks:
        after = items[marks["now"] + 1 :]
        items = after if _tells(after) else items[: marks["now"]] if "past" not in marks else ()
    return items


def _tells(items: Sequence[Item]) -> bool:
    return bool(numbers_in(items)) or has(
        items, "alone", "none", "absent", "kin", "several", "together", "many", "self"
    )


def _people(items: Sequence[Item]) -> list[Item]:
    """The items without numbers of things or times, and without "tidak ada karyawan" where helpers are told next."""
    out: list[Item] = []
    skip = False
    several = len(numbers_in(items)) > 1
    for item, following in pairwise((*items, None)):
        if skip:
            skip = False
        elif _of_something_else(item, following, several):
            skip = True
        elif isinstance(item, PhraseTag) and item.text == "+" and following is not None:
            out.append(PhraseTag("plus", item.text))
        elif isinstance(item, PhraseTag) and item.name in ("none", "absent") and numbers_in(items):
            if item.name == "absent" and isinstance(following, Number):
                out.append(item)
            skip = isinstance(following, PhraseTag) and following.name == "staff"
        elif item is not None:
            out.append(item)
    return out


def _of_something_else(item: Item | None, following: Item | None, several: bool) -> bool:
    """Whether a number and its neighbour count no people ("3 hari", "jam 5"); so "toko 2" where another number counts
    people."""
    if isinstance(item, Number):
        return isinstance(following, PhraseTag) and following.name in ("other", "other_before")
    if not isinstance(item, PhraseTag) or not isinstance(following, Number):
        return False
    return item.name == "other_before" or (item.name == "other" and several)


def _together(size: int, items: Sequence[Item]) -> Count | Unsure:
    """The count of "bertiga", which may hold the speaker or not; where all the others are named it does."""
    named = sum(1 for entry in entries(items) if entry.number is None and "kin" in entry.nouns)
    others = size - 1
    worded = [number for number in numbers_in(items) if number.whole != size]
    if (named == others or (not named and _self_included(items))) and not worded and not has(items, "several"):
        return Count(others, others, plain=False)
    return Unsure((others, size), why="together")


def _unnumbered(items: Sequence[Item]) -> Count | Unsure:
    if has(items, "unknown", "many", "several") or _comes_and_goes(items):
        return Unsure(why="unclear")
    if has(items, "teens"):
        return Count(11, 19, plain=False, approx=True)
    nobody = has(items, "none", "absent")
    listed = entries(items)
    kin = sum(1 for entry in listed if "kin" in entry.nouns)
    if has(items, "negation") or any(_uncounted(entry) for entry in listed):
        return Unsure(why="unclear")
    if kin:
        return Unsure(why="unclear") if _denied(items) else Count(kin, kin, plain=False)
    if nobody or has(items, "alone") or (has(items, "self") and has(items, "only")) or _says_alone(items):
        return Unsure((0,), why="unclear") if has(items, *_BOUNDS) else _NOBODY
    return Unsure(why="nothing")


def _comes_and_goes(items: Sequence[Item]) -> bool:
    """Whether now and then nobody helps, or who does is open; of one's own kin somebody who does now and then, helps."""
    return has(items, "sometimes") and (has(items, "alone", "none", "absent") or not has(items, "kin"))


def _uncounted(entry: Entry) -> bool:
    """Whether an entry leaves its number open: "istri dan karyawan", of whom there may be any number."""
    return entry.number is None and "staff" in entry.nouns and entry.link in ("and", "plus", "include", "helped")


def _denied(items: Sequence[Item]) -> bool:
    return any(
        isinstance(one, PhraseTag)
        and one.name in ("none", "absent")
        and isinstance(next_, PhraseTag)
        and next_.name == "kin"
        for one, next_ in pairwise(items)
    )


def _says_alone(items: Sequence[Item]) -> bool:
    """Whether the speaker names only themselves: "saya sendiri", which is one phrase of self."""
    return any(isinstance(item, PhraseTag) and item.name == "self" and " " in item.text for item in items)


def _self_included(items: Sequence[Item]) -> bool:
    """Whether the speaker is included ("termasuk saya", "karo aku"): right before the speaker, so not in "saya sama
    istri"."""
    return any(
        isinstance(one, PhraseTag) and one.name == "include" and isinstance(next_, PhraseTag) and next_.name == "self"
        for one, next_ in pairwise([item for item in items if not isinstance(item, Word)])
    )


def _numbered(items: list[Item], plain: bool) -> Count | Unsure:
    listed = entries(items)
    excluded = has(items, "except")
    less = 0 if excluded else int(_self_included(items))
    nobody_but = any(entry.number and entry.number.whole == 0 for entry in listed) and len(listed) > 1
    if nobody_but or _unclear(items, listed, excluded or bool(less)):  # "0 tapi ada tukang cuci"
        return Unsure(why="unclear")
    total = _total(items, numbers_in(items))
    if total is not None:
        return _count(Span("exact", (total,), total.approx), less, plain=False)
    kin = sum(1 for entry in listed if entry.number is None and "kin" in entry.nouns)
    if kin:
        return _with_kin(listed, kin, less, items)
    found = span(items)
    if found is None or (found.kind == "range" and has(items, "sometimes") and _different(listed)):
        return _sum(listed, less, items)
    if has(items, "many", "unknown") and found.kind == "exact" and not found.approx:
        return Unsure(why="unclear")
    return _count(found, less, plain and found.numbers[0].plain)


def _unclear(items: Sequence[Item], listed: Sequence[Entry], self_named: bool) -> bool:
    """Whether the words around the numbers forbid counting at all."""
    if has(items, "except"):
        if not has(items, "self"):  # "selain istri": whether she is in the number is open
            return True
    elif has(items, "negation", "none"):
        return True
    if not self_named and (_only_oneself(items, listed) or _speaker_last(items)):
        return True
    return any(_uncounted(entry) or (entry.number is None and "several" in entry.nouns) for entry in listed)


def _only_oneself(items: Sequence[Item], listed: Sequence[Entry]) -> bool:
    """Whether "cuma 1 saya sendiri" leaves open if there is nobody else, or one more."""
    helped = has(items, "helped") or any(entry.nouns & {"kin", "staff"} for entry in listed)
    return (has(items, "alone") or _says_alone(items)) and not helped


def _speaker_last(items: Sequence[Item]) -> bool:
    """Whether an unknown word stands before the speaker, as in "3 org ... saya": with or without the speaker is open."""
    self_at = max(
        (at for at, item in enumerate(items) if isinstance(item, PhraseTag) and item.name == "self"), default=0
    )
    before = items[self_at - 1] if self_at else None
    return isinstance(before, Word) and before.text.isalpha() and bool(numbers_in(items[:self_at]))


def _total(items: Sequence[Item], numbers: Sequence[Number]) -> Number | None:
    """The number that is called the total, or the first where the others add up to it ("4 orang, 2 laki 2 perempuan")."""
    if len(numbers) == 1:
        return None
    for one, next_ in pairwise(items):
        if isinstance(one, PhraseTag) and one.name == "total" and isinstance(next_, Number):
            return next_
    for one, next_ in pairwise([item for item in items if not isinstance(item, PhraseTag) or item.name != "head"]):
        if isinstance(one, Number) and isinstance(next_, PhraseTag) and next_.name == "total":
            return one
    if len(numbers) > 2 and numbers[0].value == sum(number.value for number in numbers[1:]):
        return numbers[0]
    return None


def _different(listed: Sequence[Entry]) -> bool:
    return len([entry for entry in listed if entry.number and entry.nouns & {"staff", "kin"}]) > 1


def _with_kin(listed: Sequence[Entry], kin: int, less: int, items: Sequence[Item]) -> Count | Unsure:
    """The count of numbers and kin without a number: "istri dan 2 anak" adds up, "3 sama istri" may hold the wife already."""
    counted = [entry for entry in listed if entry.number]
    last = listed[-1]
    if (
        (has(items, "namely") or _paused(items))
        and len(counted) == 1
        and counted[0].number
        and counted[0].number.whole == kin
    ):
        return Count(kin, kin, plain=False)
    if len(counted) == 1 and last.number is None and not any("staff" in entry.nouns for entry in listed):
        whole = counted[0].number.whole if counted[0].number else None
        return Unsure((whole, whole + kin) if whole else (), why="with_whom")
    if less or not all(entry.nouns or entry.link for entry in counted):
        return Unsure(why="with_whom")
    return _sum(listed, less, items, kin)


def _paused(items: Sequence[Item]) -> bool:
    """Whether a number and a comma stand before the kin, who are those that were counted: "satu, adik saya"."""
    at = next(at for at, item in enumerate(items) if isinstance(item, PhraseTag) and item.name == "kin")
    return bool(numbers_in(items[:at])) and items[at - 1].text == ","


def _sum(listed: Sequence[Entry], less: int, items: Sequence[Item], kin: int = 0) -> Count | Unsure:
    """The sum of a list of people; only where every number has its noun, and nothing is a bound or a maybe."""
    counted = [entry for entry in listed if entry.number]
    if less or has(items, *_BOUNDS, "sometimes", "to", "or", "not_this") or not counted:
        return Unsure(why="unclear")
    nouned = all(entry.nouns & {"staff", "kin"} or (kin and entry.nouns) or entry.link == "and" for entry in counted)
    wholes = [entry.number.whole for entry in counted if entry.number]
    if not (nouned or (kin and len(counted) == 1)) or (not counted[0].nouns & set(PEOPLE) and not kin):
        return Unsure(why="unclear")
    if any(whole is None for whole in wholes):
        return Unsure(why="fraction")
    total = sum(whole for whole in wholes if whole) + kin
    return Count(total, total, plain=False) if total <= _MOST else Unsure((total,), why="large")


def _count(found: Span, less: int, plain: bool) -> Count | Unsure:
    wholes = [number.whole for number in found.numbers]
    first, last = wholes[0], wholes[-1]
    if first is None or last is None:
        return Unsure(why="fraction")
    low = None if found.kind in ("at_most", "less_than") else first - less + (found.kind == "more_than")
    high = None if found.kind in ("at_least", "more_than") else last - less - (found.kind == "less_than")
    if any(end is not None and end < 0 for end in (low, high)) or (low is not None and high is not None and low > high):
        return Unsure(why="unclear")
    largest = max(first, last)
    if largest > _MOST:
        return Unsure((largest,), why="large")
    return Count(low, high, plain and not less, found.approx)
