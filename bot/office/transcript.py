"""Conversations as text that an officer can read and correct: the ``.chat`` files.

    Pemilik: halo
    Rangkul: Selamat datang di Rangkul …
        [Ya, boleh] [Tidak]
    --- 20 jam kemudian
    Rangkul > Petugas: *Calon peserta baru* …
    --- jawaban lazim sampai: Nomor HP
        Nama: Bu Tuti

A line begins with who speaks; what belongs to it is indented by four spaces. ``---`` lets time pass. ``#`` is a remark.
``--- jawaban lazim sampai:`` leaves out a stretch that the conversation is not about: the owner answers as usual
(``usual.py``) until the answer of that name is asked for; the lines below it are this owner's own answers, by their names
in the review.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

OWNER, OFFICER, BOT = "Pemilik", "Petugas", "Rangkul"

_SPOKEN = re.compile(r"(?P<who>[A-Z][\w ]*?)(?: > (?P<to>[A-Z][\w ]*?))?: ?(?P<text>.*)")
_LATER = re.compile(r"--- (?P<count>\d+) (?P<unit>menit|jam|hari) kemudian")
_USUAL = re.compile(r"--- jawaban lazim sampai: (?P<until>\S.*)")
_ANSWER = re.compile(r" {4}(?P<name>[^:]+): (?P<said>.+)")
_UNITS = {"menit": "minutes", "jam": "hours", "hari": "days"}


@dataclass(frozen=True, slots=True)
class TranscriptLine:
    """One thing said. ``to`` names the phone that shows it: the speaker's own, or that of the person whom the bot answers."""

    who: str
    text: str
    to: str


@dataclass(frozen=True, slots=True)
class Later:
    """A stretch of time that passes between two lines."""

    by: timedelta


@dataclass(frozen=True, slots=True)
class Usual:
    """A stretch that is left out: the owner answers as usual until the answer named ``until`` is asked for.

    ``answers``: this owner's own answers in place of the usual, as (name of the answer, words).
    """

    until: str
    answers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """A line for readers of the file only."""

    text: str


Part = TranscriptLine | Later | Usual | Remark


def parse(text: str) -> list[Part]:
    """The parts of a ``.chat`` file. Raises ValueError with the number of the first line that is no part."""
    parts: list[Part] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("    ") and parts and isinstance(parts[-1], TranscriptLine):
            last = parts[-1]
            parts[-1] = TranscriptLine(last.who, f"{last.text}\n{line[4:]}", last.to)
        elif parts and isinstance(parts[-1], Usual) and (answer := _ANSWER.fullmatch(line)):
            parts[-1] = replace(parts[-1], answers=(*parts[-1].answers, (answer["name"], answer["said"])))
        elif not line.strip():
            continue
        elif line.startswith("#"):
            parts.append(Remark(line))
        elif later := _LATER.fullmatch(line):
            parts.append(Later(timedelta(**{_UNITS[later["unit"]]: int(later["count"])})))
        elif usual := _USUAL.fullmatch(line):
            parts.append(Usual(usual["until"]))
        elif spoken := _SPOKEN.fullmatch(line):
            who = spoken["who"]
            parts.append(TranscriptLine(who, spoken["text"], spoken["to"] or (OWNER if who == BOT else who)))
        else:
            raise ValueError(f"line {number} is neither speech, time, a stretch nor a remark: {line}")
    return parts


def write(parts: Iterable[Part]) -> str:
    """The parts as a ``.chat`` file; ``parse`` reads them back."""
    lines = []
    for part in parts:
        if isinstance(part, Remark):
            lines.append(part.text)
        elif isinstance(part, Later):
            lines.append(f"\n--- {_length(part.by)} kemudian\n")
        elif isinstance(part, Usual):
            answers = (f"    {name}: {said}" for name, said in part.answers)
            lines.append("\n".join([f"\n--- jawaban lazim sampai: {part.until}", *answers, ""]))
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
