"""The findings of ``rangkul check``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of ``rangkul check``. ``level``: ok, warning (look at it), or wrong (it will not work)."""

    level: str
    what: str
