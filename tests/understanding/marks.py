"""Marks for predictions: right, asked (a needless question, harmless), wrong; and which of the wrong ones are grave.

A prediction is right when it equals what the line expects or one of its ``also`` readings. Grave is what must never
happen: a yes that was not given, somebody turned away, a stop or deletion not heard or not wanted, somebody's number made up,
an amount ten times too large or too small.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).parent / "corpus"
FILES = (
    "yes_no", "workers", "rupiah", "region", "sector", "card", "phone", "name", "contact_time", "program", "intents"
)  # fmt: skip
TODAY = date(2026, 11, 25)  # a Wednesday: the clock of the predictions
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ENDING = frozenset({"stop", "delete_data", "cancel"})
HEARD = frozenset({"stop", "delete_data"})  # of these not one may be missed

Reading = Mapping[str, Any]


@dataclass(slots=True)
class Marks:
    """The count of outcomes for one file, and the lines that were not right. ``kinds``: the outcomes by kind of line."""

    count: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    kinds: dict[str, Counter[str]] = field(default_factory=dict)

    def share(self, outcome: str) -> float:
        """Of all lines, 0 to 1; grave ones are counted among the wrong as well."""
        return self.count[outcome] / max(1, self.count["lines"])


def lines(file: str) -> list[dict[str, Any]]:
    """The lines of one corpus file: ``question``, ``text``, ``expect``; ``held_out`` where it was not tuned on."""
    return [json.loads(line) for line in (CORPUS / f"{file}.jsonl").read_text("utf-8").splitlines()]


def marked(file: str, rows: Iterable[Reading], predict: Callable[[str, str, str], Reading]) -> Marks:
    """The marks of these lines. A crash of ``predict`` is not caught: it is a bug, not a misunderstanding."""
    marks = Marks()
    for row in rows:
        got = predict(file, row["question"], row["text"])
        outcomes = tuple(_outcomes(file, row, got))
        marks.count.update(("lines", *outcomes))
        marks.kinds.setdefault(row.get("note", ""), Counter()).update(("lines", *outcomes))
        if outcomes != ("right",):
            marks.missed.append(f"{row['question']}: {row['text']!r} -> {got}")
    return marks


def _outcomes(file: str, row: Reading, got: Reading) -> Iterator[str]:
    expected = [row["expect"], *row["expect"].get("also", ())]
    if any(_same(file, row["question"], want, got) for want in expected):
        yield "right"
    elif _asks(file, got):
        yield "asked"
        if file == "intents" and row["expect"]["label"] in HEARD:
            yield "grave"
    else:
        yield "wrong"
        if _grave(file, expected, got):
            yield "grave"


def _asks(file: str, got: Reading) -> bool:
    if file == "intents":
        return bool(got["label"] == "unknown")
    return bool(got["kind"] == ("unclear" if file == "yes_no" else "ask"))


def _same(file: str, question: str, want: Reading, got: Reading) -> bool:
    if file == "intents":
        return want["label"] in (got["label"], got.get("topic"))
    if want["kind"] != got["kind"]:
        return False
    return _SAME.get(file, _same_kind)(question, want, got)


def _same_kind(question: str, want: Reading, got: Reading) -> bool:
    return True


def _same_number(question: str, want: Reading, got: Reading) -> bool:
    if want.get("period", "month") != got.get("period", "month"):
        return False
    if want["kind"] == "range":
        return (want["min"] or 0, want["max"]) == (got["min"] or 0, got["max"])
    return want.get("value") == got.get("value")


def _same_place(question: str, want: Reading, got: Reading) -> bool:
    """At the district's question that decides; at the regency's one it may be left open, but not contradict."""
    if want["kind"] != "region":
        return True
    if want["regency"] != got["regency"]:
        return False
    if question.startswith("district@"):
        return bool(want["district"] == got["district"])
    return None in (want["district"], got["district"]) or want["district"] == got["district"]


def _same_time(question: str, want: Reading, got: Reading) -> bool:
    if want["kind"] != "slot":
        return True
    on_day = want["day"] in _names_of(got["day"])
    return on_day and want["part"] == got["part"] and want["time"] in (None, got["time"])


def _names_of(day: str) -> set[str]:
    """What a day may be called: "+1" is "thu" as well, for today is a Wednesday."""
    if re.fullmatch(r"\+\d+", day):
        when = TODAY + timedelta(int(day))
    elif re.fullmatch(r"\d{4}-\d\d-\d\d", day):
        when = date.fromisoformat(day)
    else:
        return {day}
    return {day, f"+{(when - TODAY).days}", WEEKDAYS[when.weekday()]}


def _same_name(question: str, want: Reading, got: Reading) -> bool:
    return want["kind"] != "name" or _bare(want["value"]) == _bare(got["value"])


def _bare(name: str) -> list[str]:
    return [word for word in re.findall(r"[a-z']+", name.casefold()) if word not in _TITLES]


def _same_field(key: str) -> Callable[[str, Reading, Reading], bool]:
    return lambda question, want, got: want.get(key) == got.get(key)


def _grave(file: str, expected: list[Reading], got: Reading) -> bool:
    if file == "yes_no":
        return bool(got["kind"] == "yes")
    if file == "intents":
        wanted = {want["label"] for want in expected}
        return expected[0]["label"] in HEARD or (got["label"] in ENDING and not wanted & ENDING)
    if file == "card":
        return got.get("value") in ("yes", "over_65") and got["value"] not in {want.get("value") for want in expected}
    if file == "phone":
        return got["kind"] in ("phone", "this_number")
    if file == "rupiah" and got["kind"] == "amount" and got["value"]:
        meant = [want["value"] for want in expected if want["kind"] == "amount" and want["value"]]
        return bool(meant) and all(not 0.1 < got["value"] / value < 10 for value in meant)
    return False


_TITLES = frozenset({
    "h", "hj", "haji", "dr", "drs", "ir", "ny", "tn", "bu", "ibu", "pak", "bapak", "bpk", "mas", "mz", "mbak", "mba", "mbk", "mb",
    "mbah", "lik", "lek", "pakde", "bude", "yu", "kang", "cak", "ning", "gus", "ustadz", "teh", "uni", "koh", "cik", "eyang",
    "tante", "om", "bang",
})  # fmt: skip
_SAME: Mapping[str, Callable[[str, Reading, Reading], bool]] = {
    "workers": _same_number,
    "rupiah": _same_number,
    "region": _same_place,
    "sector": _same_field("category"),
    "card": _same_field("value"),
    "phone": _same_field("e164"),
    "name": _same_name,
    "contact_time": _same_time,
    "program": _same_field("value"),
}
