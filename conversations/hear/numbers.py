"""Reader of numbers in words and digits, Indonesian and Javanese, as people type them in a chat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from conversations.hear.text.lexicon import Atom, Lexicon
from conversations.hear.text.phrases import TOO_LONG, Word, tokens
from conversations.hear.text.spelling import AS_WRITTEN, Spelling

from .digits import digits

_HALF = Fraction(1, 2)
_NOTHING_SAID = 10**9  # the level of an empty group: any part may follow
_CLOSED = -1  # the level of a number that nothing can follow
_MILLION = 10**6


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a message.

    ``value`` is the number as literally said and ``scale`` the largest of thousand, million, billion said with it (else
    1). ``elliptic`` is the value with a trailing bare group counted in thousands ("dua juta tiga ratus"). ``plain``:
    typed in digits alone. ``doubtful``: malformed, or to be read in two ways ("1.500.00", "2 m").
    """

    value: Fraction
    scale: int = 1
    elliptic: Fraction | None = None
    plain: bool = False
    approx: bool = False
    doubtful: bool = False
    glued: bool = False
    text: str = ""

    @property
    def whole(self) -> int | None:
        """The value where it is a whole number and sure, else None."""
        return int(self.value) if self.value.denominator == 1 and not self.doubtful else None


@dataclass(frozen=True, slots=True)
class _NumberPart:
    """A group below a thousand, or a piece of it; ``level`` bounds the parts that may still follow in the same group."""

    value: Fraction
    level: int
    end: int
    typed: bool = False
    small: Fraction | None = None
    doubtful: bool = False


class Numbers:
    """The reader of numbers. ``table`` is ``numbers.toml``: words of each atom (units, teen, ten, hundred, scales,
    dozens, half, comma, one)."""

    def __init__(self, table: Mapping[str, Any], spelling: Spelling = AS_WRITTEN) -> None:
        self._spelling = spelling
        self._lexicon = Lexicon(table)
        self.around: Mapping[str, Sequence[str]] = table.get("around", {})

    def pieces(self, text: str) -> tuple[Number | Word, ...]:
        """The message with every run of number words composed into a number, in order; a long story is left in words.

        >>> Numbers({"units": {"2": ["dua"]}, "scales": {"1000": ["ribu"]}}).pieces("dua ribu kak")[0].value
        Fraction(2000, 1)
        """
        words = tokens(self._spelling.lettered(text), self._spelling.word)
        if len(words) > TOO_LONG:
            return words
        return tuple(self._compose(self._lexicon.atoms(words)))

    def only(self, text: str) -> int | None:
        """The one whole number in a message, whatever else it says; None without one or with several."""
        found = [piece for piece in self.pieces(text) if isinstance(piece, Number)]
        return found[0].whole if len(found) == 1 else None

    def _compose(self, atoms: Sequence[Atom]) -> Iterator[Number | Word]:
        at = 0
        while at < len(atoms):
            number, end = _number(atoms, at)
            if number is None:
                yield from _words(atoms[at : at + 1])
                at += 1
            else:
                yield number
                at = end


def _words(atoms: Iterable[Atom]) -> Iterator[Word]:
    for atom in atoms:
        if not atom.inside:  # the text of a joined word stands in its first atom
            yield Word(atom.text, atom.glued)


@dataclass(slots=True)
class _Sum:
    """A number in the making: finished scales, and the group that is still open."""

    total: Fraction = Fraction(0)
    scale: int = 1
    smallest: int = 0  # the last scale said; 0 before any
    group: Fraction | None = None
    group_start: int = 0
    level: int = _NOTHING_SAID
    typed: bool = False
    small: Fraction | None = None  # the other reading of "1.750": one and three quarters
    doubtful: bool = False
    worded: bool = False

    def add(self, part: _NumberPart, start: int) -> None:
        if self.group is None:
            self.group, self.group_start, self.small = part.value, start, part.small
            self.typed = part.typed
        else:
            self.group, self.small = self.group + part.value, None
        self.level = part.level
        self.doubtful |= part.doubtful
        self.worded |= not part.typed

    def takes(self, part: _NumberPart) -> bool:
        return self.group is None or part.value < self.level

    def multiply(self, scale: int) -> None:
        value, doubt = _scaled(self.group or Fraction(0), self.small, scale)
        self.total += value
        self.doubtful |= doubt
        self.smallest, self.scale = scale, max(self.scale, scale)
        self.group, self.level, self.small = None, _NOTHING_SAID, None


def _scaled(value: Fraction, small: Fraction | None, scale: int) -> tuple[Fraction, bool]:
    """``value`` times ``scale``, and whether that is doubtful: "1.750 jt" is 1.75 million, "1.500 rb" 1.5 million.

    "15.000 rb" may be fifteen million or fifteen thousand; "150.000 jt" is doubtful.
    """
    if small is None:
        return value * scale, value * scale >= 10**9 or (scale == 1000 and value >= 10_000)
    if scale >= _MILLION:
        return small * scale, small >= 100
    return value * scale, small >= 10


def _number(atoms: Sequence[Atom], start: int) -> tuple[Number | None, int]:
    said, at = _Sum(), start
    while at < len(atoms):
        step = _extend(said, atoms, at)
        if step == at:
            break
        at = step
        if said.level == _CLOSED:
            break
    if said.group is None and not said.smallest and said.level != _CLOSED:
        return None, start
    if said.group is not None and said.smallest and said.typed and not _belongs(said, atoms[said.group_start]):
        at, said.group = said.group_start, None
    return _finish(said, atoms, start, at)


def _extend(said: _Sum, atoms: Sequence[Atom], at: int) -> int:
    """Take the atom at ``at`` into the number; the next index, or ``at`` itself when the number ends here."""
    atom = atoms[at]
    if said.smallest and said.group is None and atom.kind == "half" and not _multiplies(atoms, at + 1):
        said.total += Fraction(said.smallest, 2)
        said.level = _CLOSED
        return at + 1
    part = _part(atoms, at)
    if part is not None and said.takes(part):
        return _extend_by_part(said, part, atoms, at)
    if said.group is not None and atom.kind == "scale":
        return _extend_by_scale(said, atom, at)
    if said.group is not None and atom.kind == "dozen" and not said.smallest:
        said.total += said.group * atom.value
        said.group, said.level, said.worded = None, _CLOSED, True
        return at + 1
    return at


def _extend_by_part(said: _Sum, part: _NumberPart, atoms: Sequence[Atom], at: int) -> int:
    if said.group is not None and said.typed and part.value == _HALF and not _multiplies(atoms, at + 1):
        return at
    said.add(part, at)
    return part.end


def _extend_by_scale(said: _Sum, atom: Atom, at: int) -> int:
    if said.smallest and atom.value >= said.smallest:  # "dua juta | tiga juta": the open group begins the next number
        said.group, said.level = None, _CLOSED
        return said.group_start
    said.multiply(int(atom.value))
    said.doubtful |= atom.unsure
    return at + 1


def _belongs(said: _Sum, first: Atom) -> bool:
    """Whether digits after a scale are part of the number: "1jt750" and "1 juta 500" are, "100rb 2 orang" is not."""
    group = said.group or Fraction(0)
    if first.glued or said.worded:
        return True
    return said.smallest >= _MILLION and group.denominator == 1 and 100 <= group < said.smallest


def _finish(said: _Sum, atoms: Sequence[Atom], start: int, end: int) -> tuple[Number, int]:
    approx = any(atom.approx for atom in atoms[start:end])
    if end < len(atoms) and atoms[end].kind == "approx" and atoms[end].glued:
        approx, end = True, end + 1
    elliptic = None
    doubtful = said.doubtful
    if said.group is not None and said.smallest == _MILLION and said.group < 1000:
        if said.group >= 100 or (not said.typed and said.group % 10 == 0):
            elliptic = said.total + said.group * 1000
        else:
            doubtful = True  # "2jt5", "dua juta lima": two and a half million, or five rupiah more
    value = said.total + (said.group or 0)
    text = "".join((" " if atom.text and not atom.glued else "") + atom.text for atom in atoms[start:end]).strip()
    plain = end == start + 1 and atoms[start].kind == "digits" and not said.small and not approx
    number = Number(value, said.scale, elliptic, plain, approx, doubtful, atoms[start].glued, text)
    return number, end


def _multiplies(atoms: Sequence[Atom], at: int) -> bool:
    return at < len(atoms) and atoms[at].kind in ("scale", "dozen")


def _part(atoms: Sequence[Atom], at: int) -> _NumberPart | None:
    """A unit with its multiplier: "dua", "dua belas", "dua puluh", "dua belas ratus", "dua koma lima"; None for no number."""
    base = _base(atoms, at)
    if base is None:
        return None
    following = atoms[base.end].kind if base.end < len(atoms) else ""
    if following == "comma":
        return _decimals(base, atoms)
    if base.value.denominator != 1:
        return base
    if following == "teen" and 1 <= base.value <= 9:
        base = replace(base, value=base.value + 10, level=0, end=base.end + 1)
    elif following == "ten" and 1 <= base.value <= 9:
        return replace(base, value=base.value * 10, level=10, end=base.end + 1, small=None)
    if base.end < len(atoms) and atoms[base.end].kind == "hundred" and 1 <= base.value < 100:
        return replace(base, value=base.value * 100, level=100, end=base.end + 1, small=None)
    return base


def _base(atoms: Sequence[Atom], at: int) -> _NumberPart | None:
    atom = atoms[at]
    if atom.kind == "digits":
        read = digits(atom.text)
        level = 1 if read.value.denominator == 1 else 0
        return _NumberPart(read.value, level, at + 1, typed=True, small=read.small, doubtful=not read.sure)
    if atom.kind == "unit":
        round_number = atom.value > 10 and atom.value % 10 == 0
        return _NumberPart(atom.value, (100 if atom.value % 100 == 0 else 10) if round_number else 1, at + 1)
    if atom.kind == "half":
        return _NumberPart(_HALF, 0, at + 1)
    if (
        atom.kind == "one"
        and at + 1 < len(atoms)
        and atoms[at + 1].kind in ("teen", "ten", "hundred", "scale", "dozen")
    ):
        return _NumberPart(Fraction(1), 1, at + 1)
    return None


def _decimals(base: _NumberPart, atoms: Sequence[Atom]) -> _NumberPart:
    """The number with the figures behind "koma", said one by one ("satu koma tujuh lima")."""
    figures, at = "", base.end + 1
    while at < len(atoms) and atoms[at].kind in ("unit", "digits") and len(figures) < 6:
        figure = atoms[at].text if atoms[at].kind == "digits" else str(atoms[at].value)
        if not figure.isdecimal() or (atoms[at].kind == "unit" and len(figure) > 1):
            break
        figures, at = figures + figure, at + 1
    if not figures:
        return base
    unclear = at < len(atoms) and atoms[at].kind in ("teen", "ten", "hundred")  # "satu koma dua puluh lima"
    value = base.value + Fraction(int(figures), 10 ** len(figures))
    return _NumberPart(value, 0, at, typed=base.typed, doubtful=base.doubtful or unclear)
