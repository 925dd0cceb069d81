"""Reader of a telephone number, or of the words said instead of one.

A number that was not given must never be stored: where words or further digits leave a doubt, the reader is Unsure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import phonenumbers

from conversations.hear.text.readings import Unsure
from conversations.hear.text.words import plain

from .dictated import UNCLEAR, Spoken

Kind = Literal["phone", "landline", "this_number", "foreign", "invalid", "none"]

MAX_TEXT = 300  # characters looked at; a telephone number does not hide behind more

_DASHES = re.compile("[‐-―−–—]")
_MASKED = re.compile(r"\d[ .-]?(?:x+|\*+|_{2,}|\?+)(?=[ .-]?\d)|\d(?:xx+|\.\.\.|…|\?)|\d[ .-]?x+(?!\w)")
_RUN = re.compile(r"\+?[ ]?\(?\d+\)?(?:(?:[ .\-_]{1,3}|/|,(?=\d)|[ -]?\(|\)[ -]?)+\d+)*")
_GROUP = re.compile(r"\d+")
_MARK = re.compile(r"[^\w\s?,]|_")
_MOBILE = re.compile(r"8[1-9]\d{7,10}")
_SHORTEST, _LONGEST = 7, 17  # characters of a whole number, 00 or + and country included
_STRAY = 2  # digits that may stand elsewhere in a message ("2 nomor") without casting doubt


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """The answer to the question for a number; ``e164`` ("+6281…") is set for a mobile ("phone") and a landline of
    Indonesia only."""

    kind: Kind
    e164: str = ""


@dataclass(frozen=True, slots=True)
class _Found:
    phone: PhoneNumber
    start: int
    end: int


class Phones:
    """The reader of telephone numbers. Built from ``phones.toml``."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        talk = table["talk"]
        self._spoken = Spoken(table)
        self._this = _Talk(talk["this"], talk["polite"])
        self._none = _Talk(talk["none"], talk["none_of"])
        number, kin, mine = (_any(table["numbers"][role]) for role in ("words", "kin", "mine"))
        self._kin = re.compile(rf"\b(?:{number}) (?:{kin})\b|\b(?:{kin}) (?:{mine})\b")
        self._short = tuple(prefix.removeprefix("0") for prefix in table["numbers"]["short_prefixes"])
        units = _any(talk["units"])
        self._units = re.compile(
            rf"\b(?:{units})[ .:]*\d{{1,2}}(?![\d.-]| \d)|(?<![\d.-])(?<!\d )\d{{1,3}} ?(?:{units})\b"
        )
        self._words = {
            role: re.compile(rf"\b(?:{_any(talk[role])})\b")
            for role in ("good", "before", "after", "correction", "either")
        }
        self._this_said = re.compile(rf"\b(?:{_any(phrase for phrase in talk['this'] if ' ' in phrase)})\b *,")

    def read(self, text: str) -> PhoneNumber | Unsure:
        """The number given, or its kind. Two numbers of which none is picked are Unsure, with both as candidates."""
        said = _DASHES.sub("-", _ascii_digits(plain(text[:MAX_TEXT])))
        said = self._units.sub(" ", self._spoken.in_digits(said))
        if not any(c.isdecimal() for c in said):
            return self._talk(said)
        if UNCLEAR in said or _MASKED.search(said):
            return Unsure(why="unclear")
        found, stray = self._numbers(said)
        if not found:
            return self._nothing_valid(said, stray)
        if stray > _STRAY or (stray and len(found) == 1 and self._words["correction"].search(said[found[0].end :])):
            return Unsure(tuple(one.phone for one in found), "unclear")
        return self._picked(said, found)

    def dictated(self, text: str) -> str:
        """The message with numbers that are told in words, digit by digit, written as digits; in small letters."""
        return self._spoken.in_digits(plain(text))

    def _talk(self, said: str) -> PhoneNumber | Unsure:
        if "?" in said:
            return Unsure(why="question")
        words = _MARK.sub(" ", said).replace(",", " ").split()
        line = " ".join(words)
        if self._this.is_all(words) and not self._kin.search(line):
            return PhoneNumber("this_number")
        return PhoneNumber("none") if self._none.is_all(words) else Unsure(why="no_number")

    def _nothing_valid(self, said: str, stray: int) -> PhoneNumber | Unsure:
        wordy = len(re.findall(r"[^\W\d_]{2,}", said))
        doubtful = any(self._words[role].search(said) for role in ("before", "after", "correction"))
        return Unsure(why="unclear") if doubtful or (wordy > 1 and stray < 5) else PhoneNumber("invalid")

    def _numbers(self, said: str) -> tuple[list[_Found], int]:
        """The valid numbers in order, and how many other digits there are."""
        found: list[_Found] = []
        stray = 0
        for run in _RUN.finditer(said):
            numbers, left = self._split(run[0])
            if numbers and left:  # digits that touch a number may be part of it
                left += _STRAY + 1
            found += [_Found(number, run.start(), run.end()) for number in numbers]
            stray += left
        bare = re.sub(r"[ ,./()_-]", "", said)
        if not found and bare.isdecimal() and (joined := self._valid(bare)):
            return [_Found(joined, 0, len(said))], 0
        return found, stray

    def _split(self, run: str) -> tuple[list[PhoneNumber], int]:
        """The valid numbers in one run of digit groups, the whole run as one if possible; and how many digits belong to
        none."""
        run = run.strip(" .-_/,")
        groups = _GROUP.findall(run)
        plus = "+" if run.startswith("+") else ""
        if whole := self._grouped(groups, plus):
            return [whole], 0
        numbers: list[PhoneNumber] = []
        left = at = 0
        while at < len(groups):
            for end in range(min(len(groups), at + _LONGEST), at, -1):
                number = self._grouped(groups[at:end], plus if at == 0 else "")
                if number:
                    numbers.append(number)
                    at = end
                    break
            else:
                left += len(groups[at])
                at += 1
        return numbers, left

    def _grouped(self, groups: Sequence[str], plus: str) -> PhoneNumber | None:
        """The number that these groups make; None when the first group is a number already, or a lone digit trails."""
        lone = len(groups) > 1 and len(groups[-1]) == 1 and any(len(group) > 1 for group in groups)
        already = len(groups) > 1 and self._valid(plus + groups[0])
        return None if lone or already else self._valid(plus + "".join(groups))

    def _valid(self, digits: str) -> PhoneNumber | None:
        if not _SHORTEST <= len(digits) <= _LONGEST:
            return None
        international, national = _national(digits)
        if national is None:
            return _foreign(digits) if international else None
        if _MOBILE.fullmatch(national):
            long_enough = len(national) > 9 or national.startswith(self._short)
            return PhoneNumber("phone", f"+62{national}") if long_enough else None
        if national.startswith("8") or not (international or digits.startswith(("0", "62"))):
            return None
        return _landline(national)

    def _picked(self, said: str, found: Sequence[_Found]) -> PhoneNumber | Unsure:
        phones = list(dict.fromkeys(one.phone for one in found))
        if len(phones) == 1:
            either = self._words["either"].search(said) or self._this_said.search(said[: found[0].start])
            bad = either or any(self._standing(said, found, at) < 0 for at in range(len(found)))
            return Unsure((phones[0],), "unclear") if bad else phones[0]
        standing = [self._standing(said, found, at) for at in range(len(found))]
        best = {found[at].phone for at in range(len(found)) if standing[at] == max(standing)}
        if len(best) == 1 and max(standing) >= 0 and len(found) == 2:
            return best.pop()
        between = said[found[-2].end : found[-1].start]
        if len(found) == 2 and standing[1] >= 0 and self._words["correction"].search(between):
            return found[-1].phone
        return Unsure(tuple(phones), "two")

    def _standing(self, said: str, found: Sequence[_Found], at: int) -> int:
        """1: named as the number to use, -1: named as not in use, 0: neither. The word nearest to the number decides."""
        before = said[found[at - 1].end if at else 0 : found[at].start]
        after = said[found[at].end : found[at + 1].start if at + 1 < len(found) else len(said)]
        marks = [(m.end(), 1) for m in self._words["good"].finditer(before)]
        marks += [(m.end(), -1) for m in self._words["before"].finditer(before)]
        if at:  # "0812… sudah mati, 0857…": words before the comma belong to the number before
            cut = before.rfind(",")
            marks = [mark for mark in marks if mark[0] > cut] if cut >= 0 else [mark for mark in marks if mark[1] > 0]
        if marks:
            return max(marks)[1]
        if at + 1 < len(found):
            after = after.split(",")[0]
            if self._words["good"].search(after) and not self._words["after"].search(after):
                return 0
        return -1 if self._words["after"].search(after) else 0


class _Talk:
    """Messages made of one of ``phrases`` and of words that may stand beside it, and of nothing else."""

    def __init__(self, phrases: Iterable[str], beside: Iterable[str]) -> None:
        self._phrases = frozenset(tuple(phrase.split()) for phrase in phrases)
        self._beside = frozenset(beside)
        self._longest = max(map(len, self._phrases))

    def is_all(self, words: Sequence[str]) -> bool:
        at = 0
        met = False
        while at < len(words):
            length = next((n for n in range(self._longest, 0, -1) if tuple(words[at : at + n]) in self._phrases), 0)
            if not length and words[at] not in self._beside:
                return False
            met = met or length > 0
            at += length or 1
        return met


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _ascii_digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def _national(digits: str) -> tuple[bool, str | None]:
    """Whether a number is written internationally, and the Indonesian number without 0 or 62; None for another country's.

    >>> _national("6281200000000"), _national("+6281200000000"), _national("+60120000000")
    ((True, '81200000000'), (True, '81200000000'), (True, None))
    """
    written = digits.removeprefix("+")
    plus = written != digits
    if not plus and written.startswith("00"):
        plus, written = True, written[2:]
    if written.startswith("62") and (plus or len(written) > 9):
        return True, written[2:].removeprefix("0")
    if plus:
        return True, None
    return False, written.removeprefix("0")


def _landline(national: str) -> PhoneNumber | None:
    number = phonenumbers.PhoneNumber(country_code=62, national_number=int(national)) if len(national) < 13 else None
    fixed = number and phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.FIXED_LINE
    return PhoneNumber("landline", f"+62{national}") if fixed else None


def _foreign(digits: str) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(f"+{digits.lstrip('+0')}")
    except phonenumbers.NumberParseException:
        return None
    return PhoneNumber("foreign") if phonenumbers.is_possible_number(number) else None
