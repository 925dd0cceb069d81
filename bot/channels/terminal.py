"""The channel "terminal": for ``rangkul chat``, and for ``.chat`` files, which are played and recorded through it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from itertools import count

from conversations.engine.core import Contact, Heard

from .base import BOLD_OFF, BOLD_ON, Inbound, Key, Limits, Outgoing, SendStatus, Take, decode
from .linked_words import after_start

NAME = "terminal"
ACCOUNT = "local"
_OTHERS = {
    "foto": "photo", "suara": "voice", "stiker": "sticker", "video": "video", "lokasi": "location",
    "dokumen": "document", "diubah": "edited",
}  # fmt: skip


class Terminal:
    """Any number of people who type. ``shown`` is called with each message and the address that gets it."""

    name = NAME
    account = ACCOUNT
    limits = Limits(text=4096, buttons=20, label=40)

    def __init__(self, clock: Callable[[], datetime], shown: Callable[[str, Outgoing], None]) -> None:
        self._clock, self._shown = clock, shown
        self._receive: Take | None = None
        self._ids = count(1)
        self._run = f"{clock().timestamp():.6f}"
        self._keys: dict[str, list[Key]] = {}
        self._arrived: dict[str, asyncio.Event] = {}

    async def start(self, receive: Take) -> None:
        self._receive = receive

    async def stop(self) -> None:
        self._receive = None

    async def send(self, address: str, message: Outgoing) -> SendStatus:
        if message.keys:
            self._keys[address] = [key for row in message.keys for key in row]
        self._shown(address, message)
        self._arrived.setdefault(address, asyncio.Event()).set()
        return SendStatus(str(next(self._ids)))

    async def settle(self, inbound: Inbound, toast: str) -> None:
        """Does nothing: a terminal has no buttons that could go on spinning."""

    # ------------------------------------------------------------------------------------------ people

    async def say(self, address: str, text: str) -> str:
        """Type a line; the toast. A number picks that button, ``[label]`` presses it, ``(foto)`` and the like stand for
        other messages, with a caption behind where there is one."""
        return await self._bring(address, self.heard(address, text))

    def heard(self, address: str, text: str) -> Heard:
        keys = self._keys.get(address, [])
        line = text.strip()
        if line.startswith("[") and line.endswith("]") and line.strip("[] "):
            label = line[1:-1].strip().casefold()
            key = next((k for k in keys if k.label.casefold() == label), None)
            if key is None:
                raise LookupError(f"no such button: {line}; there are {[k.label for k in keys]}")
            return Heard(pressed=decode(key.data))
        if line.startswith("("):
            kind, closed, words = line[1:].partition(")")
            if closed and (not words or kind in _OTHERS):
                return replace(_something_else(kind), text=words.strip())
        if line.startswith("/start "):
            return after_start(line.removeprefix("/start ").strip())
        return Heard(text=text)

    async def bring(self, address: str, heard: Heard, external_id: str = "") -> str:
        """Bring one event as it is, for tests: with a new external id, or one that came before; the toast."""
        return await self._bring(address, heard, external_id)

    async def _bring(self, address: str, heard: Heard, external_id: str = "") -> str:
        if self._receive is None:
            raise RuntimeError("the terminal has not been started")
        event = external_id or f"{self._run}-{next(self._ids)}"
        callback = event if heard.pressed else ""
        toast = await self._receive(Inbound(NAME, ACCOUNT, event, address, heard, self._clock(), callback=callback))
        return str(toast or "")

    async def answered(self, address: str, patience: float) -> bool:
        """Wait until a message arrives for this person; False when none does within ``patience`` seconds."""
        event = self._arrived.setdefault(address, asyncio.Event())
        try:
            await asyncio.wait_for(event.wait(), patience)
        except TimeoutError:
            return False
        event.clear()
        return True


def _something_else(kind: str) -> Heard:
    if kind.startswith("kontak "):
        whose, _, phone = kind.removeprefix("kontak ").partition(" ")
        return Heard(contact=Contact(phone, own=whose == "sendiri"))
    return Heard(other=_OTHERS.get(kind, "unknown"))


def written(message: Outgoing) -> str:
    """A message as plain lines: bold between asterisks, buttons in brackets below, a row a line."""
    text = ("(diubah) " if message.edits else "") + message.text.replace(BOLD_ON, "*").replace(BOLD_OFF, "*")
    rows = [" ".join(f"[{key.label}]" for key in row) for row in message.keys]
    if message.contact_label:
        rows.append(f"[{message.contact_label}]")
    if message.file:
        rows.append(f"({message.file[0]})\n{message.file[1]}")
    if message.media:
        text = f"({message.media.name})\n{text}"
    return "\n".join([text, *rows])
