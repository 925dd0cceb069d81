"""Reference codes of leads, which an owner can read out: RK-7F3K9P."""

from __future__ import annotations

from storage.engine.readable_codes import CodeKind

LEAD = CodeKind("RK-", 6)  # 31**6 = 887 million; the column is unique, and a collision is tried again


def fresh_code() -> str:
    """A new random reference code, such as RK-7F3K9P."""
    return LEAD.fresh()
