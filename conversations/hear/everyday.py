"""Everyday words: those by which a sentence about something else shows, in whatever form and spelling they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

ROOT = 4  # letters that a root must have where an affix was taken off: "dina" is no "di" + "na"

# A prefix, and the letters that it may have swallowed: "menulis" is tulis, "ngirim" kirim.
_PREFIXES = tuple(
    (prefix, letter)
    for prefix, swallowed in {
        "meng": " k", "mem": " p", "men": " t", "meny": "s", "me": " ", "peng": " k", "pem": " p", "pen": " t",
        "peny": "s", "pe": " ", "ng": " k", "nge": " ", "ny": "sc", "n": " t", "m": " p", "ber": " ", "be": " ", "ter": " ",
        "te": " ", "ke": " ", "di": " ", "diper": " ", "memper": " ", "se": " ", "tak": " ",
    }.items()
    for letter in (each.strip() for each in swallowed)
)  # fmt: skip
_ENDINGS = ("nya", "kan", "lah", "kah", "ku", "mu", "an", "in", "ya", "ne", "ke", "i", "e", "k", "h")
# Forms that only words have, whatever their root.
_FORMED = re.compile(r"me(?:ng|ny|mb|mp|nc|nd|nj)\w{3,}|diper\w{3,}|ke\w{4,}an|\w{3,}nya|\w{4,}kan|\w{3,}annya")
_DOUBLED = re.compile(r"([^\W\d_])\1+")


class Everyday:
    """The everyday words of a language. Built from ``everyday.toml``, whose sections list them between spaces."""

    __slots__ = ("_words",)

    def __init__(self, table: Mapping[str, str]) -> None:
        self._words = frozenset(_DOUBLED.sub(r"\1", word) for words in table.values() for word in words.split())

    def __contains__(self, word: str) -> bool:
        """Whether a word (no capitals) is an everyday one, or a form of one: with affixes, with letters doubled."""
        bare = _DOUBLED.sub(r"\1", word.replace("'", ""))
        return (
            bare in self._words
            or bool(_FORMED.fullmatch(bare))
            or any(len(root) >= ROOT and root in self._words for root in _roots(bare))
        )


def _roots(word: str) -> Iterator[str]:
    for stem in (word, *_without_endings(word)):
        yield stem
        yield from without_prefix(stem)


def without_prefix(word: str) -> Iterator[str]:
    """What a word with a prefix may be a form of, such as "tulis" of "menulis". Not all of them are words."""
    for prefix, swallowed in _PREFIXES:
        if word.startswith(prefix):
            yield swallowed + word[len(prefix) :]


def _without_endings(word: str) -> Iterator[str]:
    """The word without its last ending, and without the one before that: "harganyalah", "dikirimkannya"."""
    for ending in _ENDINGS:
        if word.endswith(ending):
            stem = word[: -len(ending)]
            yield stem
            yield from (stem[: -len(inner)] for inner in ("kan", "an", "i", "in", "nya") if stem.endswith(inner))
