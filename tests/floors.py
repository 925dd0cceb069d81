"""Draws the floors of the house, from the contracts that import-linter keeps: ``python -m tests.floors`` writes the picture.

``docs/architecture.md`` shows it; ``tests/test_architecture.py`` says when it is no longer true.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs/pictures/floors.svg"

WIDTH, ROW, GAP, PAD, TITLE = 860, 40, 8, 16, 26  # pixels
BOX, FRAME, INK, FAINT = "#e7f2ec", "#b7d3c5", "#173d2b", "#5b7568"

Floor = Sequence[str]


def contracts() -> Sequence[Mapping[str, object]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found: Sequence[Mapping[str, object]] = project["tool"]["importlinter"]["contracts"]
    return found


def floors(container: str) -> list[Floor]:
    """The floors of a package, highest first, each with what stands on it; ``container`` "": of the house itself."""
    for contract in contracts():
        if contract["type"] == "layers" and contract.get("containers", [""]) == [container]:
            layers = contract["layers"]
            assert isinstance(layers, list)
            return [re.split(r"\s*[|:]\s*", layer) for layer in layers]
    raise LookupError(f"no contract of layers for {container or 'the house'}")


def picture() -> str:
    """The whole house as SVG: a block for each package that has floors, in the order in which they stand upon each other."""
    blocks, top = [], PAD
    for floor in floors(""):
        width = (WIDTH - PAD * 2 - GAP * (len(floor) - 1)) // len(floor)
        drawn = [_block(name, PAD + number * (width + GAP), top, width) for number, name in enumerate(floor)]
        blocks += [text for text, _ in drawn]
        top += max(height for _, height in drawn) + GAP * 2
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" font-family="sans-serif" font-size="13">'
    )
    return "\n".join((head, f'<rect width="{WIDTH}" height="{top}" fill="#ffffff"/>', *blocks, "</svg>", ""))


def _block(name: str, x: int, y: int, width: int) -> tuple[str, int]:
    """One package with its floors, and how high it is."""
    try:
        inner = floors(name)
    except LookupError:
        inner = []
    height = TITLE + (len(inner) * (ROW + GAP) + GAP if inner else ROW - TITLE + GAP)
    parts = [
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="8" fill="#f7faf8" stroke="{FRAME}"/>',
        f'<text x="{x + 12}" y="{y + 18}" fill="{INK}" font-weight="bold">{escape(name)}/</text>',
    ]
    for number, floor in enumerate(inner):
        parts += _row(floor, x + GAP, y + TITLE + number * (ROW + GAP), width - GAP * 2)
    return "\n".join(parts), height


def _row(floor: Floor, x: int, y: int, width: int) -> list[str]:
    each = (width - GAP * (len(floor) - 1)) / len(floor)
    parts = []
    for number, name in enumerate(floor):
        left = x + number * (each + GAP)
        parts += [
            f'<rect x="{left:.0f}" y="{y}" width="{each:.0f}" height="{ROW}" rx="5" fill="{BOX}" stroke="{FRAME}"/>',
            (
                f'<text x="{left + each / 2:.0f}" y="{y + ROW / 2 + 4:.0f}" text-anchor="middle" fill="{INK}">'
                f"{escape(name)}</text>"
            ),
        ]
    return parts


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
