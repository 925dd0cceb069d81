"""Updates until they are confirmed: by the offset of the next poll, or by the webhook's 200."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp

KEPT_BACK = frozenset({"chat_member", "message_reaction", "message_reaction_count"})  # unless they are asked for
AGAIN_AFTER = 0.02  # seconds until a webhook that failed is called again; the real server takes longer
LONGEST_AGAIN = 0.2  # seconds at most, whatever Retry-After asks for


class Conflict(Exception):  # noqa: N818 - named for what it is
    """Raised when updates are fetched in two ways at once; its words are the server's."""


@dataclass(slots=True)
class Webhook:
    url: str = ""
    secret: str = ""
    last_error: str = ""


@dataclass(slots=True)
class Updates:
    """``changed`` is called whenever the queue is. ``deliveries`` counts webhook calls by status (0: no answer)."""

    changed: Callable[[], None]
    webhook: Webhook = field(default_factory=Webhook)
    allowed: tuple[str, ...] = ()
    pending: dict[int, tuple[int, dict[str, Any]]] = field(default_factory=dict)  # number -> (chat, update)
    past: dict[int, tuple[int, dict[str, Any]]] = field(default_factory=dict)  # confirmed
    deliveries: dict[int, int] = field(default_factory=dict)
    leads_to: str = ""  # where the webhook's address really leads, as a name and a proxy would have it; "": to itself
    _repeated: set[int] = field(default_factory=set)
    _last: int = 850_000_000
    _polls: int = 0  # each call for updates ends the one before it
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _workers: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _http: aiohttp.ClientSession | None = None

    def add(self, chat: int, kind: str, body: dict[str, Any]) -> int:
        """A new update; gives its number, also where the bot did not ask for this kind."""
        self._last += 1
        if (kind in self.allowed) if self.allowed else (kind not in KEPT_BACK):
            self.pending[self._last] = (chat, {"update_id": self._last, kind: body})
            self._announce()
        return self._last

    def repeat(self, number: int) -> None:
        """Bring a confirmed update once more, whatever the offset: no poller may rely on its never happening."""
        self.pending[number] = self.past[number]
        self._repeated.add(number)
        self.pending = dict(sorted(self.pending.items()))
        self._announce()

    # ------------------------------------------------------------------------------------------ polling

    async def poll(self, offset: int, limit: int, timeout: int) -> list[dict[str, Any]]:  # noqa: ASYNC109 - the API's
        """What is unconfirmed from ``offset`` on; below it all is confirmed. Raises Conflict."""
        if self.webhook.url:
            raise Conflict(
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            )
        self._polls += 1
        mine = self._polls
        self._wake()
        for number in [number for number in self.pending if number < offset and number not in self._repeated]:
            self._confirm(number)
        until = time.monotonic() + timeout
        while not (found := self._from(offset)[:limit]):
            left = until - time.monotonic()
            if left <= 0:
                return []
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), left)
            if mine != self._polls:
                raise Conflict(
                    "terminated by other getUpdates request; make sure that only one bot instance is running"
                )
        self._repeated -= {update["update_id"] for update in found}
        return found

    def _from(self, offset: int) -> list[dict[str, Any]]:
        found = self.pending.items()
        return [update for number, (_, update) in found if number >= offset or number in self._repeated]

    # ------------------------------------------------------------------------------------------ webhook

    def set_webhook(self, url: str, secret: str) -> None:
        """From now on updates are brought to this address; "" ends that."""
        self.webhook = Webhook(url, secret)
        for worker in self._workers.values():
            worker.cancel()
        self._workers = {}
        self._announce()

    async def close(self) -> None:
        self._polls += 1
        self._wake()
        for worker in self._workers.values():
            worker.cancel()
        await asyncio.gather(*self._workers.values(), return_exceptions=True)
        if self._http:
            await self._http.close()

    async def _bring(self, chat: int) -> None:
        """Bring the updates of one chat, one after another, each until it is taken."""
        while waiting := [number for number, (whose, _) in self.pending.items() if whose == chat]:
            status, again = await self._post(self.pending[waiting[0]][1])
            self.deliveries[status] = self.deliveries.get(status, 0) + 1
            if 200 <= status < 300:
                self._confirm(waiting[0])
            else:
                self.webhook.last_error = f"Wrong response from the webhook: {status}"
                await asyncio.sleep(again)

    async def _post(self, update: dict[str, Any]) -> tuple[int, float]:
        self._http = self._http or aiohttp.ClientSession()
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook.secret} if self.webhook.secret else {}
        try:
            async with self._http.post(self.leads_to or self.webhook.url, json=update, headers=headers) as answer:
                return answer.status, min(LONGEST_AGAIN, float(answer.headers.get("Retry-After", AGAIN_AFTER)))
        except (aiohttp.ClientError, OSError):
            return 0, AGAIN_AFTER

    # ------------------------------------------------------------------------------------------ inside

    def _confirm(self, number: int) -> None:
        self.past[number] = self.pending.pop(number)
        self.changed()

    def _announce(self) -> None:
        self._wake()
        if self.webhook.url:
            for chat in {chat for chat, _ in self.pending.values()}:
                worker = self._workers.get(chat)
                if worker is None or worker.done():
                    self._workers[chat] = asyncio.create_task(self._bring(chat), name=f"webhook {chat}")
        self.changed()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()  # not cleared: who waits for the old one may not have begun to
