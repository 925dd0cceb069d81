"""Reader of sentences that correct an answer and say how it is: "usahanya di klaten bukan solo", "kecamatannya salah harusnya
laweyan", "ubah nomor jadi 0857…".

It only takes such a sentence apart; what the words of the new value mean, the reader of their question says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conversations.hear.text.wording import Wording
from conversations.hear.text.words import clean

from .corrections import REVIEW, SENT, Corrections

MAX_LETTERS = 200  # of a message; a longer one tells more than one correction
_TOKEN = re.compile(r"\S+")
_EDGES = " .,!;:()[]\"'*_="


@dataclass(frozen=True, slots=True)
class Amendment:
    """A correction taken apart. ``new`` and ``old`` are words as typed, ``old`` "" where nothing is denied; ``field`` is
    the key of the question whose answer is named, "" where none is. ``surely``: there is a word of change or of a
    mistake, besides the two values."""

    new: str
    old: str = ""
    field: str = ""
    surely: bool = False


@dataclass(frozen=True, slots=True)
class _Token:
    said: str
    form: str
    ends: bool  # a comma or full stop behind it


class Amendments:
    """The reader. Built once from the table ``amend`` of ``commands.toml``, with the names that ``corrections`` knows."""

    __slots__ = (
        "_by_first",
        "_called",
        "_corrections",
        "_disagreeing",
        "_idle",
        "_instead",
        "_into",
        "_not",
        "_outright",
        "_reminding",
        "_surprised",
        "_to",
        "_trailing",
        "_wording",
    )

    def __init__(self, table: Mapping[str, Any], wording: Wording, corrections: Corrections) -> None:
        def forms(key: str) -> frozenset[str]:
            return frozenset(wording.word(w) for w in table.get(key, "").split())

        self._wording, self._corrections = wording, corrections
        self._not, self._instead = forms("denial"), forms("instead")
        self._into, self._to = forms("into"), forms("to")
        self._idle, self._trailing, self._called = forms("idle"), forms("trailing"), forms("called")
        self._surprised, self._reminding = forms("surprised"), forms("reminding")
        self._disagreeing = forms("disagreeing")
        self._outright = frozenset(table.get("outright", "").split())
        names = ((field, tuple(wording.word(w) for w in name.split())) for field, name in corrections.names)
        self._by_first: dict[str, list[tuple[int, str, tuple[str, ...]]]] = {}  # names of answers by their first word
        for n, (field, name) in enumerate(names):
            self._by_first.setdefault(name[0], []).append((n, field, name))

    def read(self, text: str, question: str) -> Amendment | None:
        """The correction in a message; None where it gives none with a value. ``question``: the open one, as the ear
        names it."""
        if len(text) > MAX_LETTERS or "?" in text:
            return None
        told = [
            _Token(t[0], self._wording.word(bare.casefold()), t[0][-1] in ",.;")
            for t in _TOKEN.finditer(clean(text))
            if (bare := t[0].strip(_EDGES))
        ]
        forms = [token.form for token in told]
        if reminded := self._reminded(told, question):
            return reminded
        turns = self._not | self._into
        if question == REVIEW:
            told = self._behind_disagreement(told)
        elif (
            turns.isdisjoint(forms)
            and not any(map(self._corrections.is_cue, forms))
            and self._outright.isdisjoint({self._field_of(forms)})
        ):
            return None
        return (
            self._denied(told) or self._turned_into(told) or self._named(told, question) or self._behind_a_fault(told)
        )

    def only_denies(self, text: str) -> bool:
        """Whether a message says that something is not so, or was a mistake, and nothing else."""
        forms = [self._wording.word(bare) for t in clean(text).casefold().split() if (bare := t.strip(_EDGES))]
        beside = self._idle | self._trailing | self._called
        denied = [form for form in forms if form in self._not or self._corrections.is_cue(form)]
        return bool(denied) and all(form in beside for form in forms if form not in denied)

    def _reminded(self, told: list[_Token], question: str) -> Amendment | None:
        """ "Kok Y, saya kan X", "FIELD kan X". "Kok belum ditelpon, kan sudah lama" complains of something else, as after
        sending does whoever names no answer."""
        at = next((n for n, token in enumerate(told[:-1]) if n and token.form in self._reminding), None)
        if at is None:
            return None
        head = told[:at]
        start = next((n for n, token in enumerate(head, 1) if token.form in self._surprised), None)
        end = next((n for n, token in enumerate(head, 1) if token.ends), 0)
        old = head[start:end] if start is not None else []
        found = self._amendment(told[at + 1 :], old, told, sure=start is not None)
        if found is None or not self._disagreeing.isdisjoint(token.form for token in old):
            return None
        return found if found.field or (old and question != SENT) else None

    def _behind_disagreement(self, told: list[_Token]) -> list[_Token]:
        """The words without a first clause that only says that it is not right: "gak bener itu, nama saya …"."""
        end = next((n for n, token in enumerate(told, 1) if token.ends), 0)
        only = all(token.form in self._disagreeing | self._idle for token in told[:end])
        return told[end:] if end < len(told) and only else told

    def _field_of(self, forms: Sequence[str]) -> str:
        """The key of the answer whose name begins a message, behind words that lead to it; "" where none does."""
        named = self._field(forms)
        return named[0] if named and all(form in self._idle for form in forms[: named[1]]) else ""

    def _denied(self, told: list[_Token]) -> Amendment | None:
        """ "X bukan Y", "bukan Y tapi X"."""
        at = next((n for n, token in enumerate(told) if token.form in self._not), None)
        if at is None:
            return None
        head, rest = told[:at], told[at + 1 :]
        turn = next((n for n, token in enumerate(rest) if n and token.form in self._instead), None)
        if turn is None and not self._value(self._beside_name(head)):
            turn = next((n for n, token in enumerate(rest[:-1], 1) if token.ends), None)
            new, old = (rest[turn:], rest[:turn]) if turn else ([], rest)
        elif turn is not None:
            new, old = rest[turn + 1 :], rest[:turn]
        else:
            end = next((n for n, token in enumerate(rest, 1) if token.ends), len(rest))
            new, old = head, rest[:end]
        return self._amendment(new, old, told)

    def _turned_into(self, told: list[_Token]) -> Amendment | None:
        """ "FIELD jadi X", "harusnya X", "ganti FIELD ke X"."""
        changes = self._corrections.changes([token.form for token in told])
        turning = self._into | self._to if changes else self._into
        at = next((n for n in range(len(told) - 1, -1, -1) if told[n].form in turning), None)
        if at is None or at == len(told) - 1:
            return None
        head = [token.form for token in told[:at]]
        sure = changes or self._corrections.faulty([*head, told[at].form])
        return self._amendment(told[at + 1 :], [], told[: at + 1], sure=True) if sure else None

    def _named(self, told: list[_Token], question: str) -> Amendment | None:
        """ "Ganti waktu besok sore", "kecamatannya salah laweyan"; at the review "nama saya bu tumini" as well."""
        forms = [token.form for token in told]
        named = self._field(forms)
        if named is None:
            return None
        _, start, end = named
        cue = next((n for n in range(len(forms) - 1, -1, -1) if self._corrections.is_cue(forms[n])), None)
        led = all(form in self._idle | self._instead | self._called | self._into for form in forms[:start])
        if cue is None and not (led and (question == REVIEW or named[0] in self._outright)):
            return None
        behind = told[max(end, cue + 1) :] if cue is not None else told[end:]
        return self._amendment(behind or told[end:cue], [], told[:end], sure=cue is not None)

    def _behind_a_fault(self, told: list[_Token]) -> Amendment | None:
        """ "Eh salah, 4 orang"."""
        at = next((n for n, token in enumerate(told) if self._corrections.faulty([token.form])), None)
        if at is None or not all(token.form in self._idle | self._called for token in told[:at]):
            return None
        return self._amendment(told[at + 1 :], [], told[: at + 1])

    def _field(self, forms: Sequence[str]) -> tuple[str, int, int] | None:
        """The answer whose name is said, the longest, and where its name begins and ends; None where none is named."""
        found = [
            (len(name), -at, -n, field)
            for at, form in enumerate(forms)
            for n, field, name in self._by_first.get(form, ())
            if tuple(forms[at : at + len(name)]) == name
        ]
        if not found:
            return None
        length, at, _, field = max(found)
        return field, -at, length - at

    def _beside_name(self, told: Sequence[_Token]) -> Sequence[_Token]:
        """The words without the name of an answer."""
        named = self._field([token.form for token in told])
        return [*told[: named[1]], *told[named[2] :]] if named else told

    def _amendment(
        self, new: Sequence[_Token], old: Sequence[_Token], told: Sequence[_Token], *, sure: bool = False
    ) -> Amendment | None:
        forms = [token.form for token in told if token not in old]
        words = self._value(new)
        if not words:
            return None
        sure = sure or self._corrections.changes(forms) or self._corrections.faulty(forms)
        named = self._field(forms)
        return Amendment(_text(words), _text(old), named[0] if named else "", sure)

    def _value(self, tokens: Sequence[_Token]) -> Sequence[_Token]:
        """The words of a value, without what leads to it ("eh", "jadi", "yang benar") and what trails behind."""
        said = list(tokens)
        while said and (said[0].form in self._idle | self._into | self._to or self._corrections.is_cue(said[0].form)):
            said.pop(0)
        while len(said) > 1 and (said[-1].form in self._trailing or self._corrections.is_cue(said[-1].form)):
            said.pop()
        return said


def _text(tokens: Sequence[_Token]) -> str:
    return " ".join(token.said for token in tokens).strip(_EDGES)
