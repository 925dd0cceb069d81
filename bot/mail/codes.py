"""Reference codes of leads, which an owner can read out: RK-7F3K9P."""

from __future__ import annotations

import secrets

from storage.leads.officers import CODE_LETTERS

CODE_PREFIX = "RK-"


CODE_LENGTH = 6  # 31**6 = 887 million; the column is unique, and a collision is tried again


def fresh_code() -> str:
    """A new random reference code, such as RK-7F3K9P."""
    return CODE_PREFIX + "".join(CODE_LETTERS[byte % len(CODE_LETTERS)] for byte in secrets.token_bytes(CODE_LENGTH))
