"""Reader of small talk: greetings, thanks, abuse and off-topic messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conversations.hear.text.wording import Wording

GREETING, THANKS = "greeting", "thanks"


@dataclass(frozen=True, slots=True)
class Courtesy:
    """Greetings or thanks: ``words`` mean it, ``beside`` may stand with them; ``not_at``: questions at which a word is
    an answer."""

    label: str
    words: frozenset[str]
    beside: frozenset[str]
    not_at: Mapping[str, frozenset[str]]

    def heard(self, words: Sequence[str], question: str) -> bool:
        """Whether a message greets or thanks. Greetings come first, thanks anywhere: "jam 3 sore" greets nobody."""
        said = words[:1] if self.label == GREETING else words
        return any(w in self.words and not {question, "*"} & self.not_at.get(w, frozenset()) for w in said)

    def only(self, words: Sequence[str], question: str) -> bool:
        return self.heard(words, question) and all(w in self.words or w in self.beside for w in words)


class SmallTalk:
    """The reader of small talk. Built once from ``small_talk.toml``."""

    __slots__ = ("_abuse", "_agreed", "_aimed", "_beside_abuse", "_mild", "_offtopic", "courtesies", "vocabulary")

    def __init__(self, table: Mapping[str, Any], wording: Wording) -> None:
        def forms(section: str, key: str) -> frozenset[str]:
            return frozenset(wording.word(w) for w in table.get(section, {}).get(key, "").split() if "_" not in w)

        self.courtesies = tuple(
            Courtesy(
                label,
                forms(label, "words"),
                forms(label, "beside"),
                {
                    wording.word(w): frozenset(questions.split())
                    for w, questions in table.get(label, {}).get("not_at", {}).items()
                },
            )
            for label in (GREETING, THANKS)
        )
        self._agreed = forms("thanks", "at_done")
        self._abuse, self._mild = forms("abuse", "words"), forms("abuse", "mild")
        self._aimed, self._beside_abuse = forms("abuse", "aimed"), forms("abuse", "beside")
        self._offtopic = forms("offtopic", "words")
        self.vocabulary = self._abuse | self._agreed | frozenset[str]().union(*(c.words for c in self.courtesies))

    def settled(self, words: Sequence[str]) -> bool:
        """Whether a message only says "fine": when nothing is asked, that is thanks."""
        return all(w in self._agreed for w in words)

    def abusive(self, words: Sequence[str], *, may_be_answer: bool) -> bool:
        """Whether a message is abuse. ``may_be_answer``: the open question takes any name, and sharp dishes have sharp
        names."""
        said = [w for w in words if w in self._abuse]
        if not said:
            return False
        rest = [w for w in words if w not in self._abuse]
        alone = all(w in self._beside_abuse for w in rest)
        if all(w in self._mild for w in said):
            return alone and (not rest or not self._aimed.isdisjoint(rest))
        return alone or not may_be_answer

    def offtopic(self, words: Sequence[str]) -> bool:
        return not self._offtopic.isdisjoint(words)
