"""Ids of rows: 63 bits, ascending with time, made without asking the database.

From the top: 41 bits of milliseconds since 2024 (enough until 2093), 10 bits that name the process by chance, 12 bits
of counter. Ids exceed 2**53, so they travel to a browser as text.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from random import Random
from threading import Lock

EPOCH_MS = 1_704_067_200_000  # 2024-01-01T00:00:00Z

_PROCESS_BITS, _COUNT_BITS = 10, 12
_COUNTS = 1 << _COUNT_BITS
_FIRST_COUNTS = _COUNTS // 2  # the counter starts by chance in the lower half, so that the upper half is always free


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class IdSource:
    """A source of ids, safe for threads. ``clock`` tells milliseconds since 1970.

    Ids of one source always ascend: a clock that is set back is waited out by counting on from the last id, and a
    full millisecond (at least 2,048 ids) borrows from the next one.
    """

    __slots__ = ("_clock", "_count", "_first", "_lock", "_ms", "_process")

    def __init__(self, clock: Callable[[], int] = _now_ms) -> None:
        self._clock = clock
        self.rename()
        self._start(0)

    def rename(self) -> None:
        """Draw the process' number anew: a forked child must not count on in its parent's name."""
        self._process = secrets.randbits(_PROCESS_BITS)
        self._first = partial(Random(secrets.randbits(64)).randrange, _FIRST_COUNTS)  # noqa: S311 - spread, not secrecy
        self._lock = Lock()  # another thread of the parent may have held the old one

    def __call__(self) -> int:
        with self._lock:
            self._count += 1
            ms = self._clock() - EPOCH_MS
            if ms > self._ms:
                self._start(ms)
            elif self._count == _COUNTS:
                self._start(self._ms + 1)
            return (self._ms << _PROCESS_BITS | self._process) << _COUNT_BITS | self._count

    def follow(self, last: int) -> None:
        """Ascend from this id too, which another process gave: its clock may have been ahead of ours."""
        with self._lock:
            ms = last >> (_PROCESS_BITS + _COUNT_BITS)
            if ms >= self._ms:
                self._start(ms + 1)

    def _start(self, ms: int) -> None:
        self._ms = ms
        self._count = self._first()


def first_id(at: datetime) -> int:
    """The lowest id that a row made at this moment can have: ids ascend with time, so they serve as an index of it."""
    return max(0, int(at.timestamp() * 1000) - EPOCH_MS) << (_PROCESS_BITS + _COUNT_BITS)


_ids = IdSource()
os.register_at_fork(after_in_child=_ids.rename)


def new_id() -> int:
    """A fresh id, never given twice by one process.

    Two processes give the same id only if they drew the same number (1 in 1,024), write in the same millisecond, and
    their counters, which start at a random one of 2,048 each millisecond, meet: about 1 in 2 million for each pair of
    ids made in the same millisecond. The primary key then refuses the second, and its turn is tried again.
    """
    return _ids()


def follow(last: int) -> None:
    """From now on :func:`new_id` ascends from this id too; see :meth:`Ids.follow`."""
    _ids.follow(last)
