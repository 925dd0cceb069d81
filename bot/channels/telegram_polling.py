"""Telegram by long polling: the offset moves only past updates that are committed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any

import structlog

from bot.log import where_in_code

from .base import Inbound, Take, Unavailable
from .receiving import Receiving
from .telegram import UPDATES, Call
from .telegram_refusals import Api, TelegramRefused

LISTENING = 25  # seconds that a call for updates stays open while there are none
LONGEST_PAUSE = 60.0

log = structlog.get_logger()

Read = Callable[[Any], Inbound | None]
Lease = Callable[[], AbstractAsyncContextManager[None]]
"""Waits until this process is the one that may poll; leaving the block lets another process poll."""


class Poller:
    """Polls for updates and hands them over, again and again. ``pause`` is the first wait in seconds after a failure;
    it doubles."""

    def __init__(
        self, api: Api, read: Read, receive: Take, lease: Lease, pause: float, receiving: Receiving | None
    ) -> None:
        self._api, self._read, self._receive, self._lease = api, read, receive, lease
        self._receiving = receiving
        self._first_pause = self._pause = pause
        self._offset = 0
        self._without_webhook = self._in_conflict = self._busy = self._closing = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="telegram polling")

    async def stop(self, patience: float = 5.0) -> None:
        """Let updates that are being handed over finish, confirm them, and end; updates not confirmed come again."""
        self._closing = True
        if not self._task:
            return
        if self._busy:
            await asyncio.wait([self._task], timeout=patience)
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        self._task = None

    async def _run(self) -> None:
        """Poll until closed; no error ends polling, as nobody else would notice its end."""
        while not self._closing:
            try:
                async with self._lease():
                    self._note(Receiving.answered)
                    await self._serve()
            except Exception as error:
                log.error("telegram: polling begins anew", error=type(error).__name__, where=where_in_code(error))
                await self._rest()
            finally:
                self._note(Receiving.stands_by)

    def _note(self, what: Callable[[Receiving], None]) -> None:
        if self._receiving:
            what(self._receiving)

    async def _serve(self) -> None:
        while not self._closing:
            try:
                await self._round()
            except TelegramRefused as refused:
                await self._wait(refused)
            else:
                self._pause, self._in_conflict = self._first_pause, False

    async def _round(self) -> None:
        if not self._without_webhook:
            await self._api(Call("deleteWebhook", {"drop_pending_updates": False}))
            self._without_webhook = True
        wishes = {"timeout": LISTENING, "allowed_updates": list(UPDATES)}
        updates = await self._api(Call("getUpdates", wishes | ({"offset": self._offset} if self._offset else {})))
        self._note(Receiving.answered)
        self._busy = True
        try:
            taken = await self._hand_over(updates)
            if self._closing and self._offset:
                with suppress(TelegramRefused):
                    await self._api(Call("getUpdates", {"offset": self._offset, "limit": 1, "timeout": 0}))
        finally:
            self._busy = False
        if not taken and not self._closing:
            await asyncio.sleep(self._first_pause)

    async def _hand_over(self, updates: list[dict[str, Any]]) -> bool:
        """Hand updates over, chats side by side, each in its own order; False when some could not be stored and must
        come again.

        An empty answer confirms all updates before it, so the offset is let go: after a quiet week the platform may
        count on from a lower number (https://core.telegram.org/bots/api#update), which an old offset would hide.
        """
        chats: dict[str, list[tuple[int, Inbound]]] = {}
        for update in updates:
            if inbound := self._read(update):
                chats.setdefault(inbound.address, []).append((update["update_id"], inbound))
        stuck = [at for at in await asyncio.gather(*map(self._chat, chats.values())) if at is not None]
        if stuck:
            self._offset = min(stuck)
        else:
            self._offset = max((update["update_id"] + 1 for update in updates), default=0)
        return not stuck

    async def _chat(self, events: list[tuple[int, Inbound]]) -> int | None:
        """Hand over the events of one chat; the number of the first one that could not be stored, with which the later
        ones wait."""
        for number, inbound in events:
            try:
                await self._receive(inbound)
            except Unavailable:
                return number
        return None

    async def _wait(self, refused: TelegramRefused) -> None:
        """Log a refusal and wait; a second poller, or a webhook that somebody set (409), is logged once."""
        if refused.status == 409:
            self._note(Receiving.taken_elsewhere)
            if not self._in_conflict:
                log.warning("telegram: somebody else receives the updates of this bot; waiting", reason=refused.reason)
            self._in_conflict, self._without_webhook = True, False
        else:
            log.warning("telegram: no updates", reason=str(refused))
        await self._rest(refused.retry_after)

    async def _rest(self, seconds: float | None = None) -> None:
        await asyncio.sleep(self._pause if seconds is None else seconds)
        self._pause = min(LONGEST_PAUSE, self._pause * 2)
