"""Processes that tests start: what they find in their environment."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).parents[1]


def environment(*without: str, **more: str) -> dict[str, str]:
    """This process' own, but for variables that begin with one of ``without``; our packages are found, and the date is
    the same as here, also where tests/dated has moved it."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith(without)} if without else os.environ
    found = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))
    return {**ours, "PYTHONPATH": found, **more}
