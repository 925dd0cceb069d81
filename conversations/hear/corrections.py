"""Reader of corrections: which earlier answer somebody wants to change. "Namanya salah", "ubah nomor hp", "yang tadi
keliru"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conversations.hear.text.wording import Wording

from .commands import side_by_side

UNKNOWN = "unknown"
REVIEW, SENT = "confirm", "done"


class Corrections:
    """The reader of corrections. Built once from the table ``correct`` of ``commands.toml``; of equally long names the
    first counts.

    ``items``: the name of each answer in the review, by the key of its question. An answer can be corrected by that
    name as well as by those in the table.
    """

    __slots__ = (
        "_also",
        "_at_review",
        "_change",
        "_denies",
        "_earlier",
        "_fields",
        "_free",
        "_unless",
        "_wrong",
        "names",
        "vocabulary",
    )

    def __init__(self, table: Mapping[str, Any], wording: Wording, items: Mapping[str, str]) -> None:
        def forms(key: str) -> frozenset[str]:
            return frozenset(wording.word(w) for w in table.get(key, "").split())

        self._change, self._wrong, self._at_review = forms("change"), forms("wrong"), forms("at_review")
        self._unless, self._also, self._earlier = forms("unless"), forms("also"), forms("earlier")
        self._denies = forms("denies")
        self._free = frozenset(table.get("free", "").split())
        #: the keys of questions, each with a name of its answer as the table has it
        self.names = tuple(
            (field, name)
            for field, names in (*table.get("fields", {}).items(), *items.items())
            for name in names.split("|")
        )
        self._fields = tuple((field, wording.words(name)) for field, name in self.names)
        #: words of which every correction has at least one
        self.vocabulary = self._change | self._wrong | self._at_review

    def field(self, words: Sequence[str]) -> str | None:
        """The key of the question whose answer is named; None where none is.

        The longest name wins, so "nama usaha" is not the person's name.
        """
        found = [(len(name), field) for field, name in self._fields if side_by_side(words, name)]
        longest = max((n for n, _ in found), default=0)
        return next((field for n, field in found if n == longest), None)

    def read(self, words: Sequence[str], question: str, asks: bool) -> str | None:
        """The key of the answer to correct, ``"unknown"`` when none is named, or None when nothing is to be corrected."""
        said = frozenset(words)
        changes, wrong = bool(said & self._change), bool(said & self._wrong)
        if question == REVIEW:
            wrong = wrong or bool(said & self._at_review)
        if not (changes or wrong) or said & self._unless or (question == SENT and asks):
            return None
        if question in self._free and not said & self._earlier and words[0] not in self._change:
            return None
        field = self.field(words)
        if field:
            return field
        rest = said - self._change - self._wrong - self._at_review - self._also
        strong = changes or bool(said & self._wrong)
        return UNKNOWN if strong and len(rest) <= 1 else None

    def changes(self, words: Sequence[str]) -> bool:
        """Whether there is a word of change, not only of something wrong."""
        return not self._change.isdisjoint(words)

    def faulty(self, words: Sequence[str]) -> bool:
        """Whether there is a word for a mistake, or for how it should be."""
        return not self._wrong.isdisjoint(words)

    def is_cue(self, word: str) -> bool:
        """Whether a word tells of a change or a mistake, and is no part of a value."""
        return word in self._change | self._wrong

    def denied(self, words: Sequence[str]) -> bool:
        """Whether it is said that nothing is wrong or needs a change: "gak ada yang salah", "tidak perlu diubah"."""
        meant = self._change | self._wrong
        at = [n for n, word in enumerate(words) if word in meant]
        return bool(at) and all(not self._denies.isdisjoint(words[max(0, n - 2) : n]) for n in at)
