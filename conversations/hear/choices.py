"""Reader of offered choices: words that mean one of a few choices, and words that skip a question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rapidfuzz import fuzz, process

from conversations.hear.text.spelling import AS_WRITTEN, Spelling

NEAR_ENOUGH = 86  # likeness of 100; below 86 two short words are too easily different words
MOST_CUED = 7  # words of a message that one word of it may tell
MAX_TOLD = 200  # characters; a longer story tells more than who is paid
_BETWEEN = re.compile(r"[\s,]+")
_NOTHING = " .-_~/"  # a message of these alone
_EDGES = " .,!?;:()[]\"'*_-~"


class Choices:
    """The words of choices. ``table``: ``[particles] words`` (dropped at either end), ``[skip] words``,
    ``[choices."path"] value = [words]``.

    ``volunteered``: words that lead to answers told in passing, by the name of their list.
    """

    def __init__(self, table: Mapping[str, Any], spelling: Spelling = AS_WRITTEN) -> None:
        self._spelling = spelling
        self._particles = frozenset(table["particles"]["words"])
        self._skips = frozenset(table["skip"]["words"])
        self._why_again = frozenset(table.get("why_again", {}).get("words", ()))
        refusing = table.get("refusing", {})
        self._refusing = _not_willing(refusing) if refusing else None
        nothing = table.get("nothing", {})
        self._nothing = _having_none(nothing, nothing["of"]) if nothing else None
        self._nothing_alone = _having_none(nothing, ()) if nothing else None
        self._nothing_means: Mapping[str, str] = nothing.get("means", {})
        unknown = table.get("unknown", {})
        self._unknown = _not_knowing(unknown, self._particles) if unknown else None
        self._unknown_means: Mapping[str, str] = unknown.get("means", {})
        self._words: dict[str, dict[str, str]] = {
            path: {said: value for value, all_said in choices.items() for said in all_said}
            for path, choices in table["choices"].items()
        }

        self._cues: dict[str, dict[str, re.Pattern[str]]] = {
            path: {value: re.compile(rf"(?<!\w)(?:{_any(words)})(?!\w)") for value, words in cues.items()}
            for path, cues in table.get("cues", {}).items()
        }
        self.volunteered: Mapping[str, tuple[str, ...]] = {
            name: tuple(words) for name, words in table.get("volunteered", {}).items()
        }

    def bare(self, text: str, *, from_the_start: bool = True) -> str:
        """The message without particles and politeness at its ends, or only at its end: "yang benar" is not "benar".

        >>> Choices({"particles": {"words": ["kak", "ya"]}, "skip": {"words": []}, "choices": {}}).bare("Kirim ya kak!")
        'kirim'
        """
        words = [word for word in (part.strip(_EDGES) for part in self._spelling.even(text[:200]).split()) if word]
        while len(words) > 1 and words[-1] in self._particles:
            words.pop()
        while from_the_start and len(words) > 1 and words[0] in self._particles:
            words.pop(0)
        return " ".join(words)

    def without_why(self, text: str) -> str:
        """The bare message without a word at either end that says why it is told again: "dulu pernah maksudnya"."""
        words = self.bare(text).split()
        if len(words) > 1 and words[-1] in self._why_again:
            words.pop()
        elif len(words) > 1 and words[0] in self._why_again:
            words.pop(0)
        return self.bare(" ".join(words))

    def skips(self, text: str) -> bool:
        """Whether the message skips the question ("lewati", "skip", "gak usah")."""
        return self.bare(text) in self._skips

    def refuses(self, text: str) -> bool:
        """Whether the message says only that its person does not want to tell: "gak mau bilang", "rahasia dong"."""
        return bool(self._refusing and self._refusing.fullmatch(self._bare_words(text)))

    def _bare_words(self, text: str) -> str:
        """The words of a message without marks."""
        words = _BETWEEN.split(self._spelling.even(text[:MAX_TOLD]))
        return " ".join(filter(None, (word.strip(_EDGES) for word in words)))

    def nothing(self, text: str, *, alone: bool = False) -> bool:
        """Whether the message says that there is nothing to tell: "-", "ga ada", "belum punya nama". ``alone``: without
        naming what there is none of."""
        said = self._spelling.even(text[:MAX_TOLD]).strip()
        if said == "0" or (said and not said.strip(_NOTHING)):
            return True
        pattern = self._nothing_alone if alone else self._nothing
        return bool(pattern and pattern.fullmatch(self.bare(text)))

    def nothing_means(self, path: str) -> str | None:
        """The option of this question that stands for nothing; None where there is no such option."""
        return self._nothing_means.get(path)

    def unknown(self, text: str) -> bool:
        """Whether the message says only that its person does not know ("lupa", "gak tau kecamatannya")."""
        return bool(self._unknown and self._unknown.fullmatch(self._bare_words(text)))

    def unknown_means(self, path: str) -> str | None:
        """The option of this question that stands for not knowing; None where there is no such option."""
        return self._unknown_means.get(path)

    def exact(self, text: str, path: str, options: Sequence[str]) -> str | None:
        """The option that these very words name; None where no option has these words."""
        value = self._words.get(path, {}).get(self.bare(text))
        return value if value in options else None

    def read(self, text: str, path: str, options: Sequence[str], *, near: bool = True) -> str | None:
        """The option that these words mean: by its number in the list, a word for it, or a spelling that is ``near``;
        else None."""
        said = self.bare(text, from_the_start=near)
        if said.isdecimal() and len(said) == 1 and 0 < int(said) <= len(options):
            return options[int(said) - 1]
        words = {word: value for word, value in self._words.get(path, {}).items() if value in options}
        if said in words:
            return words[said]
        if not near:
            return None
        # Compared only with words of the same number: "gak ada yang salah" is no spelling of "ada yang salah".
        as_long = [word for word in words if word.count(" ") == said.count(" ")]
        alike = process.extract(said, as_long, scorer=fuzz.ratio, score_cutoff=NEAR_ENOUGH, limit=2)
        meant = {words[word] for word, _, _ in alike}
        return meant.pop() if len(meant) == 1 else self.cued(text, path, options)

    def cued(self, text: str, path: str, options: Sequence[str]) -> str | None:
        """The one option of which a short message holds a word that tells: "cuma pas ada borongan"."""
        said = self._bare_words(text)
        if "?" in text or said.count(" ") >= MOST_CUED:
            return None
        found = []
        for value, cue in self._cues.get(path, {}).items():
            if value not in options and cue.search(said):
                return None  # "bukan borongan": what then?
            if value in options and cue.search(said):
                found.append(value)
                said = cue.sub(" ", said)  # "tidak tetap" is of the first, so its "tetap" is not of the next
        return found[0] if len(found) == 1 else None


def _having_none(table: Mapping[str, Any], of: Iterable[str]) -> re.Pattern[str]:
    """The pattern of messages that say "there is none", perhaps of one of these things."""
    no, have, words = (_any(table[role]) for role in ("no", "have", "words"))
    things = rf"(?: (?:{_any(of)}))*" if of else ""
    return re.compile(rf"(?:(?:{no}) (?:{have})|{words}){things}")


def _not_willing(table: Mapping[str, Any]) -> re.Pattern[str]:
    """The pattern of messages that say "I do not want to tell", with words of the list ``beside`` around it."""
    no, will, tell, words, beside = (_any(table[role]) for role in ("no", "will", "tell", "words", "beside"))
    unwilling = rf"(?:{_any(table['unwilling'])})(?: (?:{will}))?|(?:{no}) (?:{will})"
    return re.compile(rf"(?:(?:{beside}) )*(?:{words}|(?:{unwilling}) (?:{tell}))(?: (?:{beside}))*")


def _not_knowing(table: Mapping[str, Any], particles: Iterable[str]) -> re.Pattern[str]:
    """The pattern of messages that say "I do not know", with any number of words beside that."""
    no, known, words, beside = (_any(table[role]) for role in ("no", "known", "words", "beside"))
    saying = rf"(?:{words}|(?:{no}) (?:{known}))"
    other = rf"(?:{beside}|{_any(particles)})"
    return re.compile(rf"(?:{other} )*{saying}(?: {saying}| {other})*")


def _any(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
