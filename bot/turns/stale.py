"""What a turn was decided on is no longer so."""

from __future__ import annotations


class Stale(Exception):  # noqa: N818 - named for what is so
    """Raised when what a turn was decided on is no longer so. Of a batch, that is nobody's fault: it is run one by one."""
