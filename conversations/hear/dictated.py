"""Dictated digits: "nol delapan dua belas" is 0812, in Indonesian, Javanese or the mixture voice-to-text makes of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rapidfuzz.distance import OSA

UNCLEAR = "?"  # stands among the digits in place of a number word that is no digit ("seratus")

_PIECE = re.compile(r"[^\W\d_]+|\d+|\s+|.", re.DOTALL)
_LOOKALIKE = re.compile(r"(?<![^\W_])(?=[^\W_]*\d)[\doil|]{3,}(?![^\W_])|(?<=\d[ .-])[oil]{2,}(?![^\W_])")
_SHORTEST_SLIP = 4  # letters
_DICTATING = 3  # digits in words, in a row
_LETTERS = str.maketrans("oil|", "0111")


class Spoken:
    """The reader of dictated digits. Built from the tables ``digits`` (digit or number below 20 -> words) and
    ``groups`` of ``phones.toml``."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._digits = {word: digits for digits, words in table["digits"].items() for word in words}
        self._groups = {word: group for group, words in table["groups"].items() for word in words}

    def in_digits(self, text: str) -> str:
        """The text with its dictated numbers, and letters that stand for digits, written as digits.

        A number word alone stays a word: "satu nomor saja" holds no number.
        """
        text = _LOOKALIKE.sub(lambda found: found[0].translate(_LETTERS), text)
        out: list[str] = []
        run: list[str] = []
        for piece in _PIECE.findall(text):
            if self._says_number(piece) or (run and (piece.isspace() or piece in ",-.")):
                run.append(piece)
                continue
            slipped = self._slipped(piece, run)
            out.append(self._written(run))
            run = []
            out.append(UNCLEAR if slipped else piece)
        return "".join([*out, self._written(run)])

    def _says_number(self, piece: str) -> bool:
        return piece.isdecimal() or piece in self._digits or piece in self._groups

    def _slipped(self, piece: str, run: Sequence[str]) -> bool:
        """Whether this is a misspelt digit in or behind a dictated number: without that digit another number would be
        left."""
        if len(piece) < _SHORTEST_SLIP or not piece.isalpha() or sum(said.isalpha() for said in run) < _DICTATING:
            return False
        return any(OSA.distance(piece, word, score_cutoff=1) <= 1 for word in self._digits if len(word) > _DICTATING)

    def _written(self, run: Sequence[str]) -> str:
        said = [piece for piece in run if self._says_number(piece)]
        worded = sum(not piece.isdecimal() for piece in said)
        if not worded or len(said) < 2:
            return "".join(run)
        return f" {self._joined(said)} "

    def _joined(self, said: Sequence[str]) -> str:
        digits: list[str] = []
        times = 1
        for at, word in enumerate(said):
            group = self._groups.get(word, "")
            if group in ("double", "triple"):
                times = 2 if group == "double" else 3
                continue
            if group == "plus":
                digits.append("+")
            elif group in ("teens", "tens"):
                self._close_group(digits, group, said[at + 1] if at + 1 < len(said) else "")
            elif group:
                digits.append(UNCLEAR)
            else:
                typed = word.isdecimal() and len(word) > 1  # typed digits stay a group: their end is known
                digit = f" {word} " if typed else self._digits.get(word, word)
                digits.append(digit * times if len(digit) == 1 or times == 1 else UNCLEAR)
            times = 1
        return "".join(digits)

    def _close_group(self, digits: list[str], group: str, following: str) -> None:
        """Turn the last digit into a number: "dua belas" is 12, "tujuh puluh" 70, "tujuh puluh satu" 71."""
        if not digits or len(digits[-1]) != 1 or not digits[-1].isdecimal():
            digits.append(UNCLEAR)
        elif group == "teens":
            digits[-1] = f"1{digits[-1]}"
        elif len(self._digits.get(following, "")) != 1 or self._digits[following] == "0":
            digits[-1] += "0"
