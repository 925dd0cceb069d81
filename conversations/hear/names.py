"""Reader of a person's name: without introduction, degrees, nickname, place or age; with the form of address used.

The value holds letters, spaces and ``' . -`` only, so that no channel can take it for markup.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conversations.hear.text.readings import Unsure
from conversations.hear.text.words import LETTER, clean, once

MAX_TEXT = 300  # characters looked at
MAX_NAME = 60  # characters of a name
MAX_WORDS = 5
MAX_CAPITALIZED = 9  # words, where each is written as names are: "Siti Nur Aini Rahmawati Putri Lestari"

_TAG = re.compile(r"</?\w{1,10}>")
_PIECE = re.compile(rf"{LETTER}+(?:['’‘`ʼ-]{LETTER}+)*\.?|\d+|[^\s]")
_DEGREE_DOTS = re.compile(r"\b([^\W\d_]{1,4}(?:\. ?[^\W\d_]{1,4}){1,2})\b\.?")
_PHONE = re.compile(r"\+?\d[\d .()-]{6,}\d")
_AGE = re.compile(r"\b\d{1,2} ?(?:tahun|thn|th)\b", re.IGNORECASE)
_MIXED = re.compile(r"[^\W\d_]\d|\d[^\W\d_]")
_VOWEL = re.compile(r"[aeiouy]", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")
_APOSTROPHES = str.maketrans("’‘`ʼ", "''''")
_BREAKS = frozenset(',;:(/|-–—"=*~[{<>+')


@dataclass(frozen=True, slots=True)
class Name:
    """A name: ``value`` as it is written; ``address`` "Ibu", "Bapak", "Mbak", "Mas", or "" when the person used none."""

    value: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class NotAName:
    """A message that is no name: a yes, a greeting, a question, a refusal, a business. The caller asks again."""


class _Told:
    """The pieces of a message as written (``said``) and as compared (``plain``: no capitals, no dot)."""

    __slots__ = ("plain", "said")

    def __init__(self, said: Sequence[str]) -> None:
        self.said = list(said)
        self.plain = [_comparable(piece) for piece in self.said]

    def __getitem__(self, part: slice) -> _Told:
        return _Told(self.said[part])

    def __len__(self) -> int:
        return len(self.said)


class _Phrases:
    def __init__(self, phrases: Iterable[str]) -> None:
        self._keys = frozenset(tuple(map(_comparable, _PIECE.findall(phrase))) for phrase in phrases)
        self._lengths = tuple(sorted({len(key) for key in self._keys}, reverse=True))

    def length_at(self, words: Sequence[str], at: int) -> int:
        """How many words from ``at`` on are a phrase, the longest; 0 for none."""
        return next((n for n in self._lengths if tuple(words[at : at + n]) in self._keys), 0)

    def first(self, words: Sequence[str], start: int = 0) -> tuple[int, int] | None:
        """Where the first phrase begins and ends; None without any."""
        return next(((at, at + n) for at in range(start, len(words)) if (n := self.length_at(words, at))), None)

    def all(self, words: Sequence[str]) -> bool:
        at = 0
        while at < len(words):
            length = self.length_at(words, at)
            if not length:
                return False
            at += length
        return bool(words)


class PersonNames:
    """The reader of names. Built from ``names.toml``."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        words = table["words"]
        self._address = {said: address for address, forms in table["address"].items() for said in forms}
        self._is = {role: _Phrases(phrases) for role, phrases in words.items()}
        self._degrees = frozenset(words["degrees"])

    def read(self, text: str) -> Name | NotAName | Unsure:
        """The name; ``NotAName``; or Unsure for two people, digits within a name, and a message that may be a name or not."""
        said = _AGE.sub(", ", _PHONE.sub(", ", _TAG.sub(" ", once(clean(text[:MAX_TEXT]))))).translate(_APOSTROPHES)
        if not _LETTER.search(said) or "?" in said:
            return NotAName()
        said = _DEGREE_DOTS.sub(self._degree_as_break, said)
        if _MIXED.search(said):
            return Unsure(why="digits")
        told = self._introduced(_Told(_PIECE.findall(said.replace("_", " "))))
        if isinstance(told, Unsure):
            return told
        return self._named(told)

    def denies(self, text: str, name: str) -> bool:
        """Whether a message denies this very name: "dudu Sumini", "bukan Bu Sumini"."""
        plain, told = _Told(_PIECE.findall(once(clean(text[:MAX_TEXT])))).plain, _Told(_PIECE.findall(name)).plain
        denial = self._is["not_this"].first(plain)
        behind = [word for word in plain[denial[1] :] if word not in self._address] if denial else []
        return bool(denial) and behind[: len(told)] == told

    def _degree_as_break(self, found: re.Match[str]) -> str:
        return " , " if re.sub(r"[. ]", "", found[1]).casefold() in self._degrees else found[0]

    def _introduced(self, told: _Told) -> _Told | Unsure:
        """The part behind the last correction and behind the introduction, without greeting."""
        told = self._without_greeting(told)
        denial = self._is["not_this"].first(told.plain)
        correction = self._is["corrections"].first(told.plain)
        if denial and denial[0] > 0 and not correction:
            told = told[: denial[0]]
        elif denial and not correction:
            return Unsure(why="unclear")
        elif correction and (denial or correction[0] > 0):
            told = self._without_greeting(told[correction[1] :] if len(told) > correction[1] else told[: correction[0]])
        while again := self._is["corrections"].length_at(told.plain, 0):
            told = told[again:]
        if behind := self._is["introductions"].first(told.plain):
            told = told[behind[1] :]
        while again := self._is["openings"].length_at(told.plain, 0) or int(
            told.plain[:1] in ([":"], ["="], [","], ["."])
        ):
            told = told[again:]
        return told

    def _without_greeting(self, told: _Told) -> _Told:
        at = 0
        while at < len(told):
            length = self._is["greetings"].length_at(told.plain, at)
            if (
                not length
                and at
                and told.plain[at] in self._address
                and self._is["openings"].length_at(told.plain, at + 2)
            ):
                length = 1  # "halo mbak, saya Siti"
            if not length and (told.plain[at] in ",.!" and at):
                length = 1
            if not length:
                break
            at += length
        if at and told.plain[at : at + 1] and told.plain[at] in self._address:
            following = told.plain[at + 1 : at + 2]
            if following in ([","], []) or self._is["openings"].length_at(told.plain, at + 1):
                at += 1
        return told[at:]

    def _named(self, told: _Told) -> Name | NotAName | Unsure:
        if told.plain[:1] and self._is["kin"].length_at(told.plain, 0):
            return Unsure(why="kin")
        told, address = self._unaddressed(self._unquoted(told))
        words, several, digits = self._name_words(told)
        words = self._trimmed(words)
        plain = [_comparable(word) for word in words]
        if not words or self._is["never"].all(plain) or (not address and self._is_business(plain)):
            return NotAName()
        most = MAX_CAPITALIZED if all(map(_as_a_name, words)) else MAX_WORDS
        if several or digits or self._is["roles"].all(plain) or len(plain) > most or self._doubtful(plain):
            return NotAName() if self._is["never"].length_at(plain, 0) else Unsure(why="two" if several else "unclear")
        address = address or self._called(told)
        value = " ".join(map(_capitalised, [*words[:-1], _undotted(words[-1])]))
        return Name(value, address) if len(value) <= MAX_NAME else Unsure(why="long")

    def _unquoted(self, told: _Told) -> _Told:
        at = 0
        while at < len(told) and not _LETTER.match(told.said[at]) and not told.said[at].isdecimal():
            at += 1
        return told[at:]

    def _unaddressed(self, told: _Told) -> tuple[_Told, str]:
        address = ""
        at = 0
        while at < len(told):
            form = self._address.get(told.plain[at], "")
            if not form and not self._is["titles"].length_at(told.plain, at):
                break
            address = address or form
            at += 1
        return told[at:], address

    def _called(self, told: _Told) -> str:
        """The form of address that is asked for behind the name; "" for none."""
        found = self._is["called"].first(told.plain, 1)
        return self._address.get("".join(told.plain[found[1] : found[1] + 1]), "") if found else ""

    def _name_words(self, told: _Told) -> tuple[list[str], bool, bool]:
        """The words up to where the name ends; whether a second person follows; whether digits stand in it."""
        words: list[str] = []
        for at, said in enumerate(told.said):
            if words and self._is["several"].length_at(told.plain, at):
                return words, True, False
            if said == "/" and words and self._is_person(told.plain[at + 1 :]):
                return words, True, False
            if said in _BREAKS or (words and self._is["cut"].length_at(told.plain, at)):
                break
            if said.isdecimal():
                return words, False, True
            if _LETTER.match(said):
                words.append(said)
        return words, False, False

    def _is_person(self, plain: Sequence[str]) -> bool:
        letters = [word for word in plain if _LETTER.match(word)]
        return bool(letters) and not any(
            self._is[role].length_at(letters, 0) for role in ("cut", "never", "business", "places", "degrees")
        )

    def _trimmed(self, words: list[str]) -> list[str]:
        """The words of a name without those that follow it: particles, forms of address, degrees, the town."""
        while len(words) > 1:
            last = _comparable(words[-1])
            degree = last.replace(".", "") in self._degrees and (len(words) > 2 or words[-1].isupper())
            if self._is["after"].length_at([last], 0) or self._is["places"].length_at([last], 0) or degree:
                words = words[:-1]
            elif len(words) > 2 and self._is["after"].length_at([_comparable(word) for word in words[-2:]], 0) == 2:
                words = words[:-2]
            else:
                break
        return words

    def _is_business(self, plain: Sequence[str]) -> bool:
        if self._is["business"].length_at(plain, 0):
            return True
        ends = len(plain) > 1 and self._is["business_ends"].length_at(plain[-1:], 0)
        return bool(ends) or (len(plain) > 1 and self._is["fortune"].all(plain))

    def _doubtful(self, plain: Sequence[str]) -> bool:
        sentence = self._is["never"].first(plain) or self._is["business"].first(plain) or self._is["kin"].first(plain)
        longest = max(plain, key=len)
        senseless = len(longest) > 3 and not all(_is_spoken(word) for word in plain if len(word) > 3)
        return bool(sentence) or senseless or len("".join(plain)) < 2


def _as_a_name(word: str) -> bool:
    """Whether a word begins with a capital, and is not shouted."""
    return word[:1].isupper() and (len(word) == 1 or not word.isupper())


def _is_spoken(word: str) -> bool:
    """Whether a word has a vowel. Scripts that write none between their letters are not judged."""
    bare = unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode()
    return bool(_VOWEL.search(bare)) or not bare


def _comparable(piece: str) -> str:
    return piece.casefold().removesuffix(".") or piece


def _undotted(last: str) -> str:
    """The last word of a name without the dot that closes the message; after one letter the dot makes an initial."""
    return last if len(last) == 2 else last.rstrip(".")


def _capitalised(word: str) -> str:
    """A word of a name, capitalised.

    >>> _capitalised("TRI"), _capitalised("nur'aini"), _capitalised("al-amin"), _capitalised("McArthur"), _capitalised("m.")
    ('Tri', "Nur'aini", 'Al-Amin', 'McArthur', 'M.')
    """
    if word[0].isupper() and not word.isupper():
        return word.rstrip(".") if len(word) > 5 else word
    joined = "-".join(part[:1].upper() + part[1:].lower() for part in word.split("-"))
    return joined if len(joined) <= 5 else joined.rstrip(".")
