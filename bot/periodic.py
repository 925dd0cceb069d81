"""Periodic work, in one process at a time; no error ends it, as nobody else would notice its end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from bot.leases import ASK_EVERY, Lease
from bot.log import where_in_code
from storage.engine.database import is_unavailable

log = structlog.get_logger()


class Ticker:
    """Calls ``tick`` again and again while this process has the lease, and stands by while it has not.

    ``tick`` returns whether anything is at work: if so the next call is ``busy`` seconds later, else (also after an
    error) ``idle``. ``name`` is that of the task.
    """

    def __init__(
        self, name: str, tick: Callable[[], Awaitable[bool | None]], lease: Lease, *, idle: float, busy: float = 0.0
    ) -> None:
        self._name, self._tick, self._lease, self._idle, self._busy = name, tick, lease, idle, busy
        self._held = True
        self._task: asyncio.Task[None] | None = None
        self._went_on_at: float | None = None  # None: standing by, another process does the work
        self._was_away = False

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=self._name)

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def goes_on(self) -> None:
        """Note that a tick has ended, or goes on: ``behind`` counts from now."""
        self._went_on_at = time.monotonic()

    @property
    def behind(self) -> float | None:
        """Seconds since a tick last ended; None where another process does the work."""
        return None if self._went_on_at is None else time.monotonic() - self._went_on_at

    async def _run(self) -> None:
        while True:
            try:
                await self._hold()
            except TimeoutError:  # the lease is lost; stand by until it is ours again
                continue
            except Exception as error:
                if self._held:  # logged once, until the lease is ours again
                    log.error("lease failed", name=self._name, error=type(error).__name__, where=where_in_code(error))
                self._held = False
                await asyncio.sleep(ASK_EVERY)

    async def _hold(self) -> None:
        async with self._lease():
            self._held = True
            self.goes_on()
            try:
                while True:
                    at_work = await self._ticked()
                    await asyncio.sleep(self._busy if at_work else self._idle)
            finally:
                self._went_on_at = None

    async def _ticked(self) -> bool | None:
        """The result of one tick; False after an error. A database that is away is logged once, until a tick comes to
        its end."""
        try:
            at_work = await self._tick()
        except Exception as error:
            away = is_unavailable(error)
            if not (away and self._was_away):
                level = log.warning if away else log.error
                level(f"{self._name} failed", error=type(error).__name__, where=where_in_code(error))
            self._was_away = away
            return False
        self._was_away = False
        self.goes_on()
        return at_work
