"""Codes that people read out and type: a prefix, then letters and digits of which none is read for another."""

from __future__ import annotations

import secrets
from typing import NamedTuple

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # 31 of them: without 0, 1, I, L, O


class CodeKind(NamedTuple):
    """One kind of code; ``length`` counts what follows the prefix, so there are 31**length codes."""

    prefix: str
    length: int

    def fresh(self) -> str:
        """A new random code."""
        return self.prefix + "".join(secrets.choice(LETTERS) for _ in range(self.length))

    def has_form(self, text: str) -> bool:
        """Whether a text has the form of such a code, in capitals or not; no other text is ever looked up."""
        said = text.strip().upper()
        return said.startswith(self.prefix) and len(said) == len(self.prefix) + self.length
