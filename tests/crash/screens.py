"""What stands on an officer's phone about a lead, and whom it says the lead is with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.channels.base import BOLD_OFF, BOLD_ON

NOBODY, ME = "", "Anda"
_BOLD = re.compile(f"[{BOLD_ON}{BOLD_OFF}]")
_OF_ANOTHER = re.compile(r"^Mungkin sama dengan .*$", re.MULTILINE)  # tells of another lead
_NAME = r"(?P<who>[^\n.:,]+?)"
_SAYS = [  # the first that is found, with whom it names
    (rf"{_NAME} ingin menyerahkannya ke Anda", None),
    (r"belum ada yang memegang|Anda lepas", NOBODY),
    (r"(?:sekarang|memang sudah|tetap) tugas Anda|menyerahkan .* ke Anda|Tetap tugas Anda", ME),
    (rf"Petugas: {_NAME}$", None),
    (rf"sekarang ditangani {_NAME}\.", None),
    (rf"(?:dikembalikan ke|diterima) {_NAME}\.", None),
    (rf"kembali seperti sebelumnya, {_NAME}:", None),
    (rf"^RK-\w+, {_NAME}:", None),
]
_PATTERNS = [(re.compile(pattern, re.MULTILINE), who) for pattern, who in _SAYS]


def holder_said(text: str) -> str | None:
    """Whom a message says that a lead is with: a name, ``ME`` or ``NOBODY``; None where it says nothing of it.

    >>> [holder_said(f"RK-222AAA {said}") for said in ("sekarang tugas Anda", "tidak bisa diambil lagi. Petugas: Rina")]
    ['Anda', 'Rina']
    >>> holder_said("RK-222AAA, belum ada yang memegang"), holder_said("RK-222AAA, Joko: diambil"), holder_said("Halo")
    ('', 'Joko', None)
    """
    plain = _OF_ANOTHER.sub("", _BOLD.sub("", text))
    for pattern, who in _PATTERNS:
        if found := pattern.search(plain):
            return found["who"].strip() if who is None else who
    return None


@dataclass
class Screen:
    """One phone. ``shown``: what stands there, by the platform's id of the message, an edited one as it is now; ``words``:
    all that came, each with its moment; ``keys``: the data of the buttons of the last message that was no edit."""

    shown: dict[str, str] = field(default_factory=dict)
    words: list[tuple[int, str]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    new: int = 0  # messages that were no edits

    def gets(self, said: Mapping[str, Any]) -> None:
        """A line of the nursery arrives."""
        self.shown[said["edits"] or str(said["ref"])] = said["text"]
        self.words.append((said["at"], said["text"]))
        if not said["edits"]:
            self.keys, self.new = [data for _, data in said["keys"]], self.new + 1

    def told(self, code: str) -> list[str]:
        """The words about this lead, in the order in which they came: the paragraphs that name it, for a message may end
        with the question that was open about another."""
        parts = (part for _, text in sorted(self.words) for part in text.split("\n\n"))
        return [part for part in parts if code in _OF_ANOTHER.sub("", part)]

    def last_said(self, code: str) -> str | None:
        """Whom the last words here that tell of it say that the lead is with."""
        said = (who for text in reversed(self.told(code)) if (who := holder_said(text)) is not None)
        return next(said, None)

    def card_says(self, code: str) -> str | None:
        """The same of the latest card of the lead, as it stands there now; None without one."""
        heads = (_BOLD.sub("", text) for text in reversed(self.shown.values()))
        return next((holder_said(head) for head in heads if head.startswith(f"{code}, ")), None)
