"""The channel "telegram", by python-telegram-bot. Import it only when the channel is on and this driver is chosen.

The library carries the calls and knows the server's errors. Its Application stays unused: it confirms an update before
anything was done about it, so that a crash would lose it; and ``telegram.py`` reads what we need.
"""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from typing import Any

import httpx
import orjson
from telegram import Bot, InputFile
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest

from .telegram import Call
from .telegram_channel import TelegramChannel
from .telegram_refusals import NO_ANSWER, TelegramRefused, must_be_telegrams

PATIENCE = 30.0  # seconds for an answer, beyond those that a call for updates stays open
CONNECTING = 10.0  # seconds
IN_FLIGHT = 8  # calls at a time; more make httpx slower, not faster (https://github.com/encode/httpx/issues/3215)
TELEGRAMS_OWN = "https://api.telegram.org"

os.environ["PTB_TIMEDELTA"] = "true"  # waits as timedelta, as in the library's next version; without it each one warns


class PythonTelegramBot:
    """Carries calls by python-telegram-bot's Bot."""

    def __init__(self, token: str, api: str) -> None:
        self._listening, self._calling = Request.sized(1), Request.sized(IN_FLIGHT)
        self._bot = AnyBot(
            token,
            base_url=f"{(api or TELEGRAMS_OWN).rstrip('/')}/bot",
            request=self._calling,
            get_updates_request=self._listening,
        )
        self._turn = asyncio.Semaphore(IN_FLIGHT)
        self._under_way = 0
        self._kept = True

    def open(self) -> None:
        self._kept = True

    async def close(self) -> None:
        self._kept = False
        await self._close_when_idle()

    async def _close_when_idle(self) -> None:
        if not self._kept and not self._under_way:
            await asyncio.gather(self._listening.shutdown(), self._calling.shutdown())

    async def call(self, one: Call) -> Any:
        """Make a call; its result as JSON. Raises TelegramRefused."""
        self._under_way += 1
        try:
            if one.method == "getUpdates":
                return await self._made(self._listening, one)
            async with self._turn:
                return await self._made(self._calling, one)
        finally:
            self._under_way -= 1
            await self._close_when_idle()

    async def _made(self, request: Request, one: Call) -> Any:
        await request.initialize()  # does nothing when it is open
        try:
            return await self._bot.make(one, PATIENCE + int(one.params.get("timeout", 0)))
        except TelegramError as error:
            raise _refused(error) from None
        except KeyError:  # an answer with "ok" but without "result"
            raise TelegramRefused(NO_ANSWER, "unreadable answer", unsure=True) from None


class PtbTelegram(TelegramChannel):
    """The channel "telegram" with the driver python-telegram-bot (``RANGKUL_TELEGRAM_DRIVER=ptb``)."""

    carry = PythonTelegramBot


class AnyBot(Bot):
    """python-telegram-bot's Bot for any method with plain parameters, and results as plain JSON.

    ``do_api_request`` would do, but it warns at each method that the library has a function for; those functions make
    objects of every answer, which takes longer than the call.
    """

    async def make(self, one: Call, patience: float) -> Any:
        """Make a call; its result as JSON. Raises TelegramError."""
        file = {one.file.kind: InputFile(one.file.content, one.file.name)} if one.file else {}
        return await self._post(one.method, {**one.params, **file}, read_timeout=patience)


class Request(HTTPXRequest):
    """The library's HTTP request class: kept-alive connections, no proxies from the environment."""

    @classmethod
    def sized(cls, connections: int) -> Request:
        return cls(
            connection_pool_size=connections,
            read_timeout=PATIENCE,
            write_timeout=PATIENCE,
            connect_timeout=CONNECTING,
            pool_timeout=PATIENCE,  # the library's default of one second ends before a busy pool has a free connection
            httpx_kwargs={"trust_env": False},
        )

    async def do_request(self, *args: Any, **how: Any) -> tuple[int, bytes]:
        """Status and content of an answer; raises TelegramRefused for a refusal that is not Telegram's own, as the
        library goes by the status alone."""
        status, content = await super().do_request(*args, **how)
        if not 200 <= status < 300:
            must_be_telegrams(status, content)
        return status, content

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """An answer's JSON. Raises TelegramError without the answer's words: the library would log it, with whatever
        people wrote."""
        try:
            answer = orjson.loads(payload)
        except orjson.JSONDecodeError:
            raise TelegramError("unreadable answer") from None
        if not isinstance(answer, dict):
            raise TelegramError("unreadable answer")
        return answer


_STATUS: dict[type[TelegramError], int] = {
    BadRequest: 400,
    ChatMigrated: 400,
    InvalidToken: 401,
    Forbidden: 403,
    Conflict: 409,
}
_NOT_WRITTEN = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)  # no connection: nothing went out


def _refused(error: TelegramError) -> TelegramRefused:
    if isinstance(error, RetryAfter):
        wait = error.retry_after
        return TelegramRefused(429, "flood", wait.total_seconds() if isinstance(wait, timedelta) else wait)
    if isinstance(cause := error.__cause__, TelegramRefused):
        return cause
    if isinstance(cause, httpx.HTTPError):  # httpx's message may hold the URL, and so the token
        return TelegramRefused(NO_ANSWER, type(cause).__name__, unsure=not isinstance(cause, _NOT_WRITTEN))
    reason = error.message
    for kind, status in _STATUS.items():
        if isinstance(error, kind):
            return TelegramRefused(status, reason)
    if not isinstance(error, NetworkError):
        return TelegramRefused(NO_ANSWER, reason, unsure=True)
    return TelegramRefused(413 if "too large" in reason.casefold() else 500, reason)
