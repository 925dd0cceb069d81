"""Reader of languages: in which language somebody asks to be answered, and in which one their words surely are.

Owners mix: a few Javanese words in Indonesian are Indonesian. So a language is only guessed from a whole message that
no Indonesian could have written; a person who asks for a language is always heard.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from conversations.hear.text.words import split

from .commands import ANY_NAME

LEAST_TELLING = 5  # different words that only one language has: "kulo nuwun, badhe ndaftar" has three
REFUSES_WITHIN = 2  # words from a refusal to the language: "mboten lancar basa Indonesia"
MOST_WORDS = 40  # of a message that is looked at, so that a long story costs no more than a short one


class Languages:
    """The reader of languages. ``introductions``: the parsed ``language.toml`` of every language, by code, the source
    first.

    ``names``: each language's own name, by code; the label of its button.
    """

    __slots__ = ("_beside", "_called", "_labels", "_language", "_not", "_telling", "_unspoken", "names")

    def __init__(self, introductions: Mapping[str, Mapping[str, Any]]) -> None:
        self.names: Mapping[str, str] = {code: str(table["name"]) for code, table in introductions.items()}
        self._labels = {" ".join(_words(name)): code for code, name in self.names.items()}
        self._language = _all(introductions, "language")
        self._not = _all(introductions, "not")
        self._beside = _all(introductions, "beside")
        self._unspoken = _all(introductions, "unspoken")
        self._telling = {code: frozenset(table.get("telling", "").split()) for code, table in introductions.items()}
        self._called: dict[str, str] = {}
        for code, table in introductions.items():
            own_name = [word for word in split(str(table["name"])) if word not in self._language]
            self._called |= dict.fromkeys((code, *own_name, *table.get("called", ())), code)

    def named(self, text: str) -> str | None:
        """The language that this message names and nothing else: "basa jawa", "pakai bahasa Indonesia saja"; also by
        the label of its button, whatever that is.

        None for another bare name, which may be a place ("jawa"), and with other words beside it ("les bahasa jawa").
        """
        words = _words(text)
        if label := self._labels.get(" ".join(words)):
            return label
        known = all(word in self._language or word in self._called or word in self._beside for word in words)
        return self.asked(text) if known else None

    def asked(self, text: str, question: str = "") -> str | None:
        """The language that a message about languages asks for; None where it leaves that open.

        ``question``: the key of the open question. Where any name is asked, only :meth:`named` counts.
        """
        if question in ANY_NAME:
            return self.named(text)
        words = _words(text)
        meant = set(self._meant(words))
        return meant.pop() if len(meant) == 1 and not self._language.isdisjoint(words) else None

    def unspoken(self, text: str) -> bool:
        """Whether a message names a language in which nobody is answered: "do you speak English?"."""
        return not self._unspoken.isdisjoint(_words(text))

    def sure(self, text: str) -> str | None:
        """The language that a whole message is unmistakably written in; None where there is any doubt.

        At least ``LEAST_TELLING`` different words that only this language has, half of the message or more, and no word
        that tells of another language.
        """
        words = _words(text)
        told = {code: telling.intersection(words) for code, telling in self._telling.items()}
        [*found] = (code for code, telling in told.items() if telling)
        if len(found) != 1 or len(told[found[0]]) < LEAST_TELLING:
            return None
        count = sum(word in told[found[0]] for word in words)
        return found[0] if 2 * count >= len(words) else None

    def _meant(self, words: Sequence[str]) -> Iterator[str]:
        """The languages that are named and not refused."""
        for at, word in enumerate(words):
            if word in self._called and not self._refused(words[:at]):
                yield self._called[word]

    def _refused(self, before: Sequence[str]) -> bool:
        """Whether a refusal stands shortly before a language's name; not one that refuses another language."""
        near = [word for word in before if word not in self._language][-REFUSES_WITHIN:]
        for word in reversed(near):
            if word in self._called:
                return False
            if word in self._not:
                return True
        return False


def _words(text: str) -> list[str]:
    """The words of a message, without marks and numbers."""
    return [word for word in split(text) if word[0].isalpha()][:MOST_WORDS]


def _all(introductions: Mapping[str, Mapping[str, Any]], name: str) -> frozenset[str]:
    return frozenset(word for table in introductions.values() for word in table.get(name, ()))
