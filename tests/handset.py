"""A platform made of nothing, with the limits of any: who writes on it, with which number, and all that they are told."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from itertools import count

from bot.channels.base import (
    Inbound,
    Key,
    Limits,
    Outgoing,
    Receive,
    SendFailed,
    SendStatus,
    Unavailable,
    decode,
)
from conversations.engine.core import Contact, Heard
from tests.town import plain


class Handset:
    """``numbers``: those that the platform shows of its people; ``closed``: who is refused, as WhatsApp does it."""

    account = "7001"

    def __init__(self, name: str, limits: Limits, clock: Callable[[], datetime]) -> None:
        # How fast messages follow each other is tested in test_delivery.py; here nobody waits.
        self.name, self.limits, self._clock = name, replace(limits, chat_gap=0.0, burst=0), clock
        self.numbers: dict[str, str] = {}
        self.told: dict[str, list[Outgoing]] = {}
        self._ids = count(1)
        self._receive: Receive | None = None

    async def start(self, receive: Receive) -> None:
        self._receive = receive

    async def stop(self) -> None:
        self._receive = None

    async def send(self, address: str, message: Outgoing) -> SendStatus:
        if len(message.text) > self.limits.text:
            raise SendFailed("too long", permanent=True)
        self.told.setdefault(address, []).append(message)
        return SendStatus(str(next(self._ids)))

    async def settle(self, inbound: Inbound, toast: str) -> None:
        """Nothing spins here."""

    async def say(self, who: str, text: str) -> None:
        """``who`` types this, or presses ``[label]``."""
        await self.bring(who, Heard(pressed=decode(self.key(who, text[1:-1]).data)) if text[:1] == "[" else Heard(text))

    async def share(self, who: str, phone: str, *, own: bool = True) -> None:
        await self.bring(who, Heard(contact=Contact(phone, own)))

    async def bring(self, who: str, heard: Heard, *, reach: str = "", was: str = "") -> None:
        assert self._receive
        phone, event = self.numbers.get(who, ""), f"{self.name}-{next(self._ids)}"
        inbound = Inbound(self.name, self.account, event, who, heard, self._clock(), phone=phone, reach=reach, was=was)
        for _ in range(5):  # what could not be stored is brought again, as platforms do
            with suppress(Unavailable):
                await self._receive(inbound)
                return
        raise AssertionError("never taken")

    def key(self, who: str, label: str) -> Key:
        shown = next(message for message in reversed(self.told[who]) if message.keys)
        return next(key for row in shown.keys for key in row if key.label == label)

    def last(self, who: str) -> str:
        return plain(self.told[who][-1])
