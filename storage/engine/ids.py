"""Ids of rows: 63 bits, ascending with time, made without asking the database.

From the top: 41 bits of milliseconds since 2024 (enough until 2093), 10 random bits that name the source, 12 bits of
counter. Ids exceed 2**53, so they travel to a browser as text.

Each open database has its own source of ids, made from the database's clock: code that compares an id with a time
(:func:`first_id`) then compares two times of one clock.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from random import Random
from threading import Lock
from typing import cast
from weakref import WeakSet

from sqlalchemy.ext.asyncio import AsyncConnection

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)

_PROCESS_BITS, _COUNT_BITS = 10, 12
_COUNTS = 1 << _COUNT_BITS
_FIRST_COUNTS = _COUNTS // 2  # the counter starts at random in the lower half, so the upper half is always free
_MILLISECOND = timedelta(milliseconds=1)
_OPTION = "ids"  # the engine option under which a transaction carries its database's source of ids


class IdSource:
    """A source of ids, safe for threads. ``clock`` tells the time, aware; ``number`` names the source, below 1,024.

    Ids of one source always ascend: a clock that is set back is waited out by counting on from the last id, and a
    full millisecond (at least 2,048 ids) borrows from the next one. Two sources of one process never give the same id:
    their numbers follow one another. Two processes give the same id only if they drew the same number (1 in 1,024),
    write in the same millisecond, and their counters, which start at a random one of 2,048 each millisecond, meet:
    about 1 in 2 million for each pair of ids made in the same millisecond. The primary key then refuses the second,
    and its turn is tried again.
    """

    __slots__ = ("__weakref__", "_clock", "_count", "_first", "_lock", "_ms", "_process")

    def __init__(self, clock: Callable[[], datetime], number: int | None = None) -> None:
        self._clock = clock
        self.name(next(_numbers) if number is None else number)
        self._start(0)
        _sources.add(self)

    def name(self, number: int) -> None:
        """Go on under another number: a forked child must not make ids under its parent's number."""
        self._process = number % (1 << _PROCESS_BITS)
        self._first = partial(Random(secrets.randbits(64)).randrange, _FIRST_COUNTS)  # noqa: S311 - spread, not secrecy
        self._lock = Lock()  # another thread of the parent may have held the old one

    def __call__(self) -> int:
        """A fresh id, greater than every id of this source before."""
        with self._lock:
            self._count += 1
            ms = _milliseconds(self._clock())
            if ms > self._ms:
                self._start(ms)
            elif self._count == _COUNTS:
                self._start(self._ms + 1)
            return (self._ms << _PROCESS_BITS | self._process) << _COUNT_BITS | self._count

    def follow(self, last: int) -> None:
        """Make ids above ``last`` from now on, an id of another process, whose clock may have been ahead of ours."""
        with self._lock:
            ms = last >> (_PROCESS_BITS + _COUNT_BITS)
            if ms >= self._ms:
                self._start(ms + 1)

    def carried(self) -> dict[str, object]:
        """The engine options by which transactions carry this source to :func:`new_id`."""
        return {_OPTION: self}

    def _start(self, ms: int) -> None:
        self._ms = ms
        self._count = self._first()


def _drawn() -> count[int]:
    return count(secrets.randbits(_PROCESS_BITS))


def _rename_all() -> None:
    global _numbers  # noqa: PLW0603 - a forked child draws its numbers anew
    _numbers = _drawn()
    for source in _sources:
        source.name(next(_numbers))


_numbers = _drawn()
_sources: WeakSet[IdSource] = WeakSet()
os.register_at_fork(after_in_child=_rename_all)


def new_id(tx: AsyncConnection) -> int:
    """A fresh id for a row that this transaction writes, from its database's source of ids."""
    return cast(IdSource, tx.sync_engine.get_execution_options()[_OPTION])()


def first_id(at: datetime) -> int:
    """The lowest id that a row made at this moment can have, so that ids serve as an index of time."""
    return max(0, _milliseconds(at)) << (_PROCESS_BITS + _COUNT_BITS)


def made_at(row_id: int) -> datetime:
    """The moment at which a row with this id was made.

    >>> made_at(first_id(datetime(2026, 11, 30, 9, tzinfo=UTC))).isoformat()
    '2026-11-30T09:00:00+00:00'
    """
    return EPOCH + (row_id >> (_PROCESS_BITS + _COUNT_BITS)) * _MILLISECOND


def _milliseconds(at: datetime) -> int:
    return (at - EPOCH) // _MILLISECOND
