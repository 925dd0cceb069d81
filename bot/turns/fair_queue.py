"""The queue of events that wait for a turn: each person's events in their order, persons one after another."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field

from bot.channels.base import Inbound


@dataclass(slots=True)
class Waiting:
    """An event that waits for its turn. ``about``: what it is decided on besides its person (the code of a card's lead)."""

    inbound: Inbound
    kind: str
    about: frozenset[str]
    done: asyncio.Future[str]
    since: float = field(default_factory=time.perf_counter)

    @property
    def who(self) -> tuple[str, str, str]:
        return self.inbound.channel, self.inbound.account, self.inbound.address


class FairQueue:
    """Events that came in and are not stored yet. However many one person sends, the next person waits for one of them."""

    __slots__ = ("_events", "_length", "_persons")

    def __init__(self) -> None:
        self._events: dict[tuple[str, str, str], deque[Waiting]] = {}
        self._persons: deque[tuple[str, str, str]] = deque()  # who has an event in the line, each once
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def add(self, waiting: Waiting) -> None:
        if (theirs := self._events.get(waiting.who)) is not None:
            theirs.append(waiting)
        else:
            self._events[waiting.who] = deque([waiting])
            self._persons.append(waiting.who)
        self._length += 1

    def batch(self, size: int) -> list[Waiting]:
        """Take at most ``size`` events for one transaction: none of the same person, and none about the same lead."""
        batch: list[Waiting] = []
        kept_back: list[tuple[str, str, str]] = []
        taken: set[str] = set()
        while self._persons and len(batch) < size:
            first = self._events[who := self._persons.popleft()][0]
            if first.about & taken:
                kept_back.append(who)
                continue
            taken |= first.about
            batch.append(first)
        self._persons.extendleft(reversed(kept_back))
        for waiting in batch:
            theirs = self._events[waiting.who]
            theirs.popleft()
            if theirs:
                self._persons.append(waiting.who)
            else:
                del self._events[waiting.who]
        self._length -= len(batch)
        return batch
