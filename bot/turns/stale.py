"""The error for facts that have changed since a turn was decided."""

from __future__ import annotations


class Stale(Exception):  # noqa: N818 - named for what is so
    """Raised when the facts that a turn was decided on have changed. Then nobody is at fault: the batch is run one by one."""
