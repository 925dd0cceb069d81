"""How Meta brings news: signed bodies, several events in one, again until they are taken, in no order one could trust."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import random
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import aiohttp

Value = Mapping[str, Any]


def signed(content: bytes, app_secret: str) -> dict[str, str]:
    """The headers that a body comes with."""
    mark = hmac.new(app_secret.encode(), content, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={mark}"}


def body(waba: str, changes: Iterable[tuple[str, Value]]) -> bytes:
    """A body as Meta writes it: what is not ASCII as ``\\uXXXX``, and ``/`` as ``\\/``."""
    told = [{"field": field, "value": value} for field, value in changes]
    envelope = {"object": "whatsapp_business_account", "entry": [{"id": waba, "changes": told}]}
    return json.dumps(envelope).replace("/", "\\/").encode()


class Webhooks:
    """Brings what happened to a bot. ``url`` "": it is kept until there is one. ``batch``: how many changes in a body.

    ``unordered`` (a source of chance): bodies are shuffled, and some come twice. ``refused``: answers other than 200.
    """

    def __init__(self, waba: str, app_secret: str) -> None:
        self.waba, self.app_secret = waba, app_secret
        self.url = ""
        self.batch = 1
        self.unordered: random.Random | None = None
        self.refused: list[int] = []
        self._waiting: list[tuple[str, Value]] = []
        self._wake = asyncio.Event()
        self._under_way = False
        self._task: asyncio.Task[None] | None = None

    def add(self, field: str, value: Value) -> None:
        self._waiting.append((field, value))
        self._wake.set()

    @property
    def pending(self) -> bool:
        return bool(self._waiting) or self._under_way

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="webhooks")

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def held(self) -> list[tuple[str, Value]]:
        """What waits to be brought, taken out: for tests that bring it themselves."""
        found, self._waiting = self._waiting, []
        return found

    async def bring(self, http: aiohttp.ClientSession, changes: Sequence[tuple[str, Value]]) -> int:
        """Post these changes in one body; the status that it was answered with."""
        content = body(self.waba, changes)
        async with http.post(self.url, data=content, headers=signed(content, self.app_secret)) as answer:
            return answer.status

    async def _run(self) -> None:
        async with aiohttp.ClientSession() as http:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._waiting and self.url:
                    self._under_way = True
                    await self._next(http)
                    self._under_way = False

    async def _next(self, http: aiohttp.ClientSession) -> None:
        if self.unordered:
            self.unordered.shuffle(self._waiting)
        some, self._waiting = self._waiting[: self.batch], self._waiting[self.batch :]
        times = self.unordered.choice((1, 1, 2)) if self.unordered else 1
        for _ in range(times):
            try:
                status = await self.bring(http, some)
            except aiohttp.ClientError:
                status = 0
            if status != 200:
                self.refused.append(status)
                self._waiting = [*some, *self._waiting]
                await asyncio.sleep(0.02)
                return
