"""Rate limit of one chat: replies at once, up to a burst; notices and bulk one gap after the last message.

Held in memory by each process. When it errs (two processes, a restart), the platform asks for a wait, which is obeyed.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.channels.base import Limits
from storage.outbox.messages import REPLY

FORGET_AT = 10_000  # chats


class ChatPace:
    """The pace of every chat that this process writes to."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._chats: dict[int, tuple[float, float]] = {}  # address -> when last written to, when the burst is paid back

    def ahead(self, address_id: int, lane: int, limits: Limits) -> float:
        """Seconds until a message of this lane may leave to this chat."""
        if not limits.chat_gap or address_id not in self._chats:
            return 0.0
        last, paid_back = self._chats[address_id]
        now = self._clock()
        debt = paid_back - now - (limits.burst - 1) * limits.chat_gap if limits.burst else 0.0
        rest = 0.0 if lane == REPLY else last + limits.chat_gap - now
        return max(0.0, debt, rest)

    def left(self, address_id: int, limits: Limits) -> None:
        """Note that a message leaves to this chat now."""
        if not limits.chat_gap:
            return
        now = self._clock()
        _, paid_back = self._chats.get(address_id, (now, now))
        self._chats[address_id] = (now, max(paid_back, now) + limits.chat_gap)
        if len(self._chats) > FORGET_AT:
            self._chats = {chat: moments for chat, moments in self._chats.items() if max(moments) > now}
