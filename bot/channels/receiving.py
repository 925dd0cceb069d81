"""Whether a channel still receives. Silence is no health: an event that never comes is noticed by nobody else.

A channel notes what comes, what it turned away, and what it found when it looked at what the platform keeps for it;
``/health/ready`` and ``/metrics`` tell of it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from bot import metrics
from bot.log import where_in_code

LATELY = timedelta(minutes=5)  # within which two others that took what is ours are no accident
NO_ANSWER = timedelta(minutes=2)  # that a platform may leave a poller without an answer
STEP = 1.0  # seconds between two looks at the clock
TOLD_EVERY = timedelta(minutes=1)  # what strangers cause is logged no more often

log = structlog.get_logger()


class Receiving:
    """Of one channel in one process. ``clock`` gives aware times."""

    def __init__(self, channel: str, clock: Callable[[], datetime]) -> None:
        self._channel, self._clock = channel, clock
        self._came_at: datetime | None = None
        self._waits: int | None = None  # events that wait at the platform
        self._refused = 0
        self._refusal_told_at: datetime | None = None
        self._trouble = ""
        self._taken_elsewhere: deque[datetime] = deque(maxlen=2)
        self._answered_at: datetime | None = None  # while it is ours to ask
        metrics.receives(channel, True)

    # ------------------------------------------------------------------------------------------ what is noted

    def came(self) -> None:
        """An event of the platform's was taken."""
        self._came_at = self._clock()
        metrics.came(self._channel, self._came_at.timestamp())

    def turned_away(self, what: str) -> None:
        """Somebody came who could not show to be the platform: a stranger, or our secret is not the one that it knows."""
        self._refused += 1
        metrics.turned_away(self._channel)
        now = self._clock()
        if self._refusal_told_at is None or now - self._refusal_told_at >= TOLD_EVERY:
            self._refusal_told_at = now
            log.warning(f"{self._channel}: turned away", what=what, so_far=self._refused)

    def answered(self) -> None:
        """The platform was asked for events, and has answered; or it is ours to ask from now on."""
        self._answered_at = self._clock()

    def stands_by(self) -> None:
        """Another process asks."""
        self._answered_at = None

    def taken_elsewhere(self) -> None:
        """Somebody else asks with our token."""
        self._taken_elsewhere.append(self._clock())

    def found(self, trouble: str, waits: int | None = None) -> None:
        """What the last look at the platform brought: "" where all is as it should be."""
        self._waits = waits
        metrics.waits(self._channel, waits or 0)
        if trouble and trouble != self._trouble:
            log.error(f"{self._channel}: somebody must act", found=trouble)
        self._trouble = trouble

    # ------------------------------------------------------------------------------------------ what is so

    @property
    def came_at(self) -> datetime | None:
        """When the last event came to this process."""
        return self._came_at

    @property
    def trouble(self) -> str:
        """Why nothing comes any more, or not all; "" where nothing is known of that."""
        now, others = self._clock(), self._taken_elsewhere
        if len(others) == others.maxlen and now - others[0] < LATELY:
            return "somebody else takes what is ours, with the same token"
        if self._answered_at and now - self._answered_at > NO_ANSWER:
            return f"no answer for {(now - self._answered_at).total_seconds():.0f} s"
        return self._trouble

    def seen(self) -> str:
        """In a few words, without personal data."""
        ago = "none yet" if self._came_at is None else f"{(self._clock() - self._came_at).total_seconds():.0f} s ago"
        waits = "" if self._waits is None else f", {self._waits} wait there"
        trouble = self.trouble
        metrics.receives(self._channel, not trouble)
        return f"{self._channel}: {trouble or 'receives'} (last event {ago}{waits}, {self._refused} turned away)"


async def look_again_and_again(
    look: Callable[[], Awaitable[None]], every: timedelta, clock: Callable[[], datetime]
) -> None:
    """``look`` each time so much has passed on the clock. What goes wrong is for the next time."""
    looked_at = clock()
    while True:
        await asyncio.sleep(STEP)
        if timedelta() <= clock() - looked_at < every:  # a clock that was set back is looked at anew
            continue
        looked_at = clock()
        try:
            await look()
        except Exception as error:
            log.error("not looked at", error=type(error).__name__, where=where_in_code(error))
