"""Receiving: whether a channel still receives. Silence is no health, as nobody else notices an event that never comes.

A channel notes the events that come, requests that it turned away, and troubles that it found with its platform;
``/health/ready`` and ``/metrics`` show them.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from bot import metrics
from bot.log import where_in_code

LATELY = timedelta(minutes=5)  # two pollers with our token within this time are no accident
NO_ANSWER = timedelta(minutes=2)  # longest time for which a platform may not answer a poller
STEP = 1.0  # seconds between two looks at the clock
TOLD_EVERY = timedelta(minutes=1)  # requests of strangers are logged no more often

log = structlog.get_logger()


class Receiving:
    """The state of receiving of one channel in one process. ``clock`` gives aware times."""

    def __init__(self, channel: str, clock: Callable[[], datetime]) -> None:
        self._channel, self._clock = channel, clock
        self._came_at: datetime | None = None
        self._waits: int | None = None  # events that wait at the platform
        self._refused = 0
        self._refusal_told_at: datetime | None = None
        self._trouble = ""
        self._taken_elsewhere: deque[datetime] = deque(maxlen=2)
        self._answered_at: datetime | None = None  # None while another process polls
        metrics.receives(channel, True)

    # ------------------------------------------------------------------------------------------ what is noted

    def came(self) -> None:
        """Note that an event of the platform was taken."""
        self._came_at = self._clock()
        metrics.came(self._channel, self._came_at.timestamp())

    def turned_away(self, what: str) -> None:
        """Note a request without the platform's proof: a stranger's, or the platform knows another secret than ours."""
        self._refused += 1
        metrics.turned_away(self._channel)
        now = self._clock()
        if self._refusal_told_at is None or now - self._refusal_told_at >= TOLD_EVERY:
            self._refusal_told_at = now
            log.warning(f"{self._channel}: turned away", what=what, so_far=self._refused)

    def answered(self) -> None:
        """Note that the platform has answered a poll; or that this process polls from now on."""
        self._answered_at = self._clock()

    def stands_by(self) -> None:
        """Note that another process of ours polls."""
        self._answered_at = None

    def taken_elsewhere(self) -> None:
        """Note that somebody else polls with our token."""
        self._taken_elsewhere.append(self._clock())

    def found(self, trouble: str, waits: int | None = None) -> None:
        """Note the result of the last look at the platform: a trouble, "" for none, and how many events wait there."""
        self._waits = waits
        metrics.waits(self._channel, waits or 0)
        if trouble and trouble != self._trouble:
            log.error(f"{self._channel}: somebody must act", found=trouble)
        self._trouble = trouble

    # ------------------------------------------------------------------------------------------ what is so

    @property
    def came_at(self) -> datetime | None:
        """The time of the last event in this process; None before any."""
        return self._came_at

    @property
    def trouble(self) -> str:
        """The reason why no events come any more, or not all; "" where none is known."""
        now, others = self._clock(), self._taken_elsewhere
        if len(others) == others.maxlen and now - others[0] < LATELY:
            return "somebody else takes what is ours, with the same token"
        if self._answered_at and now - self._answered_at > NO_ANSWER:
            return f"no answer for {(now - self._answered_at).total_seconds():.0f} s"
        return self._trouble

    def seen(self) -> str:
        """The state of receiving in a few words, without personal data."""
        ago = "none yet" if self._came_at is None else f"{(self._clock() - self._came_at).total_seconds():.0f} s ago"
        waits = "" if self._waits is None else f", {self._waits} wait there"
        trouble = self.trouble
        metrics.receives(self._channel, not trouble)
        return f"{self._channel}: {trouble or 'receives'} (last event {ago}{waits}, {self._refused} turned away)"


async def look_again_and_again(
    look: Callable[[], Awaitable[None]], every: timedelta, clock: Callable[[], datetime]
) -> None:
    """Call ``look`` each time ``every`` has passed on the clock; an error is logged, and the next call comes in time."""
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
