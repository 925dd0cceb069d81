"""Reader of working days: days of a month, told by the days off: "prei yen minggu", "tiap hari kecuali jumat"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from conversations.hear.text.spelling import AS_WRITTEN, Spelling

ALL, NEARLY_ALL = 30, 26  # as on the buttons
WEEKS = 4  # of a month, as the buttons reckon: one day off a week leaves 26


class WorkDays:
    """The reader of working days. Built from the tables ``days`` and ``work_days`` of ``times.toml``."""

    def __init__(self, table: Mapping[str, Any], spelling: Spelling = AS_WRITTEN) -> None:
        self._spelling = spelling
        words = table["work_days"]
        named = tuple(table["days"][day] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
        self._named = tuple(re.compile(_any(said)) for said in named)
        self._off = re.compile(_any(words["off"]))
        self._open = re.compile(rf"{_any(words['not'])} {_any(words['off'])}")
        self._all = re.compile(rf"{_any(words['all'])}(?! {_any(day for said in named for day in said)})")
        self._nearly = re.compile(rf"{_any(words['nearly'])} {_any(words['all'])}")

    def off(self, text: str) -> bool:
        """Whether a text speaks of days off, so that a number may count those instead."""
        return bool(self._off.search(self._spelling.even(text)))

    def read(self, text: str) -> int | None:
        """Working days of a month; None where a text does not tell them by whole days of the week.

        "Libur Minggu" is 26, "saben dino" 30, "meh saben dino" 26; of "libur kalau hujan" nobody knows.
        """
        said = self._spelling.even(text)
        named = sum(bool(day.search(said)) for day in self._named)
        if named and self._off.search(said):
            return ALL - WEEKS * named if named < len(self._named) and not self._open.search(said) else None
        if not self._all.search(said):
            return None
        return NEARLY_ALL if self._nearly.search(said) else ALL


def _any(words: Iterable[str]) -> str:
    return rf"(?<!\w)(?:{'|'.join(re.escape(word) for word in sorted(words, key=len, reverse=True))})(?!\w)"
