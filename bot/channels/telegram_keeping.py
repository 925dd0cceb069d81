"""Telegram's settings for the bot: its webhook, and how the bot presents itself. Checked regularly, and mended."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import structlog

from . import telegram_menu, telegram_webhook
from .receiving import Receiving
from .telegram import Call
from .telegram_refusals import Api, TelegramRefused

EVERY = timedelta(minutes=1)
INTRODUCED_EVERY = timedelta(hours=1)

log = structlog.get_logger()


class TelegramKeeping:
    """Checks and mends Telegram's settings. ``webhook`` is the (URL, secret) to which updates are brought, None for
    polling."""

    def __init__(
        self, api: Api, receiving: Receiving, clock: Callable[[], datetime], webhook: tuple[str, str] | None
    ) -> None:
        self._api, self._receiving, self._clock, self._webhook = api, receiving, clock, webhook
        self._was_set = False
        self._lost = 0  # looks in a row that found another webhook than ours
        self._waited_at: datetime | None = None  # since when each look found updates waiting at Telegram
        self._introduced_at: datetime | None = None

    async def look(self) -> None:
        """Check all settings, and mend them. Raises TelegramRefused where that cannot be done now."""
        known = await telegram_webhook.webhook_state(self._api)
        if self._webhook:
            await self._keep_webhook(known, *self._webhook)
        self._receiving.found(self._trouble(known), known.waits)
        if self._introduced_at is None or self._clock() - self._introduced_at >= INTRODUCED_EVERY:
            self._introduced_at = self._clock()
            await self._introduce()

    async def _keep_webhook(self, known: telegram_webhook.WebhookState, url: str, secret: str) -> None:
        if known.is_set_to(url):
            self._lost = 0
            if self._stuck:  # Telegram never tells which secret it has, and may have been given another
                await telegram_webhook.register(self._api, url, secret)
        else:
            if self._was_set:
                self._lost += 1
                log.warning("telegram: the webhook was changed or removed, and is set again", was=bool(known.url))
            await telegram_webhook.register(self._api, url, secret)
        self._was_set = True

    def _trouble(self, known: telegram_webhook.WebhookState) -> str:
        if self._lost > 1:
            return "somebody else changes the webhook again and again"
        now, came_at = self._clock(), self._receiving.came_at
        if not (self._webhook and known.waits) or (came_at and self._waited_at and came_at >= self._waited_at):
            self._waited_at = now if known.waits else None
            return ""
        self._waited_at = self._waited_at or now
        return "updates wait there and none comes" if self._stuck else ""

    @property
    def _stuck(self) -> bool:
        return self._waited_at is not None and self._clock() - self._waited_at >= EVERY

    async def _introduce(self) -> None:
        for read, write, wanted in telegram_menu.introduction():
            with suppress(TelegramRefused):
                if await self._api(read) == wanted:
                    continue
            await tried(self._api, write)


async def tried(api: Api, one: Call) -> Any:
    """Make a call whose failure does not matter; its result."""
    try:
        return await api(one)
    except TelegramRefused as refused:
        log.warning("telegram: call refused", method=one.method, reason=str(refused))
