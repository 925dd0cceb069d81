"""The clauses of a message, and which of them ask something."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .wording import Wording
from .words import clean, split

# An end of a sentence or clause; not a full stop or comma inside a number.
_END = r"(?<=[?!;\n])|[.,](?=\s|$)|\s[-–—]\s"
_MOST_PARTS = 8


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: its text as typed, and its normalized words."""

    text: str
    words: tuple[str, ...]
    asks: bool


class Sentences:
    """The cutter of messages into clauses. Built once from the table ``asking`` of ``commands.toml``."""

    __slots__ = (
        "_anywhere",
        "_cut",
        "_denials",
        "_ends",
        "_modal",
        "_names",
        "_soft",
        "_supposing",
        "_wording",
        "words",
    )

    def __init__(self, table: Mapping[str, Any], wording: Wording) -> None:
        self._wording = wording
        #: words that ask
        self.words = frozenset(wording.word(w) for w in table.get("words", "").split())
        self._ends = frozenset(table.get("often_ends", "").split())
        self._denials = frozenset(table.get("denials", "").split())
        self._soft = frozenset(table.get("soft_ends", "").split())
        self._names = frozenset(table.get("names", "").split())
        self._anywhere = frozenset(table.get("anywhere", "").split())
        self._modal = frozenset(wording.word(w) for w in table.get("modal", "").split())
        self._supposing = wording.word(table.get("supposing", ""))
        joints = table.get("joints", "")
        self._cut = re.compile(rf"{_END}|\s(?={joints}\s)" if joints else _END, re.IGNORECASE)

    def asks(self, raw: Sequence[str], words: Sequence[str]) -> bool:
        """Whether a message (its raw words, and the same normalized) asks something."""
        if "?" in raw or not self.words.isdisjoint(words):
            return True
        spoken = [w for w in raw if w[0].isalnum()]
        if len(spoken) < 2:
            return False
        last = next((w for w in reversed(spoken) if not self._wording.is_particle(w)), spoken[-1])
        if {spoken[-1], last} & self._ends or (
            len(words) > 2 and (words[0] == self._supposing or not self._modal.isdisjoint(words))
        ):
            return True
        return any(w in self._anywhere or (w.endswith("kah") and w not in self._names) for w in spoken)

    def asks_softly(self, raw: Sequence[str], words: Sequence[str]) -> bool:
        """Whether only a "ya" at the end makes a message sound like a question."""
        spoken = [w for w in raw if w[0].isalnum()]
        return len(spoken) > 1 and spoken[-1] in self._soft and not ("?" in raw or self.asks(spoken[:-1], words))

    def denies(self, text: str) -> bool:
        """Whether a clause sounds like a question only because a denial ends it: "reseller gak", "saya belum"."""
        raw = split(text)
        spoken = [w for w in raw if w[0].isalnum()]
        if len(spoken) < 2 or spoken[-1] not in self._denials or "?" in raw:
            return False
        return not self.asks(spoken[:-1], self._wording.even(spoken[:-1]))

    def parts(self, text: str) -> list[Clause]:
        """The clauses of a message that hold words, in order."""
        pieces = [p for p in (piece.strip() for piece in self._cut.split(clean(text))) if p]
        if len(pieces) > _MOST_PARTS:
            pieces = [*pieces[: _MOST_PARTS - 1], " ".join(pieces[_MOST_PARTS - 1 :])]
        found = []
        for piece in pieces:
            raw = split(piece)
            words = self._wording.even(raw)
            if words:
                found.append(Clause(piece, words, self.asks(raw, words)))
        return found
