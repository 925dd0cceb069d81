"""Reader of commands in people's own words: a frame of words in order, and little else said beside it.

"Batal dong kak" is a command; "Batal Jaya" is a shop, because *jaya* is a word that no command explains.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from conversations.hear.text.wording import Wording, lines

EVERYWHERE = "*"
# Questions whose answer may hold any word.
ANY_NAME = frozenset({"business_name", "name", "sector", "district", "regency"})


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame of a command. ``slots``: sets of words, of which one each must stand in this order. ``others``: how many
    unexplained words may pass. ``not_at``: questions at which the frame does not count."""

    slots: tuple[frozenset[str], ...]
    others: int
    not_at: frozenset[str]

    def fits(self, words: Sequence[str], beside: frozenset[str], strict: int = 0) -> bool:
        """Whether a message's words fit the frame. ``strict``: frames of up to so many slots let no other word pass."""
        at, strangers = 0, 0
        for word in words:
            if at < len(self.slots) and word in self.slots[at]:
                at += 1
            elif word not in beside:
                strangers += 1
        return at == len(self.slots) and strangers <= (0 if len(self.slots) <= strict else self.others)


@dataclass(frozen=True, slots=True)
class Command:
    """The frames of one command. A word of ``unless`` anywhere, or a sequence of ``never``, voids all frames; sequences of
    ``polite`` are taken off first."""

    label: str
    frames: tuple[Frame, ...]
    beside: frozenset[str]
    unless: frozenset[str]
    never: tuple[tuple[str, ...], ...]
    polite: tuple[tuple[str, ...], ...]
    begins: frozenset[str]  # words of which one stands in every frame

    def said(self, words: Sequence[str], question: str, strict: int) -> bool:
        for asked in self.polite:
            words = _without(words, asked)
        if (
            self.begins.isdisjoint(words)
            or not self.unless.isdisjoint(words)
            or any(side_by_side(words, n) for n in self.never)
        ):
            return False
        return any(not {question, EVERYWHERE} & f.not_at and f.fits(words, self.beside, strict) for f in self.frames)


class Commands:
    """The reader of commands. Built once from ``commands.toml``: the tables ``slash``, ``frames`` and ``shop``."""

    __slots__ = ("_commands", "_shop", "_shop_questions", "_slash", "vocabulary")

    def __init__(self, table: Mapping[str, Any], wording: Wording) -> None:
        self._slash: Mapping[str, str] = MappingProxyType(dict(table.get("slash", {})))
        self._commands = tuple(_command(label, t, wording) for label, t in table.get("frames", {}).items())
        shop = table.get("shop", {})
        self._shop = frozenset(wording.word(w) for w in shop.get("words", "").split())
        self._shop_questions = frozenset(shop.get("questions", "").split())
        #: words without which no command is said
        self.vocabulary = frozenset(w for c in self._commands for f in c.frames for slot in f.slots for w in slot)

    def slash(self, word: str) -> str | None:
        """The command of ``/word``; None for an unknown one."""
        return self._slash.get(word)

    def said(self, words: Sequence[str], question: str) -> Iterator[str]:
        """The labels of the commands in a message, in the order of the table."""
        if self.names_a_shop(words, question):
            return
        # One word never makes a command beside a word that nothing explains ("batal puasa"); where the answer may be a name
        # of several words ("Hapus Data Computer"), nor do two.
        strict = 3 if question in self._shop_questions else 1
        for command in self._commands:
            if command.said(words, question, strict):
                yield command.label

    def ruled_out(self, label: str, words: Sequence[str]) -> bool:
        """Whether words side by side say that this command is not meant, however near the rest may be: "gak bakal
        balik lagi"."""
        return any(
            side_by_side(words, n) for command in self._commands if command.label == label for n in command.never
        )

    def names_a_shop(self, words: Sequence[str], question: str) -> bool:
        """Whether a message begins like the name of a shop, at a question for such a name."""
        return question in self._shop_questions and len(words) > 1 and words[0] in self._shop


def _command(label: str, table: Mapping[str, Any], wording: Wording) -> Command:
    not_at = table.get("not_at", {})
    never = [line for line in table.get("never", "").split("|") if line]
    frames = tuple(_frame(line, wording, frozenset(not_at.get(line, "").split())) for line in lines(table, "frames"))
    return Command(
        label,
        frames,
        _forms(table.get("beside", ""), wording),
        _forms(table.get("unless", ""), wording),
        tuple(wording.words(line) for line in never),
        tuple(wording.words(line) for line in table.get("polite", "").split("|") if line),
        frozenset(word for frame in frames for word in frame.slots[0]),
    )


def _frame(line: str, wording: Wording, not_at: frozenset[str]) -> Frame:
    number, colon, rest = line.partition(":")
    slots = (rest if colon else line).split()
    forms = tuple(frozenset(wording.word(w) for w in slot.split("|")) for slot in slots)
    return Frame(forms, int(number) if colon else 0, not_at)


def side_by_side(words: Sequence[str], these: Sequence[str]) -> bool:
    """Whether these words stand next to each other in the message, in this order."""
    size = len(these)
    return any(tuple(words[i : i + size]) == tuple(these) for i in range(len(words) - size + 1))


def _without(words: Sequence[str], these: Sequence[str]) -> Sequence[str]:
    """The words without these, where they first stand side by side."""
    size = len(these)
    at = next((i for i in range(len(words) - size + 1) if tuple(words[i : i + size]) == tuple(these)), None)
    return words if at is None else [*words[:at], *words[at + size :]]


def _forms(words: str, wording: Wording) -> frozenset[str]:
    return frozenset(wording.word(w) for w in words.split())
