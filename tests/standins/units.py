"""How the platforms count: in UTF-16 units."""

from __future__ import annotations


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
