"""Reader of times from now: "2 jam lagi", "setengah jam lagi", "sejam setengah lagi"; hours and minutes only."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from conversations.hear.text.words import plain

LONGEST = timedelta(days=7)


class FromNow:
    """The reader of times from now. Built from ``[from_now]`` and ``[numbers]`` of ``times.toml``."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        words = table["from_now"]
        self._numbers = {word: int(value) for value, said in table["numbers"].items() for word in said}
        self._minutes = dict.fromkeys(words["hour"], 60) | dict.fromkeys(words["minute"], 1)
        unit, half, later = _either(self._minutes), _either(words["half"]), _either(words["later"])
        number = rf"\d{{1,3}}(?:[.,]5)?|{_either(self._numbers)}"
        self._said = re.compile(
            rf"(?<![\w.,])(?:(?P<one>se)|(?:(?P<number>{number})\s*)?(?:(?P<before>{half})\s*)?)"
            rf"(?P<unit>{unit})(?P<after>\s+{half})?\s+(?:{later})(?!\w)"
        )

    def read(self, text: str) -> timedelta | None:
        """The time from now that a text names; None where it names none, or more than a week.

        >>> table = {"numbers": {"2": ["dua"]}, "from_now": {"hour": ["jam"], "minute": ["menit"], "half": ["setengah"],
        ...          "later": ["lagi"]}}
        >>> [str(FromNow(table).read(said)) for said in ("dua jam lagi", "setengah jam lagi", "1,5 jam lagi", "jam 2")]
        ['2:00:00', '0:30:00', '1:30:00', 'None']
        """
        found = self._said.search(plain(text[:200]))
        if found is None or not (found["one"] or found["number"] or found["before"]):
            return None
        number = 1.0 if found["one"] else self._number(found["number"])
        if found["before"] or found["after"]:
            number += 0.5
        ahead = timedelta(minutes=number * self._minutes[found["unit"]])
        return ahead if timedelta() < ahead <= LONGEST else None

    def _number(self, said: str | None) -> float:
        if said is None:
            return 0.0
        return float(self._numbers[said]) if said in self._numbers else float(said.replace(",", "."))


def _either(words: Sequence[str] | Mapping[str, int]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
