"""Reader of a person's name: without introduction, degrees, nickname, place or age; with the form of address used.

A name is the best reading of the whole message: a trade, small talk or a sentence about something else holds words that
stand in no name, and is none. The value holds letters, spaces and ``' . -`` only, so that no channel can take it for
markup.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conversations.hear.text.readings import Unsure
from conversations.hear.text.words import clean, once

from .address import ITSELF, FormsOfAddress
from .name_pieces import NamePhrases, NamePieces, comparable, pieces
from .name_words import NameWords

MAX_TEXT = 300  # characters looked at
MAX_NAME = 60  # characters of a name
MAX_WORDS = 5
MAX_CAPITALIZED = 9  # words, where each is written as names are: "Siti Nur Aini Rahmawati Putri Lestari"
NEAR = 4  # words before an introduction that may be of somebody else: "nama lengkap", not "nama saya"
FEW_BESIDE = 4  # words beside a name that nobody else bears, in one message

_TAG = re.compile(r"</?\w{1,10}>")
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
    """A name: ``value`` as it is written; ``address`` a key of ``names.toml`` ("Ibu", "Mbah", "PakHaji", …), ITSELF
    where the name holds it ("Ibu'e Bagas"), or "" when the person used none."""

    value: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class NotAName:
    """A message that is no name: a yes, a greeting, a question, a refusal, a business. The caller asks again."""


class PersonNames:
    """The reader of names. Built from ``names.toml``; ``common``: whether a word (no capitals) is one of everyday talk
    or of a trade."""

    def __init__(self, table: Mapping[str, Any], common: Callable[[str], bool]) -> None:
        words = table["words"]
        self._address = FormsOfAddress(table["address"], words["titles"])
        self._is = {role: NamePhrases(phrases) for role, phrases in words.items()}
        self._degrees = frozenset(words["degrees"])
        self._words = NameWords(table["known"], common)

    def read(self, text: str) -> Name | NotAName | Unsure:
        """The name; ``NotAName``; or Unsure for two people, digits within a name, and a message that may be a name or not."""
        said = _AGE.sub(", ", _PHONE.sub(", ", _TAG.sub(" ", once(clean(text[:MAX_TEXT]))))).translate(_APOSTROPHES)
        if not _LETTER.search(said) or "?" in said:
            return NotAName()
        said = _DEGREE_DOTS.sub(self._degree_as_break, said)
        if _MIXED.search(said) or any(unicodedata.category(sign) in ("Nl", "No") for sign in said):
            return Unsure(why="digits")
        corrected = self._corrected(NamePieces(pieces(said.replace("_", " "))))
        if isinstance(corrected, Unsure):
            return corrected
        told, introduced = self._introduced(corrected)
        opened = self._opened(told)
        return self._named(opened, introduced, len(opened) < len(told))

    def titles(self, word: str) -> bool:
        """Whether a word (no capitals) is a form of address or a title: "bu", "pak", "dr"."""
        return word in self._address or self._is["titles"].length_at([word], 0) == 1

    def shared(self, word: str) -> bool:
        """Whether a word (no capitals) is a form of address or begins many businesses' names: "bu", "warung", "cv"."""
        return self.titles(word) or self._is["business"].length_at([word], 0) == 1

    def denies(self, text: str, name: str) -> bool:
        """Whether a message denies this very name: "dudu Sumini", "bukan Bu Sumini"."""
        plain, told = NamePieces(pieces(once(clean(text[:MAX_TEXT])))).plain, NamePieces(pieces(name)).plain
        denial = self._is["not_this"].first(plain)
        behind = [word for word in plain[denial[1] :] if word not in self._address] if denial else []
        return bool(denial) and behind[: len(told)] == told

    def _degree_as_break(self, found: re.Match[str]) -> str:
        return " , " if re.sub(r"[. ]", "", found[1]).casefold() in self._degrees else found[0]

    def _corrected(self, told: NamePieces) -> NamePieces | Unsure:
        """The part behind the last correction, without greeting."""
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
        return told

    def _introduced(self, told: NamePieces) -> tuple[NamePieces, bool]:
        """The part behind an introduction ("nama saya …") or before it ("… namanya"), and whether there was one."""
        found = self._is["introductions"].first(told.plain)
        if not found or (found[0] > NEAR and not self._is["own"].length_at(told.plain, found[0])):
            return told, False
        behind, before = told[found[1] :], told[: found[0]]
        return (behind if any(map(_LETTER.match, behind.said)) or not len(before) else before), True

    def _opened(self, told: NamePieces) -> NamePieces:
        """The part behind the words that open an answer: "saya", "panggil saja"."""
        while again := self._is["openings"].length_at(told.plain, 0) or int(
            told.plain[:1] in ([":"], ["="], [","], ["."])
        ):
            told = told[again:]
        return told

    def _without_greeting(self, told: NamePieces) -> NamePieces:
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

    def _named(self, told: NamePieces, introduced: bool, opened: bool) -> Name | NotAName | Unsure:
        told = self._unquoted(told)
        if after := self._is["called_after"].length_at(told.plain, 0):
            return self._called_after(told, after)
        if self._is["kin"].length_at(told.plain, 0):
            return Unsure(why="kin")
        address, begins = self._address.before(told.plain)
        if begins == len(told):
            return self._called_by_address(told, address)
        return self._worded(told[begins:], address, introduced, opened)

    def _worded(self, told: NamePieces, address: str, introduced: bool, opened: bool) -> Name | NotAName | Unsure:
        """The name behind the form of address."""
        written, several, digits, ends = self._name_words(told)
        words = self._trimmed(written)
        if introduced or opened or address:
            words = self._before_the_rest(words, introduced)
        if address and len(words) == len(told) and self._is_called([comparable(word) for word in words]):
            return Name(" ".join(map(_capitalised, words)), address)
        if refused := self._refused(words, several, digits, told_so=introduced or bool(address)):
            return refused
        particles = [word for said in written[len(words) :] if (word := comparable(said)) not in self._address]
        if not (introduced or opened or address or self._likely(words, particles, told[ends:])):
            return NotAName()
        address = address or self._called(told)
        value = " ".join(map(_capitalised, [*words[:-1], _undotted(words[-1])]))
        return Name(value, address) if len(value) <= MAX_NAME else Unsure(why="long")

    def _refused(self, words: Sequence[str], several: bool, digits: bool, *, told_so: bool) -> NotAName | Unsure | None:
        """Why the words are no name, or may be none; None where nothing speaks against them. ``told_so``: the person
        introduced them, or said a form of address."""
        plain = [comparable(word) for word in words]
        if not words or self._is["never"].all(plain) or (not told_so and self._is_business(plain)):
            return NotAName()
        if several:
            return Unsure(why="two")
        written = told_so and len(words) > 1 and all(map(_as_a_name, words)) and any(map(self._words.known, plain))
        if not written and any(self._words.strange(comparable(word)) and not _is_initials(word) for word in words):
            return NotAName()
        most = MAX_CAPITALIZED if all(map(_as_a_name, words)) else MAX_WORDS
        if digits or self._is["roles"].all(plain) or len(plain) > most or self._doubtful(plain):
            return NotAName() if self._is["never"].length_at(plain, 0) else Unsure(why="unclear")
        return None

    def _called_by_address(self, told: NamePieces, address: str) -> Name | NotAName:
        """Who is called by a title alone, "Bu Haji", or bears a name that is one as well: "Ning"."""
        first, last = told.plain[:1], told.plain[-1:]
        if len(told) == 1 and self._words.known(last[0]):
            return Name(_capitalised(told.said[0]))
        general = self._address.at(first, 0)[0] if len(told) == 2 else ""
        return Name(_capitalised(told.said[-1]), general) if general and self._is["roles"].all(last) else NotAName()

    def _is_called(self, plain: Sequence[str]) -> bool:
        """Whether these words behind a form of address are what somebody is called by: "RT", "Guru Anton", "Man"."""
        role = self._is["roles"].length_at(plain, 0)
        if len(plain) == 1:
            return bool(role) or self._words.short(plain[0])
        return bool(role) and all(map(self._words.known, plain[role:]))

    def _called_after(self, told: NamePieces, length: int) -> Name | Unsure:
        """Who is called after a child: "Ibu'e Bagas"."""
        child = [word for word in self._trimmed(self._name_words(told[length:])[0]) if word]
        plain = [comparable(word) for word in child]
        if not child or len(child) > 2 or any(map(self._words.strange, plain)) or plain[0] in self._address:
            return Unsure(why="kin")
        return Name(" ".join(map(_capitalised, [*told.said[:length], *child])), ITSELF)

    def _before_the_rest(self, words: list[str], introduced: bool) -> list[str]:
        """The words of a name that goes on as a sentence: "nama saya siti mau daftar"."""
        plain = [comparable(word) for word in words]
        end = self._words.until_strange(plain)
        if not end or end == len(plain) or not any(map(self._words.known, plain[:end])):
            return words
        return words[:end] if introduced or self._is["may_follow"].length_at(plain, end) else words

    def _likely(self, words: Sequence[str], particles: Sequence[str], beside: NamePieces) -> bool:
        """Whether the words are a name without anybody saying so: by themselves, the particles behind them ("sabar ya"),
        and what else the message says."""
        plain = [comparable(word) for word in words]
        rest = [word for word in beside.plain if _LETTER.match(word)]
        strange = 0 if self._is["about"].length_at(rest, 0) else sum(map(self._words.strange, rest))
        if not any(map(self._words.known, plain)):
            return len(plain) <= 3 and len(rest) <= FEW_BESIDE and strange <= 1
        if all(map(self._words.everyday, plain)) and (particles or len(plain) > 1):
            return all(map(_as_a_name, words)) and not particles
        return strange <= FEW_BESIDE

    def _unquoted(self, told: NamePieces) -> NamePieces:
        at = 0
        while at < len(told) and not _LETTER.match(told.said[at]) and not told.said[at].isdecimal():
            at += 1
        return told[at:]

    def _called(self, told: NamePieces) -> str:
        """The form of address that is asked for behind the name; "" for none."""
        found = self._is["called"].first(told.plain, 1)
        return self._address.at(told.plain, found[1])[0] if found else ""

    def _name_words(self, told: NamePieces) -> tuple[list[str], bool, bool, int]:
        """The words up to where the name ends; whether a second person follows; whether digits stand in it; where it
        ends."""
        words: list[str] = []
        for at, said in enumerate(told.said):
            if words and self._is["several"].length_at(told.plain, at):
                return words, True, False, at
            if said == "/" and words and self._is_person(told.plain[at + 1 :]):
                return words, True, False, at
            if said in _BREAKS or (words and self._is["cut"].length_at(told.plain, at)):
                return words, False, False, at
            if said.isdecimal():
                return words, False, True, at
            if _LETTER.match(said):
                words.append(said)
        return words, False, False, len(told)

    def _is_person(self, plain: Sequence[str]) -> bool:
        letters = [word for word in plain if _LETTER.match(word)]
        return bool(letters) and not any(
            self._is[role].length_at(letters, 0) for role in ("cut", "never", "business", "places", "degrees")
        )

    def _trimmed(self, words: list[str]) -> list[str]:
        """The words of a name without those that follow it: particles, forms of address, degrees, the town."""
        while len(words) > 1:
            last = comparable(words[-1])
            degree = last.replace(".", "") in self._degrees and (len(words) > 2 or words[-1].isupper())
            if self._is["after"].length_at([last], 0) or self._is["places"].length_at([last], 0) or degree:
                words = words[:-1]
            elif len(words) > 2 and self._is["after"].length_at([comparable(word) for word in words[-2:]], 0) == 2:
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
        short = 3 if any(map(self._words.known, plain)) else 2  # letters of an abbreviation: "Muji Srg"
        senseless = len(longest) > short and not all(_is_spoken(word) for word in plain if len(word) > short)
        return bool(sentence) or senseless or len("".join(plain)) < 2


def _as_a_name(word: str) -> bool:
    """Whether a word begins with a capital, and is not shouted."""
    return word[:1].isupper() and (len(word) == 1 or not word.isupper())


def _is_spoken(word: str) -> bool:
    """Whether a word has a vowel. Scripts that write none between their letters are not judged."""
    bare = unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode()
    return bool(_VOWEL.search(bare)) or not bare


def _is_initials(word: str) -> bool:
    """Whether a word is capitals without a vowel, or such a short form: "RT", "Srg"."""
    return word[:1].isupper() and len(word) <= 3 and not _VOWEL.search(word)


def _undotted(last: str) -> str:
    """The last word of a name without the dot that closes the message; after one letter the dot makes an initial."""
    return last if len(last) == 2 else last.rstrip(".")


def _capitalised(word: str) -> str:
    """A word of a name, capitalised.

    >>> _capitalised("TRI"), _capitalised("nur'aini"), _capitalised("al-amin"), _capitalised("McArthur"), _capitalised("m.")
    ('Tri', "Nur'aini", 'Al-Amin', 'McArthur', 'M.')
    >>> _capitalised("rt"), _capitalised("SH")
    ('RT', 'SH')
    """
    if len(word) == 2 and word.isalpha() and word.isascii() and not _VOWEL.search(word):
        return word.upper()
    if word[0].isupper() and not word.isupper():
        return word.rstrip(".") if len(word) > 5 else word
    joined = "-".join(part[:1].upper() + part[1:].lower() for part in word.split("-"))
    return joined if len(joined) <= 5 else joined.rstrip(".")
