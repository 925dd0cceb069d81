"""One thing that ``rangkul check`` has looked at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """``level``: ok, warning (look at it), or wrong (it will not work)."""

    level: str
    what: str
