"""Whole conversations as text that an officer can read and correct: the ``.chat`` files.

    Pemilik: halo
    Rangkul: Selamat datang di Rangkul …
        [Ya, boleh] [Tidak]
    --- 20 jam kemudian
    Rangkul > Petugas: *Calon peserta baru* …

A line begins with who speaks; what belongs to it is indented by four spaces. ``---`` lets time pass. ``#`` is a remark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

OWNER, OFFICER, BOT = "Pemilik", "Petugas", "Rangkul"

_SPOKEN = re.compile(r"(?P<who>[A-Z][\w ]*?)(?: > (?P<to>[A-Z][\w ]*?))?: ?(?P<text>.*)")
_LATER = re.compile(r"--- (?P<count>\d+) (?P<unit>menit|jam|hari) kemudian")
_UNITS = {"menit": "minutes", "jam": "hours", "hari": "days"}


@dataclass(frozen=True, slots=True)
class TranscriptLine:
    """One thing said. ``to`` is whose phone it appears on: the speaker's own, or for the bot whom it answers."""

    who: str
    text: str
    to: str


@dataclass(frozen=True, slots=True)
class Later:
    """Time that passes."""

    by: timedelta


@dataclass(frozen=True, slots=True)
class Remark:
    """A line for readers only."""

    text: str


Part = TranscriptLine | Later | Remark


def parse(text: str) -> list[Part]:
    """The parts of a ``.chat`` file. Raises ValueError with the number of the first line that is none."""
    parts: list[Part] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("    ") and parts and isinstance(parts[-1], TranscriptLine):
            last = parts[-1]
            parts[-1] = TranscriptLine(last.who, f"{last.text}\n{line[4:]}", last.to)
        elif not line.strip():
            continue
        elif line.startswith("#"):
            parts.append(Remark(line))
        elif later := _LATER.fullmatch(line):
            parts.append(Later(timedelta(**{_UNITS[later["unit"]]: int(later["count"])})))
        elif spoken := _SPOKEN.fullmatch(line):
            who = spoken["who"]
            parts.append(TranscriptLine(who, spoken["text"], spoken["to"] or (OWNER if who == BOT else who)))
        else:
            raise ValueError(f"line {number} is neither speech, time nor remark: {line}")
    return parts


def write(parts: Iterable[Part]) -> str:
    """The parts as a ``.chat`` file; ``parse`` reads them back."""
    lines = []
    for part in parts:
        if isinstance(part, Remark):
            lines.append(part.text)
        elif isinstance(part, Later):
            lines.append(f"\n--- {_length(part.by)} kemudian\n")
        else:
            to = f" > {part.to}" if part.who == BOT and part.to != OWNER else ""
            first, *rest = part.text.split("\n")
            lines.append("\n".join([f"{part.who}{to}: {first}".rstrip(), *(f"    {line}" for line in rest)]))
    return "\n".join(lines) + "\n"


def _length(by: timedelta) -> str:
    minutes = int(by.total_seconds()) // 60
    if minutes % 1440 == 0:
        return f"{minutes // 1440} hari"
    return f"{minutes // 60} jam" if minutes % 60 == 0 else f"{minutes} menit"
