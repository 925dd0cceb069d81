"""Reader of wages: whether all, some or none of the workers are paid, told in a sentence, perhaps with their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from conversations.hear.text.phrases import TOO_LONG, Phrases, Word, too_long
from conversations.hear.text.spans import Item, has, numbers_in

from .numbers import Number, Numbers

Paid = Literal["all", "some", "none"]

_PAY = ("paid", "share", "piece", "token", "money", "period", "given", "only", "affirm")
_STRANGE = 4  # unread words; beside more a word about pay may be about anything
_MOST_BESIDE = 0  # unread words beside a relative or a "gak", of which each sentence is full
_STOPS = frozenset({",", ".", ";", "&", "\n"})
_SENT = "karyawan"  # counts as a worker for the reader of head counts


@dataclass(frozen=True, slots=True)
class _Clause:
    """One clause. ``sign``: "paid", "unpaid", "family" (named, and nothing said of pay) or ""."""

    items: tuple[Item, ...]
    sign: str

    @property
    def number(self) -> int | None:
        found = [n.whole for n in numbers_in(self.items) if n.scale == 1]
        return found[0] if len(found) == 1 else None


class Wages:
    """The reader of wages. ``table`` is ``wages.toml``: ``[phrases]`` by tag."""

    def __init__(self, numbers: Numbers, table: Mapping[str, Any]) -> None:
        self._numbers = numbers
        self._phrases = Phrases(table["phrases"])

    def read(self, text: str, people: int | None = None) -> Paid | None:
        """Who is paid of ``people`` workers (None: not known how many); None where the words do not say.

        >>> words = {"paid": ["digaji"], "not": ["gak"], "family": ["anak"]}
        >>> [Wages(Numbers({}), {"phrases": words}).read(said) for said in ("digaji", "gak digaji", "anak")]
        ['all', 'none', 'none']
        """
        items = self._items(text)
        if items is None or has(items, "question", "sometimes"):
            return None
        clauses = _clauses(items)
        signs = {clause.sign for clause in clauses} - {""}
        if "paid" not in signs:
            return _unpaid(clauses, signs, people)
        if (
            "unpaid" in signs
            or has(items, "part")
            or _of_only(items, people)
            or any(number.whole is None for number in numbers_in(items))
        ):
            return "some"  # a fraction is "separo"
        return _beside_family(clauses) if "family" in signs else _of_all(clauses, items, people)

    def manner(self, text: str) -> str:
        """How workers are paid, where a message tells more than that they are: "share" of what is earned, "piece" by the
        piece or the job; "" otherwise.

        >>> words = {"share": ["bagi hasil"], "piece": ["borongan"], "not": ["bukan"]}
        >>> [Wages(Numbers({}), {"phrases": words}).manner(said) for said in ("ya bagi hasil", "borongan", "bukan borongan")]
        ['share', 'piece', '']
        """
        items = self._items(text) or ()
        found = [name for name in ("share", "piece") if has(items, name) and not _denies(items, name)]
        return found[0] if len(found) == 1 and not has(items, "question") else ""

    def of_people(self, text: str) -> tuple[str, bool]:
        """The words of a message that count people, without those about pay; and whether pay was spoken of."""
        items = self._items(text)
        if items is None or not _speaks_of_pay(items):
            return text, False
        clauses = _clauses(items)
        if clauses[0].number and not clauses[0].sign and len(clauses) > 1:
            later = sum(clause.number or 0 for clause in clauses[1:])
            if later <= clauses[0].number:  # "5 orang, yang digaji 3"
                return _written(clauses[0]), True
        return ", ".join(filter(None, map(_written, clauses))), True

    def _items(self, text: str) -> Sequence[Item] | None:
        pieces = () if too_long(text) else self._numbers.pieces(text)
        if too_long(text) or len(pieces) > TOO_LONG:
            return None
        items = self._phrases.tagged(pieces)
        return items if _unread(items) <= (_STRANGE if _speaks_of_pay(items) else _MOST_BESIDE) else None


def _beside_family(clauses: Sequence[_Clause]) -> Paid:
    """The reading of "keluarga tapi digaji", who are paid, and of "yang satu digaji, yang satu adik"."""
    for clause in clauses:
        if clause.sign == "paid" and clause.number is None and not has(clause.items, "people", "heads", "rest", "each"):
            return "all"
    return "some"


def _of_only(items: Sequence[Item], people: int | None) -> bool:
    """Whether "cuma tukang masaknya yang digaji" leaves others unpaid; "cuma 2 orang, digaji" counts."""
    return (
        people != 1
        and has(items, "only")
        and has(items, "people", "heads")
        and not (has(items, "whole") or numbers_in(items))
    )


def _of_all(clauses: Sequence[_Clause], items: Sequence[Item], people: int | None) -> Paid | None:
    """The reading where only pay is spoken of: of all, or of fewer than there are."""
    if has(items, "whole"):
        return "all"
    if people is None and len(numbers_in(items)) == 1 and any(clause.number for clause in clauses):
        return None  # "satu dibayar": and the others?
    return "some" if _fewer(clauses, "paid", people) or has(items, "rest") else "all"


def _unread(items: Sequence[Item]) -> int:
    return sum(isinstance(item, Word) and item.text.isalpha() for item in items)


def _speaks_of_pay(items: Sequence[Item]) -> bool:
    amount = any(number.scale > 1 for number in numbers_in(items))
    return (
        amount
        or has(items, "paid", "share", "piece")
        or (has(items, "token", "period") and has(items, "given", "only"))
    )


def _unpaid(clauses: Sequence[_Clause], signs: set[str], people: int | None) -> Paid | None:
    """The reading where nobody is said to be paid."""
    if not signs:
        return None
    if _fewer(clauses, "unpaid", people) and "family" not in signs:
        return "some"  # "1 gak digaji" of three
    return "none"


def _fewer(clauses: Sequence[_Clause], sign: str, people: int | None) -> bool:
    """Whether the clauses of this sign count fewer people than there are."""
    counted = [clause.number for clause in clauses if clause.sign == sign and clause.number is not None]
    if not counted and people is not None:  # "2 saja yang digaji"
        counted = [clause.number for clause in clauses if not clause.sign and clause.number is not None]
    others = [clause.number for clause in clauses if clause.sign != sign and clause.number is not None]
    whole = people if people is not None else max(others, default=None)
    return bool(counted) and whole is not None and sum(counted) < whole


def _clauses(items: Sequence[Item]) -> list[_Clause]:
    """The clauses between marks, before "tapi", and where a new number, "yang" or "lainnya" begins about other people."""
    found: list[list[Item]] = [[]]
    for item in items:
        current = found[-1]
        if (item.text in _STOPS and not isinstance(item, Number)) or has([item], "but"):
            found.append([])
        elif _begins(item, current):
            found.append([item])
        else:
            current.append(item)
    return [_Clause(tuple(clause), _sign(clause)) for clause in found if clause] or [_Clause((), "")]


def _begins(item: Item, current: Sequence[Item]) -> bool:
    """Whether an item begins a clause about other people than the current one."""
    told = has(current, *_PAY, "not") or has(current, "family", "helping")
    if isinstance(item, Number):
        if has(current[-1:], "family") or (
            has(current, "each") and not numbers_in(current)
        ):  # "anak 2", "yang digaji 3"
            return False
        return told and item.scale == 1 and (item.whole or 0) < 100 and not _is_money(item, current)
    if has([item], "each", "rest"):
        return told or bool(numbers_in(current))
    return has([item], "family", "helping") and has(current, "paid", "share", "piece") and not has(current, "not")


def _is_money(number: Number, current: Sequence[Item]) -> bool:
    """Whether a number behind "dibayar" or "per potong" is what is paid."""
    return bool(current) and has(current[-1:], "paid", "piece", "money") and number.value >= 10


def _sign(clause: Sequence[Item]) -> str:
    amount = any(number.scale > 1 or (number.whole or 0) >= 1000 for number in numbers_in(clause))
    denied = has(clause, "not")
    if has(clause, "share") and not _denies(clause, "share"):
        return "paid"
    if has(clause, "token") and has(clause, "given", "only"):
        return "unpaid"
    given = has(clause, "given") and has(clause, "period")  # "dikasih tiap sabtu"
    if (
        has(clause, "paid", "piece")
        or amount
        or given
        or (has(clause, "affirm") and has(clause, "rest", "people", "heads"))
    ):
        return "unpaid" if denied else "paid"
    if denied and (has(clause, "family", "helping", "people", "heads", "rest", "whole") or not _unread(clause)):
        return "unpaid"
    return "family" if has(clause, "family", "helping") else ""


def _denies(clause: Sequence[Item], name: str) -> bool:
    return any(has([one], "not") and has([next_], name) for one, next_ in pairwise(clause))


def _written(clause: _Clause) -> str:
    """A clause as words for the reader of head counts: its people and numbers, without pay."""
    words: list[str] = []
    for at, item in enumerate(clause.items):
        if isinstance(item, Number):
            after = clause.items[at + 1 : at + 2]
            if item.scale == 1 and (item.whole or 0) < 1000 and not has(after, "money"):
                words.append(str(item.value))
        elif not has([item], *_PAY, "not", "whole", "but", "sometimes", "each", "helping"):
            words.append(item.text)
    if clause.number is not None and clause.sign and words and not has(clause.items, "people", "family"):
        words.append(_SENT)  # a head ("2 orang") is a worker as well
    return " ".join(words)
